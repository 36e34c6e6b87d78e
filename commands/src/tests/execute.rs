//! One command to one thing: repetitions, races, lost answers.

use std::sync::Arc;

use kernel::{EventLog, Position, Revision};
use proptest::prelude::*;

use super::toy::{coins, envelope, id, pay, put};
use crate::fixture::{Lagging, World};
use crate::{CommandError, Executor, Language, Ports};

#[tokio::test]
async fn a_repeated_command_gets_the_first_result_and_writes_nothing() {
    let World { executor, log, .. } = World::new();
    let first = put(&executor, &envelope("a"), "p", 5).await.unwrap();
    assert_eq!((first.position, first.replayed), (Position(1), false));
    assert_eq!(first.revision, Some(Revision(1)));
    pay(&executor, &envelope("b"), "p", 5).await.unwrap();
    let again = put(&executor, &envelope("a"), "p", 5).await.unwrap();
    assert_eq!((again.position, again.replayed), (Position(1), true));
    assert_eq!(log.events().len(), 2);
}

#[tokio::test]
async fn a_repeated_command_is_not_decided_anew_whatever_the_state_has_become() {
    let World { executor, .. } = World::new();
    put(&executor, &envelope("a"), "p", 5).await.unwrap();
    pay(&executor, &envelope("b"), "p", 5).await.unwrap();
    assert!(pay(&executor, &envelope("b"), "p", 5).await.unwrap().replayed);
    let refused = pay(&executor, &envelope("c"), "p", 5).await.unwrap_err();
    assert_eq!((refused.code(), refused.is_refusal()), ("TOO_FEW", true));
    assert_eq!(refused.message(Language::Zh), "只有0枚，不足5枚");
    assert_eq!(refused.message(Language::En), "the purse holds 0 coins, not 5");
    // A refusal is not remembered: the same command may succeed later.
    put(&executor, &envelope("d"), "p", 5).await.unwrap();
    assert!(!pay(&executor, &envelope("c"), "p", 5).await.unwrap().replayed);
}

#[tokio::test]
async fn the_same_id_with_another_content_is_refused() {
    let World { executor, log, .. } = World::new();
    put(&executor, &envelope("a"), "p", 5).await.unwrap();
    for altered in
        [put(&executor, &envelope("a"), "p", 6).await, pay(&executor, &envelope("a"), "p", 5).await]
    {
        assert!(matches!(altered, Err(CommandError::CommandAltered { .. })));
    }
    assert_eq!(log.events().len(), 1);
}

#[tokio::test]
async fn a_command_that_changes_nothing_is_remembered_too() {
    let World { executor, log, .. } = World::new();
    assert!(!put(&executor, &envelope("a"), "p", 0).await.unwrap().replayed);
    assert!(put(&executor, &envelope("a"), "p", 0).await.unwrap().replayed);
    assert!(log.events().is_empty());
}

#[tokio::test]
async fn racing_commands_are_decided_anew_and_all_succeed() {
    let world = World::new();
    let slow = Lagging::over(&world.executor);
    put(&slow, &envelope("a"), "p", 1).await.unwrap();
    let names = ["b", "c", "d", "e"].map(envelope);
    let racing = names.iter().map(|envelope| put(&slow, envelope, "p", 1));
    for outcome in futures_util::future::join_all(racing).await {
        assert!(!outcome.unwrap().replayed);
    }
    assert_eq!(coins(&world.executor, "p").await, 5);
    assert_eq!(coins(&slow, "p").await, 5);
}

#[tokio::test]
async fn two_callers_with_one_id_both_hear_the_first_result() {
    let world = World::new();
    let slow = Lagging::over(&world.executor);
    put(&slow, &envelope("a"), "p", 5).await.unwrap();
    let mine = envelope("b");
    let (a, b) = tokio::join!(pay(&slow, &mine, "p", 5), pay(&slow, &mine, "p", 5));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_eq!((a.position, b.position), (Position(2), Position(2)));
    assert!(a.replayed != b.replayed);
    assert_eq!(world.log.events().len(), 2);
}

#[tokio::test]
async fn with_a_revision_given_nothing_is_decided_anew() {
    let world = World::new();
    let slow = Lagging::over(&world.executor);
    put(&slow, &envelope("a"), "p", 1).await.unwrap();
    let seen = envelope("b").if_revision(Revision(7));
    let moved = put(&slow, &seen, "p", 1).await;
    assert!(matches!(
        moved,
        Err(CommandError::Moved { expected: Revision(7), actual: Revision(1), .. })
    ));
    let (c, d) = (envelope("c").if_revision(Revision(1)), envelope("d").if_revision(Revision(1)));
    let (c, d) = tokio::join!(put(&slow, &c, "p", 1), put(&slow, &d, "p", 1));
    assert!(c.is_ok() != d.is_ok());
    let moved = c.err().or(d.err()).unwrap();
    assert_eq!(moved.code(), "REVISION_MOVED");
    assert!(matches!(
        moved,
        CommandError::Moved { expected: Revision(1), actual: Revision(2), .. }
    ));
}

#[tokio::test]
async fn a_dry_run_decides_and_writes_nothing() {
    let World { executor, log, .. } = World::new();
    let dry = put(&executor, &envelope("a").dry_run(), "p", 5).await.unwrap();
    assert!(dry.dry_run && !dry.replayed);
    assert_eq!(dry.planned[0].type_name, "purse.filled.v1");
    assert_eq!(dry.revision, Some(Revision(1)));
    assert!(pay(&executor, &envelope("b").dry_run(), "p", 5).await.is_err());
    assert!(log.events().is_empty());
    assert!(!put(&executor, &envelope("a"), "p", 5).await.unwrap().replayed);
}

#[tokio::test]
async fn an_append_that_was_lost_is_sent_again_and_written_once() {
    for (before, after) in [(2, 0), (0, 1), (1, 2)] {
        let world = World::new();
        let log = Arc::new(Lagging::new(world.log.clone()));
        let executor = Executor::new(Ports { log: log.clone(), ..world.ports.clone() });
        log.lose(before, after);
        put(&executor, &envelope("a"), "p", 5).await.unwrap();
        assert_eq!(world.log.events().len(), 1);
        assert_eq!(coins(&executor, "p").await, 5);
    }
}

#[tokio::test]
async fn a_log_that_stays_away_is_a_fault_that_may_be_tried_again() {
    let world = World::new();
    let log = Arc::new(Lagging::new(world.log.clone()));
    let executor = Executor::new(Ports { log: log.clone(), ..world.ports.clone() });
    log.lose(u32::MAX, 0);
    let away = put(&executor, &envelope("a"), "p", 5).await.unwrap_err();
    assert!(away.is_retryable() && !away.is_refusal());
    log.lose(0, u32::MAX);
    let unknown = put(&executor, &envelope("a"), "p", 5).await.unwrap_err();
    assert_eq!(unknown.code(), "OUTCOME_UNKNOWN");
    log.lose(0, 0);
    assert!(put(&executor, &envelope("a"), "p", 5).await.unwrap().replayed);
    assert_eq!(world.log.events().len(), 1);
}

#[tokio::test]
async fn a_command_may_run_on_another_thread() {
    let World { executor, .. } = World::new();
    let put = tokio::spawn(async move { put(&executor, &envelope("a"), "p", 5).await });
    put.await.unwrap().unwrap();
}

#[tokio::test]
async fn meta_says_who_and_because_of_what() {
    let World { executor, log, .. } = World::new();
    let mut asked = envelope("a");
    asked.client = Some("192.0.2.1".to_owned());
    put(&executor, &asked, "p", 5).await.unwrap();
    let meta = log.events()[0].meta().unwrap();
    assert_eq!(meta.command, id("a"));
    assert_eq!(meta.correlation, id("a"));
    assert_eq!(meta.client.as_deref(), Some("192.0.2.1"));
    assert_eq!(meta.business_date, crate::fixture::TODAY);
}

proptest! {
    #[test]
    fn what_two_caching_nodes_fold_is_what_the_log_says(
        steps in proptest::collection::vec((any::<bool>(), 0_u8..3, 0_u32..9, any::<bool>()), 1..40)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let world = World::new();
            let nodes = [Executor::with_cache(world.ports.clone(), 600), world.other_node()];
            for (step, (node, purse, coins, pays)) in steps.into_iter().enumerate() {
                let node = &nodes[usize::from(node)];
                let envelope = envelope(&step.to_string());
                if pays {
                    match pay(node, &envelope, purse, coins).await {
                        Ok(_) | Err(CommandError::Refused(_)) => {}
                        Err(other) => panic!("{other}"),
                    }
                } else {
                    put(node, &envelope, purse, coins).await.unwrap();
                }
            }
            let fresh = world.other_node();
            for purse in ["0", "1", "2"] {
                let truth = coins(&fresh, purse).await;
                assert_eq!(coins(&nodes[0], purse).await, truth);
                assert_eq!(coins(&nodes[1], purse).await, truth);
            }
            assert_eq!(world.log.head().0 as usize, world.log.events().len());
        });
    }
}
