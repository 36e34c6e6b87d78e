//! The rules about a pay address, as sentences.

use kernel::given;
use shared::{BankCode, CardId, Date, EmployerId, PayAddressId, PersonId, ReturnReason, Sealed};
use uuid::Uuid;

use super::*;

const ADDRESS: PayAddressId = PayAddressId::from_uuid(Uuid::from_u128(1));
const CARD: CardId = CardId::from_uuid(Uuid::from_u128(2));
const SELF: Owner = Owner::Person { person: PersonId::from_uuid(Uuid::from_u128(3)) };
const UNIT: Owner = Owner::Employer { employer: EmployerId::from_uuid(Uuid::from_u128(4)) };

/// A day of January 2026.
fn on(day: i8) -> Date {
    Date::constant(2026, 1, day)
}

fn account(card: Option<CardId>) -> Account {
    Account {
        number: Sealed("number".to_owned()),
        name: Sealed("name".to_owned()),
        bank: BankCode::parse("BOC").unwrap(),
        card,
    }
}

fn registered(card: Option<CardId>) -> Event {
    Event::Registered { address: ADDRESS, owner: SELF, account: account(card), on: on(5) }
}

fn verified(version: u32) -> Event {
    Event::Verified { version, on: on(6) }
}

fn verify(version: u32, card: CardFact) -> Command {
    Command::Verify { version, card, on: on(6) }
}

fn changed() -> Event {
    Event::Changed { version: 2, account: account(None), reason: "换卡".to_owned(), on: on(8) }
}

fn change() -> Command {
    Command::Change { account: account(None), reason: "换卡".to_owned(), on: on(8) }
}

fn frozen() -> Event {
    Event::Frozen { reason: FreezeReason::AccountClosed, on: on(9) }
}

#[test]
fn an_address_begins_unverified_with_version_one() {
    let register = |owner, card| Command::Register {
        address: ADDRESS,
        owner,
        account: account(card),
        on: on(5),
    };
    let state = given::<Address>([]).when(register(SELF, None)).then([registered(None)]).state();
    assert_eq!(state.usable(CardFact::None), Err(Error::NotVerified { version: 1 }));
    given::<Address>([registered(None)])
        .when(register(SELF, None))
        .then_refused(Error::AlreadyRegistered);
    given::<Address>([]).when(register(UNIT, Some(CARD))).then_refused(Error::EmployerHasNoCard);
}

#[test]
fn money_goes_only_to_a_verified_account_whose_card_takes_credits() {
    let inactive = Error::CardTakesNoCredits { card: CARD };
    for fact in [CardFact::TakesNone, CardFact::None] {
        given::<Address>([registered(Some(CARD))])
            .when(verify(1, fact))
            .then_refused(inactive.clone());
    }
    let state = given::<Address>([registered(Some(CARD))])
        .when(verify(1, CardFact::TakesCredits))
        .then([verified(1)])
        .state();
    assert_eq!(state.usable(CardFact::TakesCredits), Ok(1));
    assert_eq!(state.usable(CardFact::TakesNone), Err(inactive), "the card was cancelled since");
}

#[test]
fn a_changed_account_is_a_new_version_to_be_verified_again() {
    let state =
        given::<Address>([registered(None), verified(1)]).when(change()).then([changed()]).state();
    assert_eq!(state.usable(CardFact::None), Err(Error::NotVerified { version: 2 }));
    given::<Address>([registered(None), verified(1), changed()])
        .when(Command::Verify { version: 1, card: CardFact::None, on: on(8) })
        .then_refused(Error::StaleVersion { version: 1, current: 2 });
}

#[test]
fn a_failed_verification_can_be_tried_again_a_passed_one_cannot_fail() {
    let fail =
        || Command::FailVerification { version: 1, reason: ReturnReason::NameMismatch, on: on(6) };
    let failed =
        Event::VerificationFailed { version: 1, reason: ReturnReason::NameMismatch, on: on(6) };
    given::<Address>([registered(None)])
        .when(fail())
        .then([failed.clone()])
        .when(fail())
        .then([])
        .when(verify(1, CardFact::None))
        .then([verified(1)])
        .when(fail())
        .then_refused(Error::AlreadyVerified { version: 1 });
    given::<Address>([registered(None), verified(1)])
        .when(verify(1, CardFact::None))
        .then_nothing();
}

#[test]
fn a_freeze_outlives_a_change_and_ends_with_a_reason() {
    let unfreeze = |reason: &str| Command::Unfreeze { reason: reason.to_owned(), on: on(10) };
    let again = Event::Verified { version: 2, on: on(10) };
    let history = || {
        let change = Event::Changed {
            version: 2,
            account: account(None),
            reason: "换卡".to_owned(),
            on: on(9),
        };
        [registered(None), verified(1), frozen(), change, again.clone()]
    };
    let state = given::<Address>(history()).state();
    assert_eq!(state.usable(CardFact::None), Err(Error::Frozen { since: on(9) }));
    given::<Address>(history()).when(unfreeze(" ")).then_refused(Error::NoReason);
    let free = given::<Address>(history())
        .when(unfreeze("已换新账户"))
        .then([Event::Unfrozen { reason: "已换新账户".to_owned(), on: on(10) }])
        .state();
    assert_eq!(free.usable(CardFact::None), Ok(2));
    given::<Address>(history())
        .when(Command::Freeze { reason: FreezeReason::Returned, on: on(10) })
        .then_refused(Error::Frozen { since: on(9) });
    given::<Address>([registered(None)]).when(unfreeze("误冻")).then_refused(Error::NotFrozen);
}

#[test]
fn nothing_happens_before_the_last_change() {
    given::<Address>([registered(None)])
        .when(Command::Verify { version: 1, card: CardFact::None, on: on(4) })
        .then_refused(Error::OutOfOrder { on: on(4), since: on(5) });
    assert_eq!(Address::default().usable(CardFact::None), Err(Error::Unknown));
}
