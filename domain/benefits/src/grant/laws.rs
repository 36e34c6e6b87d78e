//! What holds for every grant, whatever is asked in whatever order.

use shared::{
    AreaCode, Component, DivisionCode, FundCode, GrantId, ItemId, Money, Month, PayAddressId,
    Payee, PersonId,
};
use uuid::Uuid;

use super::tests::expired;
use super::*;
use ::laws::{Dice, hold};

#[test]
fn amounts_exist_only_inside_the_grant_and_outside_its_stops() {
    hold::<Grant>(next, law, Error::code, Error::CODES);
}

/// Keeps a plain calendar beside the decider, month by month, as a clerk would.
fn law(history: &[Event], grant: &Grant) {
    let mut cells: Vec<Cell> = (0..MONTHS).map(|_| Cell::default()).collect();
    let mut end: Option<Month> = None;
    for event in history {
        match event {
            Event::Registered(registration) => {
                for cell in &mut cells[range(registration.from, registration.to)] {
                    cell.amounts = Some((registration.from, registration.components.clone()));
                }
            }
            Event::Adjusted { from, components, .. } => {
                for cell in &mut cells[range(*from, None)] {
                    // A later-dated adjustment stands, whenever it was made.
                    cell.amounts = cell.amounts.take().map(|(since, earlier)| {
                        if since <= *from { (*from, components.clone()) } else { (since, earlier) }
                    });
                }
            }
            Event::Suspended { from, .. } => {
                assert!(cells[index(*from)].amounts.is_some(), "a stop from outside the grant");
                for cell in &mut cells[range(*from, None)] {
                    assert_eq!(cell.kept_back, None, "two stops overlap");
                    cell.kept_back = Some(Kept::Stopped);
                }
            }
            Event::Resumed { from, back_pay, .. } => {
                for cell in &mut cells[range(*from, None)] {
                    assert_eq!(cell.kept_back.take(), Some(Kept::Stopped), "paid twice");
                }
                for month in back_pay {
                    let cell = &mut cells[index(*month)];
                    assert!(cell.amounts.is_some(), "back pay outside the grant");
                    assert_eq!(cell.kept_back.take(), Some(Kept::Stopped), "back pay twice");
                }
                for cell in &mut cells {
                    cell.kept_back = cell.kept_back.map(|_| Kept::Forfeited);
                }
            }
            Event::Ended { last, .. } => end = Some(*last),
            Event::Reinstated { to, .. } => end = *to,
            // Who draws it changes no amount.
            Event::CompetingNoted { .. } | Event::PayeeChanged { .. } => {}
        }
    }
    for (cell, month) in cells.iter().zip(first().through(month(MONTHS - 1))) {
        let within = end.is_none_or(|last| month <= last);
        let owed = cell.amounts.as_ref().filter(|_| within && cell.kept_back.is_none());
        let owed = owed.map(|(_, components)| components.as_slice());
        assert_eq!(grant.amounts_for(month), owed, "{month} after {history:#?}");
    }
}

/// One month of the clerk's calendar.
#[derive(Default)]
struct Cell {
    /// Since when, and what.
    amounts: Option<(Month, Vec<ComponentAmount>)>,
    kept_back: Option<Kept>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kept {
    Stopped,
    Forfeited,
}

const MONTHS: usize = 12;

fn first() -> Month {
    Month::new(2026, 1).unwrap()
}

fn month(index: usize) -> Month {
    first().plus(i32::try_from(index).unwrap())
}

fn index(month: Month) -> usize {
    usize::try_from(first().months_until(month)).unwrap().min(MONTHS)
}

fn range(from: Month, to: Option<Month>) -> std::ops::Range<usize> {
    index(from)..to.map_or(MONTHS, |to| index(to.next()))
}

fn next(grant: &Grant, dice: &mut Dice) -> Command {
    let fitting: &[usize] = match grant.record() {
        None => &[0],
        Some(record) if record.ended.is_some() => &[5, 5, 1, 3, 4],
        Some(record) if record.stopped().is_some() => &[1, 3, 3, 3, 2, 4],
        Some(_) => &[1, 1, 1, 2, 2, 2, 2, 3, 4, 6, 7],
    };
    let which = if dice.below(8) > 0 { dice.one_of(fitting) } else { dice.below(8) };
    match which {
        0 => Command::Register(registration(dice)),
        1 => Command::Adjust {
            from: month(dice.below(11)),
            components: components(dice),
            reason: reason(dice),
        },
        2 => Command::Suspend { from: month(dice.below(11)), reason: expired() },
        3 => Command::Resume {
            from: month(dice.below(11)),
            missed: dice.one_of(&[Missed::Owed, Missed::Forfeited]),
            reason: reason(dice),
        },
        4 => {
            let reason = dice.one_of(&[EndReason::Death, EndReason::Death, EndReason::Waived]);
            Command::End { last: month(10 - dice.below(11)), reason }
        }
        5 => Command::Reinstate { reason: reason(dice) },
        6 => Command::NoteCompeting {
            other: GrantId::from_uuid(Uuid::from_u128(9)),
            item: ItemId::parse("A5").unwrap(),
            rule: "warn".to_owned(),
        },
        _ => Command::ChangePayee {
            payee: payee(dice),
            address: PayAddressId::from_uuid(Uuid::from_u128(4 + dice.below(2) as u128)),
            basis: reason(dice),
        },
    }
}

fn payee(dice: &mut Dice) -> Payee {
    let [chen, wu] = [1, 2].map(|id| PersonId::from_uuid(Uuid::from_u128(id)));
    dice.one_of(&[
        Payee::Person { person: chen },
        Payee::Guardian { person: wu },
        Payee::Person { person: wu },
        Payee::Guardian { person: chen },
        Payee::Heir { person: wu },
    ])
}

fn registration(dice: &mut Dice) -> Registration {
    let [chen, wu] = [1, 2].map(|id| PersonId::from_uuid(Uuid::from_u128(id)));
    let from = dice.below(4);
    Registration {
        grant: GrantId::from_uuid(Uuid::from_u128(3)),
        person: chen,
        arises_from: dice.one_of(&[None, Some(wu)]),
        item: ItemId::parse("A6").unwrap(),
        components: components(dice),
        from: month(from),
        to: dice.one_of(&[None, None, Some(month(9)), Some(month(2))]),
        payee: payee(dice),
        fund: FundCode::parse("work-injury").unwrap(),
        area: AreaCode::parse("320600").unwrap(),
        county: DivisionCode::parse("320602").unwrap(),
        address: PayAddressId::from_uuid(Uuid::from_u128(4)),
        basis: reason(dice),
    }
}

/// Payable four times in eight; else each fault once.
fn components(dice: &mut Dice) -> Vec<ComponentAmount> {
    let part = |component, fen| ComponentAmount {
        component: Component::parse(component).unwrap(),
        amount: Money::from_fen(fen),
    };
    match dice.below(8) {
        0 => vec![part("whole", 0)],
        1 => vec![part("whole", 100), part("whole", 200)],
        2 => vec![],
        3 => vec![part("basic", i64::MAX), part("extra", 1)],
        4 => vec![part("basic", 100), part("extra", 250)],
        5 => vec![part("whole", 120)],
        6 => vec![part("whole", 130)],
        _ => vec![part("whole", 140)],
    }
}

fn reason(dice: &mut Dice) -> String {
    dice.one_of(&["年度调整", "认证通过", "法院文书", "更正", " "]).to_owned()
}
