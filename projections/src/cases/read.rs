//! What is summed up of cases: returns by reason and age, what is still owed on a day.

use jiff::ToSpan;
use shared::{Date, FundCode, Money, ObligationId, PersonId, ReturnReason};

use super::{
    ComparisonEntryRow, ComparisonRow, DeductionKeptRow, DeductionRow, HeirsDueRow, HeirsRow,
    HoldRow, InstalmentRow, NAME, ObligationRow, RecoveryRow, RecoveryStepRow, ReturnRow,
};
use crate::engine::{Column, ReadSession, Value, ViewError};
use crate::lists::{By, Clause, Only, of_many, seen};
use crate::scope::Scope;

seen! { NAME;
    ReturnRow: by("county");
    ObligationRow: by("county");
    HoldRow: by("county");
    HeirsRow: by("county");
    HeirsDueRow: through("deceased:heirs_case", "county");
    RecoveryRow: by("county");
    RecoveryStepRow: through("obligation:recovery", "county");
    InstalmentRow: through("obligation:recovery", "county");
    DeductionRow: by("county");
    DeductionKeptRow: through("deduction", "county");
    ComparisonRow: by("area");
    ComparisonEntryRow: by("county");
}

/// How long money has been back at the bank (INVENTORY C02).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgeBand {
    UpTo7,
    UpTo30,
    UpTo90,
    Over90,
}

impl AgeBand {
    pub const ALL: [Self; 4] = [Self::UpTo7, Self::UpTo30, Self::UpTo90, Self::Over90];

    /// Its days; the last band has no end.
    #[must_use]
    pub const fn days(self) -> (i32, Option<i32>) {
        match self {
            Self::UpTo7 => (i32::MIN, Some(7)),
            Self::UpTo30 => (8, Some(30)),
            Self::UpTo90 => (31, Some(90)),
            Self::Over90 => (91, None),
        }
    }

    #[must_use]
    pub fn of(days: i32) -> Self {
        let within = |band: &Self| band.days().1.is_none_or(|last| days <= last);
        Self::ALL.into_iter().find(within).unwrap_or(Self::Over90)
    }

    /// What is this old on a day, by a column of dates.
    #[must_use]
    pub fn only(self, column: &'static str, on: Date) -> Only {
        let (from, to) = self.days();
        let mut only = Only::everything();
        if from > 0 {
            only = only.and(Only::at_most(column, &back(on, from)));
        }
        match to {
            Some(to) => only.and(Only::at_least(column, &back(on, to))),
            None => only,
        }
    }
}

/// Returns of one reason and one age.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    pub reason: ReturnReason,
    pub age: AgeBand,
    pub cases: u64,
    pub people: u64,
    pub amount: Money,
}

/// The cases that were open at the end of a day, by reason and age.
///
/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn returned(
    session: &ReadSession,
    scope: &Scope,
    only: &Only,
    on: Date,
) -> Result<Vec<Returned>, ViewError> {
    let mut clause = Clause::seen::<ReturnRow>(scope);
    clause.and::<ReturnRow>(only)?;
    clause.and::<ReturnRow>(&open_on("returned_on", "closed_on", on))?;
    let [week, month, quarter] = [7, 30, 90].map(|days| clause.bind(back(on, days).write()));
    let sql = format!(
        "SELECT reason, CASE WHEN returned_on >= {week} THEN 0 WHEN returned_on >= {month} THEN 1 \
         WHEN returned_on >= {quarter} THEN 2 ELSE 3 END, COUNT(*), COUNT(DISTINCT person), \
         CAST(SUM(amount) AS BIGINT) FROM return_case {} GROUP BY 1, 2 ORDER BY 1, 2",
        clause.text()
    );
    let mut found = Vec::new();
    for row in session.rows(NAME, &sql, &clause.binds)? {
        let [reason, age, cases, people, amount] = row.as_slice() else { continue };
        let age: u32 = age.to()?;
        found.push(Returned {
            reason: reason.to()?,
            age: AgeBand::ALL[(age as usize).min(3)],
            cases: cases.to()?,
            people: people.to()?,
            amount: amount.to()?,
        });
    }
    Ok(found)
}

/// What stood open in a day's evening: begun by then, and not over by then.
fn open_on(begun: &'static str, over: &'static str, on: Date) -> Only {
    let later = on.tomorrow().unwrap_or(on);
    let open = Only::Any(vec![Only::Null(over, true), Only::at_least(over, &later)]);
    Only::at_most(begun, &on).and(open)
}

/// What a fund was overpaid and has not got back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub fund: FundCode,
    pub recoveries: u64,
    pub people: u64,
    /// What was found up to the day.
    pub found: Money,
    /// What of it came back by the day.
    pub moved: Money,
}

impl Standing {
    #[must_use]
    pub fn owed(&self) -> Money {
        self.found - self.moved
    }
}

/// Recoveries that were found up to a day, and what had come back by its end, by fund.
pub fn outstanding(
    session: &ReadSession,
    scope: &Scope,
    only: &Only,
    on: Date,
) -> Result<Vec<Standing>, ViewError> {
    let mut clause = Clause::seen::<RecoveryRow>(scope);
    clause.and::<RecoveryRow>(only)?;
    clause.and::<RecoveryRow>(&Only::at_most("found_on", &on))?;
    let day = clause.bind(on.write());
    let sql = format!(
        "SELECT fund, COUNT(*), COUNT(DISTINCT person), CAST(SUM(amount) AS BIGINT), \
         CAST(COALESCE(SUM((SELECT SUM(moved) FROM recovery_step \
         WHERE recovery_step.obligation = recovery.obligation AND happened_on <= {day})), 0) \
         AS BIGINT) FROM recovery {} GROUP BY fund ORDER BY fund",
        clause.text()
    );
    let mut found = Vec::new();
    for row in session.rows(NAME, &sql, &clause.binds)? {
        let [fund, recoveries, people, sum, moved] = row.as_slice() else { continue };
        found.push(Standing {
            fund: fund.to()?,
            recoveries: recoveries.to()?,
            people: people.to()?,
            found: sum.to()?,
            moved: moved.to()?,
        });
    }
    Ok(found)
}

/// What was owed of one recovery at the end of a day, by its steps.
#[must_use]
pub fn owed_on(row: &RecoveryRow, steps: &[RecoveryStepRow], on: Date) -> Money {
    if row.found_on > on {
        return Money::ZERO;
    }
    row.amount - steps.iter().filter(|step| step.happened_on <= on).map(|step| step.moved).sum()
}

/// What of the agreed instalments should have come by the end of a day and did not.
#[must_use]
pub fn overdue_on(
    row: &RecoveryRow,
    instalments: &[InstalmentRow],
    steps: &[RecoveryStepRow],
    on: Date,
) -> Money {
    let Some(since) = row.agreed_on else { return Money::ZERO };
    let due: Money = instalments.iter().filter(|part| part.due <= on).map(|part| part.amount).sum();
    let came = steps.iter().filter(|step| since <= step.happened_on && step.happened_on <= on);
    (due - came.map(|step| step.moved).sum()).max(Money::ZERO)
}

/// Obligations that have a life of their own, by how they stand: stage, count, people, money.
pub fn standing(
    session: &ReadSession,
    scope: &Scope,
    only: &Only,
) -> Result<Vec<(String, u64, u64, Money)>, ViewError> {
    let mut clause = Clause::seen::<ObligationRow>(scope);
    clause.and::<ObligationRow>(only)?;
    let sql = format!(
        "SELECT stage, COUNT(*), COUNT(DISTINCT person), CAST(SUM(amount) AS BIGINT) \
         FROM own_obligation {} GROUP BY stage ORDER BY stage",
        clause.text()
    );
    let rows = session.rows(NAME, &sql, &clause.binds)?;
    rows.iter()
        .map(|row| match row.as_slice() {
            [stage, count, people, amount] => {
                Ok((stage.to()?, count.to()?, people.to()?, amount.to()?))
            }
            _ => Ok((String::new(), 0, 0, Money::ZERO)),
        })
        .collect()
}

/// The obligations of a heirs' case, with how each stands now.
pub fn heirs_dues(
    session: &ReadSession,
    scope: &Scope,
    deceased: PersonId,
) -> Result<Vec<(HeirsDueRow, Option<ObligationRow>)>, ViewError> {
    let order = [By::up("obligation")];
    let dues: Vec<HeirsDueRow> =
        of_many(session, scope, "deceased", [Value::from(deceased)], &order)?;
    let keys = dues.iter().map(|due| Value::from(due.obligation));
    let own: Vec<ObligationRow> = of_many(session, scope, "obligation", keys, &order)?;
    let of = |id: ObligationId| own.iter().find(|row| row.obligation == id).cloned();
    Ok(dues.into_iter().map(|due| (due.clone(), of(due.obligation))).collect())
}

fn back(on: Date, days: i32) -> Date {
    on.saturating_sub(days.days())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_age_lies_in_one_band_and_a_condition_says_the_same() {
        let bands = [(-1, 0), (0, 0), (7, 0), (8, 1), (30, 1), (31, 2), (90, 2), (91, 3), (400, 3)];
        for (days, place) in bands {
            assert_eq!(AgeBand::of(days), AgeBand::ALL[place], "{days}");
        }
        let on = Date::constant(2026, 3, 31);
        let first = AgeBand::UpTo30.only("returned_on", on);
        let days = [Date::constant(2026, 3, 23), Date::constant(2026, 3, 1)];
        let expected = Only::everything()
            .and(Only::at_most("returned_on", &days[0]))
            .and(Only::at_least("returned_on", &days[1]));
        assert_eq!(first, expected);
    }
}
