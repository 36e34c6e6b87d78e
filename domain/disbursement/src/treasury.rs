//! The fund accountant's side of a small city: two books, people who owe money back, statements, a
//! feed and an opening. Staff do what they should, and sometimes what they must not; the laws read
//! what happened and ask no decider.

mod laws;

use std::collections::BTreeMap;

use kernel::Decider;
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use shared::{Component, Date, FundCode, Money, ObligationId, RunType};

use crate::account::{self, Account, Book, YearEnd};
use crate::certificate::{Certificate, ItemBridge};
use crate::city::world::{
    CASH, DEDUCTED, FISCAL, SPENT, agency, area, artefact, bank, day, fund, item, month, person,
    voucher, yuan,
};
use crate::faults::{self, Fault};
use crate::feed::{self, Feed};
use crate::ledger::Ledger;
use crate::opening::{self, Opening};
use crate::period::{self, Before, Period};
use crate::recovery::{self, Place, Recovery};
use crate::statement::{self, Direction, Share, Statement};
use crate::walk::Dice;

#[derive(Debug, Clone)]
pub(crate) enum Fact {
    Account(String, account::Event),
    Recovery(String, recovery::Event),
    Statement(String, statement::Event),
    Feed(String, feed::Event),
    Opening(String, opening::Event),
    Period(String, period::Event),
}

#[derive(Default)]
struct Town {
    accounts: BTreeMap<String, Account>,
    recoveries: BTreeMap<String, Recovery>,
    statements: BTreeMap<String, Statement>,
    feeds: BTreeMap<String, Feed>,
    openings: BTreeMap<String, Opening>,
    periods: BTreeMap<String, Period>,
    facts: Vec<Fact>,
    counter: u32,
}

const STAFF: [&str; 3] = ["hu", "kuai", "chu"];
const TO_RECOVER: &str = "1101.03";
const INCOME: &str = "1002";

/// What `command` leads to, if a rule does not forbid it.
fn act<D: Decider>(
    states: &mut BTreeMap<String, D>,
    facts: &mut Vec<Fact>,
    id: &str,
    command: D::Command,
    fact: fn(String, D::Event) -> Fact,
) -> bool
where
    D::Event: Clone,
{
    let state = states.entry(id.to_owned()).or_default();
    let Ok(events) = state.decide(command) else { return false };
    for event in events {
        *state = std::mem::take(state).evolve(&event);
        facts.push(fact(id.to_owned(), event));
    }
    true
}

fn book(of: usize, year: i16) -> String {
    format!("book-{of}-{year}")
}

fn owed(of: u128) -> ObligationId {
    ObligationId::new(item(0), month(1), Component::whole(), person(of))
}

impl Town {
    fn next(&mut self) -> u32 {
        self.counter += 1;
        self.counter
    }

    fn account(&mut self, id: &str, command: account::Command) -> bool {
        act(&mut self.accounts, &mut self.facts, id, command, Fact::Account)
    }

    fn post(&mut self, of: usize, word: &str, moves: &[(Ledger, &str, &str, Money)]) -> bool {
        let mut voucher = voucher(word, Some(item(of)), moves);
        for entry in &mut voucher.entries {
            entry.month = Some(month(1));
        }
        let post = account::Command::Post { fund: fund(item(of)), voucher, settles: None };
        self.account(&book(of, 2026), post)
    }

    fn open(&mut self) {
        for of in 0..2 {
            let own = own_book(of, 2026);
            let opening = voucher("opening", None, &[(Ledger::F, CASH, "3001", yuan(900))]).entries;
            self.account(&book(of, 2026), account::Command::Open { book: own, opening });
        }
    }

    fn step(&mut self, dice: &mut Dice<'_>) {
        let of = dice.below(2);
        let amount = dice.one_of(&[yuan(5), yuan(10), yuan(20)]);
        match dice.below(12) {
            0 => drop(self.post(of, "appropriation", &[(Ledger::F, CASH, FISCAL, amount)])),
            1 => {
                let moves =
                    [(Ledger::F, SPENT, CASH, amount), (Ledger::F, SPENT, DEDUCTED, yuan(1))];
                self.post(of, "spending", &moves);
            }
            2 => {
                let more = dice.one_of(&[yuan(1), yuan(1), yuan(500)]);
                self.post(of, "deduction_remitted", &[(Ledger::F, DEDUCTED, CASH, more)]);
            }
            3 | 4 => self.period(of, dice),
            5..=7 => self.recover(dice),
            8 => self.statement(dice),
            9 | 10 => self.feed(dice),
            _ => self.opening(dice),
        }
    }

    fn period(&mut self, of: usize, dice: &mut Dice<'_>) {
        let id = format!("period-{of}");
        let stage = self.periods.get(&id).map_or(period::Stage::Unopened, |period| period.stage);
        let by = dice.one_of(&STAFF).to_owned();
        let commands = match stage {
            period::Stage::Unopened => {
                let (item, month, area) = (item(of), month(1), area());
                let before = Before::NeverOpened;
                vec![
                    period::Command::Open { item, month, area, before, exception: None },
                    period::Command::AddRun { plan: "p".to_owned() },
                ]
            }
            period::Stage::Open => {
                let certificate = Certificate {
                    item: ItemBridge::EMPTY,
                    books: vec![],
                    people: 0,
                    statement_debits: Money::ZERO,
                    statement_credits: Money::ZERO,
                    open_differences: 0,
                    evidence: vec![],
                };
                vec![period::Command::Certify { certificate }, period::Command::Close { by }]
            }
            period::Stage::Closed => {
                let reason = "late".to_owned();
                let ask = period::Command::AskReopen { by: by.clone(), reason };
                let other = dice.one_of(&STAFF).to_owned();
                vec![ask, period::Command::Reopen { by: other }]
            }
        };
        for command in commands {
            act(&mut self.periods, &mut self.facts, &id, command, Fact::Period);
        }
        let (item, month) = (item(of), month(1));
        let command = match self.periods[&id].stage {
            period::Stage::Closed => account::Command::CloseItem { item, month },
            period::Stage::Open | period::Stage::Unopened => {
                account::Command::ReopenItem { item, month }
            }
        };
        self.account(&book(of, 2026), command);
    }

    fn recover(&mut self, dice: &mut Dice<'_>) {
        let of = 1 + dice.below(6) as u128;
        let id = owed(of).to_string();
        let state = self.recoveries.get(&id).cloned().unwrap_or_default();
        let on = day();
        let by = "hu".to_owned();
        let some = dice.one_of(&[yuan(10), yuan(15), yuan(40)]);
        let serial = format!("s{}", self.next());
        let command = match (state.stage, dice.below(5)) {
            (recovery::Stage::Unopened, _) => recovery::Command::Open(recovery::About {
                obligation: owed(of),
                person: person(of),
                item: item(0),
                month: month(1),
                component: Component::whole(),
                fund: fund(item(0)),
                book: book(0, 2026),
                amount: yuan(30),
                reason: "after_death".to_owned(),
                found_on: on,
                carried: false,
            }),
            (_, 0) => recovery::Command::Demand { notice: "n".to_owned(), on, due: on, by },
            (_, 1 | 2) => {
                let into = dice.one_of(Place::ALL);
                recovery::Command::Receive { serial, amount: some, into, on }
            }
            (_, 3) => {
                let fund = fund(item(dice.below(2)));
                recovery::Command::Offset { against: owed(99), fund, amount: some, on }
            }
            (_, _) => recovery::Command::WriteOff {
                approval: dice.one_of(&["财批7", ""]).to_owned(),
                authority: "财政局".to_owned(),
                amount: some,
                on,
                by,
            },
        };
        let before = self.facts.len();
        if !act(&mut self.recoveries, &mut self.facts, &id, command, Fact::Recovery) {
            return;
        }
        // The entries of what happened, in a book whose item-period may be closed.
        let happened: Vec<Fact> = self.facts[before..].to_vec();
        for fact in happened {
            if let Fact::Recovery(_, event) = fact {
                self.enter(&event);
            }
        }
    }

    fn enter(&mut self, event: &recovery::Event) {
        use recovery::Event as R;
        let moves = match event {
            R::Opened(about) => (TO_RECOVER, SPENT, about.amount),
            R::Received { amount, into: Place::ExpenditureAccount, .. } => {
                (CASH, TO_RECOVER, *amount)
            }
            R::Received { amount, .. } => (INCOME, TO_RECOVER, *amount),
            R::Offset { amount, .. } => (DEDUCTED, TO_RECOVER, *amount),
            R::WrittenOff { amount, .. } => ("5301", TO_RECOVER, *amount),
            R::Demanded { .. }
            | R::InstalmentsAgreed { .. }
            | R::SentToCourt { .. }
            | R::Settled { .. }
            | R::Withdrawn { .. } => return,
        };
        let (debit, credit, amount) = moves;
        // Late facts carry no item-period.
        let voucher = voucher("recovery", None, &[(Ledger::F, debit, credit, amount)]);
        let fund: FundCode = fund(item(0));
        self.account(&book(0, 2026), account::Command::Post { fund, voucher, settles: None });
    }

    fn statement(&mut self, dice: &mut Dice<'_>) {
        let id = format!("day-{}", dice.below(4));
        let amount = yuan(10);
        let line = statement::Line {
            serial: "s".to_owned(),
            direction: Direction::Credit,
            amount,
            reference: None,
            balance: amount,
        };
        let header = statement::Header {
            bank: bank(0),
            fund: fund(item(0)),
            account: book(0, 2026),
            on: day(),
            opening: Money::ZERO,
            closing: amount,
            artefact: artefact(self.next()),
        };
        let import = statement::Command::Import { header, lines: vec![line] };
        act(&mut self.statements, &mut self.facts, &id, import, Fact::Statement);
        let part = |batch: &str, yuans: i64| Share { batch: batch.to_owned(), amount: yuan(yuans) };
        let rest = dice.one_of(&[5, 5, 6]);
        let shares = vec![part("a", 5), part("b", rest)];
        let share = statement::Command::Share { serial: "s".to_owned(), shares };
        act(&mut self.statements, &mut self.facts, &id, share, Fact::Statement);
    }

    fn feed(&mut self, dice: &mut Dice<'_>) {
        let id = "province";
        let next = self.feeds.get(id).map_or(1, |feed| feed.next.max(1));
        let sequence = next + u32::try_from(dice.below(3)).unwrap();
        let open =
            feed::Command::Open { source: id.to_owned(), item: item(0), area: area(), first: 1 };
        let run = feed::Run {
            sequence,
            artefact: artefact(sequence),
            reference: "S".to_owned(),
            month: month(1),
            run: RunType::Normal,
            fund: fund(item(0)),
            agency: agency(),
            paid_on: day(),
            lines: 1,
            total: yuan(1),
            digest: "d".to_owned(),
        };
        let digest = "d".to_owned();
        let receive = feed::Command::Receive { run, lines: 1, total: yuan(1), digest };
        let begin = feed::Command::Begin { sequence, plan: format!("p{sequence}") };
        let finish = feed::Command::Finish { sequence };
        for command in [open, receive, begin, finish] {
            act(&mut self.feeds, &mut self.facts, id, command, Fact::Feed);
        }
    }

    fn opening(&mut self, dice: &mut Dice<'_>) {
        let id = format!("opening-{}", dice.below(3));
        let command = match dice.below(4) {
            0 | 1 => opening::Command::Enter(opening::Cumulative {
                item: item(0),
                area: area(),
                as_of: day(),
                people: 1,
                payments: 1,
                money: yuan(1),
                artefact: artefact(1),
                by: "hu".to_owned(),
            }),
            2 => opening::Command::Seal { declared: 0 },
            _ => opening::Command::BeginRuns,
        };
        act(&mut self.openings, &mut self.facts, &id, command, Fact::Opening);
    }

    /// The year ends, and the next one opens on what is left.
    fn end_the_year(&mut self) {
        for of in 0..2 {
            let (old, into) = (book(of, 2026), book(of, 2027));
            let transfers = [SPENT, "5301"].map(|code| (code.to_owned(), "3001".to_owned()));
            let transfers = BTreeMap::from(transfers);
            let end = YearEnd { into: into.clone(), next: 2027, transfers };
            if self.account(&old, account::Command::CloseYear(end)) {
                let kept = self.accounts[&old].carried_over.clone();
                let balances = kept.map_or_else(Vec::new, |(_, balances)| balances);
                let carry = account::Command::CarryForward {
                    book: own_book(of, 2027),
                    from: old,
                    balances,
                };
                self.account(&into, carry);
            }
        }
    }
}

fn own_book(of: usize, year: i16) -> Book {
    Book {
        fund: fund(item(of)),
        area: area(),
        agency: agency(),
        year,
        policy: "insurance-expense-on-paid".to_owned(),
        cash: CASH.to_owned(),
    }
}

fn live(rolls: &[[u8; 8]]) -> Vec<Fact> {
    let mut town = Town::default();
    town.open();
    for roll in rolls {
        town.step(&mut Dice::new(roll));
    }
    town.end_the_year();
    town.facts
}

fn years(count: usize) -> Vec<Vec<[u8; 8]>> {
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let rolls = vec(any::<[u8; 8]>(), 100..400);
    (0..count).map(|_| rolls.new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
fn every_law_of_money_holds_in_every_year() {
    for rolls in years(60) {
        let facts = live(&rolls);
        for (name, law) in laws::ALL {
            law(&facts).unwrap_or_else(|broken| panic!("{name}: {broken}"));
        }
    }
}

#[test]
fn every_planted_fault_of_money_is_found() {
    let years = years(30);
    let missed: Vec<Fault> = Fault::OF_MONEY
        .into_iter()
        .filter(|fault| {
            !years.iter().any(|rolls| {
                let facts = faults::with(*fault, || live(rolls));
                laws::ALL.iter().any(|(_, law)| law(&facts).is_err())
            })
        })
        .collect();
    assert!(missed.is_empty(), "no law finds {missed:?}");
}

#[test]
fn what_is_owed_is_the_same_by_the_recovery_and_by_the_book() {
    for rolls in years(30) {
        let mut town = Town::default();
        town.open();
        for roll in &rolls {
            town.step(&mut Dice::new(roll));
        }
        let owed: Money = town.recoveries.values().map(Recovery::owed).sum();
        assert_eq!(town.accounts[&book(0, 2026)].balance(Ledger::F, TO_RECOVER), owed);
        let later = Date::constant(2030, 1, 1);
        assert_eq!(town.recoveries.values().map(|one| one.owed_on(later)).sum::<Money>(), owed);
    }
}
