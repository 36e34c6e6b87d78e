//! What stands beside the runs: returned attempts, obligations with a life of their own (held, due to
//! heirs, cancelled, overpaid, ordered), recoveries, deductions, and the comparison lists of plans.
//!
//! | question | file |
//! |---|---|
//! | What is kept? | [`rows`] |
//! | What does an event change? | [`fold`], one file per stream |
//! | What is summed up? | [`read`]; pages are asked of [`crate::lists`] |
//!
//! **Invariant** every row is its stream's own fold; what is owed of a recovery on a day is its sum
//! less the steps up to that day. A row lies in the county of the person's grant of the item: where
//! there is none, only whoever sees every division sees it.

mod fold;
mod read;
mod rows;

pub use self::read::{
    AgeBand, Returned, Standing, heirs_dues, outstanding, overdue_on, owed_on, returned, standing,
};
pub use self::rows::{
    ComparisonEntryRow, ComparisonRow, DeductionKeptRow, DeductionRow, HeirsDueRow, HeirsRow,
    HoldRow, InstalmentRow, ObligationRow, PlaceRow, RecoveryRow, RecoveryStep, RecoveryStepRow,
    ReturnRow,
};
use crate::engine::{Cached, Failure, FoldError, Happened, Projection, Record, Store, Table};
use crate::facts::Fact;

pub const NAME: &str = "cases";

#[derive(Default)]
pub struct Cases {
    places: Cached<PlaceRow>,
    returns: Cached<ReturnRow>,
    obligations: Cached<ObligationRow>,
    holds: Cached<HoldRow>,
    heirs: Cached<HeirsRow>,
    dues: Cached<HeirsDueRow>,
    recoveries: Cached<RecoveryRow>,
    steps: Cached<RecoveryStepRow>,
    instalments: Cached<InstalmentRow>,
    deductions: Cached<DeductionRow>,
    kept: Cached<DeductionKeptRow>,
    comparisons: Cached<ComparisonRow>,
    entries: Cached<ComparisonEntryRow>,
}

impl Projection for Cases {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![
            PlaceRow::TABLE,
            ReturnRow::TABLE,
            ObligationRow::TABLE,
            HoldRow::TABLE,
            HeirsRow::TABLE,
            HeirsDueRow::TABLE,
            RecoveryRow::TABLE,
            RecoveryStepRow::TABLE,
            InstalmentRow::TABLE,
            DeductionRow::TABLE,
            DeductionKeptRow::TABLE,
            ComparisonRow::TABLE,
            ComparisonEntryRow::TABLE,
        ]
    }

    fn failure(&self) -> Failure {
        Failure::Stop
    }

    fn categories(&self) -> &'static [&'static str] {
        &[
            "grant",
            "return",
            "obligation",
            "heirs",
            "recovery",
            "deduction",
            "account",
            "comparison",
        ]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        match happened.fact {
            Fact::Grant(event) => self.granted(event),
            Fact::ReturnCase(event) => self.returned(happened, event, store),
            Fact::Obligation(event) => self.obligation(happened, event, store),
            Fact::Heirs(event) => self.heirs(happened, event, store),
            Fact::Recovery(event) => self.recovery(happened, event, store),
            Fact::Deduction(event) => self.deduction(happened, event, store),
            Fact::Account(event) => self.posted(event, store),
            Fact::Comparison(event) => self.comparison(happened, event, store),
            _ => Ok(()),
        }
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        self.places.flush(store)?;
        self.returns.flush(store)?;
        self.obligations.flush(store)?;
        self.holds.flush(store)?;
        self.heirs.flush(store)?;
        self.dues.flush(store)?;
        self.recoveries.flush(store)?;
        self.steps.flush(store)?;
        self.instalments.flush(store)?;
        self.deductions.flush(store)?;
        self.kept.flush(store)?;
        self.comparisons.flush(store)?;
        self.entries.flush(store)?;
        Ok(())
    }

    fn forget(&mut self) {
        *self = Self::default();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::<Self>::default()
    }
}
