//! What every context's tests share: the walk behind a decider's laws, and the history that must
//! decode for ever.
//!
//! The walk: commands chosen by the state, every step judged, every event type and every refusal
//! counted, so that a law never holds for want of cases.

mod history;

use std::cell::RefCell;
use std::collections::BTreeMap;

use kernel::conformance::times;
use kernel::{Decider, Event, codec};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

pub use crate::history::History;

/// How often each event type and each refusal must come up.
const TIMES_MIN: u32 = 20;

/// The choices of one step; all zero when they are used up, so that a failure shrinks.
pub struct Dice([u8; 16], usize);

impl Dice {
    /// 0 up to `sides`, which is not counted.
    pub fn below(&mut self, sides: usize) -> usize {
        let face = self.0.get(self.1).copied().unwrap_or(0);
        self.1 += 1;
        usize::from(face) % sides
    }

    pub fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }
}

/// Walks through five hundred lives of a decider, the same ones each time; through five thousand
/// where the environment holds `LONG_TESTS`.
#[track_caller]
pub fn hold<D: Decider>(
    next: fn(&D, &mut Dice) -> D::Command,
    law: fn(&[D::Event], &D),
    code: fn(&D::Error) -> &'static str,
    codes: &[&'static str],
) {
    let seen: RefCell<BTreeMap<&'static str, u32>> = RefCell::default();
    let config = Config { cases: times(500), failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, rng)
        .run(&vec(any::<[u8; 16]>(), 1..60), |rolls| {
            let (mut state, mut history) = (D::default(), Vec::new());
            for roll in rolls {
                match state.decide(next(&state, &mut Dice(roll, 0))) {
                    Ok(events) => {
                        for event in events {
                            assert_eq!(codec::through(&event).unwrap(), event);
                            *seen.borrow_mut().entry(event.encode().type_name).or_default() += 1;
                            state = state.evolve(&event);
                            history.push(event);
                        }
                    }
                    Err(refused) => *seen.borrow_mut().entry(code(&refused)).or_default() += 1,
                }
                law(&history, &state);
            }
            Ok(())
        })
        .unwrap();
    let seen = seen.into_inner();
    let rare: Vec<_> = D::Event::types()
        .iter()
        .chain(codes)
        .map(|name| (*name, seen.get(name).copied().unwrap_or(0)))
        .filter(|(_, times)| *times < TIMES_MIN)
        .collect();
    assert!(rare.is_empty(), "came up too rarely: {rare:?}");
}
