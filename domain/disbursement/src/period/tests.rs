//! The rules of an item-period and its certificate: INVENTORY 3.4.10, DISBURSEMENT 2.5 and 2.13.

use kernel::given;
use shared::Money;

use super::*;
use crate::certificate::{BookBridge, Broken, ItemBridge};
use crate::city::world::{area, item, month, yuan};

fn opened() -> Event {
    Event::Opened { item: item(0), month: month(1), area: area(), exception: None }
}

fn open(before: Before, exception: Option<&str>) -> Command {
    let exception = exception.map(str::to_owned);
    Command::Open { item: item(0), month: month(1), area: area(), before, exception }
}

fn run(plan: &str) -> Event {
    Event::RunAdded { plan: plan.to_owned() }
}

/// 100 planned; 10 held, 60 paid, 20 returned, 10 without an answer.
fn certificate() -> Certificate {
    let item = ItemBridge {
        gross: yuan(105),
        deductions: yuan(5),
        planned_lines: 5,
        instructed: yuan(90),
        instructed_lines: 4,
        held: yuan(10),
        held_lines: 1,
        paid: yuan(60),
        paid_lines: 2,
        returned: yuan(20),
        returned_lines: 1,
        unreplied: yuan(10),
        unreplied_lines: 1,
        ..ItemBridge::EMPTY
    };
    let book = BookBridge {
        book: "book".to_owned(),
        opening: yuan(50),
        appropriated: yuan(100),
        paid: yuan(60),
        in_transit: yuan(30),
        closing: yuan(60),
        unidentified: Money::ZERO,
        sent_back: Money::ZERO,
    };
    Certificate {
        item,
        books: vec![book],
        people: 4,
        statement_debits: yuan(90),
        statement_credits: yuan(20),
        open_differences: 0,
        evidence: vec!["digest".to_owned()],
    }
}

fn certified() -> Event {
    Event::Certified { number: 1, certificate: certificate() }
}

fn certify(certificate: Certificate) -> Command {
    Command::Certify { certificate }
}

#[test]
fn the_month_before_is_closed_or_an_exception_says_why_not() {
    let late = Some("the bank is late");
    let exception = late.map(str::to_owned);
    let with = Event::Opened { item: item(0), month: month(1), area: area(), exception };
    given::<Period>([]).when(open(Before::NeverOpened, None)).then([opened()]);
    given::<Period>([]).when(open(Before::Closed, None)).then([opened()]);
    given::<Period>([]).when(open(Before::Open, late)).then([with]);
    given::<Period>([]).when(open(Before::Open, None)).then_refused(Error::BeforeIsOpen);
    given::<Period>([]).when(open(Before::Open, Some(" "))).then_refused(Error::BeforeIsOpen);
}

#[test]
fn d13_the_bridge_holds_or_there_is_no_certificate() {
    let runs = || [opened(), run("p")];
    given::<Period>(runs()).when(certify(certificate())).then([certified()]);
    let wrong = |change: fn(&mut Certificate)| {
        let mut wrong = certificate();
        change(&mut wrong);
        wrong.check().unwrap_err().code()
    };
    for (code, change) in [
        ("PERIOD_BRIDGE_PLANNED", (|c| c.item.gross += yuan(1)) as fn(&mut Certificate)),
        ("PERIOD_BRIDGE_PLANNED_LINES", |c| c.item.netted_lines += 1),
        ("PERIOD_BRIDGE_INSTRUCTED", |c| c.item.paid -= yuan(1)),
        ("PERIOD_BRIDGE_INSTRUCTED_LINES", |c| c.item.paid_lines += 1),
        ("PERIOD_STATEMENT_DEBITS", |c| c.statement_debits -= yuan(1)),
        ("PERIOD_STATEMENT_CREDITS", |c| c.statement_credits += yuan(1)),
        ("PERIOD_BOOK_BRIDGE", |c| c.books[0].in_transit -= yuan(1)),
        ("PERIOD_NO_BOOK", |c| c.books.clear()),
        // Both sides wrong by the same sum is wrong as well.
        ("PERIOD_CERTIFICATE_NEGATIVE", |c| {
            c.item.paid += yuan(30);
            c.item.unreplied = -yuan(20);
        }),
    ] {
        assert_eq!(wrong(change), code);
    }
    let mut unstated = certificate();
    unstated.statement_debits = Money::ZERO;
    given::<Period>(runs()).when(certify(unstated)).then_refused(Error::Broken(
        Broken::Statement { debits: Money::ZERO, instructed: yuan(90) },
    ));
}

#[test]
fn d13_a_month_whose_every_line_is_held_needs_no_book() {
    let item = ItemBridge {
        gross: yuan(10),
        planned_lines: 1,
        held: yuan(10),
        held_lines: 1,
        ..ItemBridge::EMPTY
    };
    let (none, debits, credits) = (vec![], Money::ZERO, Money::ZERO);
    let held = Certificate {
        item,
        books: none,
        statement_debits: debits,
        statement_credits: credits,
        ..certificate()
    };
    assert_eq!(held.check(), Ok(()));
}

#[test]
fn a_period_closes_on_a_certificate_of_all_its_runs() {
    let close = || Command::Close { by: "kuai".to_owned() };
    let closed = Event::Closed { by: "kuai".to_owned(), certificate: 1 };
    given::<Period>([opened(), run("p"), certified()]).when(close()).then([closed]);
    given::<Period>([opened(), run("p")]).when(close()).then_refused(Error::NotCertified);
    given::<Period>([opened(), run("p"), certified(), run("q")])
        .when(close())
        .then_refused(Error::NotCertified);
    given::<Period>([opened()]).when(certify(certificate())).then_refused(Error::NoRun);
}

#[test]
fn r10_a_closed_period_takes_no_run_no_certificate_and_no_posting() {
    let closed = Event::Closed { by: "kuai".to_owned(), certificate: 1 };
    let history = || [opened(), run("p"), certified(), closed.clone()];
    for command in [
        Command::AddRun { plan: "q".to_owned() },
        certify(certificate()),
        Command::Close { by: "kuai".to_owned() },
    ] {
        given::<Period>(history()).when(command).then_refused(Error::Closed);
    }
    assert_eq!(given::<Period>(history()).state().is_open(), Err(Error::Closed));
}

fn closed() -> Vec<Event> {
    let close = Event::Closed { by: "kuai".to_owned(), certificate: 1 };
    vec![opened(), run("p"), certified(), close]
}

fn asked() -> Event {
    Event::ReopeningAsked { by: "kuai".to_owned(), reason: "a receipt came late".to_owned() }
}

#[test]
fn r10_two_persons_reopen_a_closed_item_period() {
    let ask = || Command::AskReopen { by: "kuai".to_owned(), reason: "a receipt came late".into() };
    let reopen = |by: &str| Command::Reopen { by: by.to_owned() };
    given::<Period>(closed()).when(reopen("shen")).then_refused(Error::ReopeningUnasked);
    given::<Period>(closed()).when(ask()).then([asked()]);
    let mut history = closed();
    history.push(asked());
    given::<Period>(history.clone())
        .when(ask())
        .then_refused(Error::ReopeningAsked { by: "kuai".to_owned() });
    given::<Period>(history.clone())
        .when(reopen("kuai"))
        .then_refused(Error::ReopeningByOne { by: "kuai".to_owned() });
    let again = Event::Reopened {
        by: "shen".to_owned(),
        asked_by: "kuai".to_owned(),
        reason: "a receipt came late".to_owned(),
    };
    let state = given::<Period>(history).when(reopen("shen")).then([again.clone()]).state();
    // The certificate that it was closed on stays, and does not close it again.
    assert_eq!((state.stage, state.certificates.len()), (Stage::Open, 1));
    let close = || Command::Close { by: "kuai".to_owned() };
    assert_eq!(state.decide(close()), Err(Error::NotCertified));
    let second = Event::Certified { number: 2, certificate: certificate() };
    let state = state.evolve(&second);
    assert_eq!(
        state.decide(close()),
        Ok(vec![Event::Closed { by: "kuai".to_owned(), certificate: 2 }])
    );
    assert_eq!(state.certificates.len(), 2);
    for history in [vec![], vec![opened()]] {
        given::<Period>(history.clone()).when(ask()).then_refused(Error::NotClosed);
        given::<Period>(history).when(reopen("shen")).then_refused(Error::NotClosed);
    }
}

#[test]
fn the_last_certificate_is_signed_in_the_bureaus_name() {
    let signature = |certificate: u32| Signature {
        certificate,
        by: "kuai".to_owned(),
        signature: "3045".to_owned(),
    };
    let sign = |number| Command::Sign { signature: signature(number) };
    given::<Period>([opened(), run("p"), certified()])
        .when(sign(1))
        .then([Event::CertificateSigned(signature(1))]);
    given::<Period>([opened(), run("p"), certified()])
        .when(sign(2))
        .then_refused(Error::NoCertificate { number: 2, last: 1 });
}
