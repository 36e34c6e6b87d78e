//! The walk behind a decider's coverage: commands chosen by the state, every event type and every
//! refusal counted, so that a rule never stands untried.

use std::collections::BTreeMap;

use kernel::{Decider, Event, codec};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// How often each event type and each refusal must come up.
const TIMES_MIN: u32 = 20;

/// The choices of one step; all zero when they are used up, so that a failure shrinks.
pub(crate) struct Dice<'a>(&'a [u8], usize);

impl<'a> Dice<'a> {
    pub(crate) fn new(faces: &'a [u8]) -> Self {
        Self(faces, 0)
    }

    /// 0 up to `sides`, which is not counted.
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        let face = self.0.get(self.1).copied().unwrap_or(0);
        self.1 += 1;
        usize::from(face) % sides
    }

    pub(crate) fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    /// Once in so many times.
    pub(crate) fn rarely(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }
}

/// Walks through six hundred lives of a decider, the same ones each time: the state is what its
/// stored events fold to, and everything that can happen or be refused does so often enough.
#[track_caller]
pub(crate) fn covers<D: Decider + PartialEq + std::fmt::Debug>(
    next: fn(&D, &mut Dice<'_>) -> D::Command,
    code: fn(&D::Error) -> &'static str,
    codes: &[&'static str],
) {
    let mut seen: BTreeMap<&'static str, u32> = BTreeMap::new();
    let config = Config { failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    for _ in 0..600 {
        use proptest::strategy::{Strategy, ValueTree};
        let rolls = vec(any::<[u8; 16]>(), 1..90).new_tree(&mut runner).unwrap().current();
        let (mut live, mut replayed) = (D::default(), D::default());
        for roll in &rolls {
            match live.decide(next(&live, &mut Dice::new(roll))) {
                Ok(events) => {
                    for event in events {
                        *seen.entry(event.encode().type_name).or_default() += 1;
                        replayed = replayed.evolve(&codec::through(&event).unwrap());
                        live = live.evolve(&event);
                    }
                }
                Err(refused) => *seen.entry(code(&refused)).or_default() += 1,
            }
        }
        assert_eq!(live, replayed, "replay equals live");
    }
    let rare: Vec<_> = D::Event::types()
        .iter()
        .chain(codes)
        .map(|name| (*name, seen.get(name).copied().unwrap_or(0)))
        .filter(|(_, times)| *times < TIMES_MIN)
        .collect();
    assert!(rare.is_empty(), "came up too rarely: {rare:?}");
}
