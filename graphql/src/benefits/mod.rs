//! Grants: who is entitled to what, month by month.

mod grant;
mod mutation;
mod stop;
mod words;

pub use grant::{Grant, GrantQuery};
pub use mutation::GrantMutation;
pub use stop::{StopReason, StopReasonQuery};
