//! What stands beside the runs, as a clerk works it off: returns, obligations with a life of their
//! own, heirs, recoveries, deductions, stops, comparison lists, and what no bank has answered.

mod age;
mod comparison;
mod deduction;
mod heirs;
mod hold;
mod obligation;
mod reads;
mod recovery;
mod returns;
mod stop;
mod unknown;
mod waiting;
mod words;

use async_graphql::MergedObject;

pub use self::comparison::{Comparison, ComparisonEntry, entry_key};
pub use self::deduction::Deduction;
pub use self::heirs::HeirsCase;
pub use self::hold::{PastHold, hold_key};
pub use self::obligation::Obligation;
pub use self::reads::{
    CardLost, ComparisonOf, HeirsOf, ObligationOf, RecoveriesOf, RecoveryOf, ReturnsOf,
    ReturnsOfLine, StopsOfPerson,
};
pub use self::recovery::Recovery;
pub use self::returns::ReturnCase;
pub use self::stop::{Stop, stop_key};
pub use self::waiting::waits;
pub use self::words::{
    ComparisonDecision, DeductionKind, HoldReason, NotOwedReason, RepaymentAccount,
};

/// Everything that can be asked about cases.
#[derive(MergedObject, Default)]
pub struct PayCaseQuery(
    returns::ReturnQuery,
    returns::ReturnSummaryQuery,
    obligation::ObligationQuery,
    obligation::ObligationSummaryQuery,
    hold::PastHoldQuery,
    heirs::HeirsQuery,
    recovery::RecoveryQuery,
    recovery::RecoverySummaryQuery,
    deduction::DeductionQuery,
    comparison::ComparisonQuery,
    stop::StopQuery,
    unknown::UnknownQuery,
);
