//! What every read model shares: tables and records, the write-back cache, the train, rebuilds and
//! the read side. No business word stands here, and no database: the store is a port.
//!
//! | question | module |
//! |---|---|
//! | What is a table, a row, a column? | [`table`], [`record`] |
//! | What does a read model write? | [`projection`], [`cached`], [`signal`] |
//! | What must a database offer? | [`store`] |
//! | Who folds, in what order, how far? | [`train`], [`handle`], [`rebuild`] |
//! | How is one consistent answer read? | [`session`] |
//! | Are two generations equal? | [`hash`] |

mod batch;
mod blocking;
mod build;
pub mod cached;
mod gate;
mod group;
pub mod handle;
pub mod hash;
mod member;
pub mod orders;
pub mod projection;
pub mod rebuild;
pub mod record;
pub mod session;
pub mod signal;
pub mod start;
pub mod store;
pub mod table;
pub mod train;

pub use batch::Batching;
pub use cached::Cached;
pub use handle::{Blocker, NotReached, Status, TrainHandle, ViewStatus};
pub use orders::{Fault, ReplayError};
pub use projection::{Failure, FoldError, Happened, Projection, folds};
pub use rebuild::{Outcome, Progress, Rebuild, RebuildError};
pub use record::Record;
pub use session::{ReadSession, Reader, ViewError, Views};
pub use signal::{Signal, Signals};
pub use start::{StartError, Train};
pub use store::{
    Checkpoint, Generation, GenerationInfo, Parked, Plan, Standing, Store, StoreError, Stores,
};
pub use table::{Column, Columns, Field, Kind, Row, Table, Unreadable, Value};
