//! One case, its life, and what is waited for.

use kernel::Micros;
use shared::Date;
use uuid::Uuid;

use super::{StepRow, WarningRow};
use crate::engine::{ReadSession, Value, ViewError};
use crate::lists::{self, By, Only};
use crate::scope::Scope;

/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn warning(
    session: &ReadSession,
    scope: &Scope,
    warning: Uuid,
) -> Result<Option<WarningRow>, ViewError> {
    lists::one(session, scope, &warning)
}

/// The first of the warnings that a condition finds, by id.
pub fn warnings(
    session: &ReadSession,
    scope: &Scope,
    only: &Only,
    limit: u32,
) -> Result<Vec<WarningRow>, ViewError> {
    let order = [By::up("warning")];
    let page =
        lists::Page { only, order: &order, after: None, before: None, backward: false, limit };
    lists::page(session, scope, &page)
}

/// The life of a case that may be seen, in order.
pub fn steps(session: &ReadSession, scope: &Scope, of: Uuid) -> Result<Vec<StepRow>, ViewError> {
    if warning(session, scope, of)?.is_none() {
        return Ok(Vec::new());
    }
    session.query("WHERE warning = $1 ORDER BY place", &[Value::from(of)])
}

/// The open ones whose clock is due by this day: whom the process of reminders asks.
pub fn due(session: &ReadSession, by: Date, at: Micros) -> Result<Vec<WarningRow>, ViewError> {
    let tail = "WHERE open = 1 AND (due_on <= $1 OR due_at <= $2) ORDER BY warning";
    session.query(tail, &[Value::from(by), Value::Int(at.0)])
}
