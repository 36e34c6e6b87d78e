//! Rebuilds beside live traffic, and the content hash that says whether they are equal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::place::Place;
use crate::toy::{Balances, Counties, Event, Timers, Toy, county, credit};
use kernel::Position;
use projections::engine::{
    Batching, Outcome, Projection, RebuildError, Standing, StoreError, Train, TrainHandle,
};
use proptest::prelude::{ProptestConfig, Strategy, prop, prop_oneof, proptest};
use proptest::{prop_assert_eq, strategy::Just};
use tokio::time::Instant;

fn models(kept: usize) -> Vec<Box<dyn Projection>> {
    vec![Box::new(Balances::keeping(kept)), Box::<Counties>::default(), Box::<Timers>::default()]
}

fn of(events: usize) -> Batching {
    Batching { events, bytes: 1 << 20 }
}

fn patience() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn hashes(train: &TrainHandle) -> Vec<[u8; 32]> {
    let session = train.session().unwrap();
    ["balances", "counties", "timers"].map(|view| session.content_hash(view).unwrap()).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_beside_traffic_equals_the_live_one_and_takes_over() {
    let (toy, place) = (Arc::new(Toy::new()), Place::new());
    for round in 0..3_000 {
        toy.append(&[credit(round % 97, 3), credit(round % 31, -1), credit(round, 1)]);
    }
    let stores = place.stores(&toy);
    let train =
        Train::start_with(toy.log.clone(), stores.clone(), models(50), of(500), of(700)).unwrap();
    train.wait_for(Position(9_000), patience()).await.unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let writer = std::thread::spawn({
        let (toy, over) = (toy.clone(), over.clone());
        move || {
            let mut round = 0;
            while !over.load(Ordering::SeqCst) && round < 2_000 {
                round += 1;
                toy.append(&[credit(round % 97, 950), credit(round, 1)]);
            }
        }
    });
    let rebuild = train.rebuild("balances").unwrap();
    let progress = rebuild.finished().await;
    over.store(true, Ordering::SeqCst);
    writer.join().unwrap();
    assert_eq!(progress.outcome, Outcome::Flipped);
    assert_eq!(progress.generation, 2);
    let at = toy.append(&[credit(1, 1)]);
    train.wait_for(at, patience()).await.unwrap();
    let status = train.status().await;
    let balances = status.views.iter().find(|view| view.name == "balances").unwrap();
    assert_eq!((balances.generation, balances.lag_events), (2, 0));

    // The old one stays until it is dropped; a reader that has it keeps it.
    assert!(place.holds("balances", 1));
    let known = stores.generations("balances").unwrap();
    assert_eq!(
        known.iter().map(|known| known.standing).collect::<Vec<_>>(),
        [Standing::Old, Standing::Current]
    );
    assert!(matches!(
        train.drop_generation("balances", 2),
        Err(StoreError::IsCurrent { number: 2, .. })
    ));
    train.drop_generation("balances", 1).unwrap();
    assert!(place.lets_go("balances", 1));
    assert!(matches!(train.rebuild("nobody"), Err(RebuildError::Unknown(_))));
}

#[tokio::test]
async fn a_reader_keeps_a_dropped_generation_until_it_is_done() {
    let (toy, place) = (Toy::new(), Place::new());
    let at = toy.append(&[credit(1, 10)]);
    let train = Train::start(toy.log.clone(), place.stores(&toy), models(50)).unwrap();
    train.wait_for(at, patience()).await.unwrap();
    let before = train.session().unwrap();
    assert_eq!(train.rebuild("balances").unwrap().finished().await.outcome, Outcome::Flipped);
    train.drop_generation("balances", 1).unwrap();
    assert!(place.holds("balances", 1));
    let count = "SELECT COUNT(*) FROM balance";
    assert_eq!(before.scalar::<i64>("balances", count, &[]).unwrap(), 1);
    drop(before);
    assert!(place.lets_go("balances", 1));
}

#[tokio::test]
async fn a_rebuild_that_differs_is_reported_and_not_read() {
    let (toy, place) = (Toy::new(), Place::new());
    let at = toy.append(&[credit(1, 10), credit(2, 20)]);
    let wrong = Balances { wrong_by: 1, ..Balances::keeping(50) };
    let stores = place.stores(&toy);
    let train = Train::start(toy.log.clone(), stores.clone(), vec![Box::new(wrong)]).unwrap();
    train.wait_for(at, patience()).await.unwrap();
    train.stop();
    drop(train);
    // The same version with another fold: a programmer's mistake, or a damaged table.
    let train =
        Train::start(toy.log.clone(), stores, vec![Box::new(Balances::keeping(50))]).unwrap();
    train.wait_for(at, patience()).await.unwrap();
    let different = train.rebuild("balances").unwrap().finished().await;
    assert!(matches!(different.outcome, Outcome::Different { .. }), "{different:?}");
    let sum = "SELECT CAST(SUM(balance) AS BIGINT) FROM balance";
    let read = || train.session().unwrap().scalar::<i64>("balances", sum, &[]).unwrap();
    assert_eq!(read(), 32);
    let replaced = train.rebuild_and_replace("balances").unwrap().finished().await;
    assert_eq!(replaced.outcome, Outcome::Flipped);
    assert_eq!(read(), 30);
}

#[tokio::test]
async fn a_new_version_is_filled_anew_and_the_old_one_is_not_shown() {
    let (toy, place) = (Toy::new(), Place::new());
    let at = toy.append(&[credit(1, 10), credit(2, 20)]);
    let train = Train::start(toy.log.clone(), place.stores(&toy), models(50)).unwrap();
    train.wait_for(at, patience()).await.unwrap();
    drop(train);
    let newer = Balances { version: 2, wrong_by: 100, ..Balances::keeping(50) };
    let train = Train::start(toy.log.clone(), place.stores(&toy), vec![Box::new(newer)]).unwrap();
    train.wait_for(at, patience()).await.unwrap();
    let sum = "SELECT CAST(SUM(balance) AS BIGINT) FROM balance";
    assert_eq!(train.session().unwrap().scalar::<i64>("balances", sum, &[]).unwrap(), 230);
    assert!(place.holds("balances", 1), "it stays until it is dropped");
}

#[tokio::test]
async fn a_rebuild_goes_on_after_a_kill() {
    let (toy, place) = (Toy::new(), Place::new());
    for round in 0..4_000 {
        toy.append(&[credit(round % 97, 3), credit(round % 31, -1), credit(round, 1)]);
    }
    let stores = place.stores(&toy);
    let start = || {
        Train::start_with(toy.log.clone(), stores.clone(), models(50), of(500), of(500)).unwrap()
    };
    let mut generation = None;
    for _ in 0..3 {
        let train = start();
        train.wait_for(Position(12_000), patience()).await.unwrap();
        let rebuild = train.rebuild("balances").unwrap();
        drop(train);
        let progress = rebuild.finished().await;
        if progress.outcome == Outcome::Flipped {
            break;
        }
        assert_eq!(progress.outcome, Outcome::Interrupted);
        assert_eq!(*generation.get_or_insert(progress.generation), progress.generation);
    }
    let train = start();
    let finished = train.rebuild("balances").unwrap().finished().await;
    assert_eq!(finished.outcome, Outcome::Flipped);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_rebuilds_go_together_and_each_equals_the_live_one() {
    let (toy, place) = (Arc::new(Toy::new()), Place::new());
    for round in 0..6_000 {
        toy.append(&[credit(round % 97, 3), credit(round % 31, -1), credit(round, 1)]);
    }
    let stores = place.stores(&toy);
    let train =
        Train::start_with(toy.log.clone(), stores.clone(), models(50), of(500), of(700)).unwrap();
    train.wait_for(Position(18_000), patience()).await.unwrap();
    let before = hashes(&train);
    let names = ["balances", "counties", "timers"];
    for rebuild in train.rebuild_all(&names).unwrap() {
        let progress = rebuild.finished().await;
        assert_eq!((progress.outcome, progress.generation), (Outcome::Flipped, 2));
    }
    assert_eq!(hashes(&train), before);
    assert!(matches!(train.rebuild_all(&["timers", "timers"]), Err(RebuildError::Running(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_on_the_way_stops_no_other() {
    let (toy, place) = (Arc::new(Toy::new()), Place::new());
    toy.append(&[credit(1, 5)]);
    let cursed = toy.append(&[(2, Event::Cursed {})]);
    for round in 0..6_000 {
        toy.append(&[credit(round % 97, 3), credit(round, 1)]);
    }
    let stores = place.stores(&toy);
    let train =
        Train::start_with(toy.log.clone(), stores.clone(), models(50), of(500), of(700)).unwrap();
    let others = ["counties", "timers"];
    train.wait_for_views(&others, Position(12_002), patience()).await.unwrap();
    let read = |view| train.session().unwrap().content_hash(view).unwrap();
    let before = others.map(read);
    for rebuild in train.rebuild_all(&["counties", "balances", "timers"]).unwrap() {
        let progress = rebuild.finished().await;
        match (progress.view, progress.outcome) {
            ("balances", Outcome::Failed(fault)) => assert_eq!(fault.position, cursed),
            (view, outcome) => assert_eq!(outcome, Outcome::Flipped, "{view}"),
        }
    }
    assert_eq!(others.map(read), before);
    assert_eq!(train.parked("counties").unwrap().len(), 1);
}

fn step() -> impl Strategy<Value = Vec<(u32, Event)>> {
    let lines = prop::collection::vec((0..6_u32, -50..50_i64), 1..20);
    let one = prop_oneof![
        8 => (0..12_u32, -2_000..2_000_i64).prop_map(|(account, fen)| credit(account, fen)),
        2 => (0..12_u32).prop_map(|account| (account, Event::Closed { county: county(account) })),
        2 => (0..12_u32, lines).prop_map(|(account, lines)| {
            (account, Event::BatchCredited { county: county(account), lines })
        }),
        1 => Just((99, Event::Closed { county: county(99) })),
    ];
    prop::collection::vec(one, 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: kernel::conformance::times(24), ..ProptestConfig::default() })]

    /// Equal histories give equal content, however they were batched, cached, interrupted, rebuilt.
    #[test]
    fn content_follows_from_history_alone(
        steps in prop::collection::vec(step(), 1..40),
        batch in 1..30_usize,
        kept in 0..12_usize,
        restart in 0..40_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let (toy, one, other) =
            (Toy::new(), Place::new(), Place::new());
        let live = one.stores(&toy);
        let start = || {
            Train::start_with(toy.log.clone(), live.clone(), models(kept), of(batch), of(batch))
        };
        let mut train = start().unwrap();
        let mut at = Position::START;
        for (place, step) in steps.iter().enumerate() {
            at = toy.append(step);
            if place == restart {
                drop(train);
                train = start().unwrap();
            }
        }
        runtime.block_on(train.wait_for(at, patience())).unwrap();
        let whole = Train::start(toy.log.clone(), other.stores(&toy), models(1_000)).unwrap();
        runtime.block_on(whole.wait_for(at, patience())).unwrap();
        prop_assert_eq!(hashes(&train), hashes(&whole));
        let rebuilt = runtime.block_on(train.rebuild("balances").unwrap().finished());
        prop_assert_eq!(rebuilt.outcome, Outcome::Flipped);
        prop_assert_eq!(hashes(&train), hashes(&whole));
    }
}
