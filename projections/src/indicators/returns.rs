//! What returned lines tell: one fact when a line comes back, two for each day on which it will grow
//! into another band of age, and one when it waits no more, which takes back the days after it.
//! So how many wait in a band on a day is the sum of changes up to that day, without a clock.

use definitions::{Dimension, FactKind, Number};
use disbursement::return_case::{Event, Opened};
use shared::Date;

use super::Known;
use super::keeper::{Teller, Told};
use super::rows::ReturnRow;
use crate::cases::AgeBand;
use crate::engine::FoldError;

const CASE: FactKind = FactKind::ReturnCase;

pub(super) fn case(
    teller: &mut Teller<'_>,
    known: &mut Known,
    event: &Event,
) -> Result<(), FoldError> {
    let case = teller.happened.subject().to_owned();
    match event {
        Event::Opened(opened) => {
            let row = known.returned(case, opened, teller)?;
            teller.tell(row.told("opened", row.returned_on, AgeBand::UpTo7, 1))?;
            for (younger, older, on) in row.birthdays() {
                let name = word(older);
                teller.tell(row.told(&format!("{name}|out"), on, younger, -1))?;
                teller.tell(row.told(&format!("{name}|in"), on, older, 1))?;
            }
            known.returns.put(row);
            Ok(())
        }
        Event::Closed { on, .. } => {
            let Some(row) = known.returns.get(&case, teller.store)?.cloned() else {
                return Err(FoldError::refused(format!("case {case} was never opened")));
            };
            let mut age = AgeBand::UpTo7;
            for (_, older, grows) in row.birthdays() {
                if grows <= *on {
                    age = older;
                    continue;
                }
                for what in ["out", "in"] {
                    teller.withdraw(CASE, format!("{case}|{}|{what}", word(older)))?;
                }
            }
            teller.tell(row.told("closed", (*on).max(row.returned_on), age, -1))
        }
        // The steps between change neither its age nor its money.
        Event::Notified { .. }
        | Event::Corrected(_)
        | Event::Reissued { .. }
        | Event::Freed { .. } => Ok(()),
    }
}

impl Known {
    fn returned(
        &mut self,
        case: String,
        opened: &Opened,
        teller: &mut Teller<'_>,
    ) -> Result<ReturnRow, FoldError> {
        let item = opened.obligation.item;
        let class = self.class(item, teller.store)?;
        let grant = self.grants.get(&opened.grant, teller.store)?;
        let (county, fund) = grant
            .map(|grant| (grant.county.to_string(), grant.fund.to_string()))
            .unwrap_or_default();
        Ok(ReturnRow {
            return_case: case,
            person: opened.person,
            county,
            item,
            class,
            fund,
            bank: opened.bank,
            reason: opened.reason.code().to_owned(),
            amount: opened.amount,
            returned_on: opened.returned_on,
        })
    }
}

impl ReturnRow {
    /// The days on which it grows from one band into the next.
    fn birthdays(&self) -> impl Iterator<Item = (AgeBand, AgeBand, Date)> {
        const BANDS: &[AgeBand] = &AgeBand::ALL;
        let returned_on = self.returned_on;
        BANDS.windows(2).map(move |pair| {
            let (younger, older) = (pair[0], pair[1]);
            let days = jiff::Span::new().days(older.days().0);
            (younger, older, returned_on.checked_add(days).unwrap_or(Date::MAX))
        })
    }

    fn told(&self, name: &str, on: Date, age: AgeBand, change: i64) -> Told {
        Told::new(CASE, format!("{}|{name}", self.return_case), on)
            .of(self.person)
            .with(Dimension::County, &self.county)
            .with(Dimension::Item, self.item)
            .with(Dimension::Class, &self.class)
            .with(Dimension::Fund, &self.fund)
            .with(Dimension::Bank, self.bank)
            .with(Dimension::Reason, &self.reason)
            .with(Dimension::ReturnAge, word(age))
            .number(Number::Amount, change * self.amount.fen())
            .number(Number::Change, change)
    }
}

/// As indicators call it.
fn word(age: AgeBand) -> &'static str {
    match age {
        AgeBand::UpTo7 => "up-to-7",
        AgeBand::UpTo30 => "8-to-30",
        AgeBand::UpTo90 => "31-to-90",
        AgeBand::Over90 => "over-90",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_band_has_a_word_of_the_closed_list() {
        let words = CASE.words_of(Dimension::ReturnAge).unwrap();
        assert!(AgeBand::ALL.iter().map(|age| word(*age)).eq(words.iter().copied()));
    }
}
