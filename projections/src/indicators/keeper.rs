//! Facts and cells together: whatever is told, told anew or withdrawn changes both.

use definitions::indicator::vocabulary::{DIMENSIONS_MAX, NUMBERS_MAX};
use definitions::{Dimension, FactKind};
use shared::{Date, Month};

use super::rows::{
    CellRow, ClockRow, CloseRow, DAY, FactRow, MONTH, PastFactRow, RestatedRow, YEAR,
};
use crate::engine::{Cached, FoldError, Happened, Record, Store, Table};

/// The one row of the clock.
const CLOCK: u32 = 1;

#[derive(Default)]
pub(super) struct Keeper {
    facts: Cached<FactRow>,
    past: Cached<PastFactRow>,
    cells: Cached<CellRow>,
    restated: Cached<RestatedRow>,
    clock: Cached<ClockRow>,
    closes: Cached<CloseRow>,
}

/// What one event tells.
pub(super) struct Teller<'a> {
    keeper: &'a mut Keeper,
    pub happened: &'a Happened<'a>,
    pub store: &'a mut dyn Store,
}

/// A fact to be told; what is not set is absent.
#[derive(Debug, Clone)]
pub(super) struct Told {
    kind: FactKind,
    fact: String,
    day: Date,
    subject: String,
    dimensions: [String; DIMENSIONS_MAX],
    numbers: [i64; NUMBERS_MAX],
}

impl Told {
    /// `fact` names it among those of its kind, for ever.
    pub fn new(kind: FactKind, fact: String, day: Date) -> Self {
        let (dimensions, numbers) = Default::default();
        Self { kind, fact, day, subject: String::new(), dimensions, numbers }
    }

    pub fn of(self, subject: impl ToString) -> Self {
        Self { subject: subject.to_string(), ..self }
    }

    /// # Panics
    /// When facts of this kind have no such dimension: a fault of this program.
    pub fn with(mut self, dimension: Dimension, value: impl ToString) -> Self {
        let place = self.kind.place(dimension).expect("the kind of fact has this dimension");
        self.dimensions[place] = value.to_string();
        self
    }

    /// # Panics
    /// As [`Told::with`].
    pub fn number(mut self, number: definitions::Number, value: i64) -> Self {
        let place = self.kind.number_place(number).expect("the kind of fact has this number");
        self.numbers[place] = value;
        self
    }
}

impl Keeper {
    pub fn tables() -> Vec<&'static Table> {
        vec![
            FactRow::TABLE,
            PastFactRow::TABLE,
            CellRow::TABLE,
            RestatedRow::TABLE,
            ClockRow::TABLE,
            CloseRow::TABLE,
        ]
    }

    pub fn teller<'a>(
        &'a mut self,
        happened: &'a Happened<'a>,
        store: &'a mut dyn Store,
    ) -> Teller<'a> {
        Teller { keeper: self, happened, store }
    }

    pub fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        self.facts.flush(store)?;
        self.past.flush(store)?;
        self.cells.flush(store)?;
        self.restated.flush(store)?;
        self.clock.flush(store)?;
        self.closes.flush(store)?;
        Ok(())
    }
}

impl Teller<'_> {
    /// A fact whose name was never used before: nothing is looked up.
    pub fn tell(&mut self, told: Told) -> Result<(), FoldError> {
        let row = told.row(self.happened);
        self.count(&row, 1)?;
        self.keeper.facts.put(row);
        Ok(())
    }

    /// A fact that may be held already, and then as something else.
    pub fn tell_anew(&mut self, told: Told) -> Result<(), FoldError> {
        let row = told.row(self.happened);
        let before = self.keeper.facts.get(&row.key(), self.store)?.cloned();
        if let Some(before) = before {
            if before.says_the_same(&row) {
                return Ok(());
            }
            self.put_aside(before)?;
        }
        self.count(&row, 1)?;
        self.keeper.facts.put(row);
        Ok(())
    }

    /// Nothing happens where it is not held.
    pub fn withdraw(&mut self, kind: FactKind, fact: String) -> Result<(), FoldError> {
        let key = (kind, fact);
        if let Some(before) = self.keeper.facts.get(&key, self.store)?.cloned() {
            self.put_aside(before)?;
            self.keeper.facts.remove(&key);
        }
        Ok(())
    }

    /// Every fact of a kind whose name begins so.
    pub fn withdraw_all(&mut self, kind: FactKind, prefix: &str) -> Result<(), FoldError> {
        // A statement sees what was flushed.
        self.keeper.facts.flush(self.store)?;
        let sql = "SELECT fact FROM indicator_fact WHERE kind = $1 AND fact >= $2 AND fact < $3 \
                   ORDER BY fact";
        // `}` follows `|`, with which every prefix ends.
        let below = prefix
            .strip_suffix('|')
            .map_or_else(|| prefix.to_owned(), |prefix| format!("{prefix}}}"));
        let binds = [kind.word().into(), prefix.into(), below.into()];
        for row in self.store.rows(sql, &binds)? {
            if let Some(crate::Value::Text(fact)) = row.into_iter().next() {
                self.withdraw(kind, fact)?;
            }
        }
        Ok(())
    }

    /// A fact as it is held now.
    pub fn held(&mut self, kind: FactKind, fact: String) -> Result<Option<FactRow>, FoldError> {
        Ok(self.keeper.facts.get(&(kind, fact), self.store)?.cloned())
    }

    /// Reads together the facts of which [`Self::held`] is asked next.
    pub fn ahead(
        &mut self,
        kind: FactKind,
        facts: impl Iterator<Item = String>,
    ) -> Result<(), FoldError> {
        Ok(self.keeper.facts.ahead(facts.map(|fact| (kind, fact)), self.store)?)
    }

    pub fn day_opened(&mut self) -> Result<(), FoldError> {
        let day: Date = self.happened.id()?;
        let before = self.keeper.clock.get(&CLOCK, self.store)?.map(|clock| clock.day);
        if before.is_some_and(|before| day <= before) {
            return Ok(());
        }
        self.keeper.clock.put(ClockRow { clock: CLOCK, day });
        let mut month = before.map_or(Month::of(day), Month::of);
        while month < Month::of(day) {
            self.keeper.closes.put(CloseRow { month, day, position: self.happened.position() });
            month = month.next();
        }
        Ok(())
    }

    fn put_aside(&mut self, row: FactRow) -> Result<(), FoldError> {
        self.count(&row, -1)?;
        self.keeper.past.put(row.past(self.happened.position()));
        Ok(())
    }

    fn count(&mut self, row: &FactRow, sign: i64) -> Result<(), FoldError> {
        let month = Month::of(row.day);
        let year = Month::new(month.year(), 1).unwrap_or(month);
        let place = row.place();
        self.restate(row, month, &place)?;
        for (grain, start) in [(DAY, row.day), (MONTH, month.first_day()), (YEAR, year.first_day())]
        {
            let key = (row.kind, grain, start, place.clone());
            let (mut fits, mut empty) = (true, false);
            let first = || row.empty_cell(grain, start, place.clone());
            self.keeper.cells.update_or(&key, self.store, first, |cell| {
                cell.facts += sign;
                for (sum, number) in
                    [(&mut cell.n1, row.n1), (&mut cell.n2, row.n2), (&mut cell.n3, row.n3)]
                {
                    match number.checked_mul(sign).and_then(|number| sum.checked_add(number)) {
                        Some(added) => *sum = added,
                        None => fits = false,
                    }
                }
                empty = cell.facts == 0;
            })?;
            if !fits {
                let kind = row.kind;
                return Err(FoldError::refused(format!("a sum of {kind} leaves 64 bits")));
            }
            if empty {
                self.keeper.cells.remove(&key);
            }
        }
        Ok(())
    }

    /// Keeps what a month that is over said before this event, once for each event and cell.
    fn restate(&mut self, row: &FactRow, month: Month, place: &str) -> Result<(), FoldError> {
        let over = match self.keeper.clock.get(&CLOCK, self.store)? {
            Some(clock) => month < Month::of(clock.day),
            None => false,
        };
        if !over {
            return Ok(());
        }
        let (kind, position) = (row.kind, self.happened.position());
        let key = (kind, month, place.to_owned(), position);
        if self.keeper.restated.get(&key, self.store)?.is_some() {
            return Ok(());
        }
        let cell = (kind, MONTH, month.first_day(), place.to_owned());
        let said = self.keeper.cells.get(&cell, self.store)?;
        let (facts, n1, n2, n3) =
            said.map_or((0, 0, 0, 0), |cell| (cell.facts, cell.n1, cell.n2, cell.n3));
        let event = self.happened.recorded.id;
        let place = place.to_owned();
        self.keeper.restated.put(RestatedRow {
            kind,
            month,
            place,
            position,
            event,
            facts,
            n1,
            n2,
            n3,
        });
        Ok(())
    }
}

impl Told {
    fn row(self, happened: &Happened<'_>) -> FactRow {
        let Self { kind, fact, day, subject, dimensions, numbers } = self;
        let [d1, d2, d3, d4, d5, d6, d7, d8] = dimensions;
        let [n1, n2, n3] = numbers;
        let (event, position) = (happened.recorded.id, happened.position());
        FactRow {
            kind,
            fact,
            day,
            subject,
            d1,
            d2,
            d3,
            d4,
            d5,
            d6,
            d7,
            d8,
            n1,
            n2,
            n3,
            event,
            position,
        }
    }
}

impl FactRow {
    fn dimensions(&self) -> [&str; DIMENSIONS_MAX] {
        let Self { d1, d2, d3, d4, d5, d6, d7, d8, .. } = self;
        [d1, d2, d3, d4, d5, d6, d7, d8]
    }

    fn place(&self) -> String {
        self.dimensions().join("|")
    }

    /// Whatever told it.
    fn says_the_same(&self, other: &Self) -> bool {
        (self.day, self.n1, self.n2, self.n3) == (other.day, other.n1, other.n2, other.n3)
            && self.subject == other.subject
            && self.dimensions() == other.dimensions()
    }

    fn empty_cell(&self, grain: u8, start: Date, place: String) -> CellRow {
        let Self { kind, d1, d2, d3, d4, d5, d6, d7, d8, .. } = self.clone();
        CellRow {
            kind,
            grain,
            start,
            place,
            d1,
            d2,
            d3,
            d4,
            d5,
            d6,
            d7,
            d8,
            facts: 0,
            n1: 0,
            n2: 0,
            n3: 0,
        }
    }

    fn past(self, until: kernel::Position) -> PastFactRow {
        let Self {
            kind,
            fact,
            day,
            subject,
            d1,
            d2,
            d3,
            d4,
            d5,
            d6,
            d7,
            d8,
            n1,
            n2,
            n3,
            event,
            position,
        } = self;
        PastFactRow {
            kind,
            fact,
            until,
            day,
            subject,
            d1,
            d2,
            d3,
            d4,
            d5,
            d6,
            d7,
            d8,
            n1,
            n2,
            n3,
            event,
            position,
        }
    }
}
