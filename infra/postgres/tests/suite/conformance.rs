//! The conformance suite, full and durable, on [`PostgresLog`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use kernel::conformance::{Backend, block_on};
use kernel::{Clock, EventLog};
use postgres::PostgresLog;

use crate::shared::Place;

/// Every log in a schema of its own.
#[derive(Default)]
struct Postgres {
    places: Mutex<HashMap<u128, Place>>,
}

impl Backend for Postgres {
    type Log = PostgresLog;

    fn open(&self, clock: Arc<dyn Clock>) -> PostgresLog {
        let place = Place::new();
        let log = place.log_at(place.options("a"), clock);
        self.places.lock().unwrap().insert(log.identity().log_id.0.as_u128(), place);
        log
    }

    fn reopen(&self, log: PostgresLog, clock: Arc<dyn Clock>) -> PostgresLog {
        let key = log.identity().log_id.0.as_u128();
        drop(log);
        let places = self.places.lock().unwrap();
        let place = &places[&key];
        block_on(PostgresLog::connect(&place.url, place.options("a"), clock)).unwrap()
    }
}

kernel::conformance!(durable, Postgres::default());
