//! Whose read models they are: one log, one process, one version of the tables.

use std::time::Duration;

use postgres::OpenError;

use crate::place::Place;
use crate::toy::{Toy, credit};
use crate::train::{patience, start};

#[tokio::test]
async fn read_models_of_another_installation_are_refused() {
    let (toy, place) = (Toy::new(), Place::new());
    let train = start(&toy, &place);
    let at = toy.append(&[credit(1, 100)]);
    train.wait_for(at, patience()).await.unwrap();
    train.stop();
    drop(train);
    let other = Toy::of_log(8);
    let error = place.opened(place.options(&other)).err().unwrap();
    assert!(
        matches!(&error, OpenError::OtherLog { schema, .. } if *schema == place.schema),
        "{error}"
    );
    assert!(error.to_string().contains("two installations"), "{error}");
    place.stores(&toy);
}

#[test]
fn a_second_process_is_refused_while_the_first_folds() {
    let (toy, place) = (Toy::new(), Place::new());
    let first = place.stores(&toy);
    let mut options = place.options(&toy);
    options.patience = Duration::from_millis(200);
    let error = place.opened(options.clone()).err().unwrap();
    let OpenError::Folded { holder, .. } = &error else { panic!("{error:?}") };
    assert!(holder.contains("renshe-views") && holder.contains("process"), "{holder}");
    drop(first);
    options.patience = Duration::from_secs(10);
    place.opened(options).unwrap();
}

#[test]
fn newer_tables_and_tables_of_others_are_refused() {
    let (toy, place) = (Toy::new(), Place::new());
    drop(place.stores(&toy));
    place.sql(&format!("UPDATE {}.installation SET schema = 99", place.schema));
    let error = place.opened(place.options(&toy)).err().unwrap();
    assert!(matches!(error, OpenError::NewerSchema { found: 99, known: 1 }), "{error:?}");

    let place = Place::new();
    place.sql(&format!("CREATE SCHEMA {0}; CREATE TABLE {0}.parked (car TEXT)", place.schema));
    let error = place.opened(place.options(&toy)).err().unwrap();
    assert!(matches!(&error, OpenError::Foreign { table, .. } if table == "parked"), "{error:?}");

    for schema in ["", "Views", "a b", "pg_views", "a_name_that_is_longer_than_there_is_room"] {
        let options = place.options(&toy).schema(schema);
        let error = place.opened(options).err().unwrap();
        assert!(matches!(error, OpenError::SchemaName { .. }), "{schema}: {error:?}");
    }
}

#[test]
fn no_error_tells_the_password() {
    let toy = Toy::new();
    let mut options = Place::new().options(&toy);
    options.patience = Duration::from_millis(300);
    for url in [
        "postgres://clerk:s3cret@127.0.0.1:1/renshe",
        "mysql://clerk:s3cret@127.0.0.1:1/renshe",
        "postgres://clerk:s3cret@[::bad/renshe",
    ] {
        let error = postgres::PostgresViews::open(url, options.clone()).err().unwrap();
        let told = format!("{error} {error:?} {}", error.zh());
        assert!(!told.contains("s3cret"), "{told}");
    }
}
