//! The rules of a feed: DISBURSEMENT 1.2.

use kernel::given;
use shared::RunType;

use super::*;
use crate::city::world::{agency, area, artefact, day, fund, item, month, yuan};

fn opened() -> Event {
    Event::Opened { source: "province".to_owned(), item: item(0), area: area(), first: 1 }
}

fn run(sequence: u32) -> Run {
    Run {
        sequence,
        artefact: artefact(sequence),
        reference: format!("S{sequence}"),
        month: month(1),
        run: RunType::Normal,
        fund: fund(item(0)),
        agency: agency(),
        paid_on: day(),
        lines: 2,
        total: yuan(20),
        digest: "d".to_owned(),
    }
}

fn receive(run: Run) -> Command {
    Command::Receive { run, lines: 2, total: yuan(20), digest: "d".to_owned() }
}

fn received(sequence: u32) -> Event {
    Event::RunReceived(run(sequence))
}

fn begin(sequence: u32) -> Command {
    Command::Begin { sequence, plan: format!("p{sequence}") }
}

fn begun(sequence: u32) -> Event {
    Event::RunBegun { sequence, plan: format!("p{sequence}") }
}

fn applied(sequence: u32) -> Event {
    Event::RunApplied { sequence, plan: format!("p{sequence}") }
}

#[test]
fn runs_are_applied_in_their_order() {
    given::<Feed>([opened(), received(1), received(2)])
        .when(begin(2))
        .then_refused(Error::OutOfOrder { sequence: 2, next: 1 });
    given::<Feed>([opened(), received(1), received(2)])
        .when(begin(1))
        .then([begun(1)])
        .when(begin(2))
        .then_refused(Error::Running { sequence: 1 });
    given::<Feed>([opened(), received(1), begun(1)])
        .when(Command::Finish { sequence: 1 })
        .then([applied(1)])
        .when(begin(1))
        .then_refused(Error::Applied { sequence: 1 });
}

#[test]
fn a_gap_stops_what_follows_and_is_listed() {
    let gap = Event::GapFound { from: 2, to: 3 };
    let feed = given::<Feed>([opened(), received(1), begun(1), applied(1)])
        .when(receive(run(4)))
        .then([gap.clone(), received(4)])
        .state();
    assert_eq!(feed.missing.iter().copied().collect::<Vec<_>>(), [2, 3]);
    assert_eq!(feed.waiting().map(|run| run.sequence).collect::<Vec<_>>(), [4]);
    assert_eq!(feed.decide(begin(4)), Err(Error::OutOfOrder { sequence: 4, next: 2 }));
    let history = [opened(), received(1), begun(1), applied(1), gap, received(4)];
    let feed = given::<Feed>(history)
        .when(receive(run(2)))
        .then([Event::GapFilled { sequence: 2 }, received(2)])
        .state();
    assert!(feed.decide(begin(2)).is_ok());
}

#[test]
fn the_same_file_again_is_its_first_receipt_and_another_is_refused() {
    given::<Feed>([opened(), received(1)]).when(receive(run(1))).then_nothing();
    let other = Run { artefact: artefact(9), ..run(1) };
    given::<Feed>([opened(), received(1)])
        .when(receive(other))
        .then_refused(Error::SequenceTaken { sequence: 1, by: artefact(1).to_string() });
}

#[test]
fn count_total_and_digest_are_the_files_own() {
    let short = Command::Receive { run: run(1), lines: 1, total: yuan(20), digest: "d".into() };
    given::<Feed>([opened()]).when(short).then_refused(Error::CountDiffers {
        declared: 2,
        declared_total: yuan(20),
        lines: 1,
        total: yuan(20),
    });
    let altered = Command::Receive { run: run(1), lines: 2, total: yuan(20), digest: "e".into() };
    given::<Feed>([opened()])
        .when(altered)
        .then_refused(Error::DigestDiffers { declared: "d".into(), counted: "e".into() });
    given::<Feed>([]).when(receive(run(1))).then_refused(Error::NotOpen);
}

#[test]
fn a_run_far_ahead_of_the_feed_is_a_wrong_number() {
    let far = |sequence| Error::TooFarAhead { sequence, next: 1, most: AHEAD_MAX };
    for sequence in [AHEAD_MAX + 2, u32::MAX] {
        given::<Feed>([opened()]).when(receive(run(sequence))).then_refused(far(sequence));
    }
    let furthest = AHEAD_MAX + 1;
    let feed = given::<Feed>([opened()])
        .when(receive(run(furthest)))
        .then([Event::GapFound { from: 1, to: AHEAD_MAX }, received(furthest)])
        .state();
    assert_eq!(feed.missing.len(), 1_000);
    assert_eq!(feed.decide(receive(run(furthest + 1))), Err(far(furthest + 1)));
}

#[test]
fn a_feed_that_stands_at_the_last_number_goes_on_refusing() {
    let last = u32::MAX;
    let at_the_end =
        Event::Opened { source: "province".to_owned(), item: item(0), area: area(), first: last };
    let feed = given::<Feed>([at_the_end, received(last), begun(last)])
        .when(Command::Finish { sequence: last })
        .then([applied(last)])
        .state();
    assert_eq!(feed.decide(begin(last)), Err(Error::Applied { sequence: last }));
}
