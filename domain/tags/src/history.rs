//! What was ever released of this context.

use crate::assignment::Assignment;
use crate::observation::Observation;

::laws::history!("tags": Observation, Assignment);
