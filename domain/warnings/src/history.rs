//! What was ever released of this context.

use crate::case::Case;
use crate::message::Message;
use crate::suppression::Suppression;
use crate::trial::Trial;

::laws::history!("warnings": Case, Message, Suppression, Trial);
