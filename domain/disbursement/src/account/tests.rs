//! The rules of a book, by their numbers in INVENTORY 3.4 and DISBURSEMENT section 2.

use kernel::given;

use super::*;
use crate::city::world::{CASH, FISCAL, TRANSIT, agency, area, fund, item, voucher, yuan};

fn book() -> Book {
    Book {
        fund: fund(item(0)),
        area: area(),
        agency: agency(),
        year: 2026,
        policy: "insurance-expense-on-paid".to_owned(),
        cash: CASH.to_owned(),
    }
}

/// A hundred yuan in the account.
fn opened() -> Event {
    let opening = voucher("opening", None, &[(Ledger::F, CASH, "3001", yuan(100))]).entries;
    Event::Opened { book: book(), opening }
}

fn reserved(amount: i64) -> Event {
    Event::Reserved { plan: "p".to_owned(), amount: yuan(amount) }
}

fn split(batch: &str, amount: i64) -> Event {
    Event::Split { plan: "p".to_owned(), batch: batch.to_owned(), amount: yuan(amount) }
}

fn splitting(batch: &str, amount: i64) -> Command {
    Command::Split { plan: "p".to_owned(), batch: batch.to_owned(), amount: yuan(amount) }
}

fn gone(posted: bool) -> Event {
    Event::PendingSettled { batch: "b".to_owned(), amount: yuan(60), posted }
}

fn debit(amount: i64) -> Voucher {
    voucher("batch_debited", None, &[(Ledger::F, TRANSIT, CASH, yuan(amount))])
}

fn post(voucher: Voucher, settles: Option<&str>) -> Command {
    Command::Post { fund: fund(item(0)), voucher, settles: settles.map(str::to_owned) }
}

#[test]
fn r1_debits_are_credits_in_every_voucher_and_ledger() {
    let received = voucher("appropriation_received", None, &[(Ledger::F, CASH, FISCAL, yuan(7))]);
    given::<Account>([opened()])
        .when(post(received.clone(), None))
        .then([Event::Posted { number: 1, voucher: received.clone() }]);
    let (mut unbalanced, mut crossed, mut both) =
        (received.clone(), received.clone(), received.clone());
    unbalanced.entries[0].debit = yuan(8);
    crossed.entries[0].ledger = Ledger::M;
    both.entries[0].credit = yuan(7);
    let nothing = Voucher { entries: vec![], ..received };
    let wrong = |ledger, debit, credit| Error::Unbalanced {
        ledger,
        debit: yuan(debit),
        credit: yuan(credit),
    };
    for (voucher, refused) in [
        (unbalanced, wrong(Ledger::F, 8, 7)),
        (crossed, wrong(Ledger::F, 0, 7)),
        (both, Error::OneSided),
        (nothing, Error::EmptyVoucher),
    ] {
        given::<Account>([opened()]).when(post(voucher, None)).then_refused(refused);
    }
}

#[test]
fn r11_a_voucher_of_another_fund_has_no_place() {
    let (given_fund, book) = (fund(item(1)), fund(item(0)));
    given::<Account>([opened()])
        .when(Command::Post { fund: given_fund, voucher: debit(1), settles: None })
        .then_refused(Error::OtherFund { given: given_fund, book });
}

#[test]
fn r6_a_reservation_stays_within_the_free_cash() {
    let reserve = |amount| {
        let (fund, plan) = (fund(item(0)), "q".to_owned());
        Command::Reserve { fund, plan, amount: yuan(amount) }
    };
    let not_enough =
        Error::NotEnough { wanted: yuan(41), free: yuan(40), cash: yuan(100), reserved: yuan(60) };
    let events = || [opened(), reserved(60)];
    given::<Account>(events()).when(reserve(41)).then_refused(not_enough.clone());
    // Nor does a payment reach into what is set aside.
    given::<Account>(events()).when(post(debit(41), None)).then_refused(not_enough);
    let fits = Event::Reserved { plan: "q".to_owned(), amount: yuan(40) };
    given::<Account>(events()).when(reserve(40)).then([fits]);
}

#[test]
fn r7_the_pending_entry_is_posted_with_its_own_sum_under_the_next_number() {
    let events = || [opened(), reserved(100), split("b", 60)];
    given::<Account>(events())
        .when(post(debit(60), Some("b")))
        .then([gone(true), Event::Posted { number: 1, voucher: debit(60) }]);
    given::<Account>(events())
        .when(post(debit(59), Some("b")))
        .then_refused(Error::PendingDiffers { pending: yuan(60), cash: yuan(59) });
    given::<Account>(events())
        .when(post(debit(60), Some("c")))
        .then_refused(Error::NoPending("c".to_owned()));
}

#[test]
fn a_batch_has_one_pending_entry_in_its_life() {
    let posted = Event::Posted { number: 1, voucher: debit(60) };
    let already = Error::PendingAlready("b".to_owned());
    for history in [vec![], vec![gone(true), posted], vec![gone(false)]] {
        let mut events = vec![opened(), reserved(100), split("b", 60)];
        events.extend(history);
        given::<Account>(events).when(splitting("b", 40)).then_refused(already.clone());
    }
}

#[test]
fn a_rejected_batch_gives_its_money_back_to_the_plan() {
    let voided = given::<Account>([opened(), reserved(100), split("b", 60)])
        .when(Command::Void { batch: "b".to_owned() })
        .then([gone(false)])
        .state();
    assert_eq!((voided.free(), voided.reserved()), (yuan(0), yuan(100)));
    assert_eq!(voided.decide(splitting("c", 100)), Ok(vec![split("c", 100)]));
}

#[test]
fn only_what_no_batch_stands_for_goes_back() {
    let release = || Command::Release { plan: "p".to_owned() };
    let back = Event::Released { plan: "p".to_owned(), amount: yuan(40) };
    let events = || [opened(), reserved(100), split("b", 60)];
    let after = given::<Account>(events()).when(release()).then([back]).state();
    assert_eq!(after.free(), yuan(40));
    assert_eq!(after.decide(release()), Err(Error::NoReservation("p".to_owned())));
    let beyond = Error::BeyondReservation { wanted: yuan(1), left: yuan(0) };
    assert_eq!(after.decide(splitting("c", 1)), Err(beyond));
}

#[test]
fn a_book_closes_when_nothing_is_set_aside_and_stays_closed() {
    let events = vec![opened(), reserved(100), split("b", 60)];
    given::<Account>(events).when(Command::Close).then_refused(Error::StillPending(2));
    given::<Account>([opened()]).when(Command::Close).then([Event::Closed {}]);
    given::<Account>([opened(), Event::Closed {}])
        .when(post(debit(1), None))
        .then_refused(Error::Closed);
}

#[test]
fn r6_a_book_does_not_open_below_zero() {
    let opening = voucher("opening", None, &[(Ledger::F, "3001", CASH, yuan(1))]).entries;
    let nothing = Money::ZERO;
    given::<Account>([]).when(Command::Open { book: book(), opening }).then_refused(
        Error::NotEnough { wanted: yuan(1), free: nothing, cash: nothing, reserved: nothing },
    );
}
