//! The grammar of renshe: commands are decided into events, events are folded into state.
//!
//! No business word stands here, no clock, no randomness, no runtime. What a log must promise is
//! the port [`EventLog`]; [`memory::MemoryLog`] is its model and the yardstick of the others.
//!
//! | question | module |
//! |---|---|
//! | How does a rule look? | [`decider`], and [`given`] for its test |
//! | What is stored for ever? | [`event`], [`codec`], [`leaf`] |
//! | What is one atomic write? | [`append`] |
//! | What does a log promise? | [`log`], [`conformance`] |
//! | A list without rules? | [`register`] |
//! | Who reacts, and when? | [`process`], [`timer`] |

pub mod append;
pub mod codec;
pub mod conformance;
pub mod decider;
pub mod event;
pub mod given;
pub mod leaf;
pub mod log;
pub mod memory;
pub mod meta;
pub mod ports;
pub mod process;
mod refusal;
pub mod register;
pub mod stream;
pub mod timer;

pub use append::{
    Append, AppendError, Appended, Claim, ClaimConflict, CommandRecord, Conflicts, Guard, Lookup,
    NewEvent, NoneSince, RevisionConflict, SinceConflict, Write,
};
pub use decider::{Decider, fold};
pub use event::{DecodeError, Encoded, Event, Recorded, Upcaster};
pub use given::given;
pub use log::{Answer, Capabilities, EventLog, EventRef, Limit, ReadError, Scanned};
pub use meta::Meta;
pub use ports::{Clock, Ids, Micros};
pub use register::{Entry, Register};
pub use stream::{Epoch, Identity, LogId, Position, Revision, StreamName, Token};
