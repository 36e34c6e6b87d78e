//! What holds for every card, whatever is asked in whatever order.

use shared::{BankCode, CardApplicationId, CardId, Date, OrganisationId, PersonId, Sealed};
use uuid::Uuid;

use super::*;
use ::laws::{Dice, hold};

#[test]
fn a_card_lives_in_order_and_dies_once() {
    hold::<Card>(next, law, Error::code, Error::CODES);
}

fn law(history: &[Event], card: &Card) {
    let (mut stage, mut since) = (0, Date::MIN);
    let (mut social, mut financial) = (false, false);
    for event in history {
        let (before, after, on) = match event {
            Event::Made(made) => (0, 1, made.on),
            Event::Delivered { on, .. } => (1, 2, *on),
            Event::Issued { on } => (2, 3, *on),
            Event::SocialFunctionActivated { on } => {
                assert!(!std::mem::replace(&mut social, true), "activated twice");
                (3, 3, *on)
            }
            Event::FinancialAccountActivated { on } => {
                assert!(!std::mem::replace(&mut financial, true), "activated twice");
                (3, 3, *on)
            }
            Event::ReportedLost { on } => (3, 4, *on),
            Event::LossWithdrawn { on } => (4, 3, *on),
            Event::Replaced { on, .. } => (stage.max(3), 5, *on),
            Event::Cancelled { on, .. } => (stage.max(1), 5, *on),
        };
        assert!(stage == before && stage < 5, "{event:?} in stage {stage}");
        assert!(since <= on, "{event:?} lies before {since}");
        (stage, since) = (after, on);
    }
    assert_eq!(card.takes_credits(), financial && stage < 5, "a loss is not a hold");
    assert_eq!(card.serves(), social && stage == 3);
}

fn next(card: &Card, dice: &mut Dice) -> Command {
    let (fitting, since): (&[usize], i8) = match card {
        Card::Unknown => (&[0], 1),
        Card::Living(record) => {
            let fitting: &[usize] = match record.stage {
                Stage::Made => &[1, 1, 1, 1, 2],
                Stage::Delivered => &[2, 2, 2, 2, 2, 8, 1],
                Stage::Issued => &[3, 4, 5, 5, 3, 4, 7, 6],
                Stage::Lost(_) => &[6, 6, 6, 7, 8, 3],
            };
            (fitting, record.since.day())
        }
        Card::Replaced { on, .. } | Card::Cancelled { on } => (&[5, 7, 8], on.day()),
    };
    let which = if dice.below(8) > 0 { dice.one_of(fitting) } else { dice.below(9) };
    let day = since + dice.one_of(&[0, 0, 0, 0, 1, -1]);
    let on = Date::constant(2026, 1, day.clamp(1, 31));
    match which {
        0 => Command::Make(Made {
            card: CardId::from_uuid(Uuid::from_u128(1)),
            application: CardApplicationId::from_uuid(Uuid::from_u128(4)),
            person: PersonId::from_uuid(Uuid::from_u128(5)),
            bank: BankCode::parse("BOC").unwrap(),
            number: Sealed("number".to_owned()),
            generation: dice.one_of(&[3, 3, 2, 1, 0]),
            valid_until: None,
            on: Date::constant(2026, 1, 10),
        }),
        1 => Command::Deliver { outlet: OrganisationId::from_uuid(Uuid::from_u128(3)), on },
        2 => {
            let died_on = if dice.below(5) == 0 { Some(Date::constant(2026, 1, 2)) } else { None };
            Command::Issue { on, died_on }
        }
        3 => Command::ActivateSocialFunction { on },
        4 => Command::ActivateFinancialAccount { on },
        5 => Command::ReportLost { on },
        6 => Command::WithdrawLoss { on },
        7 => Command::Replace {
            by: CardId::from_uuid(Uuid::from_u128(dice.one_of(&[2, 3, 1]))),
            account: dice.one_of(&[Account::Kept, Account::Changed]),
            on,
        },
        _ => Command::Cancel { on, reason: dice.one_of(&["停用", " "]).to_owned() },
    }
}
