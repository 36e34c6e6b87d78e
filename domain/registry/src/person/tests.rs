//! The rules about a person, as sentences.

use kernel::given;
use shared::{Date, DivisionCode, Month, PersonId, Sealed, Sex};
use uuid::Uuid;

use super::*;

mod links;

const LI: PersonId = PersonId::from_uuid(Uuid::from_u128(1));
const WANG: PersonId = PersonId::from_uuid(Uuid::from_u128(2));

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn number(kind: IdentityKind) -> IdentityNumber {
    IdentityNumber { kind, sealed: Sealed(text("number")) }
}

fn li(kind: IdentityKind) -> Registration {
    Registration {
        person: LI,
        name: Sealed(text("name")),
        number: number(kind),
        sex: Sex::Female,
        birth: Month::parse("1958-03").unwrap(),
        county: DivisionCode::parse("320602").unwrap(),
    }
}

fn registered() -> Event {
    Event::Registered(li(IdentityKind::ResidentId))
}

fn report() -> DeathReport {
    DeathReport {
        died_on: day("2026-01-09"),
        reported_on: day("2026-01-20"),
        source: DeathSource::CivilAffairs,
        verify_by: day("2026-02-03"),
    }
}

fn reported() -> Event {
    Event::DeathReported(report())
}

fn confirmed() -> Event {
    Event::DeathConfirmed {
        died_on: day("2026-01-09"),
        confirmed_on: day("2026-01-22"),
        source: DeathSource::Police,
    }
}

fn confirm() -> Command {
    Command::ConfirmDeath {
        died_on: day("2026-01-09"),
        confirmed_on: day("2026-01-22"),
        source: DeathSource::Police,
    }
}

fn withdraw(approver: Option<&str>) -> Command {
    Command::WithdrawDeath {
        on: day("2026-01-25"),
        reason: text("同名误报"),
        by: text("clerk"),
        approver: approver.map(text),
    }
}

fn withdrawn(stage: DeathStage, approver: Option<&str>) -> Event {
    Event::DeathReportWithdrawn {
        died_on: day("2026-01-09"),
        withdrawn_on: day("2026-01-25"),
        stage,
        reason: text("同名误报"),
        approver: approver.map(text),
    }
}

fn correction() -> Correction {
    Correction {
        name: None,
        number: None,
        sex: None,
        birth: None,
        county: None,
        reason: text("户籍更正"),
        by: text("clerk"),
        second: None,
    }
}

/// Name and number in one step.
fn double(second: Option<&str>) -> Correction {
    Correction {
        name: Some(Sealed(text("other name"))),
        number: Some(number(IdentityKind::ResidentId)),
        sex: Some(Sex::Female),
        birth: Some(Month::parse("1958-04").unwrap()),
        second: second.map(text),
        ..correction()
    }
}

#[test]
fn a_person_is_registered_once() {
    given::<Person>([])
        .when(Command::Register(li(IdentityKind::Passport)))
        .then([Event::Registered(li(IdentityKind::Passport))]);
    given::<Person>([registered()])
        .when(Command::Register(li(IdentityKind::ResidentId)))
        .then_refused(Error::AlreadyRegistered);
}

#[test]
fn name_and_number_in_one_step_need_a_second_person() {
    let cases = [
        (None, Err(Error::SecondMissing)),
        (Some("clerk"), Err(Error::SecondIsSame { by: text("clerk") })),
        (Some("other clerk"), Ok(())),
    ];
    for (second, expected) in cases {
        let correction = double(second);
        let decided = given::<Person>([registered()]).when(Command::Correct(correction.clone()));
        match expected {
            Ok(()) => {
                decided.then([Event::DetailsCorrected(correction)]);
            }
            Err(refusal) => decided.then_refused(refusal),
        }
    }
    let name_alone = Correction { name: Some(Sealed(text("n"))), ..correction() };
    given::<Person>([registered()])
        .when(Command::Correct(name_alone.clone()))
        .then([Event::DetailsCorrected(name_alone)]);
}

#[test]
fn sex_and_birth_follow_the_resident_number_but_not_a_passport() {
    let sex_alone = Correction { sex: Some(Sex::Male), ..correction() };
    given::<Person>([registered()])
        .when(Command::Correct(sex_alone.clone()))
        .then_refused(Error::FollowsNumber);
    given::<Person>([Event::Registered(li(IdentityKind::Passport))])
        .when(Command::Correct(sex_alone.clone()))
        .then([Event::DetailsCorrected(sex_alone)]);
    let bare = Correction { number: Some(number(IdentityKind::ResidentId)), ..correction() };
    given::<Person>([Event::Registered(li(IdentityKind::Passport))])
        .when(Command::Correct(bare))
        .then_refused(Error::NumberIncomplete);
}

#[test]
fn what_is_so_already_is_not_corrected() {
    let same = Correction {
        sex: Some(Sex::Female),
        county: Some(DivisionCode::parse("320602").unwrap()),
        ..correction()
    };
    given::<Person>([registered()]).when(Command::Correct(same)).then_nothing();
    given::<Person>([registered()]).when(Command::ChangeContact(Contact::default())).then_nothing();
}

#[test]
fn a_death_is_reported_then_confirmed() {
    let state = given::<Person>([registered()])
        .when(Command::ReportDeath(report()))
        .then([reported()])
        .when(confirm())
        .then([confirmed()])
        .state();
    assert_eq!(state.died_on(), Some(day("2026-01-09")));
    given::<Person>([registered()]).when(confirm()).then_refused(Error::DeathNotReported);
    let waiting = given::<Person>([registered(), reported()]).state();
    assert_eq!(waiting.died_on(), None, "a report alone is no death");
}

#[test]
fn the_same_death_from_another_source_is_no_news() {
    let again = DeathReport { source: DeathSource::Bank, ..report() };
    for history in [vec![registered(), reported()], vec![registered(), reported(), confirmed()]] {
        given::<Person>(history).when(Command::ReportDeath(again.clone())).then_nothing();
    }
    given::<Person>([registered(), reported(), confirmed()]).when(confirm()).then_nothing();
}

#[test]
fn another_day_of_death_waits_for_the_first_report() {
    let other = DeathReport { died_on: day("2026-01-08"), ..report() };
    let died_on = day("2026-01-09");
    given::<Person>([registered(), reported()])
        .when(Command::ReportDeath(other.clone()))
        .then_refused(Error::DeathReported { died_on });
    given::<Person>([registered(), reported(), confirmed()])
        .when(Command::ReportDeath(other))
        .then_refused(Error::DeathConfirmed { died_on });
}

#[test]
fn a_confirmed_death_falls_only_with_the_approval_of_another() {
    let died_on = day("2026-01-09");
    let dead = || given::<Person>([registered(), reported(), confirmed()]);
    dead().when(withdraw(None)).then_refused(Error::WithdrawalNotApproved { died_on });
    dead()
        .when(withdraw(Some("clerk")))
        .then_refused(Error::ApproverIsWithdrawer { by: text("clerk") });
    dead()
        .when(withdraw(Some("chief")))
        .then([withdrawn(DeathStage::Confirmed, Some("chief"))])
        .when(withdraw(Some("chief")))
        .then_refused(Error::DeathNotReported);
    given::<Person>([registered(), reported()])
        .when(withdraw(None))
        .then([withdrawn(DeathStage::Reported, None)]);
}

#[test]
fn impossible_days_of_death_are_refused() {
    let cases = [
        (
            "2026-01-21",
            "2026-01-20",
            "2026-02-03",
            Error::DeathAhead { died_on: day("2026-01-21"), on: day("2026-01-20") },
        ),
        (
            "1958-02-28",
            "2026-01-20",
            "2026-02-03",
            Error::DiedBeforeBirth {
                died_on: day("1958-02-28"),
                birth: Month::parse("1958-03").unwrap(),
            },
        ),
        (
            "2026-01-09",
            "2026-01-20",
            "2026-01-19",
            Error::DeadlineBeforeReport {
                verify_by: day("2026-01-19"),
                reported_on: day("2026-01-20"),
            },
        ),
    ];
    for (died_on, reported_on, verify_by, refusal) in cases {
        let report = DeathReport {
            died_on: day(died_on),
            reported_on: day(reported_on),
            verify_by: day(verify_by),
            ..report()
        };
        given::<Person>([registered()]).when(Command::ReportDeath(report)).then_refused(refusal);
    }
}

#[test]
fn the_dead_get_no_guardian_and_no_contact() {
    let died_on = day("2026-01-09");
    let guardian = |guardian, died_on| Command::AssignGuardian {
        guardian,
        died_on,
        from: day("2026-01-05"),
        basis: text("通州民特2025-17"),
    };
    let contact = Contact { phone: Some(Sealed(text("phone"))), ..Contact::default() };
    for command in [guardian(WANG, None), Command::ChangeContact(contact)] {
        given::<Person>([registered(), reported(), confirmed()])
            .when(command)
            .then_refused(Error::Dead { died_on });
    }
    let living = || given::<Person>([registered()]);
    living().when(guardian(LI, None)).then_refused(Error::OwnGuardian);
    living().when(guardian(WANG, Some(died_on))).then_refused(Error::GuardianDead { died_on });
}

#[test]
fn a_refusal_speaks_both_languages_and_carries_its_facts() {
    let refusal = Error::Dead { died_on: day("2026-01-09") };
    assert_eq!(refusal.code(), "PERSON_DEAD");
    assert_eq!(refusal.to_string(), "the person died on 2026-01-09");
    assert_eq!(refusal.zh(), "该人员已于 2026-01-09 死亡");
}
