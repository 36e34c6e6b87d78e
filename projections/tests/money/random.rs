//! Over any history that the deciders allow, every table says what the streams say, and a read
//! model filled again equals the live one, in every store the same.

use std::collections::BTreeMap;

use disbursement::part::Hold;
use disbursement::plan::{Command, Stage};
use disbursement::{
    Excluded, Exclusion, account, batch, obligation, part, period, plan, statement,
};
use kernel::Event as _;
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use shared::{Month, ReturnReason};

use crate::answers::{paid, returned};
use crate::compare::compare;
use crate::steps::{part_id, plan_id};
use crate::stores::{On, same};
use crate::town::{Asked, NAMES, Town};
use crate::world::*;

const PEOPLE: u128 = 8;
const STAFF: [&str; 6] = ["hu", "chen", "shen", "kuai", "chu", "ke"];

proptest! {
    #![proptest_config(ProptestConfig { cases: kernel::conformance::times(16), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_tables_are_the_streams_and_rebuilt_equals_live(
        rolls in vec(any::<[u8; 6]>(), 200..500),
    ) {
        let towns = On::BOTH.map(|on| law(on, &rolls));
        same(&NAMES, towns.each_ref().map(Town::session));
    }
}

fn law(on: On, rolls: &[[u8; 6]]) -> Town {
    let mut town = Town::on(on);
    town.open_book(yuan(500)).unwrap();
    let mut happened = 0_u32;
    for (step, roll) in rolls.iter().enumerate() {
        happened += u32::from(town.step(*roll).is_ok());
        if step % 100 == 99 {
            compare(&town);
        }
    }
    assert!(happened > 10, "almost everything was refused");
    compare(&town);
    town.rebuilt_equals_live();
    compare(&town);
    town
}

/// What no step of this town does: it corrects no year and imports no run of others. The deciders' own
/// walks have these events.
const NOT_IN_THIS_TOWN: &[&str] = &[
    // A book closes at most once: the story has it.
    "account.closed.v1",
    "account.item-closed.v1",
    "account.item-reopened.v1",
    "account.carried-forward.v1",
    "account.carried-over.v1",
    "batch.line-returned-late.v2",
    "batch.sent-elsewhere.v1",
    "batch.handover-begun.v1",
    "batch.handed-over.v1",
    "batch.status-queried.v1",
    "part.lines-released.v1",
    "period.certificate-signed.v1",
    "period.reopening-asked.v1",
    "period.reopened.v1",
    "plan.approved-elsewhere.v1",
    "statement.line-matched-to-many.v1",
    "statement.line-matched-to-voucher.v1",
    "statement.difference-assigned.v1",
    "statement.difference-booked.v1",
    "statement.difference-cleared.v1",
];

#[test]
fn the_random_histories_hold_every_type_of_event() {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..24 {
        let rolls = vec(any::<[u8; 6]>(), 200..500).new_tree(&mut runner).unwrap().current();
        let mut town = Town::new();
        town.open_book(yuan(500)).unwrap();
        for roll in rolls {
            // A refusal is an answer as well.
            let _refused = town.step(roll);
        }
        let rolls = vec(any::<[u8; 6]>(), 300..500).new_tree(&mut runner).unwrap().current();
        let mut desk = crate::cases::settled();
        for roll in rolls {
            let _refused = desk.case_step(roll);
        }
        for (name, times) in town.happened.into_iter().chain(desk.happened) {
            *seen.entry(name).or_default() += times;
        }
    }
    let types = [
        plan::Event::types(),
        part::Event::types(),
        batch::Event::types(),
        obligation::Event::types(),
        account::Event::types(),
        statement::Event::types(),
        period::Event::types(),
        disbursement::return_case::Event::types(),
        disbursement::heirs::Event::types(),
        disbursement::recovery::Event::types(),
        disbursement::deduction::Event::types(),
        disbursement::comparison::Event::types(),
    ];
    let all = types.concat().into_iter().filter(|name| !NOT_IN_THIS_TOWN.contains(name));
    let missing: Vec<_> = all.filter(|name| !seen.contains_key(*name)).collect();
    assert!(missing.is_empty(), "never came up: {missing:?} among {seen:?}");
}

impl Town {
    /// Moves something on, mostly as staff would; a refusal is an answer as well.
    fn step(&mut self, roll: [u8; 6]) -> Asked {
        let batches: Vec<String> = self.streams.batches.keys().cloned().collect();
        match roll[0] % 20 {
            0..=6 => self.advance(month(1 + i8::try_from(roll[1] % 2).unwrap()), roll),
            7 => {
                let waiting: Vec<String> = self.streams.obligations.keys().cloned().collect();
                let one = pick(&waiting, roll[1]).ok_or("nothing is held")?;
                self.release(&one)
            }
            8 => self.state(bank(roll[1].into()), usize::from(roll[2] % 4)).map(drop),
            9 => {
                let of = |(id, day): (&String, &statement::Statement)| {
                    day.settled
                        .keys()
                        .map(|serial| (id.clone(), serial.clone()))
                        .collect::<Vec<_>>()
                };
                let lines: Vec<_> = self.streams.statements.iter().flat_map(of).collect();
                let (id, serial) = pick(&lines, roll[1]).ok_or("nothing is settled")?;
                self.resolve(&id, &serial)
            }
            10 => {
                let month = month(1 + i8::try_from(roll[1] % 2).unwrap());
                if roll[2].is_multiple_of(3) {
                    return self.close(month);
                }
                let known = self.streams.periods.contains_key(&crate::steps::period_id(month));
                if known { self.certify(month) } else { Err("no such period".to_owned()) }
            }
            _ => {
                let batch = pick(&batches, roll[1]).ok_or("no batch")?;
                self.advance_batch(&batch, roll)
            }
        }
    }

    fn advance(&mut self, month: Month, roll: [u8; 6]) -> Asked {
        let runs = self.streams.periods.get(&crate::steps::period_id(month));
        let Some(runs) = runs.map(|period| period.plans.len() as u16) else {
            return self.open_period(month);
        };
        let id = plan_id(month, runs.max(1));
        let Some(plan) = self.streams.plans.get(&id).cloned() else {
            return self.open_plan(month, 1);
        };
        let by = STAFF[usize::from(roll[2]) % STAFF.len()].to_owned();
        if roll[3].is_multiple_of(64) {
            let reason = "wrong month".to_owned();
            return self.ask_plan(&by.clone(), &id, Command::Cancel { by, reason });
        }
        match plan.stage {
            Stage::Unopened => self.open_plan(month, 1),
            Stage::Cancelled if runs < 3 => self.open_plan(month, runs + 1),
            Stage::Cancelled | Stage::Composed => Err("nothing is to be done".to_owned()),
            Stage::Open => self.freeze(&id, PEOPLE as u32),
            Stage::Frozen => self.go_on_calculating(&id, plan.parts.len() as u16, roll),
            Stage::Calculated => self.submit(&id, &by),
            Stage::InReview => {
                let role = plan.next_role().unwrap().to_owned();
                if roll[4].is_multiple_of(8) {
                    let (by, reason) = (by, "look again".to_owned());
                    return self.ask_plan(&by.clone(), &id, Command::SendBack { role, by, reason });
                }
                self.review(&id, &role, &by)
            }
            Stage::Approved => self.fund(&id).or_else(|_| self.appropriate(yuan(5_000))),
            Stage::Funded => self.go_on_composing(&id, roll),
        }
    }

    /// Two parts of two chunks each; some grants get no line.
    fn go_on_calculating(&mut self, id: &str, part: u16, roll: [u8; 6]) -> Asked {
        if part == 2 {
            return self.ask_plan("hu", id, Command::FinishCalculation);
        }
        let chunks = self.streams.parts.get(&part_id(id, part)).map_or(0, |part| part.chunks);
        if chunks == 2 {
            return self.seal(id, part);
        }
        let first = u128::from(part) * 4 + u128::from(chunks) * 2 + 1;
        let (mut lines, mut excluded) = (Vec::new(), Vec::new());
        for (number, roll) in (first..first + 2).zip(&roll[4..]) {
            let line = line(number);
            if roll.is_multiple_of(8) {
                let (grant, person, reason) = (line.grant, line.person, Exclusion::Dead);
                excluded.push(Excluded { grant, person, reason });
            } else {
                lines.push(line);
            }
        }
        self.calculate(id, part, lines, excluded)
    }

    fn go_on_composing(&mut self, id: &str, roll: [u8; 6]) -> Asked {
        if roll[4].is_multiple_of(4) {
            let reason = Hold::ALL[usize::from(roll[5]) % Hold::ALL.len()];
            return self.hold(id, u16::from(roll[2] % 2), u32::from(roll[5] % 4), reason);
        }
        for part in 0..2 {
            let open = self.streams.parts[&part_id(id, part)].uninstructed().next();
            if let Some(bank) = open.map(|(_, line)| line.bank) {
                return self.compose(id, part, bank).map(drop);
            }
        }
        self.finish(id)
    }

    fn advance_batch(&mut self, id: &str, roll: [u8; 6]) -> Asked {
        use batch::{Command, Stage};
        let batch = self.streams.batches[id].clone();
        let by = STAFF[usize::from(roll[2]) % STAFF.len()];
        let reason = "the line was cut".to_owned();
        match (batch.stage, roll[3] % 12) {
            (Stage::Composed | Stage::Signed, 0) => {
                self.free(by, id, Command::Withdraw { by: by.to_owned(), reason })
            }
            (Stage::Composed, _) => {
                let plan = &self.streams.plans[&batch.header.unwrap().plan];
                let (role, holder) = match batch.signers.len() {
                    0 => ("accountant", plan.acted.last().map_or("pan", |(_, by)| by)),
                    _ => ("cashier", "pan"),
                };
                let holder = if roll[4].is_multiple_of(4) { by } else { holder }.to_owned();
                self.sign(id, role, &holder)
            }
            (Stage::Signed, _) => self.send(id, by),
            (Stage::Unopened | Stage::Open | Stage::Rejected, _) => Err("it is over".to_owned()),
            (_, 0) => self.free("bank", id, Command::Reject { reason }),
            (_, 1) => self.ask_batch("bank", id, Command::LoseOutcome { reason }),
            (_, 2) => {
                let reference = "BANK-1".to_owned();
                self.ask_batch("bank", id, Command::Acknowledge { reference })
            }
            _ if batch.debited.is_none() => self.debit(id),
            (_, 3..=5) => self.hear(id, &batch, roll),
            (_, 6) => self.give_back(id, batch.returned().1),
            _ => {
                let open: Vec<_> = self.replies.iter().map(|(_, reply, _)| *reply).collect();
                let reply = pick(&open, roll[4]).ok_or("every reply is applied")?;
                self.settle(reply)
            }
        }
    }

    /// A reply about some lines, with one of them twice, one contradicted, and one of nobody.
    fn hear(&mut self, id: &str, batch: &batch::Batch, roll: [u8; 6]) -> Asked {
        let mut rows = Vec::new();
        for (seq, line) in (1..).zip(&batch.lines) {
            let (row, amount) = (rows.len() as u32 + 1, line.attempt.amount);
            match (roll[4] >> (seq % 8)) & 3 {
                0 => {}
                1 => rows.push(returned(row, seq, amount, ReturnReason::AccountClosed)),
                _ => rows.push(paid(row, seq, amount)),
            }
        }
        let row = rows.len() as u32 + 1;
        if let Some(first) = rows.first().cloned() {
            let seq = first.seq.unwrap();
            match roll[5] % 4 {
                0 => rows.push(first),
                1 => rows.push(returned(row, seq, first.amount, ReturnReason::NameMismatch)),
                2 => rows.push(paid(row, 99, first.amount)),
                _ => {}
            }
        }
        self.receive(id, rows).map(drop)
    }
}

fn pick<T: Clone>(among: &[T], roll: u8) -> Option<T> {
    among.get(usize::from(roll) % among.len().max(1)).cloned()
}
