//! The rules about a grant, as sentences.

use kernel::given;
use shared::{
    AreaCode, Component, DivisionCode, FundCode, GrantId, ItemId, Money, Month, PayAddressId,
    Payee, PersonId,
};
use uuid::Uuid;

use super::*;

const CHEN: PersonId = PersonId::from_uuid(Uuid::from_u128(1));
const WU: PersonId = PersonId::from_uuid(Uuid::from_u128(2));

/// A month of 2026.
fn month(month: i8) -> Month {
    Month::new(2026, month).unwrap()
}

fn amount(component: &str, yuan: &str) -> ComponentAmount {
    ComponentAmount {
        component: Component::parse(component).unwrap(),
        amount: Money::parse(yuan).unwrap(),
    }
}

fn whole(yuan: &str) -> Vec<ComponentAmount> {
    vec![amount("whole", yuan)]
}

/// From February 2026 on, without an end.
fn open() -> Registration {
    Registration {
        grant: GrantId::from_uuid(Uuid::from_u128(3)),
        person: CHEN,
        arises_from: None,
        item: ItemId::parse("A1").unwrap(),
        components: whole("3000.00"),
        from: month(2),
        to: None,
        payee: Payee::Person { person: CHEN },
        fund: FundCode::parse("employee-pension").unwrap(),
        area: AreaCode::parse("320600").unwrap(),
        county: DivisionCode::parse("320602").unwrap(),
        address: PayAddressId::from_uuid(Uuid::from_u128(4)),
        basis: "通人社核2026-12".to_owned(),
    }
}

pub(super) fn expired() -> StopReason {
    StopReason::parse("qualification_expired").unwrap()
}

fn registered() -> Event {
    Event::Registered(open())
}

fn suspended(from: i8) -> Event {
    Event::Suspended { from: month(from), reason: expired() }
}

fn suspend(from: i8) -> Command {
    Command::Suspend { from: month(from), reason: expired() }
}

fn resume(from: i8, missed: Missed) -> Command {
    Command::Resume { from: month(from), missed, reason: "认证通过".to_owned() }
}

fn resumed(from: i8, back_pay: &[i8]) -> Event {
    Event::Resumed {
        from: month(from),
        back_pay: back_pay.iter().map(|it| month(*it)).collect(),
        reason: "认证通过".to_owned(),
    }
}

fn adjusted(from: i8, yuan: &str) -> Event {
    Event::Adjusted {
        from: month(from), components: whole(yuan), reason: "年度调整".to_owned()
    }
}

fn adjust(from: i8, yuan: &str) -> Command {
    Command::Adjust {
        from: month(from), components: whole(yuan), reason: "年度调整".to_owned()
    }
}

fn ended(last: i8) -> Event {
    Event::Ended { last: month(last), reason: EndReason::Death }
}

fn end(last: i8) -> Command {
    Command::End { last: month(last), reason: EndReason::Death }
}

/// The months of 2026 that have an amount, with it.
fn paid(history: impl IntoIterator<Item = Event>) -> Vec<(i8, String)> {
    let grant = given::<Grant>(history).state();
    (1..=6)
        .filter_map(|it| Some((it, grant.amounts_for(month(it))?[0].amount.to_string())))
        .collect()
}

#[test]
fn a_grant_that_cannot_be_paid_is_not_registered() {
    let max = Money::from_fen(i64::MAX);
    let huge = |component| ComponentAmount {
        component: Component::parse(component).unwrap(),
        amount: max,
    };
    let whole_component = Component::whole();
    let cases = [
        (Registration { basis: " ".to_owned(), ..open() }, Error::NoBasis),
        (Registration { components: vec![], ..open() }, Error::NoComponents),
        (
            Registration { components: [whole("1.00"), whole("2.00")].concat(), ..open() },
            Error::ComponentTwice { component: whole_component },
        ),
        (
            Registration { components: whole("0.00"), ..open() },
            Error::NotPositive { component: whole_component },
        ),
        (Registration { components: vec![huge("a"), huge("b")], ..open() }, Error::TotalTooLarge),
        (
            Registration { to: Some(month(1)), ..open() },
            Error::EndsBeforeStart { from: month(2), last: month(1) },
        ),
        (
            Registration { payee: Payee::Person { person: WU }, ..open() },
            Error::NotTheBeneficiary { person: WU },
        ),
        (
            Registration { payee: Payee::Guardian { person: CHEN }, ..open() },
            Error::BeneficiaryForHimself { person: CHEN },
        ),
        (Registration { payee: Payee::Relative { person: CHEN }, ..open() }, Error::NoOrigin),
    ];
    for (registration, refusal) in cases {
        given::<Grant>([]).when(Command::Register(registration)).then_refused(refusal);
    }
    given::<Grant>([]).when(Command::Register(open())).then([registered()]);
    given::<Grant>([registered()])
        .when(Command::Register(open()))
        .then_refused(Error::AlreadyRegistered);
}

#[test]
fn an_amount_holds_from_its_month_until_the_next() {
    let three = "3000.00".to_owned();
    assert_eq!(
        paid([registered(), adjusted(5, "3200.00"), adjusted(3, "3100.00"), ended(5)]),
        [
            (2, three),
            (3, "3100.00".to_owned()),
            (4, "3100.00".to_owned()),
            (5, "3200.00".to_owned())
        ]
    );
    given::<Grant>([registered()]).when(adjust(3, "3000.00")).then_nothing();
    given::<Grant>([registered()]).when(adjust(3, "3100.00")).then([adjusted(3, "3100.00")]);
}

#[test]
fn nothing_is_owed_while_a_stop_stands_and_missed_months_follow_its_lifting() {
    let months = |history: Vec<Event>| -> Vec<i8> {
        paid(history).into_iter().map(|(month, _)| month).collect()
    };
    let stopped = vec![registered(), suspended(3)];
    assert_eq!(months(stopped.clone()), [2]);
    given::<Grant>(stopped.clone()).when(resume(5, Missed::Owed)).then([resumed(5, &[3, 4])]);
    assert_eq!(months([stopped.as_slice(), &[resumed(5, &[3, 4])]].concat()), [2, 3, 4, 5, 6]);
    given::<Grant>(stopped.clone()).when(resume(5, Missed::Forfeited)).then([resumed(5, &[])]);
    assert_eq!(months([stopped.as_slice(), &[resumed(5, &[])]].concat()), [2, 5, 6]);
}

#[test]
fn stops_do_not_overlap_and_are_lifted_in_turn() {
    given::<Grant>([registered(), suspended(3)])
        .when(suspend(4))
        .then_refused(Error::AlreadySuspended { from: month(3) });
    let lifted = || given::<Grant>([registered(), suspended(3), resumed(5, &[3, 4])]);
    lifted()
        .when(suspend(4))
        .then_refused(Error::SuspensionOverlaps { from: month(4), resumed: month(5) });
    lifted().when(suspend(5)).then([suspended(5)]);
    lifted().when(resume(6, Missed::Owed)).then_refused(Error::NotSuspended);
    given::<Grant>([registered(), suspended(3)])
        .when(resume(2, Missed::Owed))
        .then_refused(Error::ResumedBeforeStop { from: month(2), stopped: month(3) });
}

#[test]
fn months_outside_the_grant_are_refused() {
    let (before, after) = (
        Error::BeforeStart { month: month(1), from: month(2) },
        Error::AfterEnd { month: month(6), last: month(5) },
    );
    let history = || given::<Grant>([registered(), ended(5)]);
    for command in [suspend(1), adjust(1, "1.00")] {
        history().when(command).then_refused(before.clone());
    }
    for command in [suspend(6), adjust(6, "1.00")] {
        history().when(command).then_refused(after.clone());
    }
}

#[test]
fn an_end_may_come_nearer_but_never_moves_away() {
    let history = || given::<Grant>([registered(), ended(5)]);
    history().when(end(4)).then([ended(4)]);
    history().when(end(5)).then_nothing();
    history().when(end(6)).then_refused(Error::AlreadyEnded { last: month(5) });
    let limited = Event::Registered(Registration { to: Some(month(4)), ..open() });
    given::<Grant>([limited.clone()])
        .when(end(5))
        .then_refused(Error::AfterEnd { month: month(5), last: month(4) });
    given::<Grant>([limited]).when(end(4)).then([ended(4)]);
}

#[test]
fn a_grant_that_a_false_death_ended_goes_on() {
    let reinstate = |reason: &str| Command::Reinstate { reason: reason.to_owned() };
    let back = Event::Reinstated { to: None, reason: "he lives".to_owned() };
    given::<Grant>([registered(), ended(5)]).when(reinstate("he lives")).then([back]);
    given::<Grant>([registered(), ended(5)]).when(reinstate(" ")).then_refused(Error::NoReason);
    given::<Grant>([registered()]).when(reinstate("x")).then_refused(Error::NotEndedByDeath);
    let limited = Event::Registered(Registration { to: Some(month(6)), ..open() });
    let back = Event::Reinstated { to: Some(month(6)), reason: "he lives".to_owned() };
    given::<Grant>([limited, ended(3)]).when(reinstate("he lives")).then([back]);
}

#[test]
fn a_void_grant_ends_before_its_first_month() {
    given::<Grant>([registered()]).when(end(1)).then([ended(1)]);
    assert_eq!(paid([registered(), ended(1)]), []);
    let last = Month::new(2025, 12).unwrap();
    given::<Grant>([registered()])
        .when(Command::End { last, reason: EndReason::Revoked })
        .then_refused(Error::EndsBeforeStart { from: month(2), last });
}

#[test]
fn months_stopped_before_a_death_are_owed_once_the_stop_is_lifted() {
    let dead = || given::<Grant>([registered(), suspended(3), ended(4)]);
    dead().when(resume(5, Missed::Owed)).then([resumed(5, &[3, 4])]);
    dead()
        .when(resume(6, Missed::Owed))
        .then_refused(Error::AfterEnd { month: month(6), last: month(4) });
}

#[test]
fn a_guardian_takes_over_with_an_account_of_his_own() {
    let change = |payee, basis: &str| {
        let address = PayAddressId::from_uuid(Uuid::from_u128(5));
        Command::ChangePayee { payee, address, basis: basis.to_owned() }
    };
    let guardian = Payee::Guardian { person: WU };
    let changed = Event::PayeeChanged {
        payee: guardian,
        address: PayAddressId::from_uuid(Uuid::from_u128(5)),
        basis: "监护证明".to_owned(),
    };
    let taken = || given::<Grant>([registered(), changed.clone()]);
    given::<Grant>([registered()]).when(change(guardian, "监护证明")).then([changed.clone()]);
    // Asked again it is so already.
    taken().when(change(guardian, "监护证明")).then([]);
    taken().when(change(guardian, " ")).then_refused(Error::NoBasis);
    let nobody = Payee::Person { person: WU };
    taken().when(change(nobody, "x")).then_refused(Error::NotTheBeneficiary { person: WU });
    let himself = Payee::Guardian { person: CHEN };
    taken().when(change(himself, "x")).then_refused(Error::BeneficiaryForHimself { person: CHEN });
    // Who draws it changes no amount.
    assert_eq!(paid([registered(), changed]), paid([registered()]));
}
