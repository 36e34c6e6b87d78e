//! Indicators, what lies behind a figure, and dashboards.
//!
//! | question | file |
//! |---|---|
//! | How is an indicator shown, and how a figure? | [`words`] |
//! | What can be asked? | [`query`] |
//! | Whole screens? | [`dashboard`] |
//! | Figures that were changed, and drafts? | [`history`] |
//! | Figures that change while somebody looks? | [`live`] |
//!
//! **Invariant** a figure carries its unit, its definition's version and the position that it
//! covers; what is missing is null with its reason.

mod dashboard;
mod history;
mod live;
mod query;
mod words;

pub use dashboard::DashboardQuery;
use history::HistoryQuery;
pub use live::IndicatorSubscription;
use query::AnswerQuery;
pub use words::Wording;

/// What can be asked of indicators.
#[derive(async_graphql::MergedObject, Default)]
pub struct IndicatorQuery(AnswerQuery, HistoryQuery);
