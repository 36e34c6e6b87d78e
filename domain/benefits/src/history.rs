//! What was ever released of this context.

use crate::grant::Grant;

::laws::history!("benefits": Grant);
