//! What was ever released of this context.

use crate::assignment::Assignment;
use crate::observation::Observation;
use crate::query::Query;
use crate::snapshot::Snapshot;

::laws::history!("tags": Observation, Assignment, Query, Snapshot);
