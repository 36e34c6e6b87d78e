//! The bank answers: the file is kept first, then its rows are applied chunk by chunk.
//!
//! **Invariant** a row changes a line that is unknown, and nothing else: what was said before is
//! counted, what contradicts it opens a difference, what is not ours is listed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use definitions::kinds::posting::Occurs;
use disbursement::account::{self, Account};
use disbursement::batch::{self, Batch, Outcome, Row, Said};
use disbursement::obligation::{self, NotOwed, Obligation, Overpayment};
use disbursement::part::{CHUNK_LINES_MAX, Part};
use disbursement::period::{self, Period};
use disbursement::plan::Header as Plan;
use disbursement::return_case::Outcome as CaseEnd;
use kernel::process::{chunk_id, derived_id};
use serde::{Deserialize, Serialize};
use shared::{BankCode, Component, Money, Month, ObligationId, ReplyId};

use super::books::living_book;
use super::open::not_defined;
use super::ports::{ParsedReply, ReplyRow};
use super::postings::{About, Sums, voucher};
use super::waiting::{self, Purse};
use super::{Disbursement, ids, returns};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::ports::{get, put};
use crate::unit::Unit;

const REPLY_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// How many closed item-periods may lie before the open one.
const MONTHS_LATE_MAX: u32 = 24;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyReceipt {
    pub reply: ReplyId,
    pub batch: String,
    pub rows: u32,
    /// The file was received before: this is its first receipt.
    pub before: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyApplied {
    pub paid_lines: u32,
    pub paid: Money,
    pub returned_lines: u32,
    pub returned: Money,
    pub duplicates: u32,
    pub contradictions: u32,
    pub strangers: u32,
    /// Lines of the batch about which no reply has said anything yet.
    pub unreplied_lines: u32,
}

impl Disbursement {
    /// Takes a reply file: kept as it came, checked as a whole, nothing applied yet.
    ///
    /// # Errors
    /// Every fault of the file; a batch that is not ours or was not sent.
    pub async fn receive_reply(
        &self,
        envelope: &Envelope,
        bank: BankCode,
        name: &str,
        bytes: &[u8],
    ) -> Result<Done<ReplyReceipt>, CommandError> {
        let stored = put(&*self.ports.artefacts, bytes).await.map_err(CommandError::fault)?;
        let rules = self.rules(self.executor.today()?)?;
        let parsed = self.ports.files.reply(&rules, bank, name, bytes);
        let parsed = parsed.map_err(|rejected| Refused::of_file(&rejected.faults))?;
        let (batch, header) = self.batch(&parsed.batch).await.map_err(|_| unknown_batch(name))?;
        if header.bank != bank {
            return Err(unknown_batch(name));
        }
        let rows = u32::try_from(parsed.rows.len()).map_err(CommandError::fault)?;
        let (id, artefact) = (parsed.batch, stored.id);
        if let Some(known) = batch.replies.iter().find(|known| known.artefact == artefact) {
            let result = ReplyReceipt { reply: known.id, batch: id, rows, before: true };
            return Ok(Done {
                position: self.executor.log().head(),
                result,
                replayed: true,
                dry_run: envelope.dry_run,
                revision: None,
                planned: Vec::new(),
            });
        }
        let reply = ReplyId::from_uuid(derived_id("reply", &[artefact.as_str().as_bytes()]));
        self.executor
            .run(envelope, "reply.receive", &(bank, &id, artefact), async |unit| {
                let file = name.to_owned();
                let receive = batch::Command::ReceiveReply { reply, artefact, file, lines: rows };
                unit.decide::<Batch>(&id, receive).await?;
                Ok(ReplyReceipt { reply, batch: id.clone(), rows, before: false })
            })
            .await
    }

    /// Applies a received reply. Cut in the middle and asked again with the same command id, it
    /// goes on where it was.
    ///
    /// # Errors
    /// While the batch is not debited: the reply waits.
    pub async fn apply_reply(
        &self,
        envelope: &Envelope,
        batch_id: &str,
        reply: ReplyId,
    ) -> Result<Done<ReplyApplied>, CommandError> {
        let (batch, header) = self.batch(batch_id).await?;
        let received = batch.replies.iter().find(|known| known.id == reply);
        let received = received
            .ok_or_else(|| CommandError::NotFound { what: "reply", id: reply.to_string() })?;
        if !received.applied {
            let bytes = get(&*self.ports.artefacts, received.artefact, REPLY_BYTES_MAX)
                .await
                .map_err(CommandError::fault)?;
            let rules = self.rules(header.month.last_day())?;
            let parsed = self.ports.files.reply(&rules, header.bank, &received.file, &bytes);
            let parsed = parsed.map_err(|rejected| Refused::of_file(&rejected.faults))?;
            let rows = rows(&batch, &header, parsed);
            let (_, plan) = self.plan(&header.plan).await?;
            let target = Target { batch_id, header: &header, plan: &plan };
            let pieces = rows.chunks(CHUNK_LINES_MAX).enumerate();
            for (chunk, rows) in pieces.skip(received.chunks as usize) {
                let chunk = u32::try_from(chunk).map_err(CommandError::fault)?;
                let step = envelope.step(chunk_id(reply.uuid(), chunk));
                self.settle_chunk(&step, &target, reply, chunk, rows).await?;
            }
        }
        self.finish_reply(envelope, batch_id, &header, reply).await
    }

    pub(super) async fn settle_chunk(
        &self,
        envelope: &Envelope,
        target: &Target<'_>,
        reply: ReplyId,
        chunk: u32,
        rows: &[Row],
    ) -> Result<(), CommandError> {
        let Target { batch_id, header, plan } = *target;
        let part_id = ids::part(&header.plan, header.part);
        self.executor
            .run(envelope, "reply.settle", &(batch_id, reply, chunk), async |unit| {
                // A late reply to a closed item-period posts to the one that is open.
                posting_month(&unit, plan).await?;
                let (part, _) = unit.load::<Part>(&part_id).await?;
                let watched = watched(&unit, batch_id).await?;
                let purse = Purse { area: plan.area, fund: plan.fund };
                let (batch, _) = unit.load::<Batch>(batch_id).await?;
                let settled = batch.settle(rows);
                let results = rows.to_vec();
                let settle = batch::Command::Settle { reply, chunk, results };
                unit.decide::<Batch>(batch_id, settle).await?;
                for returned in &settled.returned {
                    let Some(line) = batch.line(returned.seq) else { continue };
                    let attempt = &line.attempt;
                    let id = attempt.obligation(header.item, header.month);
                    let give_back = obligation::Command::Return {
                        attempt: attempt.number,
                        batch: batch_id.to_owned(),
                        reason: returned.reason,
                        amount: attempt.amount,
                    };
                    waiting::decide(&unit, purse, id, give_back).await?;
                    if let Some(line) = part.lines.get(attempt.line as usize) {
                        let reason = returned.reason;
                        returns::open_case(&unit, header, batch_id, line, reason, false).await?;
                    }
                    unwatch(&unit, batch_id, &watched, returned.seq, id);
                }
                for paid in &settled.paid {
                    let Some(line) = batch.line(paid.seq) else { continue };
                    let attempt = &line.attempt;
                    let id = attempt.obligation(header.item, header.month);
                    if attempt.number > 1 {
                        let (number, on) = (attempt.number, unit.business_date());
                        returns::close_before(&unit, id, number, CaseEnd::Paid, on).await?;
                    }
                    // A month after a death that was confirmed while the file was out.
                    if watched.contains(&paid.seq) {
                        let found = Overpayment {
                            attempt: attempt.number,
                            amount: attempt.amount,
                            person: attempt.person,
                            fund: plan.fund,
                            book: header.account.clone(),
                            reason: NotOwed::AfterDeath,
                            by: unit.envelope().actor.clone(),
                        };
                        let find = obligation::Command::FindOverpayment(found);
                        unit.decide::<Obligation>(id, find).await?;
                        unwatch(&unit, batch_id, &watched, paid.seq, id);
                    }
                }
                Ok(())
            })
            .await
            .map(|_| ())
    }

    /// Counts what the reply said and posts it: spending of what was paid, and what comes back.
    pub(super) async fn finish_reply(
        &self,
        envelope: &Envelope,
        batch_id: &str,
        header: &batch::Header,
        reply: ReplyId,
    ) -> Result<Done<ReplyApplied>, CommandError> {
        let (_, plan) = self.plan(&header.plan).await?;
        let rules = self.rules(header.month.last_day())?;
        let item = rules.item(header.item).map_err(not_defined)?;
        let policy = self.policy_of(&rules, &header.account, item).await?;
        let part_id = ids::part(&header.plan, header.part);
        let step = envelope.step(chunk_id(reply.uuid(), u32::MAX));
        self.executor
            .run(&step, "reply.apply", &(batch_id, reply), async |unit| {
                let month = posting_month(&unit, &plan).await?;
                unit.decide::<Batch>(batch_id, batch::Command::ApplyReply { reply }).await?;
                let (batch, _) = unit.load::<Batch>(batch_id).await?;
                let (part, _) = unit.load::<Part>(&part_id).await?;
                let about = |occurs| {
                    let about = About {
                        item: Some(item),
                        month: Some(month),
                        batch: Some(batch_id),
                        reference: format!("reply-{reply}"),
                        on: unit.business_date(),
                    };
                    (occurs, about)
                };
                let counts = batch.counts(reply).unwrap_or(batch::NOTHING);
                let paid = paid_sums(&batch, &part, reply);
                let returned = [Sums::Total(counts.returned)];
                let work = [
                    (about(Occurs::LinePaid), paid.as_slice()),
                    (about(Occurs::LineReturned), returned.as_slice()),
                ];
                let book = living_book(&unit, &header.account).await?;
                for ((occurs, about), sums) in work {
                    if let Some(voucher) = voucher(policy, occurs, &about, sums)? {
                        let post =
                            account::Command::Post { fund: plan.fund, voucher, settles: None };
                        unit.decide::<Account>(&book, post).await?;
                    }
                }
                let (unreplied_lines, _) = batch.sum(|result| result == Outcome::Unknown);
                Ok(ReplyApplied {
                    paid_lines: counts.paid_lines,
                    paid: counts.paid,
                    returned_lines: counts.returned_lines,
                    returned: counts.returned,
                    duplicates: counts.duplicates,
                    contradictions: counts.contradictions,
                    strangers: counts.strangers,
                    unreplied_lines,
                })
            })
            .await
    }
}

/// The batch that a reply settles, and its plan.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub batch_id: &'a str,
    pub header: &'a batch::Header,
    pub plan: &'a Plan,
}

/// The month that what the bank says now is posted to: the plan's own, or, once that is closed, the
/// next one of the item that is open (INVENTORY 3.4 rule 10).
///
/// # Errors
/// When no later item-period is open.
pub(super) async fn posting_month(unit: &Unit, plan: &Plan) -> Result<Month, CommandError> {
    let mut month = plan.month;
    for _ in 0..MONTHS_LATE_MAX {
        let (period, _) = unit.guard::<Period>(ids::period(plan.item, month, plan.area)).await?;
        match period.stage {
            period::Stage::Open => return Ok(month),
            period::Stage::Closed => month = month.next(),
            period::Stage::Unopened => break,
        }
    }
    Err(Refused::new(
        "NO_OPEN_PERIOD",
        format!("{}账期已关闭且后续账期未开启，请先开启后续账期再处理回盘", plan.month),
        format!("{} is closed and no later item-period is open: open one first", plan.month),
    )
    .param("month", plan.month)
    .into())
}

/// Lines of a batch whose payee was found dead while the file was out, in a month that is not owed.
const WATCH: &str = "overpaid-if-paid:";

pub(crate) fn watch_key(batch_id: &str, seq: u32) -> String {
    format!("{WATCH}{batch_id}/{seq}")
}

async fn watched(unit: &Unit, batch_id: &str) -> Result<BTreeSet<u32>, CommandError> {
    let prefix = format!("{WATCH}{batch_id}/");
    let held = unit.log().claims_from(&prefix, "", CHUNK_LINES_MAX).await?;
    Ok(held.iter().filter_map(|claim| claim.key[prefix.len()..].parse().ok()).collect())
}

fn unwatch(unit: &Unit, batch_id: &str, watched: &BTreeSet<u32>, seq: u32, id: ObligationId) {
    if watched.contains(&seq) {
        unit.release(watch_key(batch_id, seq), format!("obligation-{id}"));
    }
}

/// What this reply paid, by component: each has its own expense account.
fn paid_sums(batch: &Batch, part: &Part, reply: ReplyId) -> Vec<Sums> {
    let mut sums: BTreeMap<Component, (Money, Money)> = BTreeMap::new();
    for line in batch
        .lines
        .iter()
        .filter(|line| line.result == Outcome::Paid && line.said_by == Some(reply))
    {
        let Some(planned) = part.lines.get(line.attempt.line as usize) else { continue };
        let (gross, deducted) = sums.entry(planned.component).or_insert((Money::ZERO, Money::ZERO));
        *gross += planned.gross;
        *deducted += planned.deductions;
    }
    sums.into_iter()
        .map(|(component, (gross, deducted))| Sums::Line {
            component,
            gross,
            deducted,
            offset: Money::ZERO,
        })
        .collect()
}

/// The reply's rows by our own sequence: a layout may carry the attempt instead.
fn rows(batch: &Batch, header: &batch::Header, parsed: ParsedReply) -> Vec<Row> {
    let by_attempt: HashMap<String, u32> = if parsed.rows.iter().any(|row| row.attempt.is_some()) {
        let attempt = |line: &batch::Sent| {
            let attempt = &line.attempt;
            attempt.obligation(header.item, header.month).attempt(attempt.number).to_string()
        };
        (1..).zip(&batch.lines).map(|(seq, line)| (attempt(line), seq)).collect()
    } else {
        HashMap::new()
    };
    let ours = |row: ReplyRow| {
        let said = match row.said? {
            Ok(serial) => Said::Paid { serial },
            Err(reason) => Said::Returned { reason },
        };
        let seq = match &row.attempt {
            Some(attempt) => by_attempt.get(attempt).copied(),
            None => row.seq,
        };
        Some(Row { row: row.row, seq, amount: row.amount, said })
    };
    parsed.rows.into_iter().filter_map(ours).collect()
}

fn unknown_batch(name: &str) -> CommandError {
    Refused::new(
        "REPLY_UNKNOWN_BATCH",
        format!("回盘文件{name}所指批次不存在或不属于该银行，请核对批次号"),
        format!("reply {name} names no batch of this bank: check the batch reference"),
    )
    .field("file")
    .param("file", name)
    .into()
}
