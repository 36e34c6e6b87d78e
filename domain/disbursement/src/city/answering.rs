//! From the keys to the close: the banks answer, and some of what they say is wrong.

use std::collections::BTreeSet;

use shared::{FundCode, ItemId, Money, Month, ReplyId, ReturnReason};
use uuid::Uuid;

use super::world::*;
use super::{City, Fact};
use crate::account::{self, Account};
use crate::batch::{self, Batch, Outcome, Row, Said};
use crate::certificate::{BookBridge, Certificate, ItemBridge};
use crate::ledger::Ledger;
use crate::obligation::{self, Obligation};
use crate::period::{self, Period};
use crate::statement::{self, Difference, Direction, Settling, Statement};
use crate::walk::Dice;

/// What a bank will state of an account.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Movement {
    serial: String,
    direction: Direction,
    amount: Money,
    batch: Option<String>,
}

/// Rows of a reply that are settled at once.
const CHUNK: usize = 3;

impl City {
    pub(super) fn advance_batch(&mut self, id: &str, item: ItemId, dice: &mut Dice<'_>) {
        let batch = self.streams.batches[id].clone();
        match batch.stage {
            batch::Stage::Unopened | batch::Stage::Open | batch::Stage::Rejected => {}
            batch::Stage::Composed | batch::Stage::Signed if self.names_the_dead(id) => {
                let (by, reason) = (STAFF[0].to_owned(), "a death came in".to_owned());
                self.unit(|unit| {
                    unit.decide::<Batch>(id, batch::Command::Withdraw { by, reason })?;
                    Self::free(unit, id)
                });
            }
            batch::Stage::Composed => {
                let plan = &self.streams.plans[&batch.header.clone().unwrap().plan];
                let (role, holder) = match batch.signers.len() {
                    0 => ("accountant", plan.acted.last().map_or("", |(_, by)| by)),
                    _ => ("cashier", STAFF[4]),
                };
                let (anyone, any) = (dice.one_of(&STAFF), dice.one_of(&["accountant", "cashier"]));
                let (role, by) = if dice.rarely(2) { (any, anyone) } else { (role, holder) };
                let sign = batch::Command::Sign {
                    by: by.to_owned(),
                    role: role.to_owned(),
                    signature: "3045".to_owned(),
                    plan_actors: plan.acted.clone(),
                };
                self.unit(|unit| unit.decide::<Batch>(id, sign));
            }
            batch::Stage::Signed => {
                let by = STAFF[4].to_owned();
                self.unit(|unit| unit.decide::<Batch>(id, batch::Command::Send { by }));
            }
            batch::Stage::Sent | batch::Stage::Acknowledged | batch::Stage::OutcomeUnknown => {
                self.ask_the_bank(id, &batch, item, dice);
            }
        }
    }

    fn ask_the_bank(&mut self, id: &str, batch: &Batch, item: ItemId, dice: &mut Dice<'_>) {
        let reason = "the line was cut".to_owned();
        // The slip is waited for before anything else.
        let waits = batch.debited.is_none() && dice.rarely(2);
        match if waits { dice.one_of(&[4, 4, 4, 2, 3]) } else { dice.below(12) } {
            0 | 1 => {
                let reference = "BANK-1".to_owned();
                self.unit(|unit| {
                    unit.decide::<Batch>(id, batch::Command::Acknowledge { reference })
                });
            }
            2 => {
                self.unit(|unit| unit.decide::<Batch>(id, batch::Command::LoseOutcome { reason }));
            }
            3 => {
                self.unit(|unit| {
                    unit.decide::<Batch>(id, batch::Command::Reject { reason })?;
                    Self::free(unit, id)
                });
            }
            4 | 5 => self.debit(id, batch, item, dice),
            6 | 7 => self.receive(id, batch, dice),
            8 => self.give_back(id, batch, item, dice),
            9 | 10 if batch.returned().0 > 0 => self.give_back(id, batch, item, dice),
            _ => self.settle(id, item, dice),
        }
    }

    fn debit(&mut self, id: &str, batch: &Batch, item: ItemId, dice: &mut Dice<'_>) {
        let total = batch.total.unwrap();
        let amount = if dice.rarely(3) { total + yuan(1) } else { total };
        let (fund, slip) = (fund(item), format!("slip-{}", self.next()));
        let account = book(fund);
        let done = self.unit(|unit| {
            unit.decide::<Batch>(
                id,
                batch::Command::Debit { slip: slip.clone(), amount, on: day() },
            )?;
            let moves = [(Ledger::F, TRANSIT, CASH, total)];
            let voucher = voucher("batch_debited", Some(item), &moves);
            let settles = Some(id.to_owned());
            unit.decide::<Account>(&account, account::Command::Post { fund, voucher, settles })
        });
        if done {
            self.state(id, batch, slip, Direction::Debit, amount);
        }
    }

    fn give_back(&mut self, id: &str, batch: &Batch, item: ItemId, dice: &mut Dice<'_>) {
        let (_, returned) = batch.returned();
        let left = returned - batch.money_returned.unwrap_or(Money::ZERO);
        let amount = if dice.rarely(3) { left + yuan(1_000) } else { left };
        let (fund, serial) = (fund(item), format!("back-{}", self.next()));
        let account = book(fund);
        let done = self.unit(|unit| {
            let (serial, on) = (serial.clone(), day());
            unit.decide::<Batch>(id, batch::Command::ReturnMoney { serial, amount, on })?;
            let moves = [(Ledger::F, CASH, RETURNED, amount)];
            let voucher = voucher("return_money_received", Some(item), &moves);
            unit.decide::<Account>(
                &account,
                account::Command::Post { fund, voucher, settles: None },
            )
        });
        if done {
            self.state(id, batch, serial, Direction::Credit, amount);
        }
    }

    fn state(
        &mut self,
        id: &str,
        batch: &Batch,
        serial: String,
        direction: Direction,
        amount: Money,
    ) {
        let header = batch.header.clone().unwrap();
        let batch = Some(id.to_owned());
        let key = (header.bank, fund(header.item));
        let movement = Movement { serial, direction, amount, batch };
        self.unstated.entry(key).or_default().push(movement);
    }

    /// A reply that tells the truth about most lines; some rows twice, some otherwise than before,
    /// some with another amount, some of nobody.
    fn receive(&mut self, id: &str, batch: &Batch, dice: &mut Dice<'_>) {
        let number = self.next();
        let reply = ReplyId::from_uuid(Uuid::from_u128(u128::from(number)));
        let mut rows = Vec::new();
        for (seq, line) in (1..).zip(&batch.lines) {
            let mut amount = line.attempt.amount;
            let said = match dice.below(8) {
                0 => continue,
                1 | 2 => Said::Returned { reason: ReturnReason::AccountClosed },
                3 => Said::Returned { reason: ReturnReason::NameMismatch },
                4 => {
                    amount += yuan(1);
                    Said::Paid { serial: format!("{number}-{seq}") }
                }
                _ => Said::Paid { serial: format!("{number}-{seq}") },
            };
            let row = rows.len() as u32 + 1;
            rows.push(Row { row, seq: Some(seq), amount, said });
        }
        if dice.rarely(3)
            && let Some(row) = rows.first().cloned()
        {
            rows.push(row);
        }
        if dice.rarely(3) {
            let said = Said::Returned { reason: ReturnReason::Other };
            let seq = dice.one_of(&[None, Some(0), Some(99)]);
            rows.push(Row { row: rows.len() as u32 + 1, seq, amount: yuan(7), said });
        }
        let artefact = artefact(if dice.rarely(8) { number.saturating_sub(2) } else { number });
        let lines = rows.len() as u32;
        let receive =
            batch::Command::ReceiveReply { reply, artefact, file: "HP.txt".to_owned(), lines };
        if self.unit(|unit| unit.decide::<Batch>(id, receive)) {
            self.facts.push(Fact::Said(reply, rows.clone()));
            self.replies.insert(reply, (id.to_owned(), rows));
        }
    }

    /// The next chunk of any reply of the batch, in whatever order they came.
    fn settle(&mut self, id: &str, item: ItemId, dice: &mut Dice<'_>) {
        let open: Vec<ReplyId> =
            self.replies.iter().filter(|(_, (of, _))| of == id).map(|(reply, _)| *reply).collect();
        if open.is_empty() {
            return;
        }
        let reply = dice.one_of(&open);
        let rows = self.replies[&reply].1.clone();
        let batch = self.streams.batches[id].clone();
        let chunk = batch.replies.iter().find(|known| known.id == reply).unwrap().chunks;
        match rows.chunks(CHUNK).nth(chunk as usize) {
            Some(rows) => self.settle_chunk(id, &batch, reply, chunk, rows.to_vec()),
            None => self.apply(id, item, reply),
        }
    }

    fn settle_chunk(
        &mut self,
        id: &str,
        batch: &Batch,
        reply: ReplyId,
        chunk: u32,
        results: Vec<Row>,
    ) {
        let header = batch.header.clone().unwrap();
        let settled = batch.settle(&results);
        self.unit(|unit| {
            unit.decide::<Batch>(id, batch::Command::Settle { reply, chunk, results })?;
            for returned in &settled.returned {
                let attempt = &batch.line(returned.seq).unwrap().attempt;
                let obligation = attempt.obligation(header.item, header.month).to_string();
                let give_back = obligation::Command::Return {
                    attempt: attempt.number,
                    batch: id.to_owned(),
                    reason: returned.reason,
                    amount: attempt.amount,
                };
                unit.decide::<Obligation>(&obligation, give_back)?;
            }
            Ok(())
        });
    }

    fn apply(&mut self, id: &str, item: ItemId, reply: ReplyId) {
        let batch = self.streams.batches[id].clone();
        let header = batch.header.clone().unwrap();
        let part = &self.streams.parts[&format!("{}-{}", header.plan, header.part)];
        let paid = batch
            .lines
            .iter()
            .filter(|line| line.result == Outcome::Paid && line.said_by == Some(reply));
        let (gross, deducted) = paid.fold((Money::ZERO, Money::ZERO), |(gross, deducted), line| {
            let line = &part.lines[line.attempt.line as usize];
            (gross + line.gross, deducted + line.deductions)
        });
        let returned = batch.counts(reply).unwrap().returned;
        let moves = [
            (Ledger::F, SPENT, TRANSIT, gross - deducted),
            (Ledger::F, SPENT, DEDUCTED, deducted),
            (Ledger::M, "M2001", "M1001", gross - deducted),
            (Ledger::F, RETURNED, TRANSIT, returned),
        ];
        let (fund, account) = (fund(item), book(fund(item)));
        let done = self.unit(|unit| {
            unit.decide::<Batch>(id, batch::Command::ApplyReply { reply })?;
            let voucher = voucher("reply_applied", Some(item), &moves);
            if voucher.entries.is_empty() {
                return Ok(());
            }
            unit.decide::<Account>(
                &account,
                account::Command::Post { fund, voucher, settles: None },
            )
        });
        if done {
            self.replies.remove(&reply);
        }
    }

    /// A day of each bank's account; sometimes with a credit that nobody expects.
    pub(super) fn statement_of_the_day(&mut self, fund: FundCode, dice: &mut Dice<'_>) {
        let bank = bank(dice.below(2));
        let mut movements = self.unstated.get(&(bank, fund)).cloned().unwrap_or_default();
        let number = self.next();
        if dice.rarely(2) {
            let (serial, direction) = (format!("stray-{number}"), Direction::Credit);
            movements.push(Movement { serial, direction, amount: yuan(5), batch: None });
        }
        let (opening, mut balance) = (yuan(100_000), yuan(100_000));
        let mut lines = Vec::new();
        for Movement { serial, direction, amount, batch } in &movements {
            match direction {
                Direction::Debit => balance -= *amount,
                Direction::Credit => balance += *amount,
            }
            lines.push(statement::Line {
                serial: serial.clone(),
                direction: *direction,
                amount: *amount,
                reference: batch.clone(),
                balance,
            });
        }
        let closing = if dice.rarely(8) { balance + yuan(1) } else { balance };
        let (account, artefact) = (book(fund), artefact(number));
        let header =
            statement::Header { bank, fund, account, on: day(), opening, closing, artefact };
        let id = format!("{bank}-{fund}-{number}");
        let done = self.unit(|unit| {
            unit.decide::<Statement>(&id, statement::Command::Import { header, lines })?;
            movements.iter().try_for_each(|Movement { serial, amount, batch, .. }| {
                let (serial, owner) = (serial.clone(), STAFF[3].to_owned());
                let command = match batch.clone() {
                    Some(batch) => statement::Command::Match { serial, batch, expected: *amount },
                    None => {
                        let reason = Difference::NoBatch;
                        statement::Command::FindDifference { serial, owner, reason }
                    }
                };
                unit.decide::<Statement>(&id, command)
            })
        });
        if done {
            self.unstated.remove(&(bank, fund));
        }
    }

    pub(super) fn resolve_difference(&mut self, dice: &mut Dice<'_>) {
        let lines: Vec<(String, String)> = self
            .streams
            .statements
            .iter()
            .flat_map(|(id, day)| day.settled.keys().map(|serial| (id.clone(), serial.clone())))
            .collect();
        if lines.is_empty() {
            return;
        }
        let (id, serial) = dice.one_of(&lines);
        let (by, note) = (STAFF[3].to_owned(), "sent back".to_owned());
        let resolve = statement::Command::Resolve { serial, by, note };
        self.unit(|unit| unit.decide::<Statement>(&id, resolve));
    }

    /// Draws up the certificate from the streams, sometimes with a slip, and now and then closes.
    pub(super) fn certify(&mut self, item: ItemId, month: Month, dice: &mut Dice<'_>) {
        let id = format!("{item}-{month}");
        let Some(period) = self.streams.periods.get(&id).cloned() else { return };
        let all = period.certificates.last().is_some_and(|last| last.item.unreplied.is_zero());
        if !period.certificates.is_empty() && dice.rarely(if all { 3 } else { 16 }) {
            let by = STAFF[3].to_owned();
            self.unit(|unit| unit.decide::<Period>(&id, period::Command::Close { by }));
            return;
        }
        let mut certificate = self.draw_up(&period, fund(item));
        if dice.rarely(4) {
            certificate.item.paid += Money::from_fen(1);
        }
        self.unit(|unit| unit.decide::<Period>(&id, period::Command::Certify { certificate }));
    }

    fn draw_up(&self, period: &Period, fund: FundCode) -> Certificate {
        let mut bridge = ItemBridge::EMPTY;
        let mut ours = BTreeSet::new();
        for plan in period.plans.iter().filter_map(|id| self.streams.plans.get(id)) {
            bridge.gross += plan.totals.gross;
            bridge.deductions += plan.totals.deductions;
            bridge.planned_lines += plan.totals.lines;
            for batch in plan.batches.iter().filter_map(|b| self.streams.batches.get(&b.batch)) {
                bridge.add_batch(batch);
            }
            ours.extend(plan.batches.iter().map(|batch| batch.batch.clone()));
        }
        for id in &period.plans {
            for part in
                (0..PARTS).filter_map(|part| self.streams.parts.get(&format!("{id}-{part}")))
            {
                let (lines, held) = part.held_totals();
                bridge.held_lines += lines;
                bridge.held += held;
            }
        }
        let stated = |wanted: Direction| -> Money {
            let days = self.streams.statements.values();
            days.flat_map(|day| day.lines.iter().map(move |line| (day, line)))
                .filter(|(_, line)| line.direction == wanted)
                .filter(|(day, line)| match day.settled.get(&line.serial) {
                    Some(Settling::Matched { batch }) => ours.contains(batch),
                    Some(
                        Settling::Shared { .. }
                        | Settling::Entered { .. }
                        | Settling::Different { .. }
                        | Settling::Cleared { .. }
                        | Settling::Resolved { .. },
                    )
                    | None => false,
                })
                .map(|(_, line)| line.amount)
                .sum()
        };
        let account = &self.streams.accounts[&book(fund)];
        let on = |code: &str| account.balance(Ledger::F, code);
        Certificate {
            item: bridge,
            books: vec![BookBridge {
                book: book(fund),
                opening: account.opening.unwrap(),
                appropriated: -on(FISCAL),
                // Spending is gross; what was kept back for third parties is still here.
                paid: on(SPENT) + on(DEDUCTED),
                in_transit: on(TRANSIT) + on(RETURNED),
                closing: account.cash(),
                unidentified: Money::ZERO,
                sent_back: Money::ZERO,
            }],
            people: 0,
            statement_debits: stated(Direction::Debit),
            statement_credits: stated(Direction::Credit),
            open_differences: 0,
            evidence: vec![],
        }
    }
}
