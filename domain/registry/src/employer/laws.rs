//! What holds for every employer, whatever is asked in whatever order.

use shared::{CreditCode, Date, DivisionCode, EmployerId};
use uuid::Uuid;

use super::*;
use ::laws::{Dice, hold};

#[test]
fn an_end_is_final_and_a_virtual_employer_has_no_code() {
    hold::<Employer>(next, law, Error::code, Error::CODES);
}

fn law(history: &[Event], employer: &Employer) {
    for (index, event) in history.iter().enumerate() {
        let first = matches!(event, Event::Registered { .. } | Event::VirtualRegistered { .. });
        assert_eq!(first, index == 0, "registered once, and first");
        let end = matches!(event, Event::Merged { .. } | Event::Deregistered { .. });
        assert!(!end || index + 1 == history.len(), "something followed {event:?}");
    }
    if let Employer::Open(record) = employer {
        let real = matches!(history.first(), Some(Event::Registered { .. }));
        assert_eq!(record.code.is_some(), real);
        assert!(!record.absorbed.contains(&record.employer));
    }
}

fn next(employer: &Employer, dice: &mut Dice) -> Command {
    let fitting: &[usize] = match employer {
        Employer::Unknown => &[0, 1],
        Employer::Open(_) => &[2, 2, 2, 2, 4, 4, 4, 4, 3, 5],
        Employer::Merged { .. } | Employer::Deregistered { .. } => &[0, 2, 3, 4, 5],
    };
    let which = if dice.below(8) > 0 { dice.one_of(fitting) } else { dice.below(6) };
    let on = Date::constant(2026, 1, day(employer, dice));
    match which {
        0 => Command::Register { employer: id(0), code: code(dice), details: details(dice), on },
        1 => Command::RegisterVirtual {
            employer: id(0),
            details: details(dice),
            purpose: reason(dice),
            on,
        },
        2 => {
            let code = if dice.below(3) == 0 { Some(code(dice)) } else { None };
            Command::Change { code, details: details(dice), on }
        }
        3 => Command::Merge { into: id(dice.below(4)), on, reason: reason(dice) },
        4 => Command::Absorb { employer: id(dice.below(4)), on },
        _ => Command::Deregister { on, reason: reason(dice) },
    }
}

/// Of January: mostly the day of the last change or soon after, now and then before it.
fn day(employer: &Employer, dice: &mut Dice) -> i8 {
    let since = match employer {
        Employer::Open(record) => record.since.day(),
        Employer::Unknown | Employer::Merged { .. } | Employer::Deregistered { .. } => 2,
    };
    (since + dice.one_of(&[0, 0, 0, 0, 0, 1, -1])).clamp(1, 31)
}

fn id(n: usize) -> EmployerId {
    EmployerId::from_uuid(Uuid::from_u128(u128::try_from(n).unwrap() + 1))
}

fn code(dice: &mut Dice) -> CreditCode {
    let codes = ["91350100M000100Y43", "91350211M000100Y46"];
    dice.one_of(&codes.map(|code| CreditCode::parse(code).unwrap()))
}

fn details(dice: &mut Dice) -> Details {
    Details {
        name: dice.one_of(&["纺织厂", "染厂", "机械厂", " "]).to_owned(),
        kind: Kind::Enterprise,
        county: DivisionCode::parse("320612").unwrap(),
        industry: None,
        address: None,
        legal_representative: None,
        contact: None,
    }
}

fn reason(dice: &mut Dice) -> String {
    dice.one_of(&["吸收合并", "注销", " "]).to_owned()
}
