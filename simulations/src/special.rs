//! Who stands at the head of a group: people with rare names, old numbers, foreign documents, and
//! pensioners who draw a second item.

use crate::group::{Count, Group, wards};
use crate::names::DOTTED_PEOPLE;
use crate::resident::Mark;

const OLD_NUMBERS: u32 = 6;
/// Pensioners among the five foreigners; the others work.
pub(crate) const FOREIGN_PENSIONERS: u32 = 2;
const FOREIGN_WORKERS: u32 = 3;
/// DISBURSEMENT 4.12.
const ON_ONE_PHONE: u32 = 7;

/// The mark of the one at `position` in the group, and the place among those of the group who
/// have it.
pub(crate) fn mark(people: u32, group: Group, position: u32) -> Option<(Mark, u32)> {
    let heads: &[(Mark, u32)] = match group {
        Group::EmployeePensioner => &[
            (Mark::RareCharacter, 1),
            (Mark::DottedName, DOTTED_PEOPLE),
            (Mark::OldNumber, OLD_NUMBERS),
            (Mark::ForeignDocument, FOREIGN_PENSIONERS),
            (Mark::NewRetiree, Count::NEW_RETIREES.among(people)),
        ],
        Group::ResidentPensioner => {
            &[(Mark::Ward, wards(Group::ResidentPensioner)), (Mark::SharedPhone, ON_ONE_PHONE)]
        }
        Group::Dependant => &[(Mark::Ward, wards(Group::Dependant))],
        Group::Worker => &[(Mark::ForeignDocument, FOREIGN_WORKERS)],
        _ => &[],
    };
    find(heads, position)
}

/// The item that a pensioner draws beside A1: C1, C2, C3 or C4. All are legal together with the
/// pension (DISBURSEMENT, rule 15).
pub(crate) fn second_item(people: u32, position: u32) -> Option<&'static str> {
    let marked = 1 + DOTTED_PEOPLE + OLD_NUMBERS + FOREIGN_PENSIONERS;
    let first = marked + Count::NEW_RETIREES.among(people);
    let stretches = [
        ("C1", Count::C1.among(people)),
        ("C2", Count::C2.among(people)),
        ("C3", Count::C3.among(people)),
        ("C4", Count::C4.among(people)),
    ];
    find(&stretches, position.checked_sub(first)?).map(|(item, _)| item)
}

/// In which stretch a position lies, and where in it.
fn find<T: Copy>(stretches: &[(T, u32)], position: u32) -> Option<(T, u32)> {
    let mut left = position;
    for (what, size) in stretches {
        match left.checked_sub(*size) {
            Some(rest) => left = rest,
            None => return Some((*what, left)),
        }
    }
    None
}
