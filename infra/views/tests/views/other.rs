//! Read models of another log.

use kernel::Position;

use crate::place::Place;
use crate::toy::{Toy, credit};
use crate::train::{patience, start, sums};

#[tokio::test]
async fn views_of_another_log_are_not_shown() {
    let (toy, place) = (Toy::new(), Place::new());
    let train = start(&toy, &place);
    let at = toy.append(&[credit(1, 100)]);
    train.wait_for(at, patience()).await.unwrap();
    train.stop();
    drop(train);
    let other = Toy::of_log(8);
    let train = start(&other, &place);
    assert_eq!(train.session().unwrap().position(), Position::START);
    assert_eq!(sums(&train), (Position::START, 0, 0));
}
