//! The steps of a pay clerk's month, each as one mutation.

mod batch;
mod book;
mod cases;
mod difference;
mod exchange;
mod feed;
mod money;
mod opening;
mod period;
mod plan;
mod reply;
mod restoration;

use async_graphql::ID;
use commands::ports::get;
use commands::{CommandError, Done};
use shared::ArtefactId;

pub use self::batch::BatchMutation;
pub use self::book::{BookMutation, book_key};
pub use self::cases::PayCaseMutation;
pub use self::difference::DifferenceMutation;
pub use self::exchange::ExchangeMutation;
pub use self::feed::FeedMutation;
pub use self::money::MoneyMutation;
pub use self::opening::OpeningMutation;
pub use self::period::PeriodMutation;
pub use self::plan::PlanMutation;
pub use self::reply::ReplyMutation;
pub use self::restoration::RestorationMutation;
use super::steps::Of;
use crate::App;
use crate::fault::Fault;
use crate::global_id::Kind;

/// A reply of a large bank holds some 50,000 lines of 200 bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A command's end, with the id of what it was about.
fn about<R>(id: &str, done: Result<Done<R>, CommandError>) -> Result<Done<Of<R>>, CommandError> {
    told(done, |result| (id.to_owned(), result))
}

/// A command's end, with the id that its own result tells, and what else it tells.
fn told<R, T>(
    done: Result<Done<R>, CommandError>,
    split: impl FnOnce(R) -> (String, T),
) -> Result<Done<Of<T>>, CommandError> {
    done.map(|done| {
        let (id, told) = split(done.result);
        Done {
            result: Of { id, told },
            position: done.position,
            replayed: done.replayed,
            dry_run: done.dry_run,
            revision: done.revision,
            planned: done.planned,
        }
    })
}

/// The bytes of an uploaded file.
async fn file(app: &App, id: &ID) -> Result<Vec<u8>, Fault> {
    let artefact: ArtefactId = Kind::Artefact.parse(id)?;
    Ok(get(&*app.artefacts, artefact, FILE_BYTES_MAX).await?)
}
