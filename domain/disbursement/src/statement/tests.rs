//! The rules of a bank statement: INVENTORY 3.2 step 14, DISBURSEMENT 2.7.

use kernel::given;

use super::*;
use crate::city::world::{artefact, bank, book, day, fund, item, yuan};

fn header(closing: i64) -> Header {
    let fund = fund(item(0));
    Header {
        bank: bank(0),
        fund,
        account: book(fund),
        on: day(),
        opening: yuan(100),
        closing: yuan(closing),
        artefact: artefact(1),
    }
}

fn line(serial: &str, direction: Direction, amount: i64, balance: i64) -> Line {
    let (serial, amount, balance) = (serial.to_owned(), yuan(amount), yuan(balance));
    Line { serial, direction, amount, reference: None, balance }
}

fn lines() -> Vec<Line> {
    vec![line("s1", Direction::Debit, 30, 70), line("s2", Direction::Credit, 5, 75)]
}

fn imported() -> Event {
    Event::Imported { header: header(75), lines: lines() }
}

fn matches(serial: &str, expected: i64) -> Command {
    let (serial, batch) = (serial.to_owned(), "b".to_owned());
    Command::Match { serial, batch, expected: yuan(expected) }
}

fn matched() -> Event {
    Event::Matched { serial: "s1".to_owned(), batch: "b".to_owned() }
}

fn differs(owner: &str) -> Command {
    let (serial, owner) = ("s2".to_owned(), owner.to_owned());
    Command::FindDifference { serial, owner, reason: Difference::NoBatch }
}

fn differed() -> Event {
    let (serial, owner) = ("s2".to_owned(), "kuai".to_owned());
    Event::DifferenceFound { serial, amount: yuan(5), owner, reason: Difference::NoBatch }
}

fn resolve(note: &str) -> Command {
    Command::Resolve { serial: "s2".to_owned(), by: "kuai".to_owned(), note: note.to_owned() }
}

#[test]
fn opening_and_credits_less_debits_is_closing_line_by_line() {
    let import = |closing, lines| Command::Import { header: header(closing), lines };
    given::<Statement>([]).when(import(75, lines())).then([imported()]);
    let s = |serial: &str| serial.to_owned();
    for (closing, wrong, refused) in [
        (76, lines(), Error::Closing { stated: yuan(76), counted: yuan(75) }),
        (
            70,
            vec![line("s1", Direction::Debit, 30, 71)],
            Error::Balance { serial: s("s1"), stated: yuan(71), counted: yuan(70) },
        ),
        (
            100,
            vec![line("s1", Direction::Debit, 0, 100)],
            Error::NotPositive { serial: s("s1"), amount: yuan(0) },
        ),
        (75, vec![lines()[0].clone(); 2], Error::SerialTwice(s("s1"))),
    ] {
        given::<Statement>([]).when(import(closing, wrong)).then_refused(refused);
    }
    given::<Statement>([imported()])
        .when(import(75, lines()))
        .then_refused(Error::Again { on: day(), artefact: artefact(1).to_string() });
}

#[test]
fn a_line_is_matched_with_its_own_sum_or_has_a_difference_with_an_owner() {
    given::<Statement>([imported()]).when(matches("s1", 30)).then([matched()]);
    given::<Statement>([imported()]).when(differs("kuai")).then([differed()]);
    given::<Statement>([imported()]).when(differs(" ")).then_refused(Error::NoWords);
    given::<Statement>([imported()]).when(matches("s1", 31)).then_refused(Error::OtherAmount {
        serial: "s1".to_owned(),
        amount: yuan(30),
        expected: yuan(31),
    });
    given::<Statement>([imported(), matched()])
        .when(matches("s1", 30))
        .then_refused(Error::Settled("s1".to_owned()));
    given::<Statement>([]).when(matches("s1", 30)).then_refused(Error::Missing);
}

#[test]
fn a_difference_is_open_until_somebody_says_what_came_of_it() {
    let open = given::<Statement>([imported(), matched(), differed()]).state();
    assert_eq!(open.open(), 1);
    given::<Statement>([imported(), differed()]).when(resolve("")).then_refused(Error::NoWords);
    let resolved = given::<Statement>([imported(), matched(), differed()])
        .when(resolve("sent back"))
        .then([Event::DifferenceResolved {
            serial: "s2".to_owned(),
            by: "kuai".to_owned(),
            note: "sent back".to_owned(),
        }])
        .state();
    assert_eq!(resolved.open(), 0);
    assert_eq!(resolved.decide(resolve("again")), Err(Error::NoDifference("s2".to_owned())));
}

fn share(batch: &str, amount: i64) -> Share {
    Share { batch: batch.to_owned(), amount: yuan(amount) }
}

#[test]
fn one_debit_pays_several_batches_that_add_up_to_it() {
    let shared = |shares: Vec<Share>| Command::Share { serial: "s1".to_owned(), shares };
    let both = || vec![share("a", 10), share("b", 20)];
    let matched = Event::MatchedToMany { serial: "s1".to_owned(), batches: both() };
    let state = given::<Statement>([imported()]).when(shared(both())).then([matched]).state();
    let stated = ["a", "b", "c"].map(|batch| state.stated(Direction::Debit, batch));
    assert_eq!(stated, [yuan(10), yuan(20), yuan(0)]);
    given::<Statement>([imported()])
        .when(shared(vec![share("a", 10), share("b", 21)]))
        .then_refused(Error::SharesDiffer {
            serial: "s1".to_owned(),
            amount: yuan(30),
            sum: yuan(31),
        });
    for wrong in [vec![share("a", 30)], vec![share("a", 10), share("a", 20)]] {
        given::<Statement>([imported()])
            .when(shared(wrong))
            .then_refused(Error::NotShares("s1".to_owned()));
    }
}

#[test]
fn an_open_difference_may_turn_out_to_be_a_batch_or_a_voucher() {
    let back = |serial: &str| serial.to_owned();
    given::<Statement>([imported(), differed()])
        .when(Command::Match { serial: back("s2"), batch: back("b"), expected: yuan(5) })
        .then([
            Event::DifferenceResolved {
                serial: back("s2"),
                by: back("b"),
                note: "matched: b".to_owned(),
            },
            Event::Matched { serial: back("s2"), batch: back("b") },
        ]);
    let enter = |expected| Command::Enter { serial: back("s2"), voucher: 7, expected };
    given::<Statement>([imported()])
        .when(enter(yuan(5)))
        .then([Event::MatchedToVoucher { serial: back("s2"), voucher: 7 }]);
    given::<Statement>([imported()]).when(enter(yuan(6))).then_refused(Error::OtherAmount {
        serial: back("s2"),
        amount: yuan(5),
        expected: yuan(6),
    });
}

#[test]
fn a_difference_passes_to_another_owner_is_booked_and_taken_back() {
    let s2 = || "s2".to_owned();
    let assign = |owner: &str| Command::Assign {
        serial: s2(),
        owner: owner.to_owned(),
        by: "shen".to_owned(),
    };
    given::<Statement>([imported(), differed()])
        .when(assign("kuai"))
        .then_refused(Error::OwnerAlready { serial: s2(), owner: "kuai".to_owned() });
    let assigned =
        Event::DifferenceAssigned { serial: s2(), owner: "chu".to_owned(), by: "shen".to_owned() };
    let booked = Event::DifferenceBooked { serial: s2(), voucher: 4 };
    let book = || Command::Book { serial: s2(), voucher: 4 };
    given::<Statement>([imported(), differed()])
        .when(assign("chu"))
        .then([assigned.clone()])
        .when(book())
        .then([booked.clone()])
        .when(book())
        .then_refused(Error::BookedAlready { serial: s2(), voucher: 4 });
    let counter = || Counter { statement: "tomorrow".to_owned(), serial: "s9".to_owned() };
    let clear = |amount, direction| Command::Clear {
        serial: s2(),
        by: counter(),
        amount,
        direction,
        who: "chu".to_owned(),
    };
    let history = || [imported(), differed(), assigned.clone(), booked.clone()];
    let refused = Error::NotCounter { serial: s2(), own: yuan(5), other: yuan(5) };
    given::<Statement>(history()).when(clear(yuan(5), Direction::Credit)).then_refused(refused);
    let state = given::<Statement>(history())
        .when(clear(yuan(5), Direction::Debit))
        .then([Event::DifferenceCleared { serial: s2(), by: counter(), who: "chu".to_owned() }])
        .state();
    assert_eq!((state.booked("s2"), state.open()), (Some(4), 1));
}
