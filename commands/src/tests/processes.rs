//! Processes: nothing twice, nothing lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use kernel::log::Answer;
use kernel::process::command_id;
use kernel::{EventLog, Position};
use uuid::Uuid;

use super::toy::{Command, Event, Purse, coins, envelope, id, put};
use crate::fixture::World;
use crate::processes::inbox;
use crate::{CommandError, Issued, Process, Reaction, Runner, Unit};

/// For every coin put into a purse, one is paid from the treasury as well.
struct Tax {
    away: Arc<AtomicBool>,
    reactions: Arc<AtomicU32>,
}

impl Tax {
    fn boxed() -> Box<dyn Process> {
        Box::new(Self { away: Arc::default(), reactions: Arc::default() })
    }
}

impl Process for Tax {
    fn name(&self) -> &'static str {
        "tax"
    }

    fn interested(&self, type_name: &str) -> bool {
        type_name.starts_with("purse.filled.")
    }

    fn react<'a>(&'a self, reaction: &'a mut Reaction) -> Answer<'a, Result<(), CommandError>> {
        Box::pin(async move {
            self.reactions.fetch_add(1, Ordering::SeqCst);
            if self.away.load(Ordering::SeqCst) {
                return Err(CommandError::Fault { what: "no rates".to_owned() });
            }
            let Event::Filled { coins } = reaction.event().decode()? else {
                return Ok(());
            };
            if reaction.event().stream.id() == "treasury" {
                return Ok(());
            }
            let _issued: Issued<()> = reaction
                .issue("tax", &coins, async |unit: Unit| {
                    unit.decide::<Purse>("treasury", Command::Pay(coins)).await?;
                    Ok(())
                })
                .await?;
            Ok(())
        })
    }
}

/// The command that `tax` issues on the event that was written by the command `name`.
fn tax_on(world: &World, name: &str) -> Uuid {
    let events = world.log.events();
    let event = events.iter().find(|event| event.meta().unwrap().command == id(name)).unwrap();
    command_id("tax", event.id, 0)
}

#[tokio::test]
async fn a_process_that_reads_again_issues_nothing_twice() {
    let world = World::new();
    put(&world.executor, &envelope("a"), "treasury", 10).await.unwrap();
    put(&world.executor, &envelope("b"), "p", 4).await.unwrap();
    let runner = Runner::new(world.executor.clone(), vec![Tax::boxed()]);
    let end = runner.settle().await.unwrap();
    assert_eq!(world.log.cursor("tax").await.unwrap(), end);
    assert_eq!(runner.standings()[0].position, end);
    assert_eq!(coins(&world.executor, "treasury").await, 6);
    let events = world.log.events();
    let meta = events[2].meta().unwrap();
    assert_eq!((meta.actor.as_str(), meta.causation), ("process:tax", Some(events[1].id)));
    assert_eq!(meta.correlation, id("b"));

    // The same events once more, by a node that lost its cursor.
    let mut reaction = Reaction::new(world.other_node(), "tax", Arc::new(events[1].clone()));
    let tax = Tax { away: Arc::default(), reactions: Arc::default() };
    tax.react(&mut reaction).await.unwrap();
    assert_eq!(world.log.events().len(), events.len());
}

#[tokio::test]
async fn a_refused_command_waits_in_the_inbox_and_a_person_may_try_it_again() {
    let world = World::new();
    put(&world.executor, &envelope("a"), "p", 4).await.unwrap();
    let runner = Runner::new(world.executor.clone(), vec![Tax::boxed()]);
    runner.settle().await.unwrap();
    let refused = tax_on(&world, "a");
    let (item, _) = world.executor.load::<inbox::Inbox>(refused).await.unwrap();
    let inbox::Inbox::Refused(item) = &*item else { panic!("it waits for a person") };
    assert_eq!((item.code.as_str(), item.operation.as_str()), ("TOO_FEW", "tax"));
    assert_eq!(item.stream.as_str(), "purse-p");

    // Refused still: the person hears why, and it stays.
    assert_eq!(runner.retry(&envelope("b"), refused).await.unwrap_err().code(), "TOO_FEW");
    put(&world.executor, &envelope("c"), "treasury", 4).await.unwrap();
    // By itself the process does not try again, even when it reads the event again.
    let event = world.log.events().into_iter().find(|e| e.stream.as_str() == "purse-p").unwrap();
    let mut reaction = Reaction::new(world.other_node(), "tax", Arc::new(event));
    let tax = Tax { away: Arc::default(), reactions: Arc::default() };
    tax.react(&mut reaction).await.unwrap();
    assert_eq!(coins(&world.executor, "treasury").await, 4);

    runner.retry(&envelope("d"), refused).await.unwrap();
    assert_eq!(coins(&world.executor, "treasury").await, 0);
    assert_eq!(world.log.events().last().unwrap().type_name, "inbox.retried.v1");
    assert!(runner.retry(&envelope("d"), refused).await.unwrap().replayed);
    assert_eq!(runner.retry(&envelope("e"), refused).await.unwrap_err().code(), "INBOX_ITEM_OVER");
}

#[tokio::test]
async fn a_refused_command_may_be_closed_with_a_note() {
    let world = World::new();
    put(&world.executor, &envelope("a"), "p", 4).await.unwrap();
    Runner::new(world.executor.clone(), vec![Tax::boxed()]).settle().await.unwrap();
    let refused = tax_on(&world, "a");
    let note = async |name| {
        inbox::resolve(&world.executor, &envelope(name), refused, "paid by hand").await
    };
    note("b").await.unwrap();
    assert_eq!(world.log.events().last().unwrap().type_name, "inbox.resolved.v1");
    assert_eq!(note("c").await.unwrap_err().code(), "INBOX_ITEM_OVER");
}

#[tokio::test]
async fn a_blocked_process_keeps_its_place_and_names_the_event() {
    let world = World::new();
    put(&world.executor, &envelope("a"), "treasury", 9).await.unwrap();
    put(&world.executor, &envelope("b"), "p", 4).await.unwrap();
    let away = Arc::new(AtomicBool::new(true));
    let tax = Tax { away: away.clone(), reactions: Arc::default() };
    let runner = Runner::new(world.executor.clone(), vec![Box::new(tax)]);
    let blocked = runner.run_until(Position(2)).await.unwrap_err();
    assert!(blocked.is_retryable());
    let standing = &runner.standings()[0];
    assert_eq!(standing.position, Position::START);
    assert_eq!(standing.blocked.as_ref().unwrap().event, world.log.events()[0].id);
    away.store(false, Ordering::SeqCst);
    runner.settle().await.unwrap();
    assert_eq!(runner.standings()[0].blocked, None);
    assert_eq!(coins(&world.executor, "treasury").await, 5);
}

#[tokio::test]
async fn a_serving_runner_reacts_to_what_comes_and_stops_when_told() {
    let world = World::new();
    put(&world.executor, &envelope("a"), "treasury", 9).await.unwrap();
    let runner = Runner::new(world.executor.clone(), vec![Tax::boxed()]);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = {
        let runner = runner.clone();
        tokio::spawn(async move {
            let shutdown = async {
                // Dropped or sent: both say stop.
                let _told = stopped.await;
            };
            runner.run(shutdown).await
        })
    };
    put(&world.executor, &envelope("b"), "p", 4).await.unwrap();
    world.log.beyond(Position(2)).await;
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    assert_eq!(coins(&world.executor, "treasury").await, 5);
}
