//! What indicators are made of: facts, and cells that count them.
//!
//! A fact is one row: its kind, its business date, at most eight dimensions and three numbers, its
//! subject, and the event that told it. Facts are told, told anew (a correction) and withdrawn; what
//! is no longer held stays beside them with the position at which it went. A cell holds count and
//! sums of the facts of one day, month or year with the same dimensions.
//!
//! No definition is folded into cells: an indicator is evaluated over them when it is asked, so a
//! new or changed one speaks of the whole past at once, and older versions can be asked as before.
//!
//! | question | file |
//! |---|---|
//! | What is kept? | [`rows`] |
//! | How are facts and cells kept together? | [`keeper`] |
//! | Which facts does an event tell? | `people`, `cards`, `grants`, `payments`, `batches`, `returns`, `books`, `lists`, `figures`, `warnings`, `tasks`, `notes` |
//! | What can be asked? | [`answer`], [`read`], [`explain`], [`restated`] |
//! | What would a draft say? | [`simulate`] |
//!
//! **Invariant** every cell is the sum of the facts that are held, at each of its three grains; what
//! was held at any position can be told from facts and past facts.

pub mod answer;
mod batches;
mod books;
mod cards;
pub mod explain;
mod figures;
mod grants;
mod keeper;
mod lists;
mod notes;
mod payments;
mod people;
pub mod read;
pub mod restated;
mod returns;
mod rows;
pub mod simulate;
mod tasks;
mod warnings;

use self::keeper::Keeper;
use self::rows::{
    AddressRow, ApplicationRow, AttemptRow, BatchRow, BookRow, CardRow, GrantRow, ItemRow, NoteRow,
    PersonRow, PlanRow, ReturnRow, StepRow, TaskRow, WarningRow,
};
pub use self::rows::{CellRow, FactRow, PastFactRow, RestatedRow};
use crate::engine::{Cached, Failure, FoldError, Happened, Projection, Record, Store, Table};
use crate::facts::Fact;

pub const NAME: &str = "indicators";

/// What was told of a thing before, for the facts that later events tell of it.
#[derive(Default)]
struct Known {
    people: Cached<PersonRow>,
    applications: Cached<ApplicationRow>,
    cards: Cached<CardRow>,
    addresses: Cached<AddressRow>,
    grants: Cached<GrantRow>,
    items: Cached<ItemRow>,
    plans: Cached<PlanRow>,
    batches: Cached<BatchRow>,
    attempts: Cached<AttemptRow>,
    steps: Cached<StepRow>,
    returns: Cached<ReturnRow>,
    books: Cached<BookRow>,
    warnings: Cached<WarningRow>,
    tasks: Cached<TaskRow>,
    notes: Cached<NoteRow>,
}

#[derive(Default)]
pub struct Indicators {
    keeper: Keeper,
    known: Known,
}

impl Projection for Indicators {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        4
    }

    fn tables(&self) -> Vec<&'static Table> {
        let mut tables = Keeper::tables();
        tables.extend([
            PersonRow::TABLE,
            ApplicationRow::TABLE,
            CardRow::TABLE,
            AddressRow::TABLE,
            GrantRow::TABLE,
            ItemRow::TABLE,
            PlanRow::TABLE,
            BatchRow::TABLE,
            AttemptRow::TABLE,
            StepRow::TABLE,
            ReturnRow::TABLE,
            BookRow::TABLE,
            WarningRow::TABLE,
            TaskRow::TABLE,
            NoteRow::TABLE,
        ]);
        tables
    }

    /// Figures of money are made of it.
    fn failure(&self) -> Failure {
        Failure::Stop
    }

    fn categories(&self) -> &'static [&'static str] {
        &[
            "person",
            "employer",
            "organisation",
            "application",
            "card",
            "address",
            "grant",
            "plan",
            "part",
            "batch",
            "return",
            "account",
            "definition",
            "day",
            "figures",
            "warning",
            "import",
            "feed",
            "note",
        ]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        let (keeper, known) = (&mut self.keeper, &mut self.known);
        let mut teller = keeper.teller(happened, store);
        match happened.fact {
            Fact::Person(event) => people::person(&mut teller, known, event),
            Fact::Employer(event) => lists::employer(&mut teller, event),
            Fact::Organisation(event) => lists::organisation(&mut teller, event),
            Fact::CardApplication(event) => cards::application(&mut teller, known, event),
            Fact::Card(event) => cards::card(&mut teller, known, event),
            Fact::PayAddress(event) => cards::address(&teller, known, event),
            Fact::Grant(event) => grants::grant(&mut teller, known, event),
            Fact::Plan(event) => payments::plan(&mut teller, known, event),
            Fact::Part(event) => payments::part(&mut teller, known, event),
            Fact::Batch(event) => {
                payments::batch(&mut teller, known, event)?;
                batches::batch(&mut teller, known, event)?;
                tasks::batch(&mut teller, known, event)
            }
            Fact::ReturnCase(event) => returns::case(&mut teller, known, event),
            Fact::Import(event) => tasks::import(&mut teller, known, event),
            Fact::Feed(event) => tasks::feed(&mut teller, known, event),
            Fact::Note(event) => notes::note(&mut teller, known, event),
            Fact::Account(event) => books::account(&mut teller, known, event),
            Fact::Definition(event) => lists::definition(&mut teller, known, event),
            Fact::Figures(event) => figures::figures(&mut teller, event),
            Fact::Warning(event) => warnings::warning(&mut teller, known, event),
            _ if happened.recorded.stream.category() == "day" => teller.day_opened(),
            // The other contexts tell no facts of these kinds.
            _ => Ok(()),
        }
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        self.keeper.flush(store)?;
        let known = &mut self.known;
        known.people.flush(store)?;
        known.applications.flush(store)?;
        known.cards.flush(store)?;
        known.addresses.flush(store)?;
        known.grants.flush(store)?;
        known.items.flush(store)?;
        known.plans.flush(store)?;
        known.batches.flush(store)?;
        known.attempts.flush(store)?;
        known.steps.flush(store)?;
        known.returns.flush(store)?;
        known.books.flush(store)?;
        known.warnings.flush(store)?;
        known.tasks.flush(store)?;
        known.notes.flush(store)?;
        Ok(())
    }

    fn forget(&mut self) {
        *self = Self::default();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::<Self>::default()
    }
}
