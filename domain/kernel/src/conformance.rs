//! The promises of [`crate::EventLog`] as tests that every backend runs.
//!
//! A backend implements [`Backend`] and writes one line in its tests: it gets every law of the
//! profile as a test of that name.
//!
//! ```ignore
//! kernel::conformance!(durable, SqliteBackend::new());
//! ```
//!
//! The profiles: `core` — one stream per append, reading, waiting; `full` — also guards, claims,
//! look-ups, commands and cursors; `durable` — also what a reopened log must still hold. The
//! caller's crate needs `proptest` in its dev-dependencies for `full`.
//!
//! With `LONG_TESTS` in the environment the crowds write, and the model is asked, ten times as often.
//!
//! Nothing here sleeps or measures time, and no runtime is asked for: callers in parallel are
//! threads, each driving its own answers with [`Backend::block_on`].

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use jiff::civil::date;
use uuid::Uuid;

use crate::append::{Append, AppendError, Appended, Conflicts, NewEvent, Write};
use crate::event::Recorded;
use crate::log::{EventLog, Limit};
use crate::meta::Meta;
use crate::ports::{Clock, FixedClock, Micros};
use crate::process::derived_id;
use crate::stream::{Position, Revision, StreamName};

pub mod claims;
pub mod commands;
pub mod conflicts;
pub mod core;
pub mod crowd;
pub mod durable;
pub mod model;

/// How the suite gets at a log.
pub trait Backend: Sync {
    type Log: EventLog;

    /// A new, empty log that takes recorded time from `clock`.
    fn open(&self, clock: Arc<dyn Clock>) -> Self::Log;

    /// Closes `log` and opens what it left; called for the durable profile only.
    fn reopen(&self, log: Self::Log, clock: Arc<dyn Clock>) -> Self::Log;

    /// Waits for an answer on this thread. Backends whose answers need a runtime enter it here.
    fn block_on<F: Future>(&self, answer: F) -> F::Output {
        block_on(answer)
    }
}

/// Ten times as many where the environment holds `LONG_TESTS`, as `cargo xtask test --long` sets it.
#[must_use]
pub fn times(load: u32) -> u32 {
    if std::env::var_os("LONG_TESTS").is_some() { load * 10 } else { load }
}

/// Runs every law of a profile as a test: `conformance!(core | full | durable, <backend>)`.
#[macro_export]
macro_rules! conformance {
    (durable, $backend:expr) => {
        $crate::conformance!(full, $backend);
        $crate::conformance!(@laws $backend, durable:
            everything_survives_a_reopen
            an_unanswered_append_is_found_by_its_command
            time_grows_over_a_reopen_with_an_earlier_clock
        );
    };
    (full, $backend:expr) => {
        $crate::conformance!(core, $backend);
        $crate::conformance!(@laws $backend, conflicts:
            several_streams_are_written_at_once
            a_guard_that_moved_refuses
            none_since_knows_families_names_and_versions
            a_death_between_look_up_and_compose_refuses
            every_conflict_is_listed_at_once
            a_refusal_leaves_nothing_behind
            a_taken_event_id_is_refused
            an_event_is_found_by_its_id
        );
        $crate::conformance!(@laws $backend, claims:
            a_claim_has_one_holder_and_its_position
            a_key_is_released_and_taken_in_one_append
            only_the_holder_releases
            claims_page_by_prefix
            look_ups_come_and_go
        );
        $crate::conformance!(@laws $backend, commands:
            the_same_command_has_the_first_result
            an_altered_command_is_refused
            a_refused_command_is_decided_anew
            an_append_without_events_stands
            cursors_never_go_back
        );
        $crate::conformance!(@laws $backend, crowd:
            of_a_hundred_takers_one_wins
            a_command_sent_by_many_is_carried_out_once
            a_conflict_of_one_leaves_the_others_standing
        );
        proptest::proptest! {
            #![proptest_config(proptest::prelude::ProptestConfig {
                cases: $crate::conformance::times(48),
                failure_persistence: None,
                ..proptest::prelude::ProptestConfig::default()
            })]
            #[test]
            fn it_agrees_with_the_model(
                steps in proptest::collection::vec(proptest::array::uniform10(0_u8..), 1..40)
            ) {
                $crate::conformance::model::it_agrees_with_the_model(&$backend, &steps);
            }
        }
    };
    (core, $backend:expr) => {
        $crate::conformance!(@laws $backend, core:
            an_empty_log_holds_nothing
            events_come_back_as_they_were_written
            pages_end_at_the_first_bound_and_skip_nothing
            a_scan_sees_what_a_read_returns
            a_stream_is_read_alone
            a_write_that_expects_another_revision_is_refused
            an_append_has_a_largest_size
            nothing_is_named_twice
            time_grows_while_the_clock_stands_or_goes_back
            a_waiter_wakes_when_the_head_moves
        );
        $crate::conformance!(@laws $backend, crowd:
            readers_of_a_busy_log_skip_repeat_and_reorder_nothing
        );
    };
    (@laws $backend:expr, $module:ident: $($law:ident)+) => {
        $(
            #[test]
            fn $law() {
                $crate::conformance::$module::$law(&$backend);
            }
        )+
    };
}

/// 2026-01-15T00:00:00Z: when the suite's clocks begin.
pub const BEGIN: Micros = Micros(1_768_435_200_000_000);

#[must_use]
pub fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::at(BEGIN))
}

/// An id of this suite: the same words give the same id.
#[must_use]
pub fn id(name: &str, number: u64) -> Uuid {
    derived_id(name, &[&number.to_be_bytes()])
}

#[must_use]
pub fn meta(command: u64) -> Meta {
    Meta::of("user:conformance", date(2026, 1, 15), id("command", command))
}

#[must_use]
pub fn stream(name: impl std::fmt::Display) -> StreamName {
    StreamName::new("thing", name)
}

/// One event of `type_name`, whose id and data follow from `number`.
#[must_use]
pub fn event(number: u64, type_name: &str) -> NewEvent {
    NewEvent {
        id: id("event", number),
        type_name: type_name.to_owned(),
        data: format!(r#"{{"number":{number},"name":"张三"}}"#),
    }
}

#[must_use]
pub fn write(stream: StreamName, expected: u64, events: Vec<NewEvent>) -> Write {
    Write { stream, expected: Revision(expected), events }
}

/// One event for one stream, numbered.
#[must_use]
pub fn single(number: u64, name: impl std::fmt::Display, expected: u64) -> Append {
    let events = vec![event(number, "thing.happened.v1")];
    Append::new(meta(number)).write(write(stream(name), expected, events))
}

/// The suite's view of one log: asks, and expects an answer.
pub struct Asked<'a, B: Backend> {
    pub backend: &'a B,
    pub log: &'a B::Log,
}

impl<B: Backend> Asked<'_, B> {
    pub fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.backend.block_on(self.log.append(append))
    }

    /// # Panics
    /// When the append is refused.
    pub fn appended(&self, append: Append) -> Position {
        match self.append(append) {
            Ok(appended) => appended.position(),
            Err(error) => panic!("the append is refused: {error:?}"),
        }
    }

    /// # Panics
    /// When the append is not refused with conflicts.
    pub fn conflicts(&self, append: Append) -> Conflicts {
        match self.append(append) {
            Err(AppendError::Conflict(conflicts)) => conflicts,
            other => panic!("expected conflicts: {other:?}"),
        }
    }

    /// # Panics
    /// When the log cannot be read.
    pub fn read(&self, after: u64, limit: Limit) -> Vec<Recorded> {
        let answer = self.backend.block_on(self.log.read(Position(after), limit));
        answer.expect("the log under test is readable")
    }

    /// Every event, by pages.
    pub fn all(&self) -> Vec<Recorded> {
        let mut events: Vec<Recorded> = Vec::new();
        loop {
            let after = events.last().map_or(0, |event| event.position.0);
            let page = self.read(after, Limit::PAGE);
            if page.is_empty() {
                return events;
            }
            events.extend(page);
        }
    }

    /// # Panics
    /// When the log cannot be read.
    pub fn stream(&self, name: &StreamName, after: u64, limit: Limit) -> Vec<Recorded> {
        let answer = self.backend.block_on(self.log.read_stream(name, Revision(after), limit));
        answer.expect("the log under test is readable")
    }

    /// Who holds `key`, and since which position.
    ///
    /// # Panics
    /// When the log cannot be read.
    pub fn holder(&self, key: &str) -> Option<(String, u64)> {
        let keys = [key.to_owned()];
        let mut held =
            self.backend.block_on(self.log.claims(&keys)).expect("the log under test is readable");
        assert_eq!(held.len(), 1, "one answer for one key");
        held.remove(0).map(|held| (held.holder, held.position.0))
    }
}

/// Positions run from 1 without a gap, revisions of each stream too, recorded time only upwards.
///
/// # Panics
/// When they do not.
pub fn assert_ordered(events: &[Recorded]) {
    let mut revisions = std::collections::HashMap::new();
    let mut before = Micros(i64::MIN);
    for (place, event) in events.iter().enumerate() {
        assert_eq!(event.position.0, place as u64 + 1, "positions have no gap");
        assert!(event.recorded_at > before, "time grows: {} at {}", event.recorded_at, place);
        before = event.recorded_at;
        let revision = revisions.entry(event.stream.clone()).or_insert(0);
        *revision += 1;
        assert_eq!(event.revision.0, *revision, "revisions of {} have no gap", event.stream);
    }
}

/// Waits for an answer by parking this thread: enough for every backend that wakes from threads of
/// its own.
pub fn block_on<F: Future>(answer: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut answer = pin!(answer);
    loop {
        match answer.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryLog;

    struct Memory;

    impl Backend for Memory {
        type Log = MemoryLog;

        fn open(&self, clock: Arc<dyn Clock>) -> MemoryLog {
            MemoryLog::new(id("log", 1), clock)
        }

        fn reopen(&self, log: MemoryLog, _: Arc<dyn Clock>) -> MemoryLog {
            log
        }
    }

    crate::conformance!(full, Memory);

    #[test]
    fn every_law_is_listed() {
        let list = include_str!("conformance.rs");
        for module in [
            include_str!("conformance/core.rs"),
            include_str!("conformance/conflicts.rs"),
            include_str!("conformance/claims.rs"),
            include_str!("conformance/commands.rs"),
            include_str!("conformance/crowd.rs"),
            include_str!("conformance/durable.rs"),
        ] {
            for law in module.lines().filter_map(|line| line.strip_prefix("pub fn ")) {
                let (name, _) = law.split_once('<').expect("a law is generic over its backend");
                assert!(list.contains(&format!("            {name}\n")), "{name} runs nowhere");
            }
        }
    }
}
