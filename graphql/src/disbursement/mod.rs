//! Card disbursement: item-periods, plans, lines, batches, books, statements, and the matrix.

mod batch;
mod book;
pub mod cases;
mod certificate;
mod feed;
mod journal;
mod line;
mod live;
mod matrix;
mod mutation;
mod period;
mod plan;
mod quality;
mod query;
mod restoration;
mod statement;
mod steps;
mod words;

pub use batch::{Batch, Reply};
pub use book::{Book, Voucher};
pub use feed::{Feed, Opening};
pub use line::{Line, LineConnection, LineWhere, lines_of};
pub use live::DisbursementSubscription;
pub use mutation::{
    BatchMutation, BookMutation, DifferenceMutation, ExchangeMutation, FeedMutation, MoneyMutation,
    OpeningMutation, PayCaseMutation, PeriodMutation, PlanMutation, ReplyMutation,
    RestorationMutation, book_key,
};
pub use period::Period;
pub use plan::{Exclusion, Plan};
pub use query::DisbursementQuery;
pub use statement::Statement;
pub use words::{PayClass, ReturnReason};
