//! The rules of a batch, by their numbers in INVENTORY 3.4 and DISBURSEMENT section 2.

use kernel::given;
use shared::{Component, ReplyId, ReturnReason};
use uuid::Uuid;

use super::*;
use crate::city::world::{artefact, bank, book, day, fund, item, month, person, yuan};

const CLOSED: ReturnReason = ReturnReason::AccountClosed;

fn attempt(line: u32, amount: Money) -> Attempt {
    Attempt {
        line,
        person: person(u128::from(line)),
        component: Component::whole(),
        month: None,
        adjustment: 0,
        number: 1,
        amount,
    }
}

fn file() -> File {
    File {
        artefact: artefact(1),
        name: "pay.txt".to_owned(),
        bytes: 1,
        layout: "neutral".to_owned(),
        layout_digest: "digest".to_owned(),
    }
}

fn opened() -> Event {
    Event::Opened(Header {
        plan: "plan".to_owned(),
        part: 0,
        bank: bank(0),
        item: item(0),
        month: month(1),
        account: book(fund(item(0))),
        seen: kernel::Position(7),
    })
}

fn lines() -> Event {
    Event::LinesComposed { chunk: 0, lines: vec![attempt(0, yuan(10)), attempt(3, yuan(20))] }
}

fn composed() -> Vec<Event> {
    vec![opened(), lines(), Event::Composed { lines: 2, total: yuan(30), file: file() }]
}

fn key(role: &str, by: &str) -> Event {
    let (by, role, signature) = (by.to_owned(), role.to_owned(), "3045".to_owned());
    Event::Signed { by, role, signature }
}

fn sign(role: &str, by: &str) -> Command {
    let acted = [("handler", "hu"), ("checker", "chen"), ("accountant", "kuai")];
    Command::Sign {
        by: by.to_owned(),
        role: role.to_owned(),
        signature: "3045".to_owned(),
        plan_actors: acted.map(|(role, by)| (role.to_owned(), by.to_owned())).to_vec(),
    }
}

fn sent() -> Vec<Event> {
    let mut events = composed();
    events.extend([key("accountant", "kuai"), key("cashier", "chu")]);
    events.push(Event::Sent { by: "chu".to_owned() });
    events
}

fn debited() -> Vec<Event> {
    let mut events = sent();
    events.push(Event::Debited { slip: "S1".to_owned(), amount: yuan(30), on: day() });
    events
}

fn reply(number: u32) -> ReplyId {
    ReplyId::from_uuid(Uuid::from_u128(u128::from(number)))
}

fn received(number: u32) -> Event {
    Event::ReplyReceived {
        reply: reply(number),
        artefact: artefact(number),
        file: "HP.txt".to_owned(),
        lines: 2,
    }
}

fn row(seq: u32, amount: i64, said: Said) -> Row {
    Row { row: seq, seq: Some(seq), amount: yuan(amount), said }
}

fn paid() -> Said {
    Said::Paid { serial: "P1".to_owned() }
}

fn settled(reply: u32, settled: Settled) -> Event {
    Event::LinesSettled { reply: self::reply(reply), chunk: 0, settled }
}

fn settle(reply: u32, results: Vec<Row>) -> Command {
    Command::Settle { reply: self::reply(reply), chunk: 0, results }
}

fn one_paid_one_returned() -> Settled {
    Settled {
        paid: vec![Paid { seq: 1, serial: "P1".to_owned() }],
        returned: vec![Returned { seq: 2, reason: CLOSED }],
        ..Settled::default()
    }
}

fn answered() -> Vec<Event> {
    let mut events = debited();
    events.extend([received(1), settled(1, one_paid_one_returned())]);
    events
}

#[test]
fn r4_count_and_total_are_declared_first_and_are_the_lines_own() {
    let seal = |lines, total| Command::Seal { lines, total, file: file() };
    let open = || [opened(), lines()];
    given::<Batch>(open()).when(seal(2, yuan(30))).then([composed()[2].clone()]);
    given::<Batch>(open()).when(seal(2, yuan(31))).then_refused(Error::DeclaredDiffers {
        lines: 2,
        total: yuan(31),
        lines_here: 2,
        total_here: yuan(30),
    });
    given::<Batch>([opened()]).when(seal(0, yuan(0))).then_refused(Error::Empty);
}

#[test]
fn r2_a_line_stands_in_a_batch_once() {
    for line in [3, 1] {
        given::<Batch>([opened(), lines()])
            .when(Command::Compose { chunk: 1, lines: vec![attempt(line, yuan(10))] })
            .then_refused(Error::Again { line });
    }
}

#[test]
fn r5_two_keys_are_two_persons_two_roles_and_one_who_never_saw_the_plan() {
    let by = |by: &str| by.to_owned();
    given::<Batch>(composed()).when(sign("accountant", "kuai")).then([key("accountant", "kuai")]);
    for (first, role, who, refused) in [
        (None, "cashier", "kuai", Error::ActedOnPlan { by: by("kuai"), role: by("accountant") }),
        (None, "checker", "chen", Error::ActedOnPlan { by: by("chen"), role: by("checker") }),
        (None, "accountant", "hu", Error::ActedOnPlan { by: by("hu"), role: by("handler") }),
        (Some("kuai"), "cashier", "kuai", Error::SamePerson { by: by("kuai") }),
        (Some("ke"), "accountant", "kuai", Error::SameRole { role: by("accountant") }),
    ] {
        let mut events = composed();
        events.extend(first.map(|first| key("accountant", first)));
        given::<Batch>(events).when(sign(role, who)).then_refused(refused);
    }
    let mut events = composed();
    events.push(key("accountant", "kuai"));
    let send = Command::Send { by: "chu".to_owned() };
    given::<Batch>(events.clone()).when(send.clone()).then_refused(Error::Unsigned { has: 1 });
    events.push(key("cashier", "chu"));
    given::<Batch>(events).when(send).then([Event::Sent { by: "chu".to_owned() }]);
}

#[test]
fn r7_acknowledged_is_not_debited_and_the_slip_is_the_files_sum() {
    let acknowledged = Event::Acknowledged { reference: "B1".to_owned() };
    let batch = given::<Batch>(sent())
        .when(Command::Acknowledge { reference: "B1".to_owned() })
        .then([acknowledged]);
    assert_eq!(batch.state().debited, None);
    let debit = |amount| Command::Debit { slip: "S1".to_owned(), amount, on: day() };
    given::<Batch>(sent())
        .when(debit(yuan(31)))
        .then_refused(Error::WrongDebit { slip: yuan(31), file: yuan(30) });
    given::<Batch>(debited()).when(debit(yuan(30))).then_refused(Error::DebitedAlready);
}

#[test]
fn r9_unknown_is_not_failure_and_the_slip_ends_it() {
    let mut events = sent();
    events.push(Event::OutcomeUnknown { reason: "the line was cut".to_owned() });
    let batch = given::<Batch>(events.clone()).state();
    assert!(batch.decide(Command::Send { by: "chu".to_owned() }).is_err(), "never sent again");
    let known = given::<Batch>(events)
        .when(Command::Debit { slip: "S1".to_owned(), amount: yuan(30), on: day() })
        .then([Event::Debited { slip: "S1".to_owned(), amount: yuan(30), on: day() }])
        .state();
    assert_eq!(known.stage, Stage::Sent);
    let lose = Command::LoseOutcome { reason: "the line was cut".to_owned() };
    assert_eq!(known.decide(lose), Err(Error::DebitedAlready));
}

#[test]
fn a_batch_is_withdrawn_before_it_goes_out_and_rejected_before_its_debit() {
    let withdraw = || Command::Withdraw { by: "hu".to_owned(), reason: "a death".to_owned() };
    let withdrawn = Event::Withdrawn { by: "hu".to_owned(), reason: "a death".to_owned() };
    let gone = given::<Batch>(composed()).when(withdraw()).then([withdrawn]).state();
    assert_eq!(gone.stage, Stage::Rejected);
    let stage = Error::Stage { is: Stage::Sent, needs: Stage::Composed };
    given::<Batch>(sent()).when(withdraw()).then_refused(stage);
    let reject = |reason: &str| Command::Reject { reason: reason.to_owned() };
    given::<Batch>(sent())
        .when(reject("bad layout"))
        .then([Event::Rejected { reason: "bad layout".to_owned() }]);
    given::<Batch>(sent()).when(reject(" ")).then_refused(Error::NoReason);
    given::<Batch>(debited()).when(reject("bad layout")).then_refused(Error::DebitedAlready);
}

#[test]
fn a_reply_waits_for_the_debit_slip() {
    let mut events = sent();
    events.push(received(1));
    given::<Batch>(events.clone())
        .when(settle(1, vec![row(1, 10, paid())]))
        .then_refused(Error::NotDebited);
    given::<Batch>(events)
        .when(Command::ApplyReply { reply: reply(1) })
        .then_refused(Error::NotDebited);
}

#[test]
fn r8_the_same_file_is_one_reply() {
    let receive = Command::ReceiveReply {
        reply: reply(2),
        artefact: artefact(1),
        file: "HP.txt".to_owned(),
        lines: 2,
    };
    given::<Batch>(answered()).when(receive).then_refused(Error::ReplyAgain { first: reply(1) });
}

#[test]
fn r8_a_row_changes_a_line_that_is_unknown_and_nothing_else() {
    let mut events = answered();
    events.push(received(2));
    let returned = |reason| Said::Returned { reason };
    let stranger = Row { row: 3, seq: None, amount: yuan(5), said: paid() };
    let results = vec![
        row(1, 10, paid()),
        row(1, 10, returned(CLOSED)),
        row(2, 20, returned(CLOSED)),
        row(2, 20, returned(ReturnReason::NameMismatch)),
        row(2, 19, returned(CLOSED)),
        stranger,
    ];
    let sorted = Settled {
        duplicates: vec![1, 2],
        contradictions: vec![1, 2],
        strangers: vec![
            Stranger { row: 2, amount: yuan(19) },
            Stranger { row: 3, amount: yuan(5) },
        ],
        ..Settled::default()
    };
    let batch = given::<Batch>(events).when(settle(2, results)).then([settled(2, sorted)]).state();
    assert_eq!(batch.lines[0].result, Outcome::Paid);
    assert_eq!(batch.lines[1].result, Outcome::Returned(CLOSED));
    assert_eq!(batch.lines[1].said_by, Some(reply(1)));
}

#[test]
fn r8_a_reply_is_counted_and_applied_once() {
    let counts = ReplyCounts {
        paid_lines: 1,
        paid: yuan(10),
        returned_lines: 1,
        returned: yuan(20),
        ..NOTHING
    };
    let apply = || Command::ApplyReply { reply: reply(1) };
    let applied = Event::ReplyApplied { reply: reply(1), counts };
    let batch = given::<Batch>(answered()).when(apply()).then([applied]).state();
    assert_eq!(batch.decide(apply()), Err(Error::Applied(reply(1))));
}

#[test]
fn r7_money_comes_back_for_what_was_returned_and_no_more() {
    let back = |serial: &str, amount| {
        let serial = serial.to_owned();
        Command::ReturnMoney { serial, amount: yuan(amount), on: day() }
    };
    let came = |serial: &str, amount| {
        let serial = serial.to_owned();
        Event::MoneyReturned { serial, amount: yuan(amount), on: day() }
    };
    let batch = given::<Batch>(answered()).when(back("C1", 15)).then([came("C1", 15)]).state();
    let too_much = Error::TooMuchBack { amount: yuan(6), returned: yuan(20), before: yuan(15) };
    assert_eq!(batch.decide(back("C2", 6)), Err(too_much));
    assert_eq!(batch.decide(back("C1", 5)), Err(Error::CreditAgain("C1".to_owned())));
    assert_eq!(batch.decide(back("C2", 5)), Ok(vec![came("C2", 5)]));
}

fn begin(token: &str) -> Command {
    Command::BeginHandover { ready: "pay.txt.OK".to_owned(), token: token.to_owned() }
}

fn begun(token: &str) -> Event {
    Event::HandoverBegun { ready: "pay.txt.OK".to_owned(), token: token.to_owned() }
}

#[test]
fn of_two_tries_to_hand_a_file_over_the_first_counts() {
    given::<Batch>(composed())
        .when(begin("one"))
        .then_refused(Error::Stage { is: Stage::Composed, needs: Stage::Sent });
    let batch = given::<Batch>(sent()).when(begin("one")).then([begun("one")]).state();
    assert_eq!(batch.decide(begin("two")), Ok(vec![]));
    assert_eq!(batch.handover.map(|handover| handover.token).as_deref(), Some("one"));
}

#[test]
fn a_file_that_was_looked_for_and_found_is_not_unknown_any_more() {
    let finish = |found| Command::FinishHandover { found };
    let over = |found| Event::HandedOver { found };
    given::<Batch>(sent()).when(finish(Found::Ready)).then_refused(Error::NoHandover);
    let lost = Event::OutcomeUnknown { reason: "not found".to_owned() };
    let history = [sent(), vec![begun("one"), lost]].concat();
    let batch =
        given::<Batch>(history).when(finish(Found::Taken)).then([over(Found::Taken)]).state();
    assert_eq!(batch.stage, Stage::Sent);
    assert_eq!(batch.decide(finish(Found::Ready)), Ok(vec![]));
    // What the bank said meanwhile stands.
    let heard = Event::Acknowledged { reference: "B1".to_owned() };
    let history = [sent(), vec![begun("one"), heard, over(Found::Ready)]].concat();
    let batch = history.iter().fold(Batch::default(), |batch, event| batch.evolve(event));
    assert_eq!(batch.stage, Stage::Acknowledged);
}
