//! What is asked of payments: pages of lines, sums, cells, distinct people.

use shared::{BankCode, DivisionCode, GrantId, ItemId, Money, Month, ObligationId, PersonId};

use super::{CellRow, ExcludedRow, LineRow, LineState, NAME};
use crate::engine::{ReadSession, Value, ViewError};
use crate::scope::{Filter, Scope};

/// Which lines are asked for; what is absent does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineFilter {
    pub plan: Option<String>,
    pub batch: Option<String>,
    pub person: Option<PersonId>,
    pub item: Option<ItemId>,
    pub month: Option<Month>,
    pub bank: Option<BankCode>,
    pub county: Option<DivisionCode>,
    pub state: Option<LineState>,
}

impl LineFilter {
    fn filter(&self, scope: &Scope) -> Filter {
        Filter::new()
            .divisions(scope, "county")
            .and_if("plan =", self.plan.clone())
            .and_if("batch =", self.batch.clone())
            .and_if("person =", self.person)
            .and_if("item =", self.item)
            .and_if("run_month =", self.month)
            .and_if("bank =", self.bank)
            .and_if("county =", self.county)
            .and_if("state =", self.state.map(|state| state.code().to_owned()))
    }
}

/// Lines after `after`, by obligation.
///
/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn lines(
    session: &ReadSession,
    scope: &Scope,
    filter: &LineFilter,
    after: Option<ObligationId>,
    limit: u32,
) -> Result<Vec<LineRow>, ViewError> {
    let filter = filter.filter(scope).and_if("obligation >", after);
    let tail = filter.tail(&format!("ORDER BY obligation LIMIT {limit}"));
    session.query(&tail, filter.binds())
}

/// How many lines, how many people, and their net sum.
pub fn line_totals(
    session: &ReadSession,
    scope: &Scope,
    filter: &LineFilter,
) -> Result<(u64, u64, Money), ViewError> {
    let filter = filter.filter(scope);
    let sql = filter.tail("");
    let sql = format!(
        "SELECT COUNT(*), COUNT(DISTINCT person), CAST(COALESCE(SUM(net), 0) AS BIGINT) \
         FROM line {sql}"
    );
    let rows = session.rows(NAME, &sql, filter.binds())?;
    let value = |place: usize| {
        rows.first().and_then(|row| row.get(place)).cloned().unwrap_or(Value::Int(0))
    };
    Ok((value(0).to()?, value(1).to()?, value(2).to()?))
}

pub fn line(
    session: &ReadSession,
    scope: &Scope,
    obligation: ObligationId,
) -> Result<Option<LineRow>, ViewError> {
    let line: Option<LineRow> = session.get(&obligation)?;
    Ok(line.filter(|line| scope.covers(line.county)))
}

/// Cells of the months asked for, whichever county may be seen.
pub fn cells(
    session: &ReadSession,
    scope: &Scope,
    from: Month,
    to: Month,
) -> Result<Vec<CellRow>, ViewError> {
    let filter = Filter::new().divisions(scope, "county").and("month >=", from).and("month <=", to);
    session.query(&filter.tail("ORDER BY month, item, fund, bank, county"), filter.binds())
}

/// Distinct people among the lines of these months, by one column of the line register or in all.
pub fn people(
    session: &ReadSession,
    scope: &Scope,
    from: Month,
    to: Month,
    by: Option<PeopleBy>,
) -> Result<Vec<(String, u64)>, ViewError> {
    let filter =
        Filter::new().divisions(scope, "county").and("run_month >=", from).and("run_month <=", to);
    let (column, group) = match by {
        Some(by) => (by.column(), format!("GROUP BY {0} ORDER BY {0}", by.column())),
        None => ("'all'", String::new()),
    };
    let tail = filter.tail(&group);
    let sql = format!("SELECT {column}, COUNT(DISTINCT person) FROM line {tail}");
    let rows = session.rows(NAME, &sql, filter.binds())?;
    rows.iter()
        .map(|row| match row.as_slice() {
            [key, count] => Ok((key.to()?, count.to()?)),
            _ => Ok((String::new(), 0)),
        })
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleBy {
    Month,
    Item,
    Fund,
    Bank,
    County,
}

impl PeopleBy {
    fn column(self) -> &'static str {
        match self {
            Self::Month => "run_month",
            Self::Item => "item",
            Self::Fund => "fund",
            Self::Bank => "bank",
            Self::County => "county",
        }
    }
}

/// Grants that a plan left out, after `after`, by grant.
pub fn excluded(
    session: &ReadSession,
    plan: &str,
    after: Option<GrantId>,
    limit: u32,
) -> Result<Vec<ExcludedRow>, ViewError> {
    let filter = Filter::new().and("plan =", plan).and_if("grant_id >", after);
    session.query(&filter.tail(&format!("ORDER BY grant_id LIMIT {limit}")), filter.binds())
}
