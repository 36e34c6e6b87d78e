//! What banks say: slips, replies, money that comes back, statements; and the certificate.

use disbursement::batch::{self, Batch, Outcome, Row, Said};
use disbursement::certificate::{BookBridge, Certificate, ItemBridge};
use disbursement::obligation::{self, Obligation};
use disbursement::period::{self, Period};
use disbursement::statement::{self, Difference, Direction, Statement};
use disbursement::{Ledger, account};
use shared::{BankCode, Money, Month, ReplyId, ReturnReason};
use uuid::Uuid;

use crate::steps::{part_id, period_id, post};
use crate::town::{Asked, Town};
use crate::world::*;

/// Rows of a reply that are settled at once.
pub const CHUNK: usize = 2;

pub fn paid(row: u32, seq: u32, amount: Money) -> Row {
    Row { row, seq: Some(seq), amount, said: Said::Paid { serial: format!("S{row}-{seq}") } }
}

pub fn returned(row: u32, seq: u32, amount: Money, reason: ReturnReason) -> Row {
    Row { row, seq: Some(seq), amount, said: Said::Returned { reason } }
}

impl Town {
    pub fn debit(&mut self, id: &str) -> Asked {
        let amount = self.streams.batches[id].total.unwrap();
        let slip = format!("slip-{}", self.next());
        self.unit("kuai", |unit| {
            let (slip, on) = (slip.clone(), day());
            unit.ask::<Batch>(id, batch::Command::Debit { slip, amount, on })?;
            let moves = [(Ledger::F, TRANSIT, CASH, amount)];
            post(unit, voucher("batch_debited", &moves), Some(id.to_owned()))
        })?;
        self.unstated.push((slip, id.to_owned(), amount));
        Ok(())
    }

    pub fn receive(&mut self, id: &str, rows: Vec<Row>) -> Result<ReplyId, String> {
        let number = self.next();
        let reply = ReplyId::from_uuid(Uuid::from_u128(u128::from(number)));
        let (artefact, lines) = (artefact(number), rows.len() as u32);
        let file = format!("HP{number}.txt");
        let receive = batch::Command::ReceiveReply { reply, artefact, file, lines };
        self.ask_batch("bank", id, receive)?;
        self.replies.push((id.to_owned(), reply, rows));
        Ok(reply)
    }

    /// The next chunk of a reply; none is left: it is applied.
    pub fn settle(&mut self, reply: ReplyId) -> Asked {
        let known = self.replies.iter().find(|(_, id, _)| *id == reply);
        let (id, _, rows) = known.cloned().ok_or("the reply is applied")?;
        let batch = self.streams.batches[&id].clone();
        let chunk = batch.replies.iter().find(|known| known.id == reply).unwrap().chunks;
        let Some(results) = rows.chunks(CHUNK).nth(chunk as usize).map(<[Row]>::to_vec) else {
            return self.apply(&id, &batch, reply);
        };
        let (header, settled) = (batch.header.clone().unwrap(), batch.settle(&results));
        self.unit("bank", |unit| {
            unit.ask::<Batch>(&id, batch::Command::Settle { reply, chunk, results })?;
            for returned in &settled.returned {
                let attempt = &batch.line(returned.seq).unwrap().attempt;
                let obligation = attempt.obligation(header.item, header.month).to_string();
                let give_back = obligation::Command::Return {
                    attempt: attempt.number,
                    batch: id.clone(),
                    reason: returned.reason,
                    amount: attempt.amount,
                };
                unit.ask::<Obligation>(&obligation, give_back)?;
            }
            Ok(())
        })
    }

    fn apply(&mut self, id: &str, batch: &Batch, reply: ReplyId) -> Asked {
        let header = batch.header.clone().unwrap();
        let part = &self.streams.parts[&part_id(&header.plan, header.part)];
        let lines = batch.lines.iter();
        let paid = lines.filter(|line| line.result == Outcome::Paid && line.said_by == Some(reply));
        let (net, kept) = paid.fold((Money::ZERO, Money::ZERO), |(net, kept), line| {
            let line = &part.lines[line.attempt.line as usize];
            (net + line.net(), kept + line.deductions)
        });
        let moves = [
            (Ledger::F, SPENT, TRANSIT, net),
            (Ledger::F, SPENT, DEDUCTED, kept),
            (Ledger::M, "M2001", "M1001", net),
            (Ledger::F, RETURNED, TRANSIT, batch.counts(reply).unwrap().returned),
        ];
        self.unit("bank", |unit| {
            unit.ask::<Batch>(id, batch::Command::ApplyReply { reply })?;
            let voucher = voucher("reply_applied", &moves);
            if voucher.entries.is_empty() { Ok(()) } else { post(unit, voucher, None) }
        })?;
        self.replies.retain(|(_, known, _)| *known != reply);
        Ok(())
    }

    pub fn give_back(&mut self, id: &str, amount: Money) -> Asked {
        let serial = format!("back-{}", self.next());
        self.unit("kuai", |unit| {
            unit.ask::<Batch>(id, batch::Command::ReturnMoney { serial, amount, on: day() })?;
            let moves = [(Ledger::F, CASH, RETURNED, amount)];
            post(unit, voucher("return_money_received", &moves), None)
        })
    }

    /// A day of a bank's account: the debits it has not stated yet, and a credit that nobody
    /// expects. The first `settled` lines are looked at; the statement's id.
    pub fn state(&mut self, bank: BankCode, settled: usize) -> Result<String, String> {
        let of_bank = format!("-{bank}-");
        let (stated, rest): (Vec<_>, Vec<_>) =
            self.unstated.iter().cloned().partition(|(_, batch, _)| batch.contains(&of_bank));
        let number = self.next();
        let (opening, mut balance) = (yuan(100_000), yuan(100_000));
        let mut lines = Vec::new();
        for (slip, batch, amount) in &stated {
            balance -= *amount;
            let (serial, reference) = (slip.clone(), Some(batch.clone()));
            let (direction, amount) = (Direction::Debit, *amount);
            lines.push(statement::Line { serial, direction, amount, reference, balance });
        }
        balance += yuan(5);
        let (serial, direction) = (format!("stray-{number}"), Direction::Credit);
        let (amount, reference) = (yuan(5), None);
        lines.push(statement::Line { serial, direction, amount, reference, balance });
        let (account, artefact) = (BOOK.to_owned(), artefact(number));
        let (fund, on, closing) = (fund(), day(), balance);
        let header = statement::Header { bank, fund, account, on, opening, closing, artefact };
        let id = format!("{bank}-{fund}-{number}");
        self.unit("kuai", |unit| {
            let imported = lines.clone();
            let import = statement::Command::Import { header, lines: imported };
            unit.ask::<Statement>(&id, import)?;
            for line in lines.into_iter().take(settled) {
                let (serial, expected) = (line.serial, line.amount);
                let command = match line.reference {
                    Some(batch) => statement::Command::Match { serial, batch, expected },
                    None => {
                        let (owner, reason) = ("kuai".to_owned(), Difference::NoBatch);
                        statement::Command::FindDifference { serial, owner, reason }
                    }
                };
                unit.ask::<Statement>(&id, command)?;
            }
            Ok(())
        })?;
        self.unstated = rest;
        Ok(id)
    }

    pub fn resolve(&mut self, id: &str, serial: &str) -> Asked {
        let (serial, by, note) = (serial.to_owned(), "chu".to_owned(), "sent back".to_owned());
        let resolve = statement::Command::Resolve { serial, by, note };
        self.unit("chu", |unit| unit.ask::<Statement>(id, resolve))
    }

    /// Draws up the certificate from the streams.
    pub fn certify(&mut self, month: Month) -> Asked {
        let id = period_id(month);
        let mut item = ItemBridge::EMPTY;
        let plans = self.streams.periods[&id].plans.clone();
        for (id, plan) in plans.iter().map(|id| (id, &self.streams.plans[id])) {
            if plan.stage == disbursement::plan::Stage::Cancelled {
                continue;
            }
            item.gross += plan.totals.gross;
            item.deductions += plan.totals.deductions;
            item.planned_lines += plan.totals.lines;
            for batch in &plan.batches {
                item.add_batch(&self.streams.batches[&batch.batch]);
            }
            for part in &plan.parts {
                let (lines, held) = self.streams.parts[&part_id(id, part.part)].held_totals();
                item.held_lines += lines;
                item.held += held;
            }
        }
        let account = &self.streams.accounts[BOOK];
        let on = |code: &str| account.balance(Ledger::F, code);
        let certificate = Certificate {
            statement_debits: item.instructed,
            item,
            books: vec![BookBridge {
                book: BOOK.to_owned(),
                opening: account.opening.unwrap(),
                appropriated: -on(FISCAL),
                paid: on(SPENT) + on(DEDUCTED),
                in_transit: on(TRANSIT) + on(RETURNED),
                closing: account.cash(),
                unidentified: Money::ZERO,
                sent_back: Money::ZERO,
            }],
            people: 0,
            statement_credits: Money::ZERO,
            open_differences: 0,
            evidence: vec![],
        };
        self.unit("kuai", |unit| unit.ask::<Period>(&id, period::Command::Certify { certificate }))
    }

    pub fn close(&mut self, month: Month) -> Asked {
        let close = period::Command::Close { by: "chu".to_owned() };
        self.unit("chu", |unit| unit.ask::<Period>(&period_id(month), close))
    }

    pub fn close_book(&mut self) -> Asked {
        self.unit("chu", |unit| unit.ask::<account::Account>(BOOK, account::Command::Close))
    }
}
