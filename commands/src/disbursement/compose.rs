//! Bank files: per part and bank, from lines that nothing came against since they were frozen.
//!
//! **Invariant** no line of a person whose death is reported, whose address changed or who was
//! merged after the freeze gets into a file: it is held instead, and the seal fails if one more
//! such event came in between.

use std::collections::{BTreeMap, BTreeSet};

use definitions::kinds::posting::Occurs;
use disbursement::account::{self, Account};
use disbursement::batch::{self, Attempt, Batch, File};
use disbursement::obligation::{self, Obligation};
use disbursement::part::{self, CHUNK_LINES_MAX, Hold, Part};
use disbursement::plan::{self, ComposedBatch, Header, Plan};
use kernel::process::derived_id;
use kernel::{Position, SinceConflict};
use serde::{Deserialize, Serialize};
use shared::{BankCode, Component, Money, Payee, PersonId};
use uuid::Uuid;

use super::open::not_defined;
use super::ports::{ComposedFile, Instruction, InstructionHeader};
use super::postings::{About, Sums, voucher};
use super::{Disbursement, ids};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::ports::put;
use crate::unit::Unit;

/// What must not have happened to anybody in a file since the population was frozen.
pub(super) const WATCHED: [&str; 5] =
    ["death.*", "person.merged", "person.absorbed", "pay-address.*", "obligation.held"];
/// How often composing looks again when such events keep coming.
const LOOKS_MAX: u32 = 20;

/// What composing came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Composed {
    pub batches: Vec<String>,
    pub instructed: Money,
    pub held_lines: u32,
    pub held: Money,
}

impl Disbursement {
    /// Composes every batch of a funded plan. Cut in the middle and asked again with the same
    /// command id, it goes on where it was.
    ///
    /// # Errors
    /// When the plan is not funded, or a line cannot be unsealed.
    pub async fn compose(
        &self,
        envelope: &Envelope,
        plan_id: &str,
    ) -> Result<Done<Composed>, CommandError> {
        let (plan, header) = self.plan(plan_id).await?;
        let mut seen = plan.frozen_at;
        if plan.stage == plan::Stage::Funded {
            for part in &plan.parts {
                seen = self.compose_part(envelope, plan_id, &header, part.part, seen).await?;
            }
        }
        let last = envelope.step(step_id(envelope, "finish", ""));
        self.executor
            .run(&last, "plan.compose", &plan_id, async |unit| {
                let (plan, _) = unit.load::<Plan>(plan_id).await?;
                let (mut held_lines, mut held, mut netted_lines) = (0, Money::ZERO, 0);
                let mut netted: BTreeMap<Component, Money> = BTreeMap::new();
                for part in &plan.parts {
                    let (part, _) = unit.guard::<Part>(ids::part(plan_id, part.part)).await?;
                    let (lines, amount) = part.held_totals();
                    held_lines += lines;
                    held += amount;
                    for (_, line) in part.netted() {
                        netted_lines += 1;
                        *netted.entry(line.component).or_insert(Money::ZERO) += line.gross;
                    }
                }
                let finish = plan::Command::FinishComposition { held_lines, held, netted_lines };
                unit.decide::<Plan>(plan_id, finish).await?;
                // A freed batch is composed anew, but what deductions took is settled once.
                if plan.freed.is_empty() {
                    self.settle_netted(&unit, plan_id, &header, &netted).await?;
                }
                // What is held was reserved too: it goes back until its own run.
                let book = super::fund::BookKey::of(&header).to_string();
                let (account, _) = unit.load::<Account>(&book).await?;
                let left = account.reservations.get(plan_id).map(account::Reservation::left);
                if left.is_some_and(|left| left.is_positive()) {
                    let release = account::Command::Release { plan: plan_id.to_owned() };
                    unit.decide::<Account>(&book, release).await?;
                }
                Ok(Composed {
                    batches: plan.batches.iter().map(|batch| batch.batch.clone()).collect(),
                    instructed: plan.batches.iter().map(|batch| batch.total).sum(),
                    held_lines,
                    held,
                })
            })
            .await
    }

    /// Lines that pay nobody, because deductions took all of them, are spent without an instruction.
    async fn settle_netted(
        &self,
        unit: &Unit,
        plan_id: &str,
        header: &Header,
        netted: &BTreeMap<Component, Money>,
    ) -> Result<(), CommandError> {
        if netted.is_empty() {
            return Ok(());
        }
        let rules = self.rules(header.month.last_day())?;
        let item = rules.item(header.item).map_err(not_defined)?;
        let book = super::fund::BookKey::of(header).to_string();
        let policy = self.policy_of(&rules, &book, item).await?;
        let about = About {
            item: Some(item),
            month: Some(header.month),
            batch: None,
            reference: format!("plan-{plan_id}"),
            on: unit.business_date(),
        };
        let sums: Vec<Sums> = netted
            .iter()
            .map(|(component, gross)| Sums::Line {
                component: *component,
                gross: *gross,
                deducted: *gross,
                offset: Money::ZERO,
            })
            .collect();
        if let Some(voucher) = voucher(policy, Occurs::LineNetted, &about, &sums)? {
            let book = super::fund::BookKey::of(header).to_string();
            let post = account::Command::Post { fund: header.fund, voucher, settles: None };
            unit.decide::<Account>(&book, post).await?;
        }
        Ok(())
    }

    async fn compose_part(
        &self,
        envelope: &Envelope,
        plan_id: &str,
        header: &Header,
        number: u16,
        mut seen: Position,
    ) -> Result<Position, CommandError> {
        let part_id = ids::part(plan_id, number);
        for look in 0..LOOKS_MAX {
            let (part, _) = self.executor.load::<Part>(&part_id).await?;
            let (plan, _) = self.executor.load::<Plan>(plan_id).await?;
            let mut banks: BTreeMap<BankCode, Vec<u32>> = BTreeMap::new();
            for (place, line) in part.uninstructed() {
                banks.entry(line.bank).or_default().push(place);
            }
            let mut came: Option<Vec<SinceConflict>> = None;
            for (bank, places) in banks {
                let first = ids::batch(plan_id, number, bank, 0);
                let of_bank = first.trim_end_matches('0');
                let freed = plan.freed.iter().filter(|id| id.starts_with(of_bank)).count();
                let id = ids::batch(plan_id, number, bank, freed + 1);
                let part = &part;
                let batch = BatchWork { id, plan_id, header, number, bank, part, places, seen };
                match self.compose_batch(envelope, &batch).await? {
                    Sealed::Yes => {}
                    Sealed::CameBetween(events) => {
                        came = Some(events);
                        break;
                    }
                    Sealed::Unwritable(lines) => {
                        let held = lines.into_iter().map(|place| (place, Hold::BankCharset));
                        let step = format!("charset-{number}-{bank}-{look}");
                        self.hold(envelope, header, &part_id, held.collect(), &step).await?;
                        came = Some(Vec::new());
                        break;
                    }
                }
            }
            let Some(events) = came else { return Ok(seen) };
            if let Some(last) = events.iter().map(|event| event.position).max() {
                let lines = self.affected(&part, header, &events).await?;
                let step = format!("facts-{number}-{last}");
                self.hold(envelope, header, &part_id, lines, &step).await?;
                seen = last;
            }
        }
        Err(CommandError::Unavailable {
            what: "facts about payees keep changing".to_owned(),
            retryable: true,
        })
    }

    /// Which lines an event that came between concerns.
    async fn affected(
        &self,
        part: &Part,
        header: &Header,
        events: &[SinceConflict],
    ) -> Result<Vec<(u32, Hold)>, CommandError> {
        let mut persons: BTreeMap<String, Hold> = BTreeMap::new();
        let mut addresses: BTreeSet<String> = BTreeSet::new();
        let mut obligations: BTreeSet<String> = BTreeSet::new();
        for event in events {
            let id = event.stream.id().to_owned();
            let name = event.type_name.rsplit_once(".v").map_or("", |(name, _)| name);
            match name {
                "death.reported" => drop(persons.insert(id, Hold::DeathReported)),
                "death.confirmed" => drop(persons.insert(id, Hold::DeathConfirmed)),
                "person.merged" | "person.absorbed" => {
                    persons.insert(id, Hold::PersonMerged);
                }
                "pay-address.changed"
                | "pay-address.frozen"
                | "pay-address.verification-failed" => drop(addresses.insert(id)),
                "obligation.held" => drop(obligations.insert(id)),
                // A false death report, a new or verified address: nothing stands against paying.
                _ => {}
            }
        }
        let mut lines = Vec::new();
        for (place, line) in part.uninstructed() {
            let payee = line.payee.and_then(Payee::person);
            let person = |id: PersonId| persons.get(&id.to_string()).copied();
            let reason = person(line.person)
                .or_else(|| payee.and_then(person))
                .or_else(|| {
                    addresses.contains(&line.address.to_string()).then_some(Hold::AddressChanged)
                })
                .or_else(|| {
                    let obligation = line.obligation(header.item, header.month).to_string();
                    obligations.contains(&obligation).then_some(Hold::Ordered)
                });
            lines.extend(reason.map(|reason| (place, reason)));
        }
        Ok(lines)
    }

    /// Takes lines out of the bank files: in the part, and in each obligation's own stream.
    async fn hold(
        &self,
        envelope: &Envelope,
        header: &Header,
        part_id: &str,
        lines: Vec<(u32, Hold)>,
        step: &str,
    ) -> Result<(), CommandError> {
        for (chunk, lines) in lines.chunks(CHUNK_LINES_MAX).enumerate() {
            let step = envelope.step(step_id(envelope, step, &chunk.to_string()));
            let asked: Vec<u32> = lines.iter().map(|(place, _)| *place).collect();
            self.executor
                .run(&step, "part.hold", &(part_id, asked), async |unit| {
                    let (part, _) = unit.load::<Part>(part_id).await?;
                    let hold = part::Command::Hold { lines: lines.to_vec() };
                    unit.decide::<Part>(part_id, hold).await?;
                    for (place, reason) in lines {
                        let Some(line) = part.lines.get(*place as usize) else { continue };
                        let id = line.obligation(header.item, header.month);
                        let (known, _) = unit.load::<Obligation>(id).await?;
                        if matches!(*known, Obligation::Held { .. }) {
                            continue;
                        }
                        let (reason, amount) = (*reason, line.net());
                        let by = envelope.actor.clone();
                        let (attempt, verify_by) = (line.attempt, None);
                        let hold =
                            obligation::Command::Hold { attempt, reason, amount, by, verify_by };
                        unit.decide::<Obligation>(id, hold).await?;
                    }
                    Ok(())
                })
                .await?;
        }
        Ok(())
    }

    async fn compose_batch(
        &self,
        envelope: &Envelope,
        work: &BatchWork<'_>,
    ) -> Result<Sealed, CommandError> {
        let id = work.id.clone();
        let (batch, _) = self.executor.load::<Batch>(&id).await?;
        match batch.stage {
            batch::Stage::Unopened | batch::Stage::Open => {}
            // Composed when this was asked before.
            batch::Stage::Composed
            | batch::Stage::Signed
            | batch::Stage::Sent
            | batch::Stage::Acknowledged
            | batch::Stage::OutcomeUnknown
            | batch::Stage::Rejected => return Ok(Sealed::Yes),
        }
        let file = match self.render(work).await? {
            Ok(file) => file,
            Err(unwritable) => return Ok(Sealed::Unwritable(unwritable)),
        };
        let stored = put(&*self.ports.artefacts, &file.bytes).await.map_err(CommandError::fault)?;
        let file = File {
            artefact: stored.id,
            name: file.name,
            bytes: stored.bytes,
            layout: file.layout,
            layout_digest: file.layout_digest,
        };
        self.seal_batch(envelope, work, &id, file).await
    }

    /// Opens, fills and seals the batch in one append: it is there whole or not at all.
    async fn seal_batch(
        &self,
        envelope: &Envelope,
        work: &BatchWork<'_>,
        id: &str,
        file: File,
    ) -> Result<Sealed, CommandError> {
        let BatchWork { plan_id, header, number, bank, seen, .. } = *work;
        let book = super::fund::BookKey::of(header).to_string();
        let attempts = work.attempts();
        let lines = u32::try_from(attempts.len()).map_err(CommandError::fault)?;
        let total: Money = attempts.iter().map(|attempt| attempt.amount).sum();
        let step = envelope.step(step_id(envelope, "seal", &format!("{id}@{seen}")));
        let outcome = self
            .executor
            .run(&step, "batch.compose", &(id, &file.artefact), async |unit| {
                unit.none_since(WATCHED, seen);
                let opened = batch::Header {
                    plan: plan_id.to_owned(),
                    part: number,
                    bank,
                    item: header.item,
                    month: header.month,
                    account: book.clone(),
                    seen,
                };
                unit.decide::<Batch>(id, batch::Command::Open(opened)).await?;
                for (chunk, lines) in (0..).zip(attempts.chunks(CHUNK_LINES_MAX)) {
                    let lines = lines.to_vec();
                    unit.decide::<Batch>(id, batch::Command::Compose { chunk, lines }).await?;
                }
                let seal = batch::Command::Seal { lines, total, file: file.clone() };
                unit.decide::<Batch>(id, seal).await?;
                let instruct = part::Command::Instruct { bank, batch: id.to_owned(), lines, total };
                unit.decide::<Part>(ids::part(plan_id, number), instruct).await?;
                let (batch, part) = (id.to_owned(), number);
                let record = ComposedBatch { batch, part, bank, lines, total };
                unit.decide::<Plan>(plan_id, plan::Command::RecordBatch(record)).await?;
                let split = account::Command::Split {
                    plan: plan_id.to_owned(),
                    batch: id.to_owned(),
                    amount: total,
                };
                unit.decide::<Account>(&book, split).await?;
                Ok(())
            })
            .await;
        match outcome {
            Ok(_) => Ok(Sealed::Yes),
            Err(CommandError::Conflict(conflicts)) if !conflicts.since.is_empty() => {
                Ok(Sealed::CameBetween(conflicts.since))
            }
            Err(error) => Err(error),
        }
    }

    /// The file's bytes, or the lines that the bank's character set cannot hold.
    async fn render(
        &self,
        work: &BatchWork<'_>,
    ) -> Result<Result<ComposedFile, Vec<u32>>, CommandError> {
        let BatchWork { header, bank, part, .. } = work;
        let wanted: Vec<_> = work
            .lines()
            .map(|(_, line)| (line.person, line.address, line.address_version))
            .collect();
        let head = self.executor.log().head();
        let payees = self.ports.facts.payees(&wanted, head).await.map_err(CommandError::fault)?;
        let clear = self.unseal_all(part, &work.attempts(), &payees)?;
        let mut lines = Vec::with_capacity(clear.len());
        for ((seq, attempt), clear) in (1..).zip(work.attempts()).zip(clear) {
            let obligation =
                part.lines[attempt.line as usize].obligation(header.item, header.month);
            lines.push(Instruction {
                seq,
                attempt: obligation.attempt(attempt.number).to_string(),
                obligation: obligation.to_string(),
                id_number: clear.id_number,
                account: clear.account,
                account_name: clear.account_name,
                amount: attempt.amount,
                month: obligation.month,
            });
        }
        let rules = self.rules(header.month.last_day())?;
        let about = InstructionHeader {
            batch: work.id.clone(),
            agency: header.agency.to_string(),
            division: header.area.division(),
            fund: header.fund.to_string(),
            item: header.item,
            period: header.month,
            bank: *bank,
            made_on: header.pay_day,
        };
        match self.ports.files.instruction(&rules, &about, &lines) {
            Ok(file) => Ok(Ok(file)),
            Err(rejected) => {
                // Two fields of one line may be unwritable: it is held once.
                let places: BTreeSet<u32> = rejected
                    .faults
                    .iter()
                    .filter(|fault| fault.code == "CHARSET")
                    .filter_map(|fault| work.places.get((fault.row? as usize).checked_sub(1)?))
                    .copied()
                    .collect();
                if places.is_empty() {
                    return Err(Refused::of_file(&rejected.faults).into());
                }
                Ok(Err(places.into_iter().collect()))
            }
        }
    }
}

/// One batch on its way.
struct BatchWork<'a> {
    id: String,
    plan_id: &'a str,
    header: &'a Header,
    number: u16,
    bank: BankCode,
    part: &'a Part,
    /// Places of its lines in the part.
    places: Vec<u32>,
    /// What was looked at lies at or before this.
    seen: Position,
}

impl BatchWork<'_> {
    fn lines(&self) -> impl Iterator<Item = (u32, &disbursement::Line)> {
        self.places.iter().map(|place| (*place, &self.part.lines[*place as usize]))
    }

    fn attempts(&self) -> Vec<Attempt> {
        self.lines()
            .map(|(place, line)| Attempt {
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
}

enum Sealed {
    Yes,
    CameBetween(Vec<SinceConflict>),
    /// Places in the part.
    Unwritable(Vec<u32>),
}

fn step_id(envelope: &Envelope, step: &str, what: &str) -> Uuid {
    let parts = [envelope.command_id.as_bytes(), step.as_bytes(), what.as_bytes()];
    derived_id("compose", &parts.map(|part: &[u8]| part))
}
