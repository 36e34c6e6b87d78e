//! What holds for every person, whatever is asked in whatever order.

use std::collections::BTreeSet;

use shared::{Date, DivisionCode, Month, PersonId, Sealed, Sex};
use uuid::Uuid;

use super::*;
use ::laws::{Dice, hold};

#[test]
fn the_dead_stay_dead_and_links_come_undone_one_by_one() {
    hold::<Person>(next, law, Error::code, Error::CODES);
}

fn law(history: &[Event], person: &Person) {
    let (mut died_on, mut into, mut members) = (None, None, BTreeSet::new());
    let mut erased = false;
    for event in history {
        assert!(!erased, "{event:?} after the erasure");
        if into.is_some() {
            let fits = matches!(event, Event::Split { .. } | Event::Erased(_));
            assert!(fits, "{event:?} after a merge");
        }
        match event {
            Event::Erased(erasure) => {
                erased = true;
                assert!(members.iter().all(|member| erasure.people.contains(member)));
            }
            Event::Registered(_) | Event::ContactChanged(_) | Event::GuardianReleased { .. } => {}
            Event::GuardianAssigned { .. } => assert_eq!(died_on, None, "the dead got a guardian"),
            Event::DetailsCorrected(correction) => {
                let second = correction.second.as_deref().is_some_and(|it| it != correction.by);
                assert!(second || !correction.is_double(), "one person changed name and number");
            }
            Event::DeathReported(_) => assert_eq!(died_on, None, "a death came after a death"),
            Event::DeathConfirmed { died_on: day, .. } => {
                assert_eq!(died_on.replace(*day), None, "a death was confirmed twice");
            }
            Event::DeathReportWithdrawn { stage, approver, .. } => {
                assert_eq!(*stage == DeathStage::Confirmed, died_on.is_some());
                assert!(died_on.is_none() || approver.is_some(), "a death fell without approval");
                died_on = None;
            }
            Event::Merged { into: survivor, .. } => into = Some(*survivor),
            Event::Split { from, .. } => assert_eq!(into.take(), Some(*from)),
            Event::Absorbed { person, .. } => assert!(members.insert(*person)),
            Event::Separated { person, .. } => assert!(members.remove(person)),
        }
    }
    assert_eq!(person.died_on(), died_on, "nobody dead stands as alive, nobody alive as dead");
    match person {
        Person::Unknown => assert!(history.is_empty()),
        Person::Registered(record) => {
            assert_eq!(into, None);
            assert_eq!(record.group.is_some(), !members.is_empty());
            assert_eq!(record.members, members);
        }
        Person::Merged { .. } => assert!(into.is_some() && members.is_empty()),
    }
    if let (Person::Registered(record), Some(died_on)) = (person, died_on) {
        assert!(record.birth <= Month::of(died_on), "died before birth");
    }
}

const DAYS: [Date; 3] =
    [Date::constant(2026, 1, 9), Date::constant(2026, 1, 20), Date::constant(2026, 2, 3)];

fn next(person: &Person, dice: &mut Dice) -> Command {
    // Mostly what fits the stage, so that late stages are reached; now and then anything.
    let fitting: &[usize] = match person {
        Person::Unknown => &[0, 0, 0, 0, 0, 1],
        Person::Registered(record) => match record.life {
            Life::Alive => &[1, 1, 2, 3, 4, 5, 5, 8, 9, 9, 11],
            Life::Reported(_) => &[1, 5, 6, 6, 7, 8],
            Life::Dead { .. } => &[1, 2, 3, 5, 6, 7, 7, 8, 8, 8, 9],
        },
        Person::Merged { .. } => &[10, 10, 1, 5, 8],
    };
    let which = if dice.below(8) > 0 { dice.one_of(fitting) } else { dice.below(13) };
    command(which, person, dice)
}

fn command(which: usize, person: &Person, dice: &mut Dice) -> Command {
    match which {
        0 => Command::Register(Registration {
            person: id(0),
            name: sealed(),
            number: number(dice),
            sex: Sex::Female,
            birth: birth(dice),
            county: county(dice),
        }),
        1 => Command::Correct(Correction {
            name: maybe(dice, |_| sealed()),
            number: maybe(dice, number),
            sex: maybe(dice, |dice| dice.one_of(Sex::ALL)),
            birth: maybe(dice, birth),
            county: maybe(dice, county),
            reason: reason(dice),
            by: actor(dice),
            second: maybe(dice, actor),
        }),
        2 => Command::ChangeContact(Contact {
            phone: maybe(dice, |_| sealed()),
            ..Contact::default()
        }),
        3 => Command::AssignGuardian {
            guardian: id(dice.below(4)),
            died_on: if dice.below(4) == 0 { Some(DAYS[0]) } else { None },
            from: DAYS[1],
            basis: reason(dice),
        },
        4 => Command::ReleaseGuardian { on: DAYS[1], reason: reason(dice) },
        5 => Command::ReportDeath(DeathReport {
            died_on: died_on(dice),
            reported_on: dice.one_of(&DAYS),
            source: DeathSource::Police,
            verify_by: dice.one_of(&DAYS),
        }),
        6 => Command::ConfirmDeath {
            died_on: died_on(dice),
            confirmed_on: dice.one_of(&DAYS),
            source: DeathSource::Family,
        },
        7 => Command::WithdrawDeath {
            on: DAYS[2],
            reason: reason(dice),
            by: actor(dice),
            approver: maybe(dice, actor),
        },
        8 => Command::Merge {
            into: id(dice.below(4)),
            group: GroupId::of(id(1)),
            died_on: match dice.below(5) {
                0 | 1 => Some(died_on(dice)),
                2 => None,
                _ => person.died_on(),
            },
            reason: reason(dice),
        },
        9 => Command::Absorb {
            person: id(dice.below(4)),
            group: GroupId::of(id(usize::from(dice.below(6) == 0))),
        },
        10 => Command::Split { reason: reason(dice) },
        11 => Command::Separate { person: id(dice.below(4)) },
        _ => Command::Erase {
            erasure: Erasure {
                people: (0..dice.below(5)).map(id).collect(),
                reason: reason(dice),
                basis: reason(dice),
            },
            retained: Retained { grants: u64::from(dice.below(4) == 0), ..Retained::default() },
        },
    }
}

fn maybe<T>(dice: &mut Dice, make: impl FnOnce(&mut Dice) -> T) -> Option<T> {
    if dice.below(2) == 0 { None } else { Some(make(dice)) }
}

fn id(n: usize) -> PersonId {
    PersonId::from_uuid(Uuid::from_u128(u128::try_from(n).unwrap() + 1))
}

fn sealed() -> Sealed {
    Sealed("sealed".to_owned())
}

fn number(dice: &mut Dice) -> IdentityNumber {
    let kind = dice.one_of(&[IdentityKind::ResidentId, IdentityKind::Passport]);
    IdentityNumber { kind, sealed: sealed() }
}

/// Also the month of the later deaths, so that a correction can contradict an earlier one.
fn birth(dice: &mut Dice) -> Month {
    dice.one_of(&["1958-03", "1980-11", "2026-02"].map(|month| Month::parse(month).unwrap()))
}

fn died_on(dice: &mut Dice) -> Date {
    dice.one_of(&[DAYS[0], DAYS[0], DAYS[1], DAYS[2], Date::constant(1957, 1, 1)])
}

fn county(dice: &mut Dice) -> DivisionCode {
    dice.one_of(&["320602", "320612"].map(|code| DivisionCode::parse(code).unwrap()))
}

fn actor(dice: &mut Dice) -> String {
    dice.one_of(&["clerk", "chief"]).to_owned()
}

fn reason(dice: &mut Dice) -> String {
    dice.one_of(&["户籍更正", "重复登记", "误报", "法院文书", " "]).to_owned()
}
