//! One command over several streams: all or nothing.

use std::sync::atomic::{AtomicU32, Ordering};

use kernel::{EventLog, Position, Revision, StreamName};

use super::toy::{Command, Event, Purse, coins, envelope, id, pay, put};
use crate::fixture::World;
use crate::{CommandError, Done, Envelope, Executor, Keys, Unit};

/// Moves coins from one purse to another, guarded by a third one that must hold enough to vouch.
async fn hand_over(executor: &Executor, envelope: &Envelope) -> Result<Done<u32>, CommandError> {
    executor
        .run(envelope, "handOver", &3, async |unit: Unit| {
            let (vouching, _) = unit.guard::<Purse>("bail").await?;
            unit.decide::<Purse>("from", Command::Pay(3)).await?;
            unit.decide::<Purse>("to", Command::Put(3)).await?;
            let (to, _) = unit.load::<Purse>("to").await?;
            assert!(to.coins >= 3, "a unit sees what it decided");
            unit.take("handover:1", "purse-from");
            Ok(vouching.coins)
        })
        .await
}

async fn filled() -> World {
    let world = World::new();
    put(&world.executor, &envelope("a"), "from", 3).await.unwrap();
    put(&world.executor, &envelope("b"), "bail", 9).await.unwrap();
    world
}

#[tokio::test]
async fn a_unit_is_written_whole() {
    let World { executor, log, .. } = filled().await;
    let done = hand_over(&executor, &envelope("c")).await.unwrap();
    assert_eq!((done.result, done.position), (9, Position(4)));
    assert_eq!((coins(&executor, "from").await, coins(&executor, "to").await), (0, 3));
    let again = hand_over(&executor, &envelope("c")).await.unwrap();
    assert_eq!((again.result, again.replayed), (9, true));
    assert_eq!(log.events().len(), 4);
}

#[tokio::test]
async fn a_refused_part_leaves_nothing() {
    let World { executor, log, .. } = filled().await;
    pay(&executor, &envelope("c"), "from", 1).await.unwrap();
    assert_eq!(hand_over(&executor, &envelope("d")).await.unwrap_err().code(), "TOO_FEW");
    assert_eq!(log.events().len(), 3);
}

#[tokio::test]
async fn a_contested_claim_is_handed_back_with_its_holder() {
    let World { executor, log, .. } = filled().await;
    hand_over(&executor, &envelope("c")).await.unwrap();
    put(&executor, &envelope("d"), "from", 3).await.unwrap();
    for asked in [envelope("e"), envelope("f").dry_run()] {
        let Err(CommandError::Conflict(conflicts)) = hand_over(&executor, &asked).await else {
            panic!("the claim is held");
        };
        assert!(conflicts.revisions.is_empty() && conflicts.since.is_empty());
        let held = conflicts.claims[0].held.as_ref().unwrap();
        assert_eq!((held.holder.as_str(), held.position), ("purse-from", Position(4)));
    }
    assert_eq!(log.events().len(), 5);
}

#[tokio::test]
async fn a_moved_guard_has_the_plan_run_again() {
    let World { executor, .. } = filled().await;
    let runs = AtomicU32::new(0);
    let lent = executor
        .run(&envelope("c"), "lend", &(), async |unit: Unit| {
            let (bail, revision) = unit.guard::<Purse>("bail").await?;
            if runs.fetch_add(1, Ordering::SeqCst) == 0 {
                pay(&executor, &envelope("d"), "bail", 4).await?;
            }
            unit.decide::<Purse>("to", Command::Put(bail.coins)).await?;
            Ok(revision.0)
        })
        .await;
    assert_eq!(lent.unwrap().result, 2);
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(coins(&executor, "to").await, 5);
}

#[tokio::test]
async fn a_plan_that_never_wins_is_given_up() {
    let World { executor, .. } = filled().await;
    let runs = AtomicU32::new(0);
    let lost = executor
        .run(&envelope("c"), "lend", &(), async |unit: Unit| {
            let run = runs.fetch_add(1, Ordering::SeqCst);
            unit.guard::<Purse>("bail").await?;
            put(&executor, &envelope(&format!("faster {run}")), "bail", 1).await?;
            unit.decide::<Purse>("to", Command::Put(1)).await?;
            Ok(())
        })
        .await;
    assert!(matches!(lost, Err(CommandError::Conflict(_))));
    assert_eq!(runs.load(Ordering::SeqCst), 5);
    assert_eq!(coins(&executor, "to").await, 0);
}

#[tokio::test]
async fn facts_that_changed_since_they_were_read_are_named() {
    let World { executor, .. } = filled().await;
    let compose = async |name: &str, frozen: u64| {
        executor
            .run(&envelope(name), "compose", &frozen, async |unit: Unit| {
                unit.none_since(["purse.filled"], Position(frozen));
                unit.none_since(["death.*"], Position(frozen + 1));
                unit.decide::<Purse>("to", Command::Put(1)).await?;
                Ok(())
            })
            .await
    };
    let Err(CommandError::Conflict(conflicts)) = compose("c", 1).await else {
        panic!("the second purse was filled after position 1");
    };
    assert_eq!(conflicts.since[0].stream, StreamName::new("purse", "bail"));
    compose("d", 2).await.unwrap();
}

#[tokio::test]
async fn what_is_sealed_names_the_event_that_holds_it() {
    let World { executor, log, keys, .. } = World::new();
    let subject = id("person");
    keys.ensure(&[subject]).await.unwrap();
    let done = executor
        .run(&envelope("a"), "register", &(), async |unit: Unit| {
            unit.decide::<Purse>("p", Command::Put(1)).await?;
            let sealed = unit.keys().seal(subject, unit.event_id(), "name", "王")?;
            unit.index("name", unit.keys().blind("name", "王"), subject);
            let created = unit.new_id("purse", 0);
            unit.write(
                StreamName::new("purse", created),
                Revision::NONE,
                &[Event::Filled { coins: 2 }],
            )?;
            Ok(sealed)
        })
        .await
        .unwrap();
    assert!(done.result.contains(&log.events()[1].id.to_string()));
    let blind = keys.blind("name", "王");
    assert_eq!(log.look_up("name", &blind).await.unwrap(), [subject]);
}

#[tokio::test]
async fn a_unit_may_run_on_another_thread() {
    let World { executor, .. } = filled().await;
    let handing = tokio::spawn(async move { hand_over(&executor, &envelope("c")).await });
    assert_eq!(handing.await.unwrap().unwrap().result, 9);
}
