//! What holds for every pay address, whatever is asked in whatever order.

use shared::{BankCode, CardId, Date, EmployerId, PayAddressId, PersonId, ReturnReason, Sealed};
use uuid::Uuid;

use super::*;
use ::laws::{Dice, hold};

#[test]
fn the_version_grows_only_by_change_and_only_what_is_verified_is_paid() {
    // Refusals to pay are no refusals of a command: the address alone says them.
    let asked: Vec<_> =
        Error::CODES.iter().copied().filter(|code| *code != "ADDRESS_NOT_VERIFIED").collect();
    hold::<Address>(next, law, Error::code, &asked);
}

fn law(history: &[Event], address: &Address) {
    let (mut version, mut verified, mut frozen, mut behind) = (0, false, false, None);
    for event in history {
        match event {
            Event::Registered { owner, account, .. } => {
                assert_eq!(version, 0, "registered once");
                assert!(matches!(owner, Owner::Person { .. }) || account.card.is_none());
                (version, behind) = (1, account.card);
            }
            Event::Changed { version: next, account, .. } => {
                assert_eq!(*next, version + 1, "one version for each change");
                (version, verified, behind) = (*next, false, account.card);
            }
            Event::Verified { version: which, .. } => {
                assert_eq!(*which, version);
                assert!(!std::mem::replace(&mut verified, true), "verified twice");
            }
            Event::VerificationFailed { version: which, .. } => {
                assert_eq!(*which, version);
                assert!(!verified, "a verified version failed");
            }
            Event::Frozen { .. } => assert!(!std::mem::replace(&mut frozen, true)),
            Event::Unfrozen { .. } => assert!(std::mem::replace(&mut frozen, false)),
        }
    }
    for fact in [CardFact::None, CardFact::TakesCredits, CardFact::TakesNone] {
        let credited = behind.is_none() || fact == CardFact::TakesCredits;
        let usable = address.usable(fact);
        assert_eq!(usable.is_ok(), verified && !frozen && credited, "{usable:?}");
        assert!(usable.is_err() || usable == Ok(version));
    }
}

fn next(address: &Address, dice: &mut Dice) -> Command {
    let (fitting, version, since): (&[usize], u32, i8) = match address {
        Address::Unknown => (&[0], 1, 1),
        Address::Registered(record) => (&[1, 1, 2, 3, 4, 5], record.version, record.since.day()),
    };
    let which = if dice.below(8) > 0 { dice.one_of(fitting) } else { dice.below(6) };
    let on = Date::constant(2026, 1, (since + dice.one_of(&[0, 0, 0, 0, 0, 1, -1])).clamp(1, 31));
    let version = version + dice.one_of(&[0, 0, 0, 0, 1]);
    match which {
        0 => Command::Register {
            address: PayAddressId::from_uuid(Uuid::from_u128(1)),
            owner: dice.one_of(&[
                Owner::Person { person: PersonId::from_uuid(Uuid::from_u128(3)) },
                Owner::Employer { employer: EmployerId::from_uuid(Uuid::from_u128(4)) },
            ]),
            account: account(dice),
            on: Date::constant(2026, 1, 5),
        },
        1 => Command::Verify {
            version,
            card: dice.one_of(&[CardFact::TakesCredits, CardFact::TakesNone, CardFact::None]),
            on,
        },
        2 => Command::FailVerification {
            version,
            reason: dice.one_of(&[ReturnReason::NameMismatch, ReturnReason::NoSuchAccount]),
            on,
        },
        3 => Command::Change { account: account(dice), reason: reason(dice), on },
        4 => Command::Freeze { reason: FreezeReason::Returned, on },
        _ => Command::Unfreeze { reason: reason(dice), on },
    }
}

fn account(dice: &mut Dice) -> Account {
    Account {
        number: Sealed("number".to_owned()),
        name: Sealed("name".to_owned()),
        bank: BankCode::parse("BOC").unwrap(),
        card: dice.one_of(&[None, Some(CardId::from_uuid(Uuid::from_u128(2)))]),
    }
}

fn reason(dice: &mut Dice) -> String {
    dice.one_of(&["换卡", "误冻", " "]).to_owned()
}
