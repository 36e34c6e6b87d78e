//! What is asked of runs: periods, certificates, plans, batches, replies, and who did what.

use shared::{BankCode, ItemId, Month};

use super::{ActRow, BatchActRow, BatchRow, CertificateRow, PeriodRow, PlanRow, ReplyRow};
use crate::engine::{ReadSession, ViewError};
use crate::scope::{Filter, Scope};

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

pub fn period(session: &ReadSession, id: &str) -> Result<Option<PeriodRow>, ViewError> {
    session.get(&id.to_owned())
}

pub fn certificates(session: &ReadSession, period: &str) -> Result<Vec<CertificateRow>, ViewError> {
    let filter = Filter::new().and("period =", period);
    session.query(&filter.tail("ORDER BY number"), filter.binds())
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

pub fn plan(session: &ReadSession, id: &str) -> Result<Option<PlanRow>, ViewError> {
    session.get(&id.to_owned())
}

/// Who did what to a plan, in order.
pub fn acts(session: &ReadSession, plan: &str) -> Result<Vec<ActRow>, ViewError> {
    let filter = Filter::new().and("plan =", plan);
    session.query(&filter.tail("ORDER BY revision LIMIT 1000"), filter.binds())
}

/// Which batches are asked for; what is absent does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchFilter {
    pub plan: Option<String>,
    pub bank: Option<BankCode>,
    pub month: Option<Month>,
    pub stage: Option<String>,
}

/// Batches after `after`, by id.
pub fn batches(
    session: &ReadSession,
    filter: &BatchFilter,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<BatchRow>, ViewError> {
    let filter = Filter::new()
        .and_if("plan =", filter.plan.clone())
        .and_if("bank =", filter.bank)
        .and_if("month =", filter.month)
        .and_if("stage =", filter.stage.clone())
        .and_if("batch >", after);
    session.query(&filter.tail(&format!("ORDER BY batch LIMIT {limit}")), filter.binds())
}

pub fn batch(session: &ReadSession, id: &str) -> Result<Option<BatchRow>, ViewError> {
    session.get(&id.to_owned())
}

/// Who did what to a batch, and what its bank said of the whole of it, in order.
pub fn batch_acts(session: &ReadSession, batch: &str) -> Result<Vec<BatchActRow>, ViewError> {
    let filter = Filter::new().and("batch =", batch);
    session.query(&filter.tail("ORDER BY revision LIMIT 1000"), filter.binds())
}

/// Replies that were received, of one batch or those that wait to be applied.
pub fn replies(session: &ReadSession, batch: Option<&str>) -> Result<Vec<ReplyRow>, ViewError> {
    let filter = match batch {
        Some(batch) => Filter::new().and("batch =", batch),
        None => Filter::new().and("applied =", 0_i64),
    };
    session.query(&filter.tail("ORDER BY batch, reply LIMIT 1000"), filter.binds())
}
