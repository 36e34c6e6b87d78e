//! The walks of cases and orders: returns, heirs, deductions, comparison lists.

use ::laws::{Dice, hold};
use shared::{Date, Money, ReturnReason};

use crate::batch::{self, Batch};
use crate::city::world::{bank, day, grant, item, line, month, person, yuan};
use crate::comparison::{self, Comparison, Counts, Decision, Entry, Kind};
use crate::deduction::{self, Deduction, Order};
use crate::faults::{self, Fault};
use crate::heirs::{self, Heirs, Named};
use crate::obligation::{self, Obligation};
use crate::part::{self, Part};
use crate::return_case::{self, Opened, Outcome, ReturnCase, Stage};

fn text(dice: &mut Dice) -> String {
    dice.one_of(&["a reason", "a reason", "a reason", " "]).to_owned()
}

fn who(dice: &mut Dice) -> String {
    dice.one_of(&["a", "b", "c"]).to_owned()
}

#[test]
fn a_return_meets_every_case() {
    hold::<ReturnCase>(
        next_for_return,
        nothing_goes_to_the_account_that_was_refused,
        return_case::Error::code,
        return_case::Error::CODES,
    );
}

fn nothing_goes_to_the_account_that_was_refused(_: &[return_case::Event], case: &ReturnCase) {
    let (Some(opened), Some(corrected)) = (&case.opened, &case.corrected) else {
        return assert_ne!(case.stage, Stage::Reissued);
    };
    let same = (corrected.address, corrected.version) == (opened.address, opened.address_version);
    assert!(!same || !return_case::blames_account(opened.reason));
}

fn next_for_return(case: &ReturnCase, dice: &mut Dice) -> return_case::Command {
    use return_case::Command;
    let line = line(1);
    let fits: &[usize] = match case.stage {
        Stage::Unopened => &[0],
        Stage::Open | Stage::Notified => &[1, 2, 2, 5],
        Stage::Corrected => &[3, 3, 3, 1],
        Stage::Reissued => &[4, 4, 5],
        Stage::Closed => &[0, 1],
    };
    let choice = if dice.below(5) == 4 { dice.below(6) } else { dice.one_of(fits) };
    let part = dice.one_of(&["p", "p", "q"]).to_owned();
    match choice {
        0 => Command::Open(Opened {
            obligation: line.obligation(item(0), month(1)),
            attempt: 1,
            batch: "b".to_owned(),
            bank: bank(0),
            reason: dice.one_of(&[
                ReturnReason::AccountClosed,
                ReturnReason::CardNotActive,
                ReturnReason::PayeeDeceased,
            ]),
            amount: yuan(10),
            grant: grant(1),
            person: person(1),
            payee: None,
            address: line.address,
            address_version: 1,
            returned_on: day(),
            late: false,
        }),
        1 => Command::Notify { by: who(dice), channel: text(dice), on: day() },
        2 => Command::Correct {
            address: line.address,
            version: dice.one_of(&[1, 2, 2]),
            verified: dice.below(4) != 3,
            by: who(dice),
            on: day(),
        },
        3 => Command::Reissue { part },
        4 => Command::Free { part },
        _ => {
            let outcome = dice.one_of(&[
                Outcome::Paid,
                Outcome::ReturnedAgain,
                Outcome::PassedOn,
                Outcome::Cancelled,
            ]);
            Command::Close { outcome, on: day() }
        }
    }
}

#[test]
fn a_heirs_case_meets_every_case() {
    hold::<Heirs>(
        next_for_heirs,
        heirs_get_nothing_for_later_months,
        heirs::Error::code,
        heirs::Error::CODES,
    );
}

fn heirs_get_nothing_for_later_months(_: &[heirs::Event], case: &Heirs) {
    let last = case.died_on.map(shared::Month::of);
    assert!(case.owed.keys().all(|owed| Some(owed.month) <= last));
}

fn next_for_heirs(case: &Heirs, dice: &mut Dice) -> heirs::Command {
    use heirs::Command;
    let fits: &[usize] = if case.is_open() { &[0, 1, 1, 2] } else { &[0, 0, 0, 1] };
    match if dice.below(5) == 4 { dice.below(3) } else { dice.one_of(fits) } {
        0 => Command::Add {
            deceased: person(1),
            died_on: Date::constant(2026, 2, 12),
            obligation: line(1).obligation(item(0), month(dice.one_of(&[1, 2, 2, 3]))),
            amount: dice.one_of(&[yuan(10), yuan(10), Money::ZERO]),
        },
        1 => {
            let heir = dice.one_of(&[2, 2, 2, 1]);
            let named = Named {
                heir: person(heir),
                address: line(heir).address,
                basis: text(dice),
                by: who(dice),
                approver: who(dice),
            };
            Command::Name { named, alive: dice.below(4) != 3 }
        }
        _ => Command::Withdraw { reason: text(dice) },
    }
}

#[test]
fn a_deduction_meets_every_case() {
    hold::<Deduction>(
        next_for_deduction,
        |_, order| assert!(order.left().is_none_or(|left| !left.is_negative())),
        deduction::Error::code,
        deduction::Error::CODES,
    );
}

fn next_for_deduction(order: &Deduction, dice: &mut Dice) -> deduction::Command {
    use deduction::Command;
    let fits: &[usize] = match (&order.order, order.ended) {
        (None, _) => &[0],
        (Some(_), false) => &[1, 1, 1, 2, 3],
        (Some(_), true) => &[1, 2, 3],
    };
    let part = dice.one_of(&["p", "q", "r"]).to_owned();
    match if dice.below(6) == 5 { dice.below(4) } else { dice.one_of(fits) } {
        0 => {
            let kind = dice.one_of(deduction::Kind::ALL);
            let third = shared::OrganisationId::from_uuid(uuid::Uuid::from_u128(7));
            Command::Order(Order {
                kind,
                item: item(0),
                person: person(1),
                third_party: dice.one_of(&[Some(third), Some(third), None]),
                per_month: Some(yuan(600)),
                total: dice.one_of(&[Some(yuan(1_000)), Some(yuan(1_000)), None, Some(yuan(0))]),
                from: month(1),
                to: None,
                basis: text(dice),
                by: dice.one_of(&["a", "a", "b"]).to_owned(),
                approver: "b".to_owned(),
            })
        }
        1 => Command::Keep { part, amount: dice.one_of(&[yuan(300), yuan(600), yuan(0)]) },
        2 => Command::GiveBack { part },
        _ => Command::End { by: who(dice), reason: text(dice) },
    }
}

#[test]
fn a_comparison_meets_every_case() {
    hold::<Comparison>(
        next_for_comparison,
        no_exception_is_passed_over,
        comparison::Error::code,
        // That one is said to a plan that is submitted.
        &comparison::Error::CODES[..comparison::Error::CODES.len() - 1],
    );
}

fn no_exception_is_passed_over(_: &[comparison::Event], list: &Comparison) {
    assert!(list.passes().is_err() || list.undecided().next().is_none());
}

fn next_for_comparison(list: &Comparison, dice: &mut Dice) -> comparison::Command {
    use comparison::Command;
    let fits: &[usize] = match (list.sealed, list.entries.len()) {
        (false, 0..4) => &[0],
        (false, _) => &[0, 1],
        (true, _) => &[2, 2, 2, 0, 1],
    };
    match if dice.below(6) == 5 { dice.below(3) } else { dice.one_of(fits) } {
        0 => {
            let entry = |kind| Entry {
                kind,
                grant: grant(1),
                person: person(1),
                before: None,
                now: Some(yuan(10)),
            };
            let many = vec![entry(Kind::New); comparison::CHUNK_ENTRIES_MAX + 1];
            let few = vec![entry(Kind::Exception), entry(dice.one_of(Kind::ALL))];
            Command::Draw {
                chunk: list.chunks + u32::from(dice.below(5) == 4),
                entries: if dice.below(6) == 5 { many } else { few },
            }
        }
        1 => Command::Seal { previous: None, counts: Counts::default() },
        _ => Command::Decide {
            entries: vec![dice.below(6) as u32],
            decision: dice.one_of(Decision::ALL),
            by: who(dice),
            reason: text(dice),
        },
    }
}

/// INVENTORY 3.4 rules 2 and 9: a run takes only what was returned, or was never sent.
fn unknown_is_never_reissued(history: &[obligation::Event], _: &Obligation) {
    use obligation::Event as O;
    let (mut out, mut attempt) = (true, 1);
    for event in history {
        match event {
            O::Taken { attempt: next, .. } => {
                assert!(!out && *next == attempt, "attempt {next} beside one that may be paid");
                out = true;
            }
            O::Returned { .. } => (out, attempt) = (false, attempt + 1),
            O::Held { .. } | O::Freed { .. } | O::DueToHeirs { .. } | O::Ordered { .. } => {
                out = false;
            }
            O::Released { part: Some(_), .. } => out = true,
            O::Released { part: None, .. }
            | O::Cancelled { .. }
            | O::Reinstated { .. }
            | O::Overpaid(_)
            | O::OverpaymentWithdrawn { .. }
            | O::DuplicateFound { .. } => {}
        }
    }
}

#[test]
fn an_obligation_keeps_its_laws() {
    hold::<Obligation>(next_for_obligation, unknown_is_never_reissued, |_| "", &[]);
}

fn next_for_obligation(state: &Obligation, dice: &mut Dice) -> obligation::Command {
    use super::{Dice as Faces, next_for_obligation as next};
    let faces: Vec<u8> = (0..12).map(|_| u8::try_from(dice.below(250)).unwrap()).collect();
    next(state, &mut Faces::new(&faces))
}

/// A line comes back late once.
fn late_returns_come_once(history: &[batch::Event], _: &Batch) {
    let mut seen = std::collections::BTreeSet::new();
    for event in history {
        if let batch::Event::ReturnedLate { seq, .. } = event {
            assert!(seen.insert(*seq), "line {seq} came back twice");
        }
    }
}

fn next_for_batch(state: &Batch, dice: &mut Dice) -> batch::Command {
    use super::{Dice as Faces, next_for_batch as next};
    let faces: Vec<u8> = (0..12).map(|_| u8::try_from(dice.below(250)).unwrap()).collect();
    next(state, &mut Faces::new(&faces))
}

/// DISBURSEMENT 2.12: what deductions took is told to no bank.
fn a_netted_line_is_not_instructed(_: &[part::Event], part: &Part) {
    assert!(part.payable().all(|(_, line)| line.net().is_positive()));
}

fn next_for_part(part: &Part, dice: &mut Dice) -> part::Command {
    let mut line = line(part.lines.len() as u128 + 1);
    line.deductions = dice.one_of(&[Money::ZERO, line.gross]);
    part::Command::Calculate { chunk: part.chunks, lines: vec![line], excluded: vec![] }
}

#[test]
fn every_planted_fault_of_cases_is_found() {
    let finders: [(Fault, fn()); 6] = [
        (Fault::UnknownReissued, || {
            hold::<Obligation>(next_for_obligation, unknown_is_never_reissued, |_| "", &[]);
        }),
        (Fault::SameAccountReissued, || {
            let law = nothing_goes_to_the_account_that_was_refused;
            hold::<ReturnCase>(next_for_return, law, |_| "", &[]);
        }),
        (Fault::HeirsPaidForAll, || {
            hold::<Heirs>(next_for_heirs, heirs_get_nothing_for_later_months, |_| "", &[]);
        }),
        (Fault::LateReturnTwice, || {
            hold::<Batch>(next_for_batch, late_returns_come_once, |_| "", &[]);
        }),
        (Fault::ExceptionPassedOver, || {
            hold::<Comparison>(next_for_comparison, no_exception_is_passed_over, |_| "", &[]);
        }),
        (Fault::NettedInstructed, || {
            hold::<Part>(next_for_part, a_netted_line_is_not_instructed, |_| "", &[]);
        }),
    ];
    assert_eq!(finders.map(|(fault, _)| fault), Fault::OF_CASES);
    for (fault, finder) in finders {
        let found = faults::with(fault, || std::panic::catch_unwind(finder).is_err());
        assert!(found, "no law finds {fault:?}");
    }
}
