//! What may happen to a server under the train: nothing folded twice or lost, and it goes on by
//! itself.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kernel::Position;
use postgres_server::{Disk, Server};
use projections::engine::{
    Batching, Failure, FoldError, Happened, Projection, Store, Table, Train, TrainHandle,
};

use crate::place::Place;
use crate::toy::{Balances, Counties, Timers, Toy, credit};
use crate::train::{patience, sums};

const SMALL: Batching = Batching { events: 20, bytes: 1 << 20 };

fn models() -> Vec<Box<dyn Projection>> {
    vec![Box::new(Balances::keeping(16)), Box::<Counties>::default(), Box::<Timers>::default()]
}

fn start(toy: &Toy, place: &Place) -> TrainHandle {
    Train::start_with(toy.log.clone(), place.stores(toy), models(), SMALL, SMALL).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_restarts_under_the_train_costs_no_event() {
    let mut server = Server::start(Disk::Flushed);
    let (toy, place) = (Toy::new(), Place::on(&server));
    let train = start(&toy, &place);
    let mut at = Position::START;
    for turn in 0..3 {
        for round in 0..200 {
            at = toy.append(&[credit(round % 40, 7), credit((round + 13) % 40, -6)]);
        }
        if turn < 2 {
            server.order("stop");
            toy.append(&[credit(turn, 100)]);
            server.order("start");
        }
    }
    train.wait_for(at, patience()).await.unwrap();
    assert_eq!(sums(&train), (at, 800, 800));
    let status = train.status().await;
    assert!(status.views.iter().all(|view| view.fault.is_none()), "{status:?}");
    train.stop();
}

/// Says that it stands still, and waits until it may go on.
type Gate = (Sender<()>, Receiver<()>);

/// Sums by county, and while the first of them is folded its owner is told and waited for.
struct Halting {
    counties: Counties,
    at: Position,
    once: Arc<Mutex<Option<Gate>>>,
}

impl Projection for Halting {
    fn name(&self) -> &'static str {
        self.counties.name()
    }

    fn version(&self) -> u32 {
        self.counties.version()
    }

    fn tables(&self) -> Vec<&'static Table> {
        self.counties.tables()
    }

    fn failure(&self) -> Failure {
        self.counties.failure()
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        if happened.position() == self.at
            && let Some((tell, go_on)) = self.once.lock().unwrap().take()
        {
            tell.send(()).unwrap();
            go_on.recv().unwrap();
        }
        self.counties.fold(happened, store)
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        self.counties.flush(store)
    }

    fn forget(&mut self) {
        self.counties.forget();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        let (at, once) = (self.at, Arc::clone(&self.once));
        Box::new(Self { counties: Counties::default(), at, once })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_fill_that_loses_its_server_goes_on_by_itself() {
    let mut server = Server::start(Disk::Flushed);
    let (toy, place) = (Toy::new(), Place::on(&server));
    let mut at = Position::START;
    for _ in 0..20 {
        let many: Vec<_> = (0..500).map(|account| credit(account, 2)).collect();
        at = toy.append(&many);
    }
    let first: Vec<Box<dyn Projection>> = vec![Box::new(Balances::keeping(1_000))];
    let train = Train::start(toy.log.clone(), place.stores(&toy), first).unwrap();
    train.wait_for(at, patience()).await.unwrap();
    train.stop();
    drop(train);

    // Too far behind for the train: it is filled beside it.
    let ((tell, told), (go_on, waits)) = (channel(), channel());
    let once = Arc::new(Mutex::new(Some((tell, waits))));
    let halting = Halting { counties: Counties::default(), at: Position(4_000), once };
    let models: Vec<Box<dyn Projection>> =
        vec![Box::new(Balances::keeping(1_000)), Box::new(halting)];
    let train =
        Train::start_with(toy.log.clone(), place.stores(&toy), models, SMALL, SMALL).unwrap();
    told.recv().unwrap();
    server.order("stop");
    go_on.send(()).unwrap();
    let standing = train.status().await;
    assert!(standing.rebuilds.iter().all(|build| !build.is_over()), "{standing:?}");
    server.order("start");
    train.wait_for(at, patience()).await.unwrap();
    assert_eq!(sums(&train), (at, 20_000, 20_000));
    train.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_killed_at_random_cost_no_event() {
    let (toy, place) = (Arc::new(Toy::new()), Place::new());
    let train = start(&toy, &place);
    let kill = format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
         WHERE application_name LIKE 'renshe-views {} %' AND random() < 0.5",
        place.schema
    );
    let (mut killed, mut at) = (0, Position::START);
    for turn in 0..40 {
        for round in 0..20 {
            at = toy.append(&[credit(round % 40, 7), credit((round + turn) % 40, -6)]);
        }
        killed += place.sql(&kill).parse::<u64>().unwrap();
    }
    assert!(killed > 0);
    train.wait_for(at, patience()).await.unwrap();
    assert_eq!(sums(&train), (at, 800, 800));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_takes_too_long_is_tried_again() {
    let (toy, place) = (Toy::new(), Place::new());
    let mut options = place.options(&toy);
    options.statement = Duration::from_millis(150);
    let stores = Arc::new(place.opened(options).unwrap());
    let train = Train::start_with(toy.log.clone(), stores, models(), SMALL, SMALL).unwrap();
    let at = toy.append(&[credit(1, 5)]);
    train.wait_for(at, patience()).await.unwrap();
    let locked = format!(
        "BEGIN; LOCK TABLE {}_balances_g1.balance IN EXCLUSIVE MODE; SELECT pg_sleep(1); COMMIT",
        place.schema
    );
    let lock = std::thread::spawn({
        let url = place.url.clone();
        move || {
            let place = Place { url, schema: String::new() };
            place.sql(&locked)
        }
    });
    place.until(
        "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep' \
         AND query LIKE '%LOCK TABLE%pg_sleep(1)%'",
    );
    let at = toy.append(&[credit(1, 5), credit(2, 1)]);
    train.wait_for(at, patience()).await.unwrap();
    lock.join().unwrap();
    assert_eq!(sums(&train), (at, 11, 11));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_beyond_the_pool_wait_and_are_told() {
    let (toy, place) = (Toy::new(), Place::new());
    let mut options = place.options(&toy);
    (options.readers, options.patience) = (2, Duration::from_millis(200));
    let stores = Arc::new(place.opened(options).unwrap());
    let train = Train::start_with(toy.log.clone(), stores, models(), SMALL, SMALL).unwrap();
    let at = toy.append(&[credit(1, 5)]);
    train.wait_for(at, patience()).await.unwrap();
    let held = [train.session().unwrap(), train.session().unwrap()];
    let error = train.session().err().unwrap();
    let told = std::error::Error::source(&error).map(|error| format!("{:?}", error)).unwrap();
    assert!(told.contains("no connection") && told.contains("200 ms"), "{told}");
    drop(held);
    assert_eq!(sums(&train), (at, 5, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stands_still_until_there_is_room() {
    let (toy, place) = (Toy::new(), Place::new());
    let train = start(&toy, &place);
    let at = toy.append(&[credit(1, 5)]);
    train.wait_for(at, patience()).await.unwrap();
    let table = format!("{}_balances_g1.balance", place.schema);
    place.sql(&format!(
        "CREATE FUNCTION {0}.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         RAISE EXCEPTION 'could not extend file: No space left on device' \
         USING ERRCODE = 'disk_full'; END $$; \
         CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION {0}.full_disk()",
        place.schema
    ));
    let after = toy.append(&[credit(1, 5)]);
    train.wait_for_views(&["counties"], after, patience()).await.unwrap();
    let session = train.session().unwrap();
    assert!(session.positions().contains(&("balances", at)), "nothing of it is shown");
    drop(session);
    place.sql(&format!("DROP TRIGGER full_disk ON {table}"));
    train.wait_for(after, patience()).await.unwrap();
    assert_eq!(sums(&train), (after, 10, 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_transaction_stays_open_behind_a_session() {
    let (toy, place) = (Toy::new(), Place::new());
    let train = start(&toy, &place);
    let at = toy.append(&[credit(1, 5)]);
    train.wait_for(at, patience()).await.unwrap();
    let asking = (0..64).map(|_| {
        let train = train.clone();
        // Given up at any point: the work behind it goes on to its end.
        tokio::time::timeout(
            Duration::from_millis(1),
            tokio::task::spawn_blocking(move || drop(train.session())),
        )
    });
    for asked in asking.collect::<Vec<_>>() {
        let _given_up = asked.await;
    }
    place.until(&format!(
        "SELECT count(*) = 0 FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' \
         AND application_name LIKE 'renshe-views {} %'",
        place.schema
    ));
}
