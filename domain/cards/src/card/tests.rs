//! The rules about a card, as sentences.

use kernel::given;
use shared::{BankCode, CardApplicationId, CardId, Date, OrganisationId, PersonId, Sealed};
use uuid::Uuid;

use super::*;

const CARD: CardId = CardId::from_uuid(Uuid::from_u128(1));
const NEW: CardId = CardId::from_uuid(Uuid::from_u128(2));
const OUTLET: OrganisationId = OrganisationId::from_uuid(Uuid::from_u128(3));

/// A day of January 2026.
fn on(day: i8) -> Date {
    Date::constant(2026, 1, day)
}

fn press(generation: u8) -> Made {
    Made {
        card: CARD,
        application: CardApplicationId::from_uuid(Uuid::from_u128(4)),
        person: PersonId::from_uuid(Uuid::from_u128(5)),
        bank: BankCode::parse("BOC").unwrap(),
        number: Sealed("number".to_owned()),
        generation,
        valid_until: None,
        on: on(5),
    }
}

fn made() -> Event {
    Event::Made(press(3))
}

fn delivered() -> Event {
    Event::Delivered { outlet: OUTLET, on: on(6) }
}

fn issued() -> Event {
    Event::Issued { on: on(7) }
}

fn lost() -> Event {
    Event::ReportedLost { on: on(9) }
}

fn active() -> [Event; 5] {
    [
        made(),
        delivered(),
        issued(),
        Event::SocialFunctionActivated { on: on(7) },
        Event::FinancialAccountActivated { on: on(8) },
    ]
}

fn issue() -> Command {
    Command::Issue { on: on(7), died_on: None }
}

fn cancel() -> Command {
    Command::Cancel { on: on(20), reason: "持卡人死亡".to_owned() }
}

#[test]
fn a_card_is_made_delivered_and_issued_in_this_order() {
    given::<Card>([])
        .when(Command::Make(press(3)))
        .then([made()])
        .when(Command::Deliver { outlet: OUTLET, on: on(6) })
        .then([delivered()])
        .when(issue())
        .then([issued()]);
    given::<Card>([]).when(issue()).then_refused(Error::Unknown);
    given::<Card>([made()]).when(issue()).then_refused(Error::NotDelivered);
    given::<Card>([made(), delivered(), issued()]).when(issue()).then_refused(Error::AlreadyIssued);
    given::<Card>([made()]).when(Command::Make(press(3))).then_refused(Error::AlreadyMade);
    given::<Card>([])
        .when(Command::Make(press(4)))
        .then_refused(Error::NoSuchGeneration { generation: 4 });
}

#[test]
fn no_card_is_handed_to_the_dead() {
    let died_on = on(2);
    given::<Card>([made(), delivered()])
        .when(Command::Issue { on: on(7), died_on: Some(died_on) })
        .then_refused(Error::HolderDead { died_on });
}

#[test]
fn the_two_functions_are_activated_each_for_itself_in_the_holders_hands() {
    let account = Command::ActivateFinancialAccount { on: on(8) };
    let social = Command::ActivateSocialFunction { on: on(8) };
    given::<Card>([made(), delivered()]).when(account.clone()).then_refused(Error::NotIssued);
    let state = given::<Card>([made(), delivered(), issued()])
        .when(account.clone())
        .then([Event::FinancialAccountActivated { on: on(8) }])
        .state();
    assert!(state.takes_credits() && !state.serves());
    given::<Card>(active()).when(account).then_nothing();
    given::<Card>(active()).when(social.clone()).then_nothing();
    given::<Card>([made(), delivered(), issued(), lost()])
        .when(Command::ActivateSocialFunction { on: on(9) })
        .then_refused(Error::Lost { since: on(9) });
}

#[test]
fn a_lost_card_still_takes_credits_but_serves_nobody() {
    let state =
        given::<Card>(active()).when(Command::ReportLost { on: on(9) }).then([lost()]).state();
    assert!(state.takes_credits(), "a loss is not a hold");
    assert!(!state.serves());
    let found = given::<Card>(active().into_iter().chain([lost()]))
        .when(Command::WithdrawLoss { on: on(10) })
        .then([Event::LossWithdrawn { on: on(10) }])
        .state();
    assert!(found.takes_credits() && found.serves());
    given::<Card>(active()).when(Command::WithdrawLoss { on: on(10) }).then_refused(Error::NotLost);
}

#[test]
fn a_card_in_hand_or_lost_is_replaced_by_another_one() {
    let replace = |by| Command::Replace { by, account: Account::Changed, on: on(12) };
    let replaced = Event::Replaced { by: NEW, account: Account::Changed, on: on(12) };
    for history in [active().to_vec(), [active().as_slice(), &[lost()]].concat()] {
        let state = given::<Card>(history).when(replace(NEW)).then([replaced.clone()]).state();
        assert!(!state.takes_credits() && !state.serves());
    }
    given::<Card>(active()).when(replace(CARD)).then_refused(Error::ByItself);
    given::<Card>([made()]).when(replace(NEW)).then_refused(Error::NotIssued);
}

#[test]
fn what_is_replaced_or_cancelled_stays_so() {
    let cases = [
        (
            Event::Replaced { by: NEW, account: Account::Kept, on: on(12) },
            Error::Replaced { by: NEW, on: on(12) },
        ),
        (
            Event::Cancelled { on: on(12), reason: "停用".to_owned() },
            Error::Cancelled { on: on(12) },
        ),
    ];
    for (end, refusal) in cases {
        let commands = [
            Command::Deliver { outlet: OUTLET, on: on(20) },
            Command::Issue { on: on(20), died_on: None },
            Command::ActivateSocialFunction { on: on(20) },
            Command::ActivateFinancialAccount { on: on(20) },
            Command::ReportLost { on: on(20) },
            Command::WithdrawLoss { on: on(20) },
            Command::Replace { by: NEW, account: Account::Kept, on: on(20) },
            cancel(),
        ];
        for command in commands {
            given::<Card>(active().into_iter().chain([end.clone()]))
                .when(command)
                .then_refused(refusal.clone());
        }
    }
}

#[test]
fn any_card_that_is_not_gone_can_be_cancelled_with_a_reason() {
    let cancelled = Event::Cancelled { on: on(20), reason: "持卡人死亡".to_owned() };
    for history in [vec![made()], active().to_vec(), [active().as_slice(), &[lost()]].concat()] {
        given::<Card>(history).when(cancel()).then([cancelled.clone()]);
    }
    given::<Card>([made()])
        .when(Command::Cancel { on: on(20), reason: " ".to_owned() })
        .then_refused(Error::NoReason);
}

#[test]
fn no_step_lies_before_the_last_one() {
    given::<Card>(active())
        .when(Command::ReportLost { on: on(7) })
        .then_refused(Error::OutOfOrder { on: on(7), since: on(8) });
}
