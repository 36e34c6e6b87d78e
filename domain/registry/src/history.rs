//! What was ever released of this context.

use crate::division::Divisions;
use crate::employer::Employer;
use crate::grid::Grids;
use crate::organisation::Organisations;
use crate::person::Person;

::laws::history!("registry": Person, Employer, Organisations, Divisions, Grids);
