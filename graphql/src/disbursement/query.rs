//! What can be asked about disbursement.

mod batch;
mod book;
mod feed;
mod journal;
mod line;
mod plan;
mod restoration;

use async_graphql::MergedObject;

use self::batch::BatchQuery;
use self::book::BookQuery;
use self::feed::FeedQuery;
use self::journal::JournalQuery;
use self::line::LineQuery;
use self::plan::PlanQuery;
use self::restoration::RestorationQuery;
use crate::disbursement::cases::PayCaseQuery;

#[derive(MergedObject, Default)]
pub struct DisbursementQuery(
    PlanQuery,
    LineQuery,
    BatchQuery,
    BookQuery,
    PayCaseQuery,
    JournalQuery,
    FeedQuery,
    RestorationQuery,
);

use crate::scratch::entity;
