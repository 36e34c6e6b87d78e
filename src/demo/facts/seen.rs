//! What the facts are read from: read models, at one position; and streams, where what is asked has
//! no read model here.

use std::sync::Arc;

use anyhow::Result;
use benefits::grant::Grant;
use disbursement::obligation::Obligation;
use disbursement::recovery::Recovery;
use disbursement::return_case::ReturnCase;
use kernel::{Decider, Event, Limit, Revision, StreamName};
use projections::Scope;
use projections::engine::ReadSession;
use projections::lists::Only;
use projections::payments::{self, LineRow};
use projections::runs::{self, BatchFilter, BatchRow, PlanFilter, PlanRow};
use projections::warnings::{self, WarningRow};
use shared::{ItemId, Month, ObligationId, RunType};

use crate::demo::office::Office;

/// More than a demo has of anything that is listed here.
const MANY: u32 = 100_000;

pub struct Seen<'a> {
    pub office: &'a Office<'a>,
    pub session: ReadSession,
    pub scope: Scope,
}

impl<'a> Seen<'a> {
    pub fn new(office: &'a Office<'a>) -> Result<Self> {
        let session = office.node.train.views().session()?;
        Ok(Self { office, session, scope: Scope::everything("demo") })
    }

    /// A figure among 20,000 people, in this city.
    pub fn scaled(&self, figure: u32) -> u32 {
        simulations::among(self.office.city.plan().people, figure)
    }

    pub fn plans(&self, item: Option<ItemId>, month: Option<Month>) -> Result<Vec<PlanRow>> {
        let filter = PlanFilter { item, month, ..PlanFilter::default() };
        Ok(runs::plans(&self.session, &self.scope, &filter, None, MANY)?)
    }

    /// The plans of one run type that were not cancelled.
    pub fn run(&self, item: ItemId, month: Month, run: RunType) -> Result<Vec<PlanRow>> {
        let mut plans = self.plans(Some(item), Some(month))?;
        plans.retain(|plan| plan.run == run && plan.stage != "cancelled");
        Ok(plans)
    }

    pub fn batches(&self, plan: &str) -> Result<Vec<BatchRow>> {
        let filter = BatchFilter { plan: Some(plan.to_owned()), ..BatchFilter::default() };
        Ok(runs::batches(&self.session, &self.scope, &filter, None, MANY)?)
    }

    pub fn line(&self, obligation: ObligationId) -> Result<Option<LineRow>> {
        Ok(payments::line(&self.session, &self.scope, obligation)?)
    }

    pub fn warnings(&self, only: &Only) -> Result<Vec<WarningRow>> {
        Ok(warnings::warnings(&self.session, &self.scope, only, MANY)?)
    }

    /// Warnings of one rule.
    pub fn raised(&self, rule: &str) -> Result<Vec<WarningRow>> {
        self.warnings(&Only::equal("rule", &rule.to_owned()))
    }

    pub async fn grant(&self, place: u32) -> Result<Arc<Grant>> {
        self.load::<Grant>(self.office.grant(place).id).await
    }

    pub async fn obligation(&self, id: ObligationId) -> Result<Arc<Obligation>> {
        self.load::<Obligation>(id).await
    }

    pub async fn recovery(&self, id: ObligationId) -> Result<Arc<Recovery>> {
        self.load::<Recovery>(id).await
    }

    pub async fn return_case(&self, id: ObligationId) -> Result<Arc<ReturnCase>> {
        self.load::<ReturnCase>(id.attempt(1)).await
    }

    pub async fn load<D: Decider>(&self, id: impl std::fmt::Display) -> Result<Arc<D>> {
        Ok(self.office.node.executor.load::<D>(id.to_string()).await?.0)
    }

    /// Everything that happened to one thing.
    pub async fn events<D: Decider>(&self, id: impl std::fmt::Display) -> Result<Vec<D::Event>>
    where
        D::Event: Event,
    {
        let stream = StreamName::new(D::CATEGORY, id);
        let (mut events, mut after) = (Vec::new(), Revision::NONE);
        loop {
            let page = self.office.node.log.read_stream(&stream, after, Limit::PAGE).await?;
            let Some(last) = page.last() else { return Ok(events) };
            after = last.revision;
            for recorded in &page {
                events.push(recorded.decode()?);
            }
        }
    }
}

/// A month of 2026.
pub fn month(of: i8) -> Result<Month> {
    Month::new(2026, of).map_err(|fault| anyhow::anyhow!("{fault}"))
}
