//! Whose a stream is: which of the log's streams a scope may see, by the thing that each is about.

use std::collections::BTreeSet;

use kernel::StreamName;

use crate::cards::{ApplicationRow, CardRow};
use crate::cases::{ComparisonRow, DeductionRow, HeirsRow, ObligationRow, RecoveryRow, ReturnRow};
use crate::employers::{EmployerRow, GridRow};
use crate::engine::{ReadSession, Value, ViewError};
use crate::grants::GrantRow;
use crate::lists::{By, Seen, of_many};
use crate::payments::LineRow;
use crate::people::PersonRow;
use crate::runs::{BatchRow, PeriodRow, PlanRow};
use crate::scope::Scope;
use crate::{books, cards};

/// Lists and texts of the bureau itself, in which nobody's affairs stand.
const PUBLIC: [&str; 5] = ["definition", "organisation", "division", "day", "calendar"];

/// Those of `streams` that may be seen. A stream of a sort that is not known here, or of a thing
/// that the read models do not have yet, is seen only by whoever sees every division.
///
/// # Errors
/// When the read models cannot be read.
pub fn seen(
    session: &ReadSession,
    scope: &Scope,
    streams: &BTreeSet<StreamName>,
) -> Result<BTreeSet<StreamName>, ViewError> {
    if scope.divisions.is_none() {
        return Ok(streams.clone());
    }
    let mut found: BTreeSet<StreamName> =
        streams.iter().filter(|stream| PUBLIC.contains(&stream.category())).cloned().collect();
    let mut look = Look { session, scope, streams, found: &mut found };
    look.rows::<PersonRow>("person", "person", |row| row.person.to_string())?;
    look.rows::<EmployerRow>("employer", "employer", |row| row.employer.to_string())?;
    look.rows::<GridRow>("grid", "grid", |row| row.grid.to_string())?;
    look.rows::<CardRow>("card", "card", |row| row.card.to_string())?;
    look.rows::<ApplicationRow>("application", "application", |row| row.application.to_string())?;
    look.rows::<GrantRow>("grant", "grant_id", |row| row.grant_id.to_string())?;
    look.rows::<PeriodRow>("period", "period", |row| row.period.clone())?;
    look.rows::<PlanRow>("plan", "plan", |row| row.plan.clone())?;
    look.rows::<BatchRow>("batch", "batch", |row| row.batch.clone())?;
    look.rows::<LineRow>("obligation", "obligation", |row| row.obligation.to_string())?;
    look.rows::<ObligationRow>("obligation", "obligation", |row| row.obligation.to_string())?;
    look.rows::<ReturnRow>("return", "case_id", |row| row.case_id.to_string())?;
    look.rows::<RecoveryRow>("recovery", "obligation", |row| row.obligation.to_string())?;
    look.rows::<HeirsRow>("heirs", "deceased", |row| row.deceased.to_string())?;
    look.rows::<DeductionRow>("deduction", "deduction", |row| row.deduction.clone())?;
    look.rows::<ComparisonRow>("comparison", "plan", |row| row.plan.clone())?;
    look.rows::<books::BookRow>("account", "book", |row| row.book.clone())?;
    look.rows::<books::StatementRow>("statement", "statement", |row| row.statement.clone())?;
    look.parts()?;
    look.addresses()?;
    Ok(found)
}

struct Look<'a> {
    session: &'a ReadSession,
    scope: &'a Scope,
    streams: &'a BTreeSet<StreamName>,
    found: &'a mut BTreeSet<StreamName>,
}

impl Look<'_> {
    fn of<'a>(&'a self, category: &'a str) -> impl Iterator<Item = &'a StreamName> {
        self.streams.iter().filter(move |stream| stream.category() == category)
    }

    fn rows<R: Seen>(
        &mut self,
        category: &'static str,
        column: &'static str,
        id: impl Fn(&R) -> String,
    ) -> Result<(), ViewError> {
        let keys: Vec<Value> = self.of(category).map(|stream| Value::from(stream.id())).collect();
        let rows = of_many::<R>(self.session, self.scope, column, keys, &[By::up(column)])?;
        self.found.extend(rows.iter().map(|row| StreamName::new(category, id(row))));
        Ok(())
    }

    /// `<plan>-<number>`: seen where its plan is.
    fn parts(&mut self) -> Result<(), ViewError> {
        let plan =
            |stream: &StreamName| stream.id().rsplit_once('-').map(|(plan, _)| plan.to_owned());
        let keys: Vec<Value> =
            self.of("part").filter_map(plan).map(|plan| Value::from(plan.as_str())).collect();
        let order = [By::up("plan")];
        let plans = of_many::<PlanRow>(self.session, self.scope, "plan", keys, &order)?;
        let plans: BTreeSet<String> = plans.into_iter().map(|row| row.plan).collect();
        let parts: Vec<StreamName> = self
            .of("part")
            .filter(|stream| plan(stream).is_some_and(|plan| plans.contains(&plan)))
            .cloned()
            .collect();
        self.found.extend(parts);
        Ok(())
    }

    fn addresses(&mut self) -> Result<(), ViewError> {
        let keys: Vec<_> = self.of("address").filter_map(|name| name.id().parse().ok()).collect();
        let rows = cards::many_addresses(self.session, self.scope, &keys)?;
        self.found.extend(rows.iter().map(|row| StreamName::new("address", row.address)));
        Ok(())
    }
}
