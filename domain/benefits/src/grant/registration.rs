//! What a grant must be to be paid at all.

use shared::{Money, Payee, PersonId};

use super::{ComponentAmount, Error, Event, Registration};

pub(super) fn register(registration: Registration) -> Result<Vec<Event>, Error> {
    let Registration { person, arises_from, components, from, to, payee, basis, .. } =
        &registration;
    if basis.trim().is_empty() {
        return Err(Error::NoBasis);
    }
    payable(components)?;
    match to {
        Some(last) if last < from => {
            return Err(Error::EndsBeforeStart { from: *from, last: *last });
        }
        Some(_) | None => {}
    }
    drawn_by(*person, *arises_from, *payee)?;
    Ok(vec![Event::Registered(registration)])
}

/// Who may draw what a person is entitled to.
pub(super) fn drawn_by(
    person: PersonId,
    arises_from: Option<PersonId>,
    payee: Payee,
) -> Result<(), Error> {
    match payee {
        Payee::Person { person: payee } if payee != person => {
            Err(Error::NotTheBeneficiary { person: payee })
        }
        Payee::Guardian { person: payee } if payee == person => {
            Err(Error::BeneficiaryForHimself { person: payee })
        }
        Payee::Heir { .. } | Payee::Relative { .. } if arises_from.is_none() => {
            Err(Error::NoOrigin)
        }
        Payee::Person { .. }
        | Payee::Guardian { .. }
        | Payee::Heir { .. }
        | Payee::Relative { .. }
        | Payee::Employer { .. } => Ok(()),
    }
}

pub(super) fn payable(components: &[ComponentAmount]) -> Result<(), Error> {
    if components.is_empty() {
        return Err(Error::NoComponents);
    }
    for (index, ComponentAmount { component, amount }) in components.iter().enumerate() {
        if components.iter().take(index).any(|earlier| earlier.component == *component) {
            return Err(Error::ComponentTwice { component: *component });
        }
        if !amount.is_positive() {
            return Err(Error::NotPositive { component: *component });
        }
    }
    match Money::try_sum(components.iter().map(|component| component.amount)) {
        Some(_) => Ok(()),
        None => Err(Error::TotalTooLarge),
    }
}
