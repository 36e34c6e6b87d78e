//! The month at a glance: item-periods, plans and who acted, batches, replies, certificates, and
//! what waits for whom.
//!
//! | question | file |
//! |---|---|
//! | What is kept? | [`rows`] |
//! | Which rows does an event touch? | [`fold`] |
//! | What becomes of an item-period, a plan, a batch? | [`mod@period`], [`mod@plan`], [`mod@batch`] |
//! | What can be asked? | [`read`] |
//!
//! **Invariant** a plan waits for the role that [`disbursement::plan::Plan::next_role`] names, and
//! what it instructed is the sum of its batches that are not freed.

mod batch;
mod fold;
mod period;
mod plan;
mod read;
mod rows;

pub use self::read::{
    BatchFilter, PlanFilter, acts, batch, batch_acts, batches, certificates, period, periods, plan,
    plans, reopenings, replies,
};
pub use self::rows::{
    ActRow, BatchActRow, BatchRow, CertificateRow, PeriodRow, PlanRow, ReopeningRow, ReplyRow,
};
use crate::engine::{Cached, Failure, FoldError, Happened, Projection, Record, Store, Table};
use crate::facts::Fact;

pub const NAME: &str = "runs";

#[derive(Default)]
pub struct Runs {
    periods: Cached<PeriodRow>,
    certificates: Cached<CertificateRow>,
    reopenings: Cached<ReopeningRow>,
    plans: Cached<PlanRow>,
    acts: Cached<ActRow>,
    batches: Cached<BatchRow>,
    batch_acts: Cached<BatchActRow>,
    replies: Cached<ReplyRow>,
}

impl Projection for Runs {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        4
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![
            PeriodRow::TABLE,
            CertificateRow::TABLE,
            ReopeningRow::TABLE,
            PlanRow::TABLE,
            ActRow::TABLE,
            BatchRow::TABLE,
            BatchActRow::TABLE,
            ReplyRow::TABLE,
        ]
    }

    fn failure(&self) -> Failure {
        Failure::Stop
    }

    fn categories(&self) -> &'static [&'static str] {
        &["period", "plan", "batch"]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        match happened.fact {
            Fact::Period(event) => self.period(happened, event, store),
            Fact::Plan(event) => self.plan(happened, event, store),
            Fact::Batch(event) => self.batch(happened, event, store),
            _ => Ok(()),
        }
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        self.periods.flush(store)?;
        self.certificates.flush(store)?;
        self.reopenings.flush(store)?;
        self.plans.flush(store)?;
        self.acts.flush(store)?;
        self.batches.flush(store)?;
        self.batch_acts.flush(store)?;
        self.replies.flush(store)?;
        Ok(())
    }

    fn forget(&mut self) {
        *self = Self::default();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::<Self>::default()
    }
}
