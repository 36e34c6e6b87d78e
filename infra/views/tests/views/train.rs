//! The train over a database: one position for every reader, failures, waiting, and going on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::place::Place;
use crate::toy::{
    BalanceRow, Balances, Counties, CountyRow, Event, TimerRow, Timers, Toy, county, credit,
};
use kernel::{Micros, Position};
use projections::engine::{Batching, NotReached, Projection, Signals, Train, TrainHandle, Value};
use projections::{Filter, Scope};
use shared::{DivisionCode, Money};
use tokio::time::Instant;
use uuid::Uuid;

const SMALL: Batching = Batching { events: 7, bytes: 1 << 20 };

fn models() -> Vec<Box<dyn Projection>> {
    vec![Box::new(Balances::keeping(16)), Box::<Counties>::default(), Box::<Timers>::default()]
}

pub fn start(toy: &Toy, place: &Place) -> TrainHandle {
    Train::start_with(toy.log.clone(), place.stores(toy), models(), SMALL, SMALL).unwrap()
}

/// Long: only a broken train meets it.
pub fn patience() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

pub fn sums(handle: &TrainHandle) -> (Position, i64, i64) {
    let session = handle.session().unwrap();
    let sum = |view: &str, table: &str| -> i64 {
        let sql = format!("SELECT CAST(COALESCE(SUM(balance), 0) AS BIGINT) FROM {table}");
        session.scalar(view, &sql, &[]).unwrap()
    };
    (session.position(), sum("balances", "balance"), sum("counties", "county"))
}

#[tokio::test]
async fn what_was_appended_is_read_at_the_position_that_was_waited_for() {
    let (toy, place) = (Toy::new(), Place::new());
    let train = start(&toy, &place);
    toy.append(&[credit(1, 100), credit(2, 50)]);
    let at = toy.append(&[credit(1, 25), credit(7, 1_000)]);
    assert_eq!(train.wait_for(at, patience()).await, Ok(at));
    let session = train.session().unwrap();
    assert_eq!(session.position(), at);
    let row = session.get::<BalanceRow>(&"1".to_owned()).unwrap().unwrap();
    assert_eq!((row.balance, row.last), (Money::from_fen(125), Position(3)));
    let scope = Scope {
        divisions: Some(vec![DivisionCode::parse("320602").unwrap()]),
        ..Scope::everything("test")
    };
    let filter = Filter::new().and("balance >=", 60).divisions(&scope, "county");
    let rows: Vec<BalanceRow> =
        session.query(&filter.tail("ORDER BY account"), filter.binds()).unwrap();
    assert_eq!(rows.iter().map(|row| &*row.account).collect::<Vec<_>>(), ["1"]);
    let backwards = session
        .rows("balances", "SELECT $2, $1, $2", &[Value::from("a"), Value::from("b")])
        .unwrap();
    assert_eq!(backwards, [["b", "a", "b"].map(Value::from).to_vec()]);
    let signals = session.after("large-credit", Position::START, 10).unwrap();
    assert_eq!(signals.len(), 1);
    assert_eq!((signals[0].position, &*signals[0].subject), (at, "7"));
    assert!(session.after("large-credit", at, 10).unwrap().is_empty());
}

#[tokio::test]
async fn facts_are_decoded_by_category() {
    let (toy, place) = (Toy::new(), Place::new());
    let train = start(&toy, &place);
    let timer = Uuid::from_u128(9);
    let set = kernel::timer::Event::Set { due: Micros(5), about: "batch-1".to_owned() };
    toy.append_timer(timer, &set);
    let at = toy.append_timer(timer, &kernel::timer::Event::Cancelled {});
    train.wait_for(at, patience()).await.unwrap();
    let row = train.session().unwrap().get::<TimerRow>(&timer).unwrap().unwrap();
    assert_eq!((row.due, row.about.as_deref()), (None, Some("batch-1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_answer_shows_one_position_while_a_writer_races() {
    let (toy, place) = (Arc::new(Toy::new()), Place::new());
    let train = start(&toy, &place);
    let over = Arc::new(AtomicBool::new(false));
    let writer = std::thread::spawn({
        let (toy, over) = (toy.clone(), over.clone());
        move || {
            for round in 0..1_500 {
                // The two halves of one append must never be seen apart.
                toy.append(&[credit(round % 40, 7), credit((round + 13) % 40, -7)]);
            }
            over.store(true, Ordering::SeqCst);
        }
    });
    let mut seen = 0;
    loop {
        let last = over.load(Ordering::SeqCst);
        let (position, balances, counties) = sums(&train);
        assert_eq!((balances, counties), (0, 0), "at position {position}");
        assert_eq!(position.0 % 2, 0, "a batch ended inside an append");
        seen += 1;
        if last && position == Position(3_000) {
            break;
        }
    }
    writer.join().unwrap();
    assert!(seen > 0);
}

#[tokio::test]
async fn a_money_read_model_stops_itself_and_the_others_go_on() {
    let (toy, place) = (Toy::new(), Place::new());
    let train = start(&toy, &place);
    let good = toy.append(&[credit(1, 100)]);
    let cursed = toy.append(&[(2, Event::Cursed {})]);
    let at = toy.append(&[credit(3, 5)]);
    train.wait_for_views(&["counties", "timers"], at, patience()).await.unwrap();
    let NotReached { reached, blocker } = train.wait_for(at, patience()).await.unwrap_err();
    let blocker = blocker.unwrap();
    assert!(reached < cursed);
    assert_eq!(blocker.view, "balances");
    let fault = blocker.fault.unwrap();
    assert_eq!((fault.position, &*fault.error), (cursed, "the account is cursed"));
    // What it had folded stays readable, and each part says where it stands.
    let session = train.session().unwrap();
    let positions: Vec<(&str, Position)> = session.positions();
    assert!(positions.contains(&("counties", at)));
    assert!(positions.iter().any(|(view, at)| *view == "balances" && *at <= good));
    let status = train.status().await;
    assert_eq!(status.blocker().unwrap().name, "balances");
    let counties = status.views.iter().find(|view| view.name == "counties").unwrap();
    assert_eq!((counties.parked, counties.lag_events), (1, 0));
}

#[tokio::test]
async fn a_parked_event_is_listed_and_can_be_replayed() {
    let (toy, place) = (Toy::new(), Place::new());
    let train = start(&toy, &place);
    let garbled = toy.garble(1);
    let cursed = toy.append(&[(2, Event::Cursed {})]);
    let at = toy.append(&[credit(3, 5)]);
    train.wait_for_views(&["counties"], at, patience()).await.unwrap();
    let parked = train.parked("counties").unwrap();
    assert_eq!(parked.iter().map(|event| event.position).collect::<Vec<_>>(), [garbled, cursed]);
    assert_eq!(parked[1].error, "the account is cursed");
    assert!(parked[0].error.starts_with("the event cannot be read: "), "{}", parked[0].error);
    // Still cursed: it stays on the list, and nothing of it is kept.
    assert!(train.replay("counties", cursed).await.is_err());
    assert!(train.replay("counties", at).await.is_err(), "it was never parked");
    assert_eq!(train.parked("counties").unwrap().len(), 2);
    let row = train.session().unwrap().get::<CountyRow>(&county(3)).unwrap().unwrap();
    assert_eq!(row.credits, 1);
}

#[tokio::test]
async fn a_mended_program_goes_on_where_it_stood() {
    let (toy, place) = (Toy::new(), Place::new());
    let stores = place.stores(&toy);
    let (balances, counties) = (Balances::keeping(16), Counties::default());
    let mended = [balances.mended.clone(), counties.mended.clone()];
    let models: Vec<Box<dyn Projection>> = vec![Box::new(balances), Box::new(counties)];
    let train = Train::start_with(toy.log.clone(), stores, models, SMALL, SMALL).unwrap();
    toy.append(&[credit(1, 100)]);
    let cursed = toy.append(&[(2, Event::Cursed {})]);
    let at = toy.append(&[credit(3, 5)]);
    train.wait_for_views(&["counties"], at, patience()).await.unwrap();
    train.wait_for(at, patience()).await.unwrap_err();
    mended.iter().for_each(|mended| mended.store(true, Ordering::SeqCst));
    train.replay("counties", cursed).await.unwrap();
    assert_eq!(train.parked("counties").unwrap(), []);
    train.resume("balances");
    // An order is carried out before the next batch.
    let at = toy.append(&[credit(4, 1)]);
    train.wait_for_views(&["counties"], at, patience()).await.unwrap();
    train.wait_for(at, patience()).await.unwrap();
    assert_eq!(sums(&train), (at, 106, 106));
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_at_its_deadline_and_names_who_is_behind() {
    let (toy, place) = (Toy::new(), Place::new());
    let train = start(&toy, &place);
    let deadline = Instant::now() + Duration::from_millis(500);
    let NotReached { reached, blocker } = train.wait_for(Position(1), deadline).await.unwrap_err();
    assert_eq!(reached, Position::START);
    assert_eq!(blocker.unwrap().fault, None);
}

#[tokio::test]
async fn the_lag_is_known_in_events_and_seconds() {
    let (toy, place) = (Toy::new(), Place::new());
    let train = start(&toy, &place);
    let at = toy.append(&[credit(1, 100)]);
    train.wait_for(at, patience()).await.unwrap();
    toy.append(&[(2, Event::Cursed {})]);
    toy.clock.set(Micros(31_000_000));
    let at = toy.append(&[credit(3, 5)]);
    train.wait_for_views(&["counties", "timers"], at, patience()).await.unwrap();
    let status = train.status().await;
    let balances = status.views.iter().find(|view| view.name == "balances").unwrap();
    assert_eq!((balances.lag_events, balances.lag_seconds), (2, 30));
}

#[tokio::test]
async fn a_killed_train_goes_on_where_it_committed() {
    let (toy, place) = (Toy::new(), Place::new());
    let mut at = Position::START;
    let mut expected = 0;
    for round in 0..12 {
        let train = start(&toy, &place);
        for step in 0..40 {
            expected += 3;
            at = toy.append(&[credit(round * step % 23, 1), credit(step, 2)]);
        }
        // Dropped in the middle: what is not committed is rolled back.
        drop(train);
    }
    let train = start(&toy, &place);
    train.wait_for(at, patience()).await.unwrap();
    assert_eq!(sums(&train), (at, expected, expected));
    train.stop();
}

#[tokio::test]
async fn a_chunk_of_a_thousand_lines_is_committed_whole() {
    let (toy, place) = (Toy::new(), Place::new());
    let train = start(&toy, &place);
    let lines: Vec<(u32, i64)> = (0..1_000).map(|line| (line, 10)).collect();
    let chunk = Event::BatchCredited { county: county(1), lines };
    let watching = train.clone();
    let at = toy.append(&[(1, chunk.clone()), (2, chunk.clone()), (3, chunk)]);
    let watch = tokio::task::spawn_blocking(move || {
        loop {
            let session = watching.session().unwrap();
            let rows: i64 =
                session.scalar("balances", "SELECT COUNT(*) FROM balance", &[]).unwrap();
            assert!(rows == 0 || rows == 3_000, "{rows} lines of a chunk were seen");
            if rows == 3_000 {
                return session.position();
            }
        }
    });
    assert_eq!(watch.await.unwrap(), at);
}
