//! What cannot be provoked from outside: a failing disk, and groups of a chosen make-up.

use kernel::conformance::model::{self, Step};
use kernel::conformance::{block_on, clock, id, single};
use kernel::memory::MemoryLog;
use kernel::{AppendError, CommandRecord};
use proptest::prelude::*;

use super::*;

fn io_error() -> rusqlite::Error {
    let failure = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC);
    rusqlite::Error::SqliteFailure(failure, Some("the disk is gone".to_owned()))
}

/// The flush fails, and nothing is stored.
fn lost(_: &Connection) -> rusqlite::Result<()> {
    Err(io_error())
}

/// The group is stored, and the disk says that it is not.
fn stored_all_the_same(connection: &Connection) -> rusqlite::Result<()> {
    Writer::commit_now(connection)?;
    Err(io_error())
}

fn command(append: Append) -> Append {
    append.command(CommandRecord { id: id("c", 1), digest: [1; 32], result: "r".to_owned() })
}

#[test]
fn a_commit_of_unknown_outcome_ends_the_writing() {
    for (commit, head) in [(lost as writer::Commit, 0), (stored_all_the_same, 1)] {
        let directory = tempfile::tempdir().unwrap();
        let opened = file::open(directory.path(), Some(id("log", 1))).unwrap();
        let log = SqliteLog::start(opened, clock(), Options::default(), commit).unwrap();
        let append = command(single(1, "a", 0));
        let answer = block_on(log.append(append.clone()));
        assert!(matches!(answer, Err(AppendError::Uncertain(_))), "{answer:?}");
        assert!(block_on(log.failed()).contains("the disk is gone"));
        let answer = block_on(log.append(append.clone()));
        assert!(matches!(answer, Err(AppendError::ReadOnly(_))), "{answer:?}");
        assert_eq!(log.head(), Position(0), "nobody is told of what may not stand");
        drop(log);

        // The next process knows.
        let log = SqliteLog::open(directory.path(), clock(), Options::default()).unwrap();
        assert_eq!(log.head(), Position(head));
        assert_eq!(block_on(log.append(append)).unwrap().position(), Position(1));
        assert_eq!(log.head(), Position(1));
    }
}

#[test]
fn a_log_that_is_closed_has_not_failed() {
    let directory = tempfile::tempdir().unwrap();
    let log =
        SqliteLog::create(directory.path(), id("log", 1), clock(), Options::default()).unwrap();
    let mut failed = Box::pin(log.failed());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    drop(log);
    assert!(failed.as_mut().poll(&mut context).is_pending());
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: kernel::conformance::times(256),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// However requests fall into groups, each is answered as if it had come alone.
    #[test]
    fn groups_answer_as_if_every_append_came_alone(
        groups in prop::collection::vec(
            prop::collection::vec(prop::array::uniform10(0_u8..), 1..8),
            1..10,
        )
    ) {
        grouped_like_the_model(&groups);
    }
}

#[test]
fn a_key_that_somebody_holds_is_not_passed_on_within_a_group() {
    let directory = tempfile::tempdir().unwrap();
    let mut writer = idle_writer(directory.path(), clock());
    carried_out(&mut writer, vec![single(1, "a", 0).take("day", "first")]);
    let answers = carried_out(
        &mut writer,
        vec![single(2, "b", 0).take("day", "thief"), single(3, "c", 0).release("day", "thief")],
    );
    assert!(answers.iter().all(Result::is_err), "{answers:?}");
    let held = queries::held(&writer.connection, "day").unwrap().unwrap();
    assert_eq!((held.holder.as_str(), held.position), ("first", Position(1)));
}

fn grouped_like_the_model(groups: &[Vec<Step>]) {
    let directory = tempfile::tempdir().unwrap();
    let clock = clock();
    let mut writer = idle_writer(directory.path(), clock.clone());
    let reference = MemoryLog::new(id("log", 1), clock.clone());
    let mut number = 0;
    for steps in groups {
        // One reading of the clock for all: it may not move inside a group.
        model::turn(&clock, steps[0]);
        let (mut group, mut expected) = (Vec::new(), Vec::new());
        for step in steps {
            let append = model::append(&reference, number, *step);
            number += 1;
            if append.check().is_ok() {
                expected.push(block_on(reference.append(append.clone())));
                group.push(append);
            }
        }
        // Every group is first taken on trust, whatever came before.
        writer.wary = 0;
        let answers = carried_out(&mut writer, group);
        assert_eq!(format!("{answers:#?}"), format!("{expected:#?}"));
    }
    tail::whole(&writer.connection).unwrap();
    let mut events = Vec::new();
    let all = Limit { events: usize::MAX, bytes: usize::MAX };
    queries::scan(&writer.connection, Position::START, all, &mut |event| {
        events.push(event.to_recorded());
    })
    .unwrap();
    assert_eq!(events, reference.events());
    let claims = queries::claims_from(&writer.connection, "", "", usize::MAX).unwrap();
    assert_eq!(claims, block_on(reference.claims_from("", "", usize::MAX)).unwrap());
}

/// Carries out one group, and completes the answers as callers would.
fn carried_out(writer: &mut Writer, group: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
    let room = Arc::new(Semaphore::new(group.len()));
    let mut verdicts = Vec::new();
    let requests = group.into_iter().map(|append| {
        let (answer, verdict) = oneshot::channel();
        verdicts.push(verdict);
        Request::Append(Box::new(Asked {
            meta: append.meta.to_text(),
            events: append.len(),
            bytes: append.bytes(),
            append,
            answer,
            _room: Arc::clone(&room).try_acquire_many_owned(1).unwrap(),
        }))
    });
    let requests = requests.collect();
    writer.carry_out(requests).unwrap();
    let complete = |verdict: oneshot::Receiver<writer::Verdict>| match block_on(verdict).unwrap() {
        Ok(appended) => Ok(appended),
        Err(Refused::For(error)) => Err(error),
        Err(Refused::Since { mut conflicts, since, upto }) => {
            conflicts.since = queries::since(&writer.connection, &since, upto).unwrap();
            Err(AppendError::Conflict(conflicts))
        }
    };
    verdicts.into_iter().map(complete).collect()
}

/// A writer without its thread.
fn idle_writer(directory: &Path, clock: Arc<dyn Clock>) -> Writer {
    let opened = file::open(directory, Some(id("log", 1))).unwrap();
    let (_, requests) = mpsc::channel(1);
    Writer {
        connection: opened.connection,
        // So few that streams fall out of memory and are asked for again.
        known: group::Known::new(opened.known, 2),
        clock,
        requests,
        carried: None,
        head: Arc::default(),
        moves: watch::channel(0).0,
        failures: watch::channel(None).0,
        directory: directory.to_owned(),
        reserve_bytes: 0,
        bulk: rows::Bulk::new(),
        wary: 0,
        commit: Writer::commit_now,
    }
}
