//! What holds for every application, whatever is asked in whatever order.

use shared::{BankCode, CardId, Date, DivisionCode, PersonId};
use uuid::Uuid;

use super::*;
use ::laws::{Dice, hold};

#[test]
fn an_application_is_made_and_decided_once() {
    hold::<Application>(next, law, Error::code, Error::CODES);
}

fn law(history: &[Event], application: &Application) {
    match (history, application) {
        ([], Application::Unknown) => {}
        ([Event::Applied(form)], Application::Applied(now)) => assert_eq!(form, now),
        ([Event::Applied(form), Event::Accepted { on }], Application::Accepted(now, then)) => {
            assert_eq!((form, on), (now, then));
            assert!(*on >= form.on);
        }
        ([Event::Applied(form), Event::Rejected { on, reason }], Application::Rejected(now, _)) => {
            assert_eq!(form, now);
            assert!(*on >= form.on && !reason.trim().is_empty());
        }
        impossible => panic!("{impossible:?}"),
    }
}

fn next(application: &Application, dice: &mut Dice) -> Command {
    let which = match application {
        Application::Unknown => dice.one_of(&[0, 0, 0, 1, 2]),
        Application::Applied(_) | Application::Accepted(..) | Application::Rejected(..) => {
            dice.below(3)
        }
    };
    let on = dice.one_of(&[6, 7, 4].map(|day| Date::constant(2026, 1, day)));
    let died_on = if dice.below(4) == 0 { Some(Date::constant(2026, 1, 2)) } else { None };
    match which {
        0 => {
            let form = Form {
                person: PersonId::from_uuid(Uuid::from_u128(1)),
                bank: BankCode::parse("BOC").unwrap(),
                county: DivisionCode::parse("320602").unwrap(),
                outlet: None,
                replaces: card(dice),
                on: Date::constant(2026, 1, 5),
            };
            Command::Apply { form, valid: card(dice), died_on }
        }
        1 => Command::Accept { on, died_on },
        _ => Command::Reject { on, reason: dice.one_of(&["照片不合格", " "]).to_owned() },
    }
}

fn card(dice: &mut Dice) -> Option<CardId> {
    let card = |id| CardId::from_uuid(Uuid::from_u128(id));
    dice.one_of(&[None, Some(card(8)), Some(card(9))])
}
