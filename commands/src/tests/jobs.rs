//! Bulk work that is cut and taken up again.

use std::collections::BTreeSet;
use std::sync::Arc;

use kernel::Recorded;
use proptest::prelude::*;

use super::toy::{Command, Purse, envelope};
use crate::fixture::{Lagging, World};
use crate::jobs::{CHUNK_BYTES_MAX, CHUNK_LINES_MAX, in_turn};
use crate::{
    Cancel, Chunk, CommandError, Executor, Job, JobEnd, JobError, Progress, Unit, chunked,
};

/// Three purses, each filled by ten chunks of two lines.
fn lanes() -> impl Iterator<Item = Chunk<u32>> {
    in_turn(["p", "q", "r"].map(|purse| {
        (0..10_u32).map(move |n| Chunk { lane: Some(purse.to_owned()), lines: vec![n + 1, n + 2] })
    }))
}

async fn fill(
    executor: &Executor,
    cancel: &Cancel,
    progress: impl FnMut(Progress),
    fail_at: Option<u32>,
) -> Result<JobEnd, JobError> {
    Job::new(executor.clone(), envelope("job"), "fill")
        .in_flight(2)
        .cancelled_by(cancel.clone())
        .run(lanes(), progress, async |unit: Unit, chunk: Arc<Chunk<u32>>| {
            let purse = chunk.lane.as_deref().expect("every chunk of this job has a lane");
            if chunk.lines.first() == fail_at.as_ref() {
                return Err(CommandError::Fault { what: "the power went".to_owned() });
            }
            for line in &chunk.lines {
                unit.decide::<Purse>(purse, Command::Put(*line)).await?;
            }
            Ok(())
        })
        .await
}

/// Each stream's events without their global place, which depends on who came first.
fn streams(log: &[Recorded]) -> BTreeSet<(String, u64, uuid::Uuid, String)> {
    let event = |event: &Recorded| {
        (event.stream.to_string(), event.revision.0, event.id, event.data.clone())
    };
    log.iter().map(event).collect()
}

#[tokio::test]
async fn a_job_that_was_cut_and_run_again_leaves_the_same_log() {
    let uncut = World::new();
    let slow = Lagging::over(&uncut.executor);
    let end = fill(&slow, &Cancel::default(), |_| {}, None).await.unwrap();
    assert_eq!((end.progress.chunks, end.progress.skipped, end.progress.lines), (30, 0, 60));
    assert!(!end.cancelled);
    let expected = streams(&uncut.log.events());
    assert_eq!(expected.len(), 60);

    for cut in 1..30 {
        let world = World::new();
        let cancel = Cancel::default();
        let stop = |progress: Progress| {
            if progress.chunks == cut {
                cancel.cancel();
            }
        };
        let end = fill(&Lagging::over(&world.executor), &cancel, stop, None).await.unwrap();
        let written = end.progress.chunks;
        assert!((cut..=cut + 1).contains(&written));
        assert_eq!(end.cancelled, written < 30);
        let end = fill(&world.other_node(), &Cancel::default(), |_| {}, None).await.unwrap();
        assert_eq!((end.progress.chunks, end.progress.skipped), (30, written));
        assert_eq!(streams(&world.log.events()), expected);
    }
}

#[tokio::test]
async fn a_failing_chunk_stops_the_job_and_loses_nothing() {
    let world = World::new();
    let failed = fill(&world.executor, &Cancel::default(), |_| {}, Some(5)).await.unwrap_err();
    assert_eq!(failed.error.code(), "FAULT");
    assert_eq!(world.log.events().len(), 2 * failed.progress.chunks as usize);
    let end = fill(&world.executor, &Cancel::default(), |_| {}, None).await.unwrap();
    assert_eq!(end.progress.skipped, failed.progress.chunks);
    assert_eq!(world.log.events().len(), 60);
}

#[tokio::test]
async fn a_chunk_with_other_lines_is_not_taken_for_the_first() {
    let world = World::new();
    let run = async |line: u32| {
        let chunks = chunked(None, [line]);
        Job::new(world.executor.clone(), envelope("job"), "fill")
            .run(
                chunks,
                |_| {},
                async |unit: Unit, chunk: Arc<Chunk<u32>>| {
                    unit.decide::<Purse>("p", Command::Put(chunk.lines[0])).await?;
                    Ok(())
                },
            )
            .await
    };
    run(1).await.unwrap();
    assert_eq!(run(2).await.unwrap_err().error.code(), "COMMAND_ALTERED");
}

#[tokio::test]
async fn a_job_may_run_on_another_thread() {
    let World { executor, .. } = World::new();
    let job = tokio::spawn(async move { fill(&executor, &Cancel::default(), |_| {}, None).await });
    assert_eq!(job.await.unwrap().unwrap().progress.chunks, 30);
}

proptest! {
    #[test]
    fn chunks_hold_every_line_in_order_and_stay_within_their_bounds(
        lengths in proptest::collection::vec(0_usize..40_000, 0..60), copies in 1_usize..40
    ) {
        let lines: Vec<String> = lengths.iter().map(|n| "x".repeat(n / copies)).collect();
        let lines: Vec<String> = std::iter::repeat_n(lines, copies).flatten().collect();
        let chunks: Vec<Chunk<String>> = chunked(Some("lane"), lines.clone()).collect();
        for chunk in &chunks {
            let bytes = serde_json::to_string(&chunk.lines).unwrap().len();
            prop_assert!(bytes <= CHUNK_BYTES_MAX && chunk.lines.len() <= CHUNK_LINES_MAX);
            prop_assert!(!chunk.lines.is_empty());
        }
        let back: Vec<String> = chunks.into_iter().flat_map(|chunk| chunk.lines).collect();
        prop_assert_eq!(back, lines);
    }
}

#[test]
fn a_line_larger_than_a_chunk_stands_alone() {
    let lines = ["a".to_owned(), "b".repeat(CHUNK_BYTES_MAX), "c".to_owned()];
    let sizes: Vec<usize> = chunked(None, lines).map(|chunk| chunk.lines.len()).collect();
    assert_eq!(sizes, [1, 1, 1]);
    let many = chunked(None, 0..2_500).map(|chunk| chunk.lines.len());
    assert_eq!(many.collect::<Vec<_>>(), [1_000, 1_000, 500]);
}
