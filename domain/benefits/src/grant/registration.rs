//! What a grant must be to be paid at all.

use shared::{Money, Payee};

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
    match payee {
        Payee::Person { person: payee } if payee != person => {
            return Err(Error::NotTheBeneficiary { person: *payee });
        }
        Payee::Guardian { person: payee } if payee == person => {
            return Err(Error::BeneficiaryForHimself { person: *payee });
        }
        Payee::Heir { .. } | Payee::Relative { .. } if arises_from.is_none() => {
            return Err(Error::NoOrigin);
        }
        Payee::Person { .. }
        | Payee::Guardian { .. }
        | Payee::Heir { .. }
        | Payee::Relative { .. }
        | Payee::Employer { .. } => {}
    }
    Ok(vec![Event::Registered(registration)])
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
