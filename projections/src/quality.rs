//! How well banks and the office did: returns, silence and speed of each bank by month
//! 银行代发质量, and what was paid in full by its pay day 按时足额发放率.
//!
//! | question | file |
//! |---|---|
//! | What is kept? | [`rows`] |
//! | What does an event change? | [`fold`] |
//! | What can be asked? | [`read`] |
//!
//! **Invariant** of what was sent and not refused, instructed = paid + returned + unknown, for each
//! bank, month and area.

mod fold;
mod read;
mod rows;

pub use self::read::{BankQuality, Promptness, banks, promptness};
pub use self::rows::{BankMonthRow, PromptRow, QualityBatchRow};
use crate::engine::{Cached, Failure, FoldError, Happened, Projection, Record, Store, Table};
use crate::facts::Fact;

pub const NAME: &str = "quality";

#[derive(Default)]
pub struct Quality {
    batches: Cached<QualityBatchRow>,
    banks: Cached<BankMonthRow>,
    plans: Cached<PromptRow>,
}

impl Projection for Quality {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![QualityBatchRow::TABLE, BankMonthRow::TABLE, PromptRow::TABLE]
    }

    fn failure(&self) -> Failure {
        Failure::Stop
    }

    fn categories(&self) -> &'static [&'static str] {
        &["plan", "batch"]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        match happened.fact {
            Fact::Plan(event) => self.plan(happened, event, store),
            Fact::Batch(event) => self.batch(happened, event, store),
            _ => Ok(()),
        }
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        self.batches.flush(store)?;
        self.banks.flush(store)?;
        self.plans.flush(store)?;
        Ok(())
    }

    fn forget(&mut self) {
        *self = Self::default();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::<Self>::default()
    }
}
