//! For auditors and operators: events as they were recorded, how the read models stand, and what
//! waits for whom.

mod event;
mod inbox;
mod mutation;
mod status;

pub use event::{Event, EventQuery, one as event_by_id};
pub use inbox::{InboxKind, InboxQuery, InboxSubscription};
pub use mutation::InboxMutation;
pub use status::{StatusQuery, StatusSubscription};
