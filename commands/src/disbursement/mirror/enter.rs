//! One external run into plan, parts, batches and books, step by step; each step once.

use std::collections::{BTreeMap, BTreeSet};

use definitions::kinds::fund::Appropriation;
use definitions::kinds::posting::Occurs;
use definitions::{Catalogue, Posting};
use disbursement::account::{self, Account};
use disbursement::batch::{self, Attempt, Batch, File, Row, Said};
use disbursement::feed::{self, Feed};
use disbursement::obligation;
use disbursement::part::{self, CHUNK_LINES_MAX, LINES_MAX, Part};
use disbursement::period::{self, Period};
use disbursement::plan::{self, ComposedBatch, Header, PartTotals, Plan, Step};
use disbursement::{Line, Workings};
use kernel::process::derived_id;
use shared::{ArtefactId, BankCode, GrantId, Money, PayAddressId, PersonId, ReplyId};

use super::file::{ExternalRun, ExternalSaid};
use crate::disbursement::fund::BookKey;
use crate::disbursement::open::not_defined;
use crate::disbursement::opening::{begin_runs, claimed};
use crate::disbursement::postings::{About, Sums, voucher};
use crate::disbursement::reply::Target;
use crate::disbursement::waiting::{self, Purse};
use crate::disbursement::{Disbursement, debit, ids};
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::Done;
use crate::unit::Unit;

/// A run on its way in.
pub(super) struct Work<'a> {
    feed: &'a str,
    artefact: ArtefactId,
    bytes: u64,
    run: &'a ExternalRun,
    lines: Vec<Line>,
}

impl<'a> Work<'a> {
    pub(super) fn new(
        feed: &'a str,
        artefact: ArtefactId,
        bytes: u64,
        run: &'a ExternalRun,
        persons: &[PersonId],
    ) -> Self {
        let lines = run.lines.iter().zip(persons).map(|(external, person)| {
            let id = |what: &str| {
                derived_id(what, &[person.uuid().as_bytes(), run.item.as_str().as_bytes()])
            };
            Line {
                person: *person,
                component: external.component,
                month: external.month.filter(|month| *month != run.month),
                adjustment: external.adjustment,
                attempt: external.attempt,
                // The other system's own: nothing here has them.
                grant: GrantId::from_uuid(id("external-grant")),
                payee: None,
                address: PayAddressId::from_uuid(id("external-address")),
                address_version: 0,
                bank: external.bank,
                county: external.county,
                gross: external.gross,
                deductions: external.deductions,
                workings: Workings { grant_revision: 0, amount_from: run.month },
            }
        });
        let lines = lines.collect();
        Self { feed, artefact, bytes, run, lines }
    }

    fn step(&self, envelope: &Envelope, what: &str, number: u32) -> Envelope {
        let sequence = self.run.sequence.to_be_bytes();
        let number = number.to_be_bytes();
        let parts = [self.feed.as_bytes(), &sequence, what.as_bytes(), &number];
        envelope.step(derived_id("external-run", &parts.map(|part: &[u8]| part)))
    }

    fn parts(&self) -> impl Iterator<Item = (u16, &[Line])> {
        (1..).zip(self.lines.chunks(LINES_MAX))
    }

    fn purse(&self) -> Purse {
        Purse { area: self.run.area, fund: self.run.fund }
    }
}

/// The plan that a run becomes, with its book.
struct Entered<'a> {
    plan: String,
    header: Header,
    book: String,
    rules: &'a Catalogue,
    policy: &'a Posting,
}

impl Disbursement {
    pub(super) async fn enter(
        &self,
        envelope: &Envelope,
        work: &Work<'_>,
    ) -> Result<Done<String>, CommandError> {
        let run = work.run;
        let rules = self.rules(run.month.last_day())?;
        let item = rules.item(run.item).map_err(not_defined)?;
        let envelope = envelope.clone().on(run.paid_on);
        let header = |number: u16| Header {
            item: run.item,
            month: run.month,
            area: run.area,
            run: run.run,
            number,
            fund: run.fund,
            agency: run.agency,
            pay_day: run.paid_on,
            chain: vec![Step { role: run.source.clone(), above: None }],
            amount_min: item.bounds.min,
            amount_max: item.bounds.max,
            pinned: Vec::new(),
        };
        let plan = self.begin(&envelope, work, &header).await?;
        let (state, _) = self.executor.load::<Plan>(&plan).await?;
        let header = state.header.clone().ok_or_else(|| super::super::no_plan(&plan))?;
        let book = BookKey::of(&header).to_string();
        let policy = self.policy_of(&rules, &book, item).await?;
        let entered = Entered { plan, header, book, rules: &rules, policy };
        for (number, lines) in work.parts() {
            self.enter_part(&envelope, work, &entered, number, lines).await?;
        }
        self.enter_funds(&envelope, work, &entered).await?;
        for (index, (number, bank)) in (0..).zip(batches(work)) {
            self.enter_batch(&envelope, work, &entered, index, number, bank).await?;
        }
        let step = work.step(&envelope, "finish", 0);
        self.executor
            .run(&step, "feed.finish", &(work.feed, run.sequence), async |unit| {
                let finish = feed::Command::Finish { sequence: run.sequence };
                unit.decide::<Feed>(work.feed, finish).await?;
                Ok(entered.plan.clone())
            })
            .await
    }

    /// The run's turn in the feed, its item-period and its plan, in one append.
    async fn begin(
        &self,
        envelope: &Envelope,
        work: &Work<'_>,
        header: &impl Fn(u16) -> Header,
    ) -> Result<String, CommandError> {
        let run = work.run;
        let (state, _) = self.executor.load::<Feed>(work.feed).await?;
        if let Some((running, plan)) = &state.running
            && *running == run.sequence
        {
            return Ok(plan.clone());
        }
        drop(state);
        self.unclaimed(work).await?;
        let period_id = ids::period(run.item, run.month, run.area);
        let step = work.step(envelope, "begin", 0);
        let begun = self
            .executor
            .run(&step, "feed.begin", &(work.feed, run.sequence), async |unit| {
                let (period, _) = unit.load::<Period>(&period_id).await?;
                let number = u16::try_from(period.plans.len() + 1).map_err(CommandError::fault)?;
                let unopened = period.stage == period::Stage::Unopened;
                drop(period);
                let plan = ids::plan(run.item, run.month, run.area, number);
                let begin = feed::Command::Begin { sequence: run.sequence, plan: plan.clone() };
                unit.decide::<Feed>(work.feed, begin).await?;
                if unopened {
                    open_period(&unit, work, &period_id).await?;
                }
                let add = period::Command::AddRun { plan: plan.clone() };
                unit.decide::<Period>(&period_id, add).await?;
                unit.decide::<Plan>(&plan, plan::Command::Open(header(number))).await?;
                let grants = work.parts().map(|(_, lines)| grants(lines)).sum();
                let (at, digest) = (unit.log().head(), work.artefact.to_string());
                let freeze = plan::Command::Freeze { at, grants, digest };
                unit.decide::<Plan>(&plan, freeze).await?;
                Ok(plan)
            })
            .await?;
        Ok(begun.result)
    }

    /// Nothing of a run is planned or settled already, but what it pays again.
    async fn unclaimed(&self, work: &Work<'_>) -> Result<(), CommandError> {
        let run = work.run;
        let first = work.lines.iter().filter(|line| line.attempt == 1);
        let keys: Vec<String> =
            first.map(|line| line.obligation(run.item, run.month).claim()).collect();
        let held = self.executor.log().claims(&keys).await?;
        let contested: Vec<&String> =
            keys.iter().zip(&held).filter(|(_, held)| held.is_some()).map(|(key, _)| key).collect();
        if contested.is_empty() { Ok(()) } else { Err(claimed(&contested)) }
    }

    async fn enter_part(
        &self,
        envelope: &Envelope,
        work: &Work<'_>,
        entered: &Entered<'_>,
        number: u16,
        lines: &[Line],
    ) -> Result<(), CommandError> {
        let run = work.run;
        let part_id = ids::part(&entered.plan, number);
        for (chunk, lines) in (0_u32..).zip(lines.chunks(CHUNK_LINES_MAX)) {
            let step = work.step(envelope, &format!("lines-{number}"), chunk);
            self.executor
                .run(&step, "feed.lines", &(&part_id, chunk), async |unit| {
                    for line in lines {
                        let id = line.obligation(run.item, run.month);
                        if line.attempt == 1 {
                            unit.take(id.claim(), format!("part-{part_id}"));
                        } else {
                            let (part, amount) = (part_id.clone(), line.net());
                            let take = obligation::Command::Take { part, amount };
                            waiting::decide(&unit, work.purse(), id, take).await?;
                        }
                    }
                    let (lines, excluded) = (lines.to_vec(), vec![]);
                    let calculate = part::Command::Calculate { chunk, lines, excluded };
                    unit.decide::<Part>(&part_id, calculate).await?;
                    Ok(())
                })
                .await?;
        }
        let step = work.step(envelope, "seal", u32::from(number));
        self.executor
            .run(&step, "feed.seal", &part_id, async |unit| {
                unit.decide::<Part>(&part_id, part::Command::Seal).await?;
                let (part, _) = unit.load::<Part>(&part_id).await?;
                let (grants, totals) = (part.grants(), part.totals);
                let record = PartTotals { part: number, grants, totals, excluded: 0 };
                unit.decide::<Plan>(&entered.plan, plan::Command::RecordPart(record)).await?;
                Ok(())
            })
            .await
            .map(|_| ())
    }

    /// Approved by the other system, with the money that it had.
    async fn enter_funds(
        &self,
        envelope: &Envelope,
        work: &Work<'_>,
        entered: &Entered<'_>,
    ) -> Result<(), CommandError> {
        let run = work.run;
        let Entered { plan, header, book, rules, policy } = entered;
        let fund = rules.fund(run.fund).map_err(not_defined)?;
        let received = match fund.appropriation {
            Appropriation::HigherAgency => Occurs::HigherAppropriationReceived,
            Appropriation::FiscalAccount | Appropriation::EntrustingUnit => {
                Occurs::AppropriationReceived
            }
        };
        let step = work.step(envelope, "funds", 0);
        self.executor
            .run(&step, "feed.funds", &plan, async |unit| {
                unit.decide::<Plan>(plan, plan::Command::FinishCalculation).await?;
                let (origin, reference) = (run.source.clone(), run.reference.clone());
                let approve = plan::Command::ApproveElsewhere { origin, reference };
                unit.decide::<Plan>(plan, approve).await?;
                let (state, _) = unit.load::<Plan>(plan).await?;
                let totals = state.totals;
                drop(state);
                let item = rules.item(run.item).map_err(not_defined)?;
                let on = unit.business_date();
                let approved = About {
                    item: Some(item),
                    month: Some(header.month),
                    batch: None,
                    reference: format!("plan-{plan}"),
                    on,
                };
                let owed = [Sums::Total(totals.gross)];
                let owed = voucher(policy, Occurs::PlanApproved, &approved, &owed)?;
                let reference = run.reference.clone();
                let brought = About { item: None, month: None, batch: None, reference, on };
                let money = [Sums::Total(run.appropriated.unwrap_or(Money::ZERO))];
                let money = voucher(policy, received, &brought, &money)?;
                for voucher in [owed, money].into_iter().flatten() {
                    let post = account::Command::Post { fund: run.fund, voucher, settles: None };
                    unit.decide::<Account>(book, post).await?;
                }
                let (account, amount) = (book.clone(), totals.net());
                let reserve = plan::Command::ReserveFunds { account, amount };
                unit.decide::<Plan>(plan, reserve).await?;
                let bind = account::Command::Reserve { fund: run.fund, plan: plan.clone(), amount };
                unit.decide::<Account>(book, bind).await?;
                Ok(())
            })
            .await
            .map(|_| ())
    }

    /// What one bank was told, took and answered.
    async fn enter_batch(
        &self,
        envelope: &Envelope,
        work: &Work<'_>,
        entered: &Entered<'_>,
        index: u32,
        number: u16,
        bank: BankCode,
    ) -> Result<(), CommandError> {
        let id = ids::batch(&entered.plan, number, bank, 1);
        self.compose_external(envelope, work, entered, index, number, bank).await?;
        let (batch, header) = self.batch(&id).await?;
        let total = batch.total.unwrap_or(Money::ZERO);
        drop(batch);
        let (reference, on) = (work.run.reference.clone(), work.run.paid_on);
        let about = debit::about(entered.rules, entered.policy, &id, &header, work.run.fund)?;
        let step = work.step(envelope, "debit", index);
        self.executor
            .run(&step, "feed.debit", &id, async |unit| {
                debit::debit(&unit, &about, &reference, total, on).await
            })
            .await?;
        self.answer(envelope, work, entered, index, &id, &header).await
    }

    async fn compose_external(
        &self,
        envelope: &Envelope,
        work: &Work<'_>,
        entered: &Entered<'_>,
        index: u32,
        number: u16,
        bank: BankCode,
    ) -> Result<(), CommandError> {
        let Entered { plan, header, book, .. } = entered;
        let part_id = ids::part(plan, number);
        let (part, _) = self.executor.load::<Part>(&part_id).await?;
        let attempts = attempts(&part, bank);
        let lines = u32::try_from(attempts.len()).map_err(CommandError::fault)?;
        let total: Money = attempts.iter().map(|attempt| attempt.amount).sum();
        let id = ids::batch(plan, number, bank, 1);
        let last = batches(work).last() == Some((number, bank));
        let file = File {
            artefact: work.artefact,
            name: work.run.reference.clone(),
            bytes: work.bytes,
            layout: "external-run".to_owned(),
            layout_digest: String::new(),
        };
        let step = work.step(envelope, "batch", index);
        self.executor
            .run(&step, "feed.batch", &id, async |unit| {
                let opened = batch::Header {
                    plan: plan.clone(),
                    part: number,
                    bank,
                    item: header.item,
                    month: header.month,
                    account: book.clone(),
                    seen: unit.log().head(),
                };
                unit.decide::<Batch>(&id, batch::Command::Open(opened)).await?;
                for (chunk, lines) in (0..).zip(attempts.chunks(CHUNK_LINES_MAX)) {
                    let lines = lines.to_vec();
                    unit.decide::<Batch>(&id, batch::Command::Compose { chunk, lines }).await?;
                }
                let seal = batch::Command::Seal { lines, total, file: file.clone() };
                unit.decide::<Batch>(&id, seal).await?;
                let (origin, reference) = (work.run.source.clone(), work.run.reference.clone());
                let send = batch::Command::SendElsewhere { origin, reference };
                unit.decide::<Batch>(&id, send).await?;
                let instruct = part::Command::Instruct { bank, batch: id.clone(), lines, total };
                unit.decide::<Part>(&part_id, instruct).await?;
                let record = ComposedBatch { batch: id.clone(), part: number, bank, lines, total };
                unit.decide::<Plan>(plan, plan::Command::RecordBatch(record)).await?;
                let (batch, amount) = (id.clone(), total);
                let split = account::Command::Split { plan: plan.clone(), batch, amount };
                unit.decide::<Account>(book, split).await?;
                if last {
                    let held = Money::ZERO;
                    let finish =
                        plan::Command::FinishComposition { held_lines: 0, held, netted_lines: 0 };
                    unit.decide::<Plan>(plan, finish).await?;
                }
                Ok(())
            })
            .await
            .map(|_| ())
    }

    /// The results in the file, as a reply of the batch.
    async fn answer(
        &self,
        envelope: &Envelope,
        work: &Work<'_>,
        entered: &Entered<'_>,
        index: u32,
        id: &str,
        header: &batch::Header,
    ) -> Result<(), CommandError> {
        let (batch, _) = self.executor.load::<Batch>(id).await?;
        let offset = usize::from(header.part - 1) * LINES_MAX;
        let mut rows = Vec::new();
        for (seq, line) in (1..).zip(&batch.lines) {
            let Some(external) = work.run.lines.get(offset + line.attempt.line as usize) else {
                continue;
            };
            let said = match &external.said {
                ExternalSaid::Paid { serial } => Said::Paid { serial: serial.clone() },
                ExternalSaid::Returned(reason) => Said::Returned { reason: *reason },
                ExternalSaid::Unknown => continue,
            };
            rows.push(Row { row: external.row, seq: Some(seq), amount: line.attempt.amount, said });
        }
        drop(batch);
        if rows.is_empty() {
            return Ok(());
        }
        let reply = derived_id("external-reply", &[id.as_bytes()]);
        let reply = ReplyId::from_uuid(reply);
        let lines = u32::try_from(rows.len()).map_err(CommandError::fault)?;
        let step = work.step(envelope, "reply", index);
        self.executor
            .run(&step, "feed.reply", &id, async |unit| {
                let (artefact, file) = (work.artefact, work.run.reference.clone());
                let receive = batch::Command::ReceiveReply { reply, artefact, file, lines };
                unit.decide::<Batch>(id, receive).await?;
                Ok(())
            })
            .await?;
        let target = Target { batch_id: id, header, plan: &entered.header };
        for (chunk, rows) in (0_u32..).zip(rows.chunks(CHUNK_LINES_MAX)) {
            let step = work.step(envelope, &format!("settle-{index}"), chunk);
            self.settle_chunk(&step, &target, reply, chunk, rows).await?;
        }
        self.finish_reply(envelope, id, header, reply).await.map(|_| ())
    }
}

async fn open_period(unit: &Unit, work: &Work<'_>, id: &str) -> Result<(), CommandError> {
    let run = work.run;
    let before = ids::period(run.item, run.month.previous(), run.area);
    let (last, _) = unit.guard::<Period>(&before).await?;
    let before = match last.stage {
        period::Stage::Unopened => period::Before::NeverOpened,
        period::Stage::Open => period::Before::Open,
        period::Stage::Closed => period::Before::Closed,
    };
    drop(last);
    // The other system paid already: that is the exception.
    let exception = (before == period::Before::Open)
        .then(|| format!("{} {} / 回流批次", run.source, run.reference));
    let (item, month, area) = (run.item, run.month, run.area);
    let open = period::Command::Open { item, month, area, before, exception };
    unit.decide::<Period>(id, open).await?;
    begin_runs(unit, item, area).await
}

/// Parts and banks of a run, in their order.
fn batches(work: &Work<'_>) -> impl Iterator<Item = (u16, BankCode)> {
    let mut all = BTreeSet::new();
    for (number, lines) in work.parts() {
        all.extend(lines.iter().map(|line| (number, line.bank)));
    }
    all.into_iter()
}

fn attempts(part: &Part, bank: BankCode) -> Vec<Attempt> {
    let of = part.payable().filter(|(_, line)| line.bank == bank);
    of.map(|(place, line)| Attempt {
        line: place,
        person: line.person,
        component: line.component,
        month: line.month,
        adjustment: line.adjustment,
        number: line.attempt,
        amount: line.net(),
    })
    .collect()
}

/// Distinct grants of a part's lines.
fn grants(lines: &[Line]) -> u32 {
    let grants: BTreeMap<GrantId, ()> = lines.iter().map(|line| (line.grant, ())).collect();
    u32::try_from(grants.len()).expect("a part holds at most 50,000 lines")
}
