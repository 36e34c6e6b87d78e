//! A small city that pays: two funds, two banks that lie, eight people of whom some die.
//!
//! A step moves one thing on, mostly as staff would and sometimes as they must not. What the
//! deciders let happen is kept as one log of facts, and the laws read that log alone.

mod answering;
mod laws;
mod paying;
pub(crate) mod world;

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Decider, codec};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use shared::{BankCode, FundCode, ObligationId, PersonId, ReplyId};

use crate::account::Account;
use crate::batch::{Batch, Row};
use crate::faults::{self, Fault};
use crate::obligation::Obligation;
use crate::part::Part;
use crate::period::Period;
use crate::plan::Plan;
use crate::statement::Statement;
use crate::walk::Dice;
use crate::{account, batch, obligation, part, period, plan, statement};

/// What happened, in order.
#[derive(Debug, Clone)]
pub(crate) enum Fact {
    Plan(String, plan::Event),
    Part(String, part::Event),
    Batch(String, batch::Event),
    Obligation(String, obligation::Event),
    Account(String, account::Event),
    Statement(String, statement::Event),
    Period(String, period::Event),
    /// Everybody knows it from here on.
    Died(PersonId),
    /// A reply as the bank wrote it.
    Said(ReplyId, Vec<Row>),
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Streams {
    plans: BTreeMap<String, Plan>,
    parts: BTreeMap<String, Part>,
    batches: BTreeMap<String, Batch>,
    obligations: BTreeMap<String, Obligation>,
    accounts: BTreeMap<String, Account>,
    statements: BTreeMap<String, Statement>,
    periods: BTreeMap<String, Period>,
}

pub(crate) trait Kept: Decider {
    fn map(streams: &mut Streams) -> &mut BTreeMap<String, Self>;
    fn fact(id: &str, event: Self::Event) -> Fact;
    fn code(error: &Self::Error) -> &'static str;
}

macro_rules! kept {
    ($($decider:ident in $map:ident, $module:ident;)+) => {
        $(impl Kept for $decider {
            fn map(streams: &mut Streams) -> &mut BTreeMap<String, Self> {
                &mut streams.$map
            }

            fn fact(id: &str, event: $module::Event) -> Fact {
                Fact::$decider(id.to_owned(), event)
            }

            fn code(error: &$module::Error) -> &'static str {
                error.code()
            }
        })+

        /// The state that a log leads to, and the type names in it; every event as it is stored.
        fn replay(facts: &[Fact]) -> (Streams, Vec<&'static str>) {
            use kernel::Event as _;
            let (mut streams, mut types) = (Streams::default(), Vec::new());
            for fact in facts {
                match fact {
                    $(Fact::$decider(id, event) => {
                        let stored = codec::through(event).expect("an event survives its storing");
                        types.push(event.encode().type_name);
                        let state = streams.$map.entry(id.clone()).or_default();
                        *state = std::mem::take(state).evolve(&stored);
                    })+
                    Fact::Died(_) | Fact::Said(..) => {}
                }
            }
            (streams, types)
        }

        fn every_type() -> Vec<&'static str> {
            use kernel::Event as _;
            [$($module::Event::types()),+].concat()
        }
    };
}

kept! {
    Plan in plans, plan;
    Part in parts, part;
    Batch in batches, batch;
    Obligation in obligations, obligation;
    Account in accounts, account;
    Statement in statements, statement;
    Period in periods, period;
}

/// Which rule refused.
type Refused = &'static str;

/// One append: all of it happens, or nothing.
pub(crate) struct Unit {
    streams: Streams,
    facts: Vec<Fact>,
}

impl Unit {
    fn decide<D: Kept>(&mut self, id: &str, command: D::Command) -> Result<(), Refused> {
        let state = D::map(&mut self.streams).entry(id.to_owned()).or_default();
        let events = state.decide(command).map_err(|error| D::code(&error))?;
        for event in events {
            *state = std::mem::take(state).evolve(&event);
            self.facts.push(D::fact(id, event));
        }
        Ok(())
    }
}

#[derive(Default)]
pub(crate) struct City {
    streams: Streams,
    facts: Vec<Fact>,
    refusals: BTreeMap<Refused, u32>,
    dead: BTreeSet<PersonId>,
    claims: BTreeSet<ObligationId>,
    /// Rows of replies by batch, until they are applied.
    replies: BTreeMap<ReplyId, (String, Vec<Row>)>,
    /// What the banks will put on their next statements.
    unstated: BTreeMap<(BankCode, FundCode), Vec<answering::Movement>>,
    /// For serials, artefacts, days and ids that never come twice.
    counter: u32,
}

impl City {
    fn unit(&mut self, work: impl FnOnce(&mut Unit) -> Result<(), Refused>) -> bool {
        let mut unit = Unit { streams: self.streams.clone(), facts: Vec::new() };
        match work(&mut unit) {
            Ok(()) => {
                self.streams = unit.streams;
                self.facts.extend(unit.facts);
                true
            }
            Err(refused) => {
                *self.refusals.entry(refused).or_default() += 1;
                false
            }
        }
    }

    fn next(&mut self) -> u32 {
        self.counter += 1;
        self.counter
    }
}

/// Days in the life of a city, one for each roll.
fn live(rolls: &[[u8; 12]]) -> City {
    let mut city = City::default();
    city.open_books();
    for roll in rolls {
        city.step(&mut Dice::new(roll));
    }
    city.close_books();
    city
}

fn rolls() -> impl Strategy<Value = Vec<[u8; 12]>> {
    vec(any::<[u8; 12]>(), 300..900)
}

fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

#[track_caller]
fn holds(law: laws::Law) {
    let outcome = runner(20).run(&rolls(), |rolls| {
        law(&live(&rolls).facts).map_err(proptest::test_runner::TestCaseError::fail)
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

macro_rules! laws_hold {
    ($($law:ident)+) => {
        $(#[test]
        fn $law() {
            holds(laws::$law);
        })+

        const LAWS: &[(&str, laws::Law)] = &[$((stringify!($law), laws::$law)),+];
    };
}

laws_hold! {
    books_balance_at_every_moment
    funds_never_mix
    nothing_is_paid_twice
    no_attempt_to_a_dead_persons_account
    a_held_line_is_in_no_batch
    the_population_is_whole
    two_keys_two_persons
    a_batch_is_debited_once_with_its_own_sum
    a_result_is_never_overwritten
    a_result_is_the_banks_word
    no_more_comes_back_than_was_returned
    a_statement_adds_up_and_a_line_is_settled_once
    the_bridge_holds
    closed_stays_closed
}

#[test]
fn replay_equals_live() {
    let lived = runner(20).run(&rolls(), |rolls| {
        let city = live(&rolls);
        // A stream that refused its first command has a state and no event.
        let (replayed, _) = replay(&city.facts);
        let empty = |streams: &Streams| {
            let mut streams = streams.clone();
            streams.plans.retain(|_, state| *state != Plan::default());
            streams.parts.retain(|_, state| *state != Part::default());
            streams.batches.retain(|_, state| *state != Batch::default());
            streams.obligations.retain(|_, state| *state != Obligation::default());
            streams.statements.retain(|_, state| *state != Statement::default());
            streams.periods.retain(|_, state| *state != Period::default());
            streams
        };
        assert_eq!(empty(&city.streams), empty(&replayed));
        Ok(())
    });
    lived.expect("a replayed city is the one that lived");
}

/// What this city never comes to, or once at most: the walk of its decider covers each of them.
const WALKS_OF_THEIR_OWN: [&str; 29] = [
    "account.closed.v1",
    "account.item-closed.v1",
    "account.item-reopened.v1",
    "account.carried-forward.v1",
    "account.carried-over.v1",
    "plan.approved-elsewhere.v1",
    "part.lines-released.v1",
    "batch.sent-elsewhere.v1",
    "batch.handover-begun.v1",
    "batch.handed-over.v1",
    "batch.status-queried.v1",
    "batch.line-returned-late.v2",
    "obligation.taken.v1",
    "obligation.freed.v1",
    "obligation.due-to-heirs.v1",
    "obligation.cancelled.v1",
    "obligation.reinstated.v1",
    "obligation.overpaid.v1",
    "obligation.overpayment-withdrawn.v1",
    "obligation.ordered.v1",
    "obligation.duplicate-found.v1",
    "statement.line-matched-to-many.v1",
    "statement.line-matched-to-voucher.v1",
    "statement.difference-assigned.v1",
    "statement.difference-booked.v1",
    "statement.difference-cleared.v1",
    "period.certificate-signed.v1",
    "period.reopening-asked.v1",
    "period.reopened.v1",
];

#[test]
fn every_event_type_happens_in_the_city() {
    let (mut runner, mut seen) = (runner(1), BTreeMap::<&str, u32>::new());
    let mut refusals = BTreeMap::<&str, u32>::new();
    for _ in 0..96 {
        let rolls = rolls().new_tree(&mut runner).expect("rolls have no condition").current();
        let city = live(&rolls);
        for name in replay(&city.facts).1 {
            *seen.entry(name).or_default() += 1;
        }
        for (code, times) in city.refusals {
            *refusals.entry(code).or_default() += times;
        }
    }
    let rare: Vec<_> = every_type()
        .into_iter()
        .map(|name| (name, seen.get(name).copied().unwrap_or(0)))
        .filter(|(name, times)| *times < 20 && !WALKS_OF_THEIR_OWN.contains(name))
        .collect();
    assert!(rare.is_empty(), "came up too rarely: {rare:?}; refused: {refusals:?}");
}

/// The law that finds a fault, if one does within so many cities.
fn finder(fault: Fault, cities: u32) -> Option<&'static str> {
    let mut runner = runner(1);
    (0..cities).find_map(|_| {
        let rolls = rolls().new_tree(&mut runner).expect("rolls have no condition").current();
        let city = faults::with(fault, || live(&rolls));
        LAWS.iter().find(|(_, law)| law(&city.facts).is_err()).map(|(name, _)| *name)
    })
}

#[test]
fn every_planted_fault_is_found() {
    let missed: Vec<Fault> =
        Fault::ALL.into_iter().filter(|fault| finder(*fault, 64).is_none()).collect();
    assert!(missed.is_empty(), "no law finds {missed:?}");
}
