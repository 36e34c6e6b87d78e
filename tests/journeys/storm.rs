//! A storm of signals, with a process that is cut off again and again: what is opened is what the
//! rules and their keys allow, and no signal is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use commands::Envelope;
use commands::day::open_days;
use commands::tags::{Observe, Tags};
use conditions::Subject;
use kernel::ports::FixedClock;
use kernel::{Decider, Limit, Micros, Position};
use projections::engine::Signals as _;
use projections::tags::{SIGNAL, SignalBody};
use renshe::node::{Node, World};
use shared::Date;
use warnings::case::{Event, Signal};
use warnings::{Case, Level};

use crate::place::Place;

const CHANNELS: u64 = 40;
/// Facts in one append.
const APPEND: usize = 250;
const COOLDOWN_DAYS: i32 = 30;

/// What is told of a channel: the rule, its fact, from where on which level, and what ends it.
struct Told {
    rule: &'static str,
    fact: &'static str,
    levels: &'static [(i64, Level)],
    over: fn(i64) -> bool,
    /// Values come from below this.
    below: u64,
}

const TOLD: [Told; 2] = [
    Told {
        rule: "exchange-gap",
        fact: "gap_hours",
        levels: &[(2, Level::Notice), (8, Level::Yellow), (24, Level::Orange)],
        over: |value| value == 0,
        below: 26,
    },
    Told {
        rule: "exchange-failures",
        fact: "failures",
        levels: &[(3, Level::Notice), (10, Level::Yellow)],
        over: |_| true,
        below: 14,
    },
];

/// What the rules make of one channel, told plainly.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Course {
    value: Option<i64>,
    said: Option<(Level, i64)>,
    /// The worst level of the open case.
    open: Option<Level>,
    closed: Option<Date>,
    counts: Counts,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    opened: u32,
    reopened: u32,
    signals: u32,
    cleared: u32,
}

type Key = (&'static str, String);

impl Course {
    fn takes(&mut self, told: &Told, value: i64, on: Date) {
        if self.value.replace(value) == Some(value) {
            return;
        }
        let reached = told.levels.iter().rev().find(|(from, _)| value >= *from);
        let Some((_, level)) = reached else {
            if self.said.is_some() && (told.over)(value) {
                self.said = None;
                if self.open.is_some_and(|worst| worst <= Level::Yellow) {
                    (self.open, self.closed) = (None, Some(on));
                    self.counts.cleared += 1;
                }
            }
            return;
        };
        if self.said.replace((*level, value)) == Some((*level, value)) {
            return;
        }
        self.counts.signals += 1;
        let cooling = |closed: Date| closed.until(on).unwrap().get_days() <= COOLDOWN_DAYS;
        match (self.open, self.closed) {
            (Some(worst), _) => self.open = Some(worst.max(*level)),
            (None, Some(closed)) if cooling(closed) => {
                self.counts.reopened += 1;
                self.open = Some(*level);
            }
            (None, _) => {
                self.counts.opened += 1;
                self.open = Some(*level);
            }
        }
    }
}

/// How many facts: a hundred thousand in a long run.
fn storm() -> usize {
    if std::env::var_os("LONG_TESTS").is_some() { 100_000 } else { 3_000 }
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// Does some of the work: it is dropped when it has been polled so often.
async fn cut(polls: u32, work: impl Future) {
    let (mut work, mut left) = (pin!(work), polls);
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        work.as_mut().poll(context).map(|_| ())
    })
    .await;
}

/// So many facts on one day, in appends of many.
async fn rages(
    node: &Node,
    (facts, on): (usize, Date),
    dice: &mut Dice,
    courses: &mut BTreeMap<Key, Course>,
) {
    let tags = Tags::new(node.executor.clone(), Arc::clone(&node.rules));
    let mut left = facts;
    while left > 0 {
        let many = left.min(APPEND);
        left -= many;
        let mut all = Vec::new();
        for _ in 0..many {
            let told = &TOLD[dice.below(2) as usize];
            let channel = format!("channel-{}", dice.below(CHANNELS));
            let value = i64::try_from(dice.below(told.below)).unwrap();
            courses.entry((told.rule, channel.clone())).or_default().takes(told, value, on);
            all.push(Observe {
                kind: Subject::Channel,
                subject: channel,
                fact: told.fact.to_owned(),
                from: on,
                value: value.to_string(),
                source: "交换平台".to_owned(),
            });
        }
        let envelope = Envelope::new(node.executor.ids().next(), "chen");
        tags.observe(&envelope, &all).await.unwrap();
    }
}

/// Raises everything, by a process that never gets far before it is cut off.
async fn raises(node: &Node) {
    let head = node.caught_up().await.unwrap();
    for polls in (1..40).chain([97, 251, 640]) {
        cut(polls, node.raiser().run_until(head)).await;
    }
    node.raiser().run_until(head).await.unwrap();
    node.caught_up().await.unwrap();
}

/// What the log says of cases: of each rule and channel the counts, and the positions of the
/// signals behind them.
async fn cases(node: &Node) -> (BTreeMap<(String, String), Counts>, Vec<u64>) {
    let mut counted: BTreeMap<(String, String), Counts> = BTreeMap::new();
    let mut of = BTreeMap::new();
    let mut open = BTreeSet::new();
    let mut positions = Vec::new();
    let (mut at, head) = (Position::START, node.log.head());
    while at < head {
        for recorded in node.log.read(at, Limit::PAGE).await.unwrap() {
            at = recorded.position;
            assert_ne!(recorded.type_name, "inbox.refused.v1", "{}", recorded.data);
            if recorded.stream.category() != Case::CATEGORY {
                continue;
            }
            let (case, event) = (recorded.stream.id().to_owned(), recorded.decode().unwrap());
            if let Event::Raised(raised) = &event {
                of.insert(case.clone(), (raised.rule.clone(), raised.about.id.clone()));
            }
            let counts = counted.entry(of[&case].clone()).or_default();
            let mut signalled = |signal: &Signal| {
                counts.signals += 1;
                positions.push(signal.position);
            };
            match &event {
                Event::Raised(raised) => {
                    signalled(&raised.signal);
                    counts.opened += 1;
                    assert!(open.insert(of[&case].clone()), "two are open: {:?}", of[&case]);
                }
                Event::EvidenceAppended { signal } => signalled(signal),
                Event::Reopened { signal, .. } => {
                    signalled(signal.as_ref().unwrap());
                    counts.reopened += 1;
                    assert!(open.insert(of[&case].clone()), "two are open: {:?}", of[&case]);
                }
                Event::Cleared { .. } => {
                    counts.cleared += 1;
                    assert!(open.remove(&of[&case]));
                }
                // Levels move with what was signalled.
                _ => {}
            }
        }
    }
    (counted, positions)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_signals_opens_what_the_keys_allow_and_loses_none() {
    let place = Place::new();
    let clock = Arc::new(FixedClock::default());
    let node = place.node(World { clock: clock.clone(), ..World::real() }).await;
    let (mut dice, mut courses) = (Dice(0x9E37_79B9_7F4A_7C15), BTreeMap::new());
    // The second one comes when the first is cooled down.
    for on in [Date::constant(2026, 3, 2), Date::constant(2026, 4, 20)] {
        let nine = on.at(9, 0, 0, 0).to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)));
        clock.set(Micros(nine.unwrap().timestamp().as_microsecond()));
        open_days(&node.executor, on).await.unwrap();
        rages(&node, (storm() / 2, on), &mut dice, &mut courses).await;
        raises(&node).await;
    }
    let (counted, mut positions) = cases(&node).await;
    let wanted: BTreeMap<_, _> = courses
        .iter()
        .filter(|(_, course)| course.counts != Counts::default())
        .map(|((rule, channel), course)| (((*rule).to_owned(), channel.clone()), course.counts))
        .collect();
    assert_eq!(counted, wanted);
    let sum = |of: fn(&Counts) -> u32| wanted.values().map(of).sum::<u32>();
    assert!(sum(|counts| counts.opened) > 82 && sum(|counts| counts.reopened) > 50);
    // Every signal that the read model left is behind one case, and behind it once.
    let session = node.train.session().unwrap();
    let left = session.after(SIGNAL, Position::START, usize::MAX >> 1).unwrap();
    let mut told: Vec<u64> = left
        .iter()
        .filter(|signal| {
            serde_json::from_str::<SignalBody>(&signal.payload).unwrap().level.is_some()
        })
        .map(|signal| signal.position.0)
        .collect();
    told.sort_unstable();
    positions.sort_unstable();
    assert_eq!(positions, told);
    drop(session);
    node.stop();
}
