//! For auditors and operators: events as they were recorded, how the read models stand, and what
//! waits for whom.

mod event;
mod inbox;
mod status;

pub use event::{Event, EventQuery};
pub use inbox::{InboxQuery, InboxSubscription};
pub use status::{StatusQuery, StatusSubscription};
