//! Every event type and every refusal of every decider, at least twenty times each.

mod cases;
mod money;
mod treasury;

use std::collections::BTreeSet;

use kernel::Position;
use shared::{Component, Money, ReplyId, ReturnReason};
use uuid::Uuid;

use crate::account;
use crate::batch::{self, Attempt, Batch, File, Row, Said};
use crate::certificate::Broken;
use crate::city::world::{
    artefact, bank, book, day, fund, grant, header, item, line, month, person, yuan,
};
use crate::line::{Excluded, Exclusion, Totals};
use crate::obligation::{self, Obligation};
use crate::part::{self, Hold, Part};
use crate::period;
use crate::plan::{self, ComposedBatch, PartTotals, Plan, Step};
use crate::statement;
use crate::walk::{Dice, covers};

fn reason(dice: &mut Dice<'_>) -> String {
    dice.one_of(&["a reason", "a reason", "a reason", " "]).to_owned()
}

fn by(dice: &mut Dice<'_>) -> String {
    dice.one_of(&["a", "b", "c", "d", "e", "f"]).to_owned()
}

/// What fits the state, and one time in five anything.
fn fitting(dice: &mut Dice<'_>, fits: &[usize], all: usize) -> usize {
    if dice.rarely(5) { dice.below(all) } else { dice.one_of(fits) }
}

#[test]
fn a_plan_meets_every_case() {
    covers::<Plan>(next_for_plan, plan::Error::code, plan::Error::CODES);
}

fn next_for_plan(plan: &Plan, dice: &mut Dice<'_>) -> plan::Command {
    use plan::{Command, Stage};
    let fits: &[usize] = match plan.stage {
        Stage::Unopened => &[0],
        Stage::Open => &[1, 1, 1, 10],
        Stage::Frozen if plan.parts.len() < 2 => &[2, 2, 2, 3],
        Stage::Frozen => &[3],
        Stage::Calculated => &[4, 4, 4, 12],
        Stage::InReview => &[5, 5, 5, 5, 5, 5, 5, 6],
        Stage::Approved => &[7],
        Stage::Funded => &[8, 8, 9, 9, 11, 10],
        Stage::Composed => &[11, 9, 10],
        Stage::Cancelled => &[0],
    };
    let sum = yuan(100);
    let totals = Totals { lines: 1, gross: sum, deductions: Money::ZERO };
    match fitting(dice, fits, 13) {
        0 => {
            let mut header = header(item(0), month(1), 1);
            if dice.rarely(4) {
                header.chain = vec![Step { role: "checker".to_owned(), above: Some(sum) }];
            }
            Command::Open(header)
        }
        1 => Command::Freeze { at: Position(1), grants: 2, digest: "d".to_owned() },
        2 => {
            let part = dice.one_of(&[0, 1, 1]);
            let empty = dice.rarely(4);
            let (grants, excluded) = if empty { (0, 1) } else { (1, dice.one_of(&[0, 0, 0, 1])) };
            let totals = if empty { Totals::default() } else { totals };
            Command::RecordPart(PartTotals { part, grants, totals, excluded })
        }
        3 => Command::FinishCalculation,
        4 => Command::Submit { by: by(dice) },
        5 => Command::Review {
            role: if dice.rarely(6) { "cashier" } else { plan.next_role().unwrap_or("x") }
                .to_owned(),
            by: by(dice),
            address_editors: BTreeSet::from(["f".to_owned()]),
        },
        6 => Command::SendBack {
            role: plan.next_role().unwrap_or("x").to_owned(),
            by: by(dice),
            reason: reason(dice),
        },
        7 => {
            let amount = plan.totals.net() + if dice.rarely(3) { sum } else { Money::ZERO };
            Command::ReserveFunds { account: "book".to_owned(), amount }
        }
        8 => Command::RecordBatch(ComposedBatch {
            batch: dice.one_of(&["one", "two", "three"]).to_owned(),
            part: dice.one_of(&[0, 1, 1, 7]),
            bank: bank(0),
            lines: 1,
            total: sum,
        }),
        9 => {
            let out = plan.batches.len() as u32;
            let held_lines = plan.totals.lines.saturating_sub(out) + u32::from(dice.rarely(4));
            let held = Money::from_fen(sum.fen() * i64::from(held_lines));
            Command::FinishComposition { held_lines, held, netted_lines: 0 }
        }
        10 => Command::Cancel { by: by(dice), reason: reason(dice) },
        11 => Command::FreeBatch { batch: dice.one_of(&["one", "two", "three"]).to_owned() },
        _ => Command::ApproveElsewhere { origin: reason(dice), reference: "p-1".to_owned() },
    }
}

#[test]
fn a_part_meets_every_case() {
    covers::<Part>(next_for_part, part::Error::code, part::Error::CODES);
}

fn next_for_part(part: &Part, dice: &mut Dice<'_>) -> part::Command {
    use part::Command;
    let fits: &[usize] = match (part.sealed, part.lines.len()) {
        (false, 0..3) => &[0],
        (false, _) => &[0, 1],
        (true, _) => &[2, 2, 3, 3, 4, 5, 5],
    };
    match fitting(dice, fits, 6) {
        0 => {
            let next = part.lines.len() as u128 + 1;
            let mut first = line(next);
            first.gross = dice.one_of(&[first.gross, first.gross, first.gross, Money::ZERO]);
            let second = line(next + dice.one_of(&[1, 1, 1, 0]));
            let mut lines = vec![first, second];
            if dice.rarely(5) {
                lines = vec![line(1); part::CHUNK_LINES_MAX + 1];
            } else if dice.rarely(6) {
                lines = vec![line(1)];
            }
            let gone = Excluded { grant: grant(50), person: person(50), reason: Exclusion::Dead };
            let excluded = vec![gone; dice.below(2)];
            Command::Calculate { chunk: part.chunks + u32::from(dice.rarely(6)), lines, excluded }
        }
        1 => Command::Seal,
        2 => {
            let place = dice.below(8) as u32;
            Command::Hold { lines: vec![(place, dice.one_of(&Hold::ALL))] }
        }
        3 => {
            let bank = bank(dice.below(2));
            let own = part.payable().map(|(_, line)| line).filter(|line| line.bank == bank);
            let own = Totals::of(own);
            let lines = own.lines + u32::from(dice.rarely(4));
            Command::Instruct { bank, batch: format!("to-{bank}"), lines, total: own.net() }
        }
        4 => Command::Free { batch: format!("to-{}", bank(dice.below(2))) },
        _ => {
            let held: Vec<u32> = part.held.keys().copied().chain([0, 7]).collect();
            Command::Release { lines: vec![dice.one_of(&held)] }
        }
    }
}

#[test]
fn a_batch_meets_every_case() {
    covers::<Batch>(next_for_batch, batch::Error::code, batch::Error::CODES);
}

fn next_for_batch(batch: &Batch, dice: &mut Dice<'_>) -> batch::Command {
    use batch::{Command, Stage};
    let fits: &[usize] = match batch.stage {
        Stage::Unopened => &[0],
        Stage::Open if batch.lines.len() < 3 => &[1, 1, 1, 2],
        Stage::Open => &[1, 2, 2],
        Stage::Composed => &[3, 3, 3, 3, 3, 3, 3, 5, 13, 16],
        Stage::Signed => &[5, 5, 5, 5, 13],
        Stage::Sent | Stage::Acknowledged | Stage::OutcomeUnknown if batch.debited.is_none() => {
            &[6, 7, 8, 9, 9, 10, 11, 14, 17, 17, 18, 18]
        }
        Stage::Sent | Stage::Acknowledged | Stage::OutcomeUnknown => {
            &[6, 7, 8, 9, 10, 10, 11, 11, 11, 11, 12, 12, 4, 4, 4, 14, 15, 15, 15, 15, 18]
        }
        Stage::Rejected => &[7],
    };
    let last = batch.replies.last();
    let reply = |known: Option<&batch::Reply>, dice: &mut Dice<'_>| match known {
        Some(known) if !dice.rarely(8) => known.id,
        Some(_) | None => ReplyId::from_uuid(Uuid::from_u128(99)),
    };
    match fitting(dice, fits, 19) {
        0 => Command::Open(batch::Header {
            plan: "plan".to_owned(),
            part: 0,
            bank: bank(0),
            item: item(0),
            month: month(1),
            account: book(fund(item(0))),
            seen: kernel::Position(7),
        }),
        1 => {
            let next = batch.lines.len() as u32;
            let attempt = |line: u32, amount| Attempt {
                line,
                person: person(u128::from(line)),
                component: Component::whole(),
                month: None,
                adjustment: 0,
                number: 1,
                amount,
            };
            let amount = dice.one_of(&[yuan(10), yuan(10), yuan(10), Money::ZERO]);
            let mut lines = vec![attempt(next, amount)];
            if dice.rarely(4) {
                lines.push(lines[0].clone());
            }
            if dice.rarely(6) {
                lines = vec![attempt(next, amount); batch::CHUNK_LINES_MAX + 1];
            }
            Command::Compose { chunk: batch.chunks + u32::from(dice.rarely(6)), lines }
        }
        2 => {
            let (lines, total) = batch.sum(|_| true);
            let lines = lines + u32::from(dice.rarely(4));
            let file = File {
                artefact: artefact(1),
                name: "pay.txt".to_owned(),
                bytes: 1,
                layout: "neutral".to_owned(),
                layout_digest: String::new(),
            };
            Command::Seal { lines, total, file }
        }
        3 => Command::Sign {
            by: by(dice),
            role: dice.one_of(&["accountant", "cashier", "checker"]).to_owned(),
            signature: "3045".to_owned(),
            plan_actors: ["handler", "checker", "accountant"]
                .iter()
                .zip(["a", "b", "c"])
                .map(|(role, by)| ((*role).to_owned(), by.to_owned()))
                .collect(),
        },
        4 => Command::ApplyReply { reply: reply(last, dice) },
        5 => Command::Send { by: by(dice) },
        6 => Command::Acknowledge { reference: "B1".to_owned() },
        7 => Command::Reject { reason: reason(dice) },
        8 => Command::LoseOutcome { reason: reason(dice) },
        9 => {
            let total = batch.total.unwrap_or(Money::ZERO);
            let amount = if dice.rarely(3) { total + yuan(1) } else { total };
            Command::Debit { slip: "S1".to_owned(), amount, on: day() }
        }
        10 => {
            let number = batch.replies.len() as u32 + u32::from(!dice.rarely(4));
            let reply = ReplyId::from_uuid(Uuid::from_u128(u128::from(number)));
            Command::ReceiveReply {
                reply,
                artefact: artefact(number),
                file: "HP.txt".to_owned(),
                lines: 1,
            }
        }
        11 => {
            let chunks = last.map_or(0, |reply| reply.chunks) + u32::from(dice.rarely(6));
            let said = match dice.below(2) {
                0 => Said::Paid { serial: "1".to_owned() },
                _ => Said::Returned { reason: ReturnReason::AccountClosed },
            };
            let row = Row { row: 1, seq: Some(1 + dice.below(3) as u32), amount: yuan(10), said };
            let rows = if dice.rarely(6) { batch::CHUNK_LINES_MAX + 1 } else { 1 };
            Command::Settle { reply: reply(last, dice), chunk: chunks, results: vec![row; rows] }
        }
        12 => Command::ReturnMoney {
            serial: dice.one_of(&["x", "y", "z"]).to_owned(),
            amount: dice.one_of(&[yuan(1), yuan(1), yuan(100)]),
            on: day(),
        },
        13 => Command::Withdraw { by: by(dice), reason: reason(dice) },
        14 => {
            let answers = [
                batch::Answer::Unknown,
                batch::Answer::Received { reference: "B1".to_owned() },
                batch::Answer::Refused { reason: reason(dice) },
            ];
            Command::Query { by: by(dice), answer: dice.one_of(&answers) }
        }
        16 => Command::SendElsewhere { origin: reason(dice), reference: "b-1".to_owned() },
        17 => {
            let token = dice.one_of(&["t1", "t2"]).to_owned();
            Command::BeginHandover { ready: "pay.txt.OK".to_owned(), token }
        }
        18 => Command::FinishHandover {
            found: dice.one_of(&[batch::Found::Ready, batch::Found::Taken]),
        },
        _ => Command::ReturnLate {
            seq: dice.one_of(&[1, 1, 1, 1, 2, 9]),
            reason: ReturnReason::AccountClosed,
            reference: reason(dice),
            on: day(),
        },
    }
}

#[test]
fn an_obligation_meets_every_case() {
    covers::<Obligation>(next_for_obligation, obligation::Error::code, obligation::Error::CODES);
}

fn next_for_obligation(obligation: &Obligation, dice: &mut Dice<'_>) -> obligation::Command {
    use obligation::Command;
    let attempt = dice.one_of(&[0, 0, 0, 1, 2]) + obligation.due() - 1;
    let (attempt, amount, by) = (attempt.max(dice.one_of(&[1, 1, 0])), yuan(10), by(dice));
    let reason = dice.one_of(&Hold::ALL);
    let part = dice.one_of(&["p", "p", "q"]).to_owned();
    let found = obligation::Overpayment {
        attempt,
        amount: dice.one_of(&[amount, amount, amount, Money::ZERO]),
        person: person(1),
        fund: fund(item(0)),
        book: book(fund(item(0))),
        reason: obligation::NotOwed::AfterDeath,
        by: by.clone(),
    };
    match dice.below(12) {
        0 => Command::Hold { attempt, reason, amount, by, verify_by: None },
        1 => {
            let part = Some(part).filter(|_| dice.rarely(2));
            Command::Release { by, reason: self::reason(dice), part }
        }
        2 => Command::Take { part, amount: dice.one_of(&[amount, amount, yuan(9)]) },
        3 => Command::Free { part },
        4 => Command::PassOn { amount: found.amount, died_in: month(1) },
        5 => Command::Cancel { reason: obligation::NotOwed::AfterDeath, by },
        6 => Command::Reinstate { by, reason: self::reason(dice) },
        7 => Command::FindOverpayment(found),
        8 => Command::WithdrawOverpayment { by, reason: self::reason(dice) },
        9 => {
            let other = line(9).obligation(item(0), month(1));
            let paid = Some(found).filter(|_| dice.rarely(2));
            Command::FindDuplicate { other, paid, by }
        }
        10 => {
            let approver = dice.one_of(&["a", "b"]).to_owned();
            Command::Order { amount: found.amount, reason: self::reason(dice), by, approver }
        }
        _ => {
            let (batch, reason) = ("batch".to_owned(), ReturnReason::AccountClosed);
            Command::Return { attempt, batch, reason, amount }
        }
    }
}

#[test]
fn every_code_is_said_once_in_chinese_and_english() {
    let codes = [
        plan::Error::CODES,
        part::Error::CODES,
        batch::Error::CODES,
        obligation::Error::CODES,
        crate::return_case::Error::CODES,
        crate::heirs::Error::CODES,
        crate::deduction::Error::CODES,
        crate::comparison::Error::CODES,
        account::Error::CODES,
        statement::Error::CODES,
        crate::recovery::Error::CODES,
        crate::opening::Error::CODES,
        crate::restoration::Error::CODES,
        crate::feed::Error::CODES,
        period::Error::CODES,
        Broken::CODES,
    ]
    .concat();
    let distinct: BTreeSet<&str> = codes.iter().copied().collect();
    assert_eq!(distinct.len(), codes.len());
    let refused = plan::Error::Stage { is: plan::Stage::Open, needs: plan::Stage::Funded };
    assert_eq!(refused.zh(), "发放计划当前为“已建立”，此操作须在“资金已预留”时办理");
    assert_eq!(refused.to_string(), "the plan is Open, this needs Funded");
}
