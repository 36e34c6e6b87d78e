//! Random appends: the log under test answers and holds what [`MemoryLog`] does.
//!
//! A step is ten bytes, so that a property test shrinks it without knowing what it means.

use std::sync::Arc;

use super::{Asked, Backend, clock, event, id, meta, stream, write};
use crate::append::{Append, CommandRecord, Lookup, NewEvent};
use crate::log::{EventLog, Limit};
use crate::memory::MemoryLog;
use crate::ports::{FixedClock, Micros};
use crate::stream::{Position, Revision};

pub type Step = [u8; 10];

const STREAMS: u8 = 4;
const TYPES: [&str; 5] =
    ["death.confirmed.v1", "death.confirmed.v2", "person.merged.v1", "card.issued.v1", "a.b.v1"];
const PATTERNS: [&str; 5] = ["death.*", "death.confirmed", "person.merged", "card.*", "*"];

/// # Panics
/// When the backend and the model part.
pub fn it_agrees_with_the_model<B: Backend>(backend: &B, steps: &[Step]) {
    let clock = clock();
    let log = backend.open(clock.clone());
    let asked = Asked { backend, log: &log };
    let model = MemoryLog::new(log.identity().log_id.0, clock.clone());
    for (number, step) in (0..).zip(steps) {
        turn(&clock, *step);
        let append = append(&model, number, *step);
        let expected = super::block_on(model.append(append.clone()));
        let answer = asked.append(append);
        assert_eq!(format!("{answer:?}"), format!("{expected:?}"), "step {number}");
    }
    assert_same(backend, &log, &model);
}

/// The clock before a step: it stands, moves on, or goes back.
pub fn turn(clock: &Arc<FixedClock>, step: Step) {
    use crate::ports::Clock;
    let by = [0, 0, 1, 250, -90][usize::from(step[9] % 5)];
    clock.set(Micros(clock.now().0 + by));
}

/// The append that a step stands for, given how `model` stands now: mostly one that fits.
pub fn append(model: &MemoryLog, number: u64, step: Step) -> Append {
    let [streams, events, off, guard, since, take, release, index, command, _] = step;
    let state = model.events();
    let revision = |name: u8| {
        let events = state.iter().filter(|event| event.stream == stream(name));
        events.count() as u64
    };
    let mut append = Append::new(meta(number));
    for (place, name) in (0..STREAMS).filter(|name| streams & (1 << name) != 0).enumerate() {
        let wrong = u64::from(off % 16 == place as u8);
        let count = u64::from(events % 4);
        let events = (0..count)
            .map(|n| {
                let fresh = number * 100 + place as u64 * 10 + n;
                let event = event(fresh, TYPES[(events as usize + n as usize) % TYPES.len()]);
                // Now and then an id that stands already.
                match state.get(usize::from(off)) {
                    Some(stored) if events > 220 && place == 0 && n == 0 => {
                        NewEvent { id: stored.id, ..event }
                    }
                    Some(_) | None => event,
                }
            })
            .collect();
        append = append.write(write(stream(name), revision(name) + wrong, events));
    }
    if guard % 4 == 0 {
        let wrong = u64::from(guard % 16 == 0);
        append = append.guard(stream(guard / 64), Revision(revision(guard / 64) + wrong));
    }
    if since % 5 == 0 {
        let back = u64::from(since % 4);
        let after = Position((state.len() as u64).saturating_sub(back));
        append = append.none_since([PATTERNS[usize::from(since) % PATTERNS.len()]], after);
    }
    for key in (0..take / 86).map(|n| (take % 8 + 3 * n) % 8) {
        append = append.take(format!("k:{key}"), format!("h{}", number % 2));
    }
    for key in (0..8_u8).filter(|key| release & (1 << key) != 0) {
        let keys = [format!("k:{key}")];
        let held = super::block_on(model.claims(&keys)).expect("the model is readable");
        match held.into_iter().next().flatten() {
            Some(held) => append = append.release(format!("k:{key}"), held.holder),
            None if release > 240 => append = append.release(format!("k:{key}"), "h0"),
            None => {}
        }
    }
    let entry = |n: u8| Lookup {
        kind: "name".to_owned(),
        blind: format!("b{}", n % 3),
        subject: id("subject", u64::from(n % 5)),
    };
    append.index.extend((index % 2 == 0).then(|| entry(index / 2)));
    append.unindex.extend((index % 5 == 0).then(|| entry(index / 3)));
    if command % 2 == 0 {
        append = append.command(CommandRecord {
            id: id("c", u64::from(command / 16)),
            digest: [command % 4; 32],
            result: number.to_string(),
        });
    }
    append
}

/// # Panics
/// When one holds something that the other does not.
pub fn assert_same<B: Backend>(backend: &B, log: &B::Log, model: &MemoryLog) {
    let asked = Asked { backend, log };
    assert_eq!(asked.all(), model.events());
    for name in 0..STREAMS {
        let expected = super::block_on(model.read_stream(&stream(name), Revision(1), Limit::PAGE));
        let expected = expected.expect("the model is readable");
        assert_eq!(asked.stream(&stream(name), 1, Limit::PAGE), expected);
    }
    let mut held = Vec::new();
    for key in 0..8 {
        let keys = [format!("k:{key}")];
        let expected = super::block_on(model.claims(&keys)).expect("the model is readable");
        held.extend(expected.into_iter().map(|h| h.map(|h| (h.holder, h.position.0))));
    }
    assert_eq!((0..8).map(|key| asked.holder(&format!("k:{key}"))).collect::<Vec<_>>(), held);
    for blind in ["b0", "b1", "b2"] {
        let subjects = backend.block_on(log.look_up("name", blind));
        let expected = super::block_on(model.look_up("name", blind));
        assert_eq!(format!("{subjects:?}"), format!("{expected:?}"));
    }
    for number in 0..16 {
        let done = backend.block_on(log.command(id("c", number)));
        let expected = super::block_on(model.command(id("c", number)));
        assert_eq!(format!("{done:?}"), format!("{expected:?}"));
    }
}
