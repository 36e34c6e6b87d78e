//! What is asked of runs: periods, certificates, plans, batches, replies, and who did what.

use shared::{BankCode, ItemId, Month};

use super::{
    ActRow, BatchActRow, BatchRow, CertificateRow, NAME, PeriodRow, PlanRow, ReopeningRow, ReplyRow,
};
use crate::engine::{ReadSession, ViewError};
use crate::lists::{By, Only, Page, of_many, one, page, seen};
use crate::scope::{Filter, Scope};

seen! { NAME;
    PeriodRow: by("area");
    CertificateRow: through("period", "area");
    ReopeningRow: through("period", "area");
    PlanRow: by("area");
    ActRow: through("plan", "area");
    BatchRow: through("plan", "area");
    BatchActRow: through("batch", "plan", "area");
    ReplyRow: through("batch", "plan", "area");
}

/// More than this no answer holds at once.
const MANY: u32 = 1_000;

/// Item-periods of a month, or all; the newest month first.
///
/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn periods(
    session: &ReadSession,
    scope: &Scope,
    month: Option<Month>,
) -> Result<Vec<PeriodRow>, ViewError> {
    let filter = Filter::new().divisions(scope, "area").and_if("month =", month);
    session.query(&filter.tail("ORDER BY month DESC, item, area LIMIT 1000"), filter.binds())
}

pub fn period(
    session: &ReadSession,
    scope: &Scope,
    id: &str,
) -> Result<Option<PeriodRow>, ViewError> {
    one(session, scope, &id.to_owned())
}

pub fn certificates(
    session: &ReadSession,
    scope: &Scope,
    period: &str,
) -> Result<Vec<CertificateRow>, ViewError> {
    of_many(session, scope, "period", [period.into()], &[By::up("number")])
}

/// Who asked to reopen an item-period and who did, in order.
pub fn reopenings(
    session: &ReadSession,
    scope: &Scope,
    period: &str,
) -> Result<Vec<ReopeningRow>, ViewError> {
    of_many(session, scope, "period", [period.into()], &[By::up("number")])
}

/// Which plans are asked for; what is absent does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanFilter {
    pub month: Option<Month>,
    pub item: Option<ItemId>,
    pub period: Option<String>,
    pub stage: Option<String>,
    pub waits_for: Option<String>,
}

/// Plans after `after`, by id.
pub fn plans(
    session: &ReadSession,
    scope: &Scope,
    filter: &PlanFilter,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<PlanRow>, ViewError> {
    let filter = Filter::new()
        .divisions(scope, "area")
        .and_if("month =", filter.month)
        .and_if("item =", filter.item)
        .and_if("period =", filter.period.clone())
        .and_if("stage =", filter.stage.clone())
        .and_if("waits_for =", filter.waits_for.clone())
        .and_if("plan >", after);
    session.query(&filter.tail(&format!("ORDER BY plan LIMIT {limit}")), filter.binds())
}

pub fn plan(session: &ReadSession, scope: &Scope, id: &str) -> Result<Option<PlanRow>, ViewError> {
    one(session, scope, &id.to_owned())
}

/// Who did what to a plan, in order.
pub fn acts(session: &ReadSession, scope: &Scope, plan: &str) -> Result<Vec<ActRow>, ViewError> {
    of_many(session, scope, "plan", [plan.into()], &[By::up("revision")])
}

/// Which batches are asked for; what is absent does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchFilter {
    pub plan: Option<String>,
    pub bank: Option<BankCode>,
    pub month: Option<Month>,
    pub stage: Option<String>,
}

/// Batches after `after`, by id: those of plans that may be seen.
pub fn batches(
    session: &ReadSession,
    scope: &Scope,
    filter: &BatchFilter,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<BatchRow>, ViewError> {
    let mut only = Only::everything();
    if let Some(plan) = &filter.plan {
        only = only.and(Only::equal("plan", plan));
    }
    if let Some(bank) = &filter.bank {
        only = only.and(Only::equal("bank", bank));
    }
    if let Some(month) = &filter.month {
        only = only.and(Only::equal("month", month));
    }
    if let Some(stage) = &filter.stage {
        only = only.and(Only::equal("stage", stage));
    }
    let order = [By::up("batch")];
    let after = after.map(|after| vec![after.into()]);
    let asked = Page { only: &only, order: &order, after, before: None, backward: false, limit };
    page(session, scope, &asked)
}

pub fn batch(
    session: &ReadSession,
    scope: &Scope,
    id: &str,
) -> Result<Option<BatchRow>, ViewError> {
    one(session, scope, &id.to_owned())
}

/// Who did what to a batch, and what its bank said of the whole of it, in order.
pub fn batch_acts(
    session: &ReadSession,
    scope: &Scope,
    batch: &str,
) -> Result<Vec<BatchActRow>, ViewError> {
    of_many(session, scope, "batch", [batch.into()], &[By::up("revision")])
}

/// Replies that were received, of one batch or those that wait to be applied.
pub fn replies(
    session: &ReadSession,
    scope: &Scope,
    batch: Option<&str>,
) -> Result<Vec<ReplyRow>, ViewError> {
    let only = match batch {
        Some(batch) => Only::equal("batch", &batch.to_owned()),
        None => Only::equal("applied", &false),
    };
    let order = [By::up("batch"), By::up("reply")];
    let asked = Page {
        only: &only,
        order: &order,
        after: None,
        before: None,
        backward: false,
        limit: MANY,
    };
    page(session, scope, &asked)
}
