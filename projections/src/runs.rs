//! The month at a glance: item-periods, plans and who acted, batches, replies, certificates, and
//! what waits for whom.

use disbursement::{batch, period, plan};
use kernel::{Micros, Position};
use shared::{
    AgencyCode, AreaCode, ArtefactId, BankCode, Date, FundCode, ItemId, Money, Month, ReplyId,
    RunType,
};

use crate::engine::{
    Cached, Failure, FoldError, Happened, Projection, ReadSession, Record, Store, Table, ViewError,
};
use crate::facts::Fact;
use crate::record;
use crate::scope::{Filter, Scope};

pub const NAME: &str = "runs";

record! {
    pub struct PeriodRow in "period" key(period: String) index("month", "item") {
        pub item: ItemId,
        pub month: Month,
        pub area: AreaCode,
        /// `open` or `closed`.
        pub stage: String,
        pub exception: Option<String>,
        pub closed_by: Option<String>,
        pub certificate: Option<u32>,
        pub position: Position,
    }

    /// The certificate as it was drawn up, as JSON.
    pub struct CertificateRow in "certificate" key(period: String, number: u32) {
        pub body: String,
        pub by: String,
        pub at: Micros,
        pub position: Position,
    }

    pub struct PlanRow in "plan" key(plan: String) index("month", "item") index("waits_for", "month") {
        pub period: String,
        pub item: ItemId,
        pub month: Month,
        pub area: AreaCode,
        pub fund: FundCode,
        pub agency: AgencyCode,
        pub run: RunType,
        pub number: u16,
        pub pay_day: Date,
        pub stage: String,
        /// The role whose turn it is, or the step that comes next.
        pub waits_for: Option<String>,
        /// Roles still to come after submission, in order.
        pub chain: Vec<String>,
        pub frozen: u32,
        pub frozen_at: Position,
        pub lines: u32,
        pub gross: Money,
        pub deductions: Money,
        pub excluded: u32,
        pub reserved: Money,
        pub account: Option<String>,
        pub instructed_lines: u32,
        pub instructed: Money,
        pub held_lines: u32,
        pub held: Money,
        /// What the chain needs to know to shorten itself: JSON of the steps.
        pub steps: String,
        pub revision: u64,
        pub position: Position,
    }

    /// Who did what to a plan, in order.
    pub struct ActRow in "plan_act" key(plan: String, revision: u64) index("actor") {
        pub act: String,
        pub role: Option<String>,
        pub actor: String,
        pub reason: Option<String>,
        pub at: Micros,
        pub event: uuid::Uuid,
    }

    pub struct BatchRow in "batch" key(batch: String) index("plan") index("stage", "bank") {
        pub plan: String,
        pub part: u16,
        pub bank: BankCode,
        pub item: ItemId,
        pub month: Month,
        pub account: String,
        pub stage: String,
        pub lines: u32,
        pub total: Money,
        pub file: Option<String>,
        pub digest: Option<ArtefactId>,
        pub layout: Option<String>,
        pub signers: Vec<String>,
        pub reference: Option<String>,
        pub debited: Option<Money>,
        pub debited_on: Option<Date>,
        pub slip: Option<String>,
        pub paid_lines: u32,
        pub paid: Money,
        pub returned_lines: u32,
        pub returned: Money,
        pub duplicates: u32,
        pub contradictions: u32,
        pub strangers: u32,
        pub money_returned: Money,
        pub revision: u64,
        pub position: Position,
    }

    pub struct ReplyRow in "reply" key(reply: ReplyId) index("batch") index("applied") {
        pub batch: String,
        pub digest: ArtefactId,
        pub file: String,
        pub rows_count: u32,
        pub applied: bool,
        pub at: Micros,
    }
}

#[derive(Default)]
pub struct Runs {
    periods: Cached<PeriodRow>,
    certificates: Cached<CertificateRow>,
    plans: Cached<PlanRow>,
    acts: Cached<ActRow>,
    batches: Cached<BatchRow>,
    replies: Cached<ReplyRow>,
}

impl Projection for Runs {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![
            PeriodRow::TABLE,
            CertificateRow::TABLE,
            PlanRow::TABLE,
            ActRow::TABLE,
            BatchRow::TABLE,
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
        self.plans.flush(store)?;
        self.acts.flush(store)?;
        self.batches.flush(store)?;
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

impl Runs {
    fn period(
        &mut self,
        happened: &Happened<'_>,
        event: &period::Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let id = happened.subject().to_owned();
        let position = happened.position();
        match event {
            period::Event::Opened { item, month, area, exception } => {
                self.periods.put(PeriodRow {
                    period: id,
                    item: *item,
                    month: *month,
                    area: *area,
                    stage: "open".to_owned(),
                    exception: exception.clone(),
                    closed_by: None,
                    certificate: None,
                    position,
                });
            }
            period::Event::RunAdded { plan } => {
                // The plan's own event follows in the same append.
                let _: &String = plan;
                self.periods.update(&id, store, |row| row.position = position)?;
            }
            period::Event::Certified { number, certificate } => {
                let body = serde_json::to_string(certificate)
                    .map_err(|fault| FoldError::refused(fault.to_string()))?;
                self.certificates.put(CertificateRow {
                    period: id.clone(),
                    number: *number,
                    body,
                    by: happened.meta.actor.clone(),
                    at: happened.recorded.recorded_at,
                    position,
                });
                self.periods.update(&id, store, |row| {
                    (row.certificate, row.position) = (Some(*number), position);
                })?;
            }
            period::Event::Closed { by, .. } => {
                self.periods.update(&id, store, |row| {
                    row.stage = "closed".to_owned();
                    (row.closed_by, row.position) = (Some(by.clone()), position);
                })?;
            }
        }
        Ok(())
    }

    fn plan(
        &mut self,
        happened: &Happened<'_>,
        event: &plan::Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let id = happened.subject().to_owned();
        if let plan::Event::Opened(header) = event {
            self.plans.put(opened(id.clone(), header, happened)?);
        }
        self.plans.update(&id, store, |row| {
            row.apply(event);
            row.revision = happened.recorded.revision.0;
            row.position = happened.position();
        })?;
        if let Some((act, role, reason)) = act(event) {
            self.acts.put(ActRow {
                plan: id,
                revision: happened.recorded.revision.0,
                act: act.to_owned(),
                role,
                actor: happened.meta.actor.clone(),
                reason,
                at: happened.recorded.recorded_at,
                event: happened.recorded.id,
            });
        }
        Ok(())
    }

    fn batch(
        &mut self,
        happened: &Happened<'_>,
        event: &batch::Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let id = happened.subject().to_owned();
        match event {
            batch::Event::Opened(header) => self.batches.put(new_batch(id.clone(), header)),
            batch::Event::ReplyReceived { reply, artefact, file, lines } => {
                self.replies.put(ReplyRow {
                    reply: *reply,
                    batch: id.clone(),
                    digest: *artefact,
                    file: file.clone(),
                    rows_count: *lines,
                    applied: false,
                    at: happened.recorded.recorded_at,
                });
            }
            batch::Event::ReplyApplied { reply, .. } => {
                self.replies.update(reply, store, |row| row.applied = true)?;
            }
            batch::Event::LinesComposed { .. }
            | batch::Event::Composed { .. }
            | batch::Event::Signed { .. }
            | batch::Event::Sent { .. }
            | batch::Event::Acknowledged { .. }
            | batch::Event::Rejected { .. }
            | batch::Event::Withdrawn { .. }
            | batch::Event::OutcomeUnknown { .. }
            | batch::Event::Debited { .. }
            | batch::Event::LinesSettled { .. }
            | batch::Event::MoneyReturned { .. } => {}
        }
        self.batches.update(&id, store, |row| {
            row.apply(event);
            row.revision = happened.recorded.revision.0;
            row.position = happened.position();
        })?;
        Ok(())
    }
}

fn opened(
    plan: String,
    header: &plan::Header,
    happened: &Happened<'_>,
) -> Result<PlanRow, FoldError> {
    let steps = serde_json::to_string(&header.chain)
        .map_err(|fault| FoldError::refused(fault.to_string()))?;
    Ok(PlanRow {
        plan,
        period: format!("{}-{}-{}", header.item, header.month, header.area),
        item: header.item,
        month: header.month,
        area: header.area,
        fund: header.fund,
        agency: header.agency,
        run: header.run,
        number: header.number,
        pay_day: header.pay_day,
        stage: "open".to_owned(),
        waits_for: Some("freeze".to_owned()),
        chain: Vec::new(),
        frozen: 0,
        frozen_at: Position::START,
        lines: 0,
        gross: Money::ZERO,
        deductions: Money::ZERO,
        excluded: 0,
        reserved: Money::ZERO,
        account: None,
        instructed_lines: 0,
        instructed: Money::ZERO,
        held_lines: 0,
        held: Money::ZERO,
        steps,
        revision: happened.recorded.revision.0,
        position: happened.position(),
    })
}

impl PlanRow {
    #[must_use]
    pub fn net(&self) -> Money {
        self.gross - self.deductions
    }

    fn now(&mut self, stage: &str, waits_for: Option<&str>) {
        self.stage = stage.to_owned();
        self.waits_for = waits_for.map(str::to_owned);
    }

    fn apply(&mut self, event: &plan::Event) {
        match event {
            plan::Event::Opened(_) => {}
            plan::Event::PopulationFrozen { at, grants, .. } => {
                (self.frozen_at, self.frozen) = (*at, *grants);
                self.now("frozen", Some("calculate"));
            }
            plan::Event::PartCalculated { .. } => {}
            plan::Event::Calculated { totals, excluded } => {
                (self.lines, self.gross) = (totals.lines, totals.gross);
                (self.deductions, self.excluded) = (totals.deductions, *excluded);
                self.now("calculated", Some("handler"));
            }
            plan::Event::Submitted { .. } => {
                self.chain = self.levels();
                self.next_level();
            }
            plan::Event::Reviewed { .. } => self.next_level(),
            plan::Event::SentBack { .. } => {
                self.chain = Vec::new();
                self.now("calculated", Some("handler"));
            }
            plan::Event::Approved { .. } => self.now("approved", Some("reserve")),
            plan::Event::FundsReserved { account, amount } => {
                (self.account, self.reserved) = (Some(account.clone()), *amount);
                self.now("funded", Some("compose"));
            }
            plan::Event::BatchComposed { .. } => {}
            plan::Event::BatchFreed { .. } => self.now("funded", Some("compose")),
            plan::Event::Composed { instructed_lines, instructed, held_lines, held } => {
                (self.instructed_lines, self.instructed) = (*instructed_lines, *instructed);
                (self.held_lines, self.held) = (*held_lines, *held);
                self.now("composed", None);
            }
            plan::Event::Cancelled { .. } => self.now("cancelled", None),
        }
    }

    fn levels(&self) -> Vec<String> {
        let steps: Vec<plan::Step> = serde_json::from_str(&self.steps).unwrap_or_default();
        let net = self.net();
        steps
            .into_iter()
            .filter(|step| step.above.is_none_or(|above| net > above))
            .map(|step| step.role)
            .collect()
    }

    fn next_level(&mut self) {
        let next = if self.chain.is_empty() { None } else { Some(self.chain.remove(0)) };
        self.now("in_review", next.as_deref());
    }
}

/// What a person did to a plan: the act, the role he did it in, and his reason.
fn act(event: &plan::Event) -> Option<(&'static str, Option<String>, Option<String>)> {
    match event {
        plan::Event::Opened(_) => Some(("opened", None, None)),
        plan::Event::PopulationFrozen { .. } => Some(("frozen", None, None)),
        plan::Event::Calculated { .. } => Some(("calculated", None, None)),
        plan::Event::Submitted { .. } => Some(("submitted", Some("handler".to_owned()), None)),
        plan::Event::Reviewed { role, .. } => Some(("reviewed", Some(role.clone()), None)),
        plan::Event::SentBack { role, reason, .. } => {
            Some(("sent_back", Some(role.clone()), Some(reason.clone())))
        }
        plan::Event::FundsReserved { .. } => Some(("funds_reserved", None, None)),
        plan::Event::Composed { .. } => Some(("composed", None, None)),
        plan::Event::Cancelled { reason, .. } => Some(("cancelled", None, Some(reason.clone()))),
        plan::Event::PartCalculated { .. }
        | plan::Event::Approved { .. }
        | plan::Event::BatchComposed { .. }
        | plan::Event::BatchFreed { .. } => None,
    }
}

fn new_batch(batch: String, header: &batch::Header) -> BatchRow {
    BatchRow {
        batch,
        plan: header.plan.clone(),
        part: header.part,
        bank: header.bank,
        item: header.item,
        month: header.month,
        account: header.account.clone(),
        stage: "open".to_owned(),
        lines: 0,
        total: Money::ZERO,
        file: None,
        digest: None,
        layout: None,
        signers: Vec::new(),
        reference: None,
        debited: None,
        debited_on: None,
        slip: None,
        paid_lines: 0,
        paid: Money::ZERO,
        returned_lines: 0,
        returned: Money::ZERO,
        duplicates: 0,
        contradictions: 0,
        strangers: 0,
        money_returned: Money::ZERO,
        revision: 0,
        position: Position::START,
    }
}

impl BatchRow {
    #[must_use]
    pub fn unreplied_lines(&self) -> u32 {
        self.lines - self.paid_lines - self.returned_lines
    }

    fn apply(&mut self, event: &batch::Event) {
        match event {
            batch::Event::Opened(_) | batch::Event::LinesComposed { .. } => {}
            batch::Event::Composed { lines, total, file } => {
                (self.lines, self.total) = (*lines, *total);
                (self.file, self.digest) = (Some(file.name.clone()), Some(file.artefact));
                self.layout = Some(file.layout.clone());
                "composed".clone_into(&mut self.stage);
            }
            batch::Event::Signed { by, .. } => {
                self.signers.push(by.clone());
                if self.signers.len() == batch::KEYS {
                    "signed".clone_into(&mut self.stage);
                }
            }
            batch::Event::Sent { .. } => "sent".clone_into(&mut self.stage),
            batch::Event::Acknowledged { reference } => {
                self.reference = Some(reference.clone());
                "acknowledged".clone_into(&mut self.stage);
            }
            batch::Event::Rejected { .. } => "rejected".clone_into(&mut self.stage),
            batch::Event::Withdrawn { .. } => "withdrawn".clone_into(&mut self.stage),
            batch::Event::OutcomeUnknown { .. } => "outcome_unknown".clone_into(&mut self.stage),
            batch::Event::Debited { slip, amount, on } => {
                (self.debited, self.debited_on) = (Some(*amount), Some(*on));
                self.slip = Some(slip.clone());
            }
            batch::Event::ReplyReceived { .. } | batch::Event::LinesSettled { .. } => {}
            batch::Event::ReplyApplied { counts, .. } => {
                self.paid_lines += counts.paid_lines;
                self.paid += counts.paid;
                self.returned_lines += counts.returned_lines;
                self.returned += counts.returned;
                self.duplicates += counts.duplicates;
                self.contradictions += counts.contradictions;
                self.strangers += counts.strangers;
            }
            batch::Event::MoneyReturned { amount, .. } => self.money_returned += *amount,
        }
    }
}

/// Item-periods of a month, or all; the newest month first.
///
/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn periods(
    session: &ReadSession,
    scope: &Scope,
    month: Option<Month>,
) -> Result<Vec<PeriodRow>, ViewError> {
    let filter = Filter::new().divisions(scope, "area").and_if("month =", month);
    session.query(&filter.tail("ORDER BY month DESC, item, area LIMIT 1000"), filter.binds())
}

pub fn period(session: &ReadSession, id: &str) -> Result<Option<PeriodRow>, ViewError> {
    session.get(&id.to_owned())
}

pub fn certificates(session: &ReadSession, period: &str) -> Result<Vec<CertificateRow>, ViewError> {
    let filter = Filter::new().and("period =", period);
    session.query(&filter.tail("ORDER BY number"), filter.binds())
}

/// Which plans are asked for; what is absent does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanFilter {
    pub month: Option<Month>,
    pub item: Option<ItemId>,
    pub period: Option<String>,
    pub stage: Option<String>,
    pub waits_for: Option<String>,
}

/// Plans after `after`, by id.
pub fn plans(
    session: &ReadSession,
    scope: &Scope,
    filter: &PlanFilter,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<PlanRow>, ViewError> {
    let filter = Filter::new()
        .divisions(scope, "area")
        .and_if("month =", filter.month)
        .and_if("item =", filter.item)
        .and_if("period =", filter.period.clone())
        .and_if("stage =", filter.stage.clone())
        .and_if("waits_for =", filter.waits_for.clone())
        .and_if("plan >", after);
    session.query(&filter.tail(&format!("ORDER BY plan LIMIT {limit}")), filter.binds())
}

pub fn plan(session: &ReadSession, id: &str) -> Result<Option<PlanRow>, ViewError> {
    session.get(&id.to_owned())
}

/// Who did what to a plan, in order.
pub fn acts(session: &ReadSession, plan: &str) -> Result<Vec<ActRow>, ViewError> {
    let filter = Filter::new().and("plan =", plan);
    session.query(&filter.tail("ORDER BY revision LIMIT 1000"), filter.binds())
}

/// Which batches are asked for; what is absent does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchFilter {
    pub plan: Option<String>,
    pub bank: Option<BankCode>,
    pub month: Option<Month>,
    pub stage: Option<String>,
}

/// Batches after `after`, by id.
pub fn batches(
    session: &ReadSession,
    filter: &BatchFilter,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<BatchRow>, ViewError> {
    let filter = Filter::new()
        .and_if("plan =", filter.plan.clone())
        .and_if("bank =", filter.bank)
        .and_if("month =", filter.month)
        .and_if("stage =", filter.stage.clone())
        .and_if("batch >", after);
    session.query(&filter.tail(&format!("ORDER BY batch LIMIT {limit}")), filter.binds())
}

pub fn batch(session: &ReadSession, id: &str) -> Result<Option<BatchRow>, ViewError> {
    session.get(&id.to_owned())
}

/// Replies that were received, of one batch or those that wait to be applied.
pub fn replies(session: &ReadSession, batch: Option<&str>) -> Result<Vec<ReplyRow>, ViewError> {
    let filter = match batch {
        Some(batch) => Filter::new().and("batch =", batch),
        None => Filter::new().and("applied =", 0_i64),
    };
    session.query(&filter.tail("ORDER BY batch, reply LIMIT 1000"), filter.binds())
}
