//! What was ever released of this context.

use crate::case::Case;
use crate::suppression::Suppression;
use crate::trial::Trial;

::laws::history!("warnings": Case, Suppression, Trial);
