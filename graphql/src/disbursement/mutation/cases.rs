//! What a clerk does about cases: one file per sort, each command one mutation.

mod comparison;
mod deduction;
mod hold;
mod owed;
mod recovery;
mod returns;

use async_graphql::MergedObject;
use projections::cases::{
    ComparisonRow, DeductionRow, HeirsRow, ObligationRow, RecoveryRow, ReturnRow,
};
use projections::{ReadSession, lists};

use crate::disbursement::cases::{
    Comparison, Deduction, HeirsCase, Obligation, Recovery, ReturnCase,
};
use crate::fault::Fault;
use crate::request::Request;

/// Every command about cases.
#[derive(MergedObject, Default)]
pub struct PayCaseMutation(
    returns::ReturnMutation,
    hold::HoldMutation,
    owed::OwedMutation,
    recovery::RecoveryMutation,
    recovery::RecoveryMoveMutation,
    deduction::DeductionMutation,
    comparison::ComparisonMutation,
);

/// How a payload reads back what its command wrote, by the id as the log spells it.
macro_rules! read_back {
    ($($name:ident: $row:ty => $node:ty, by |$id:ident| $key:expr;)*) => {$(
        fn $name(
            request: &Request,
            session: &ReadSession,
            id: &impl AsRef<str>,
        ) -> Result<Option<$node>, Fault> {
            let $id = id.as_ref();
            let Some(key) = $key else { return Ok(None) };
            Ok(lists::one::<$row>(session, &request.scope, &key)?.map(<$node>::from))
        }
    )*};
}

read_back! {
    return_case: ReturnRow => ReturnCase, by |id| id.parse().ok();
    obligation: ObligationRow => Obligation, by |id| id.parse().ok();
    heirs_case: HeirsRow => HeirsCase, by |id| id.parse().ok();
    recovery: RecoveryRow => Recovery, by |id| id.parse().ok();
    deduction: DeductionRow => Deduction, by |id| Some(id.to_owned());
    comparison: ComparisonRow => Comparison, by |id| Some(id.to_owned());
}
