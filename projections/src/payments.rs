//! The line register 发放明细 and the payment matrix 发放矩阵: who is owed what, and how far it got.
//!
//! A line is one obligation in the run that planned it; an attempt is what one bank was told. The
//! matrix counts payments (人次) and money; people (人数) are counted from the lines, because one
//! person stands in several items and months.
//!
//! | question | file |
//! |---|---|
//! | What is kept? | [`rows`] |
//! | What does an event change? | [`fold`] |
//! | What can be asked? | [`read`] |
//! | What was ever paid, with what was before the cut-over? | [`served`] |
//!
//! **Invariant** in every cell instructed = paid + returned + not replied, and each figure is the
//! sum of the lines that stand in it.

mod fold;
mod read;
mod rows;
mod served;

use disbursement::plan;

pub(crate) use self::fold::{plan_of_batch, plan_of_part};
pub use self::read::{
    Dimension, LineFilter, PartSums, PeopleBy, cells, excluded, excluded_counts, excluded_of, line,
    line_totals, lines, parts, people, people_in_groups, totals,
};
pub use self::rows::{
    AttemptRow, CellRow, CountRow, ExcludedRow, LineRow, LineState, OpeningObligationRow,
    OpeningRow, RunRow,
};
pub use self::served::{Served, openings, served, served_by_item};
use crate::engine::{Cached, Failure, FoldError, Happened, Projection, Record, Store, Table};
use crate::facts::Fact;

pub const NAME: &str = "payments";

#[derive(Default)]
pub struct Payments {
    lines: Cached<LineRow>,
    attempts: Cached<AttemptRow>,
    cells: Cached<CellRow>,
    runs: Cached<RunRow>,
    excluded: Cached<ExcludedRow>,
    counts: Cached<CountRow>,
    openings: Cached<OpeningRow>,
    opening_obligations: Cached<OpeningObligationRow>,
}

impl Projection for Payments {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        3
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![
            LineRow::TABLE,
            AttemptRow::TABLE,
            CellRow::TABLE,
            RunRow::TABLE,
            ExcludedRow::TABLE,
            CountRow::TABLE,
            OpeningRow::TABLE,
            OpeningObligationRow::TABLE,
        ]
    }

    fn failure(&self) -> Failure {
        Failure::Stop
    }

    fn categories(&self) -> &'static [&'static str] {
        &["plan", "part", "batch", "obligation", "opening"]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        match happened.fact {
            Fact::Plan(plan::Event::Opened(header)) => {
                self.runs.put(RunRow {
                    plan: happened.subject().to_owned(),
                    item: header.item,
                    month: header.month,
                    fund: header.fund,
                });
                Ok(())
            }
            Fact::Plan(plan::Event::Cancelled { .. }) => self.cancelled(happened.subject(), store),
            Fact::Part(event) => self.part(happened, event, store),
            Fact::Batch(event) => self.batch(happened, event, store),
            Fact::Obligation(event) => self.obligation(happened, event, store),
            Fact::Opening(event) => self.opening(happened, event, store),
            _ => Ok(()),
        }
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        self.lines.flush(store)?;
        self.attempts.flush(store)?;
        self.cells.flush(store)?;
        self.runs.flush(store)?;
        self.excluded.flush(store)?;
        self.counts.flush(store)?;
        self.openings.flush(store)?;
        self.opening_obligations.flush(store)?;
        Ok(())
    }

    fn forget(&mut self) {
        *self = Self::default();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::<Self>::default()
    }
}
