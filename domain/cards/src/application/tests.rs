//! The rules about an application, as sentences.

use kernel::given;
use shared::{BankCode, CardId, Date, DivisionCode, PersonId};
use uuid::Uuid;

use super::*;

const OLD: CardId = CardId::from_uuid(Uuid::from_u128(9));
const OTHER: CardId = CardId::from_uuid(Uuid::from_u128(8));

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn form(replaces: Option<CardId>) -> Form {
    Form {
        person: PersonId::from_uuid(Uuid::from_u128(1)),
        bank: BankCode::parse("BOC").unwrap(),
        county: DivisionCode::parse("320602").unwrap(),
        outlet: None,
        replaces,
        on: day("2026-01-05"),
    }
}

fn apply(replaces: Option<CardId>, valid: Option<CardId>) -> Command {
    Command::Apply { form: form(replaces), valid, died_on: None }
}

fn reject(reason: &str) -> Command {
    Command::Reject { on: day("2026-01-06"), reason: reason.to_owned() }
}

#[test]
fn whoever_holds_a_valid_card_applies_only_for_its_replacement() {
    let cases = [
        (None, None, Ok(())),
        (Some(OLD), Some(OLD), Ok(())),
        (None, Some(OLD), Err(Error::HasValidCard { card: OLD })),
        (Some(OTHER), Some(OLD), Err(Error::ReplacesOther { card: OTHER })),
        (Some(OLD), None, Err(Error::ReplacesOther { card: OLD })),
    ];
    for (replaces, valid, expected) in cases {
        let decided = given::<Application>([]).when(apply(replaces, valid));
        match expected {
            Ok(()) => {
                decided.then([Event::Applied(form(replaces))]);
            }
            Err(refusal) => decided.then_refused(refusal),
        }
    }
}

#[test]
fn an_application_is_decided_once() {
    let (on, applied) = (day("2026-01-06"), Event::Applied(form(None)));
    given::<Application>([applied.clone()])
        .when(Command::Accept { on, died_on: None })
        .then([Event::Accepted { on }])
        .when(reject("照片不合格"))
        .then_refused(Error::AlreadyAccepted { on });
    given::<Application>([applied.clone()])
        .when(reject("照片不合格"))
        .then([Event::Rejected { on, reason: "照片不合格".to_owned() }])
        .when(Command::Accept { on, died_on: None })
        .then_refused(Error::AlreadyRejected { on });
    given::<Application>([applied]).when(reject(" ")).then_refused(Error::NoReason);
    given::<Application>([]).when(reject("照片不合格")).then_refused(Error::Unknown);
}

#[test]
fn the_dead_get_no_card() {
    let died_on = day("2026-01-04");
    given::<Application>([])
        .when(Command::Apply { form: form(None), valid: None, died_on: Some(died_on) })
        .then_refused(Error::Dead { died_on });
    given::<Application>([Event::Applied(form(None))])
        .when(Command::Accept { on: day("2026-01-06"), died_on: Some(died_on) })
        .then_refused(Error::Dead { died_on });
}

#[test]
fn nothing_is_decided_before_it_was_asked() {
    let (on, applied) = (day("2026-01-04"), day("2026-01-05"));
    given::<Application>([Event::Applied(form(None))])
        .when(Command::Accept { on, died_on: None })
        .then_refused(Error::BeforeApplication { on, applied });
}
