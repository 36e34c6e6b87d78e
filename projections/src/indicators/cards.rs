//! What events of applications and cards tell: one fact for each step.

use cards::address::Event as OfAddress;
use cards::application::Event as OfApplication;
use cards::card::Event;
use definitions::{Dimension, FactKind, Number};
use shared::{CardApplicationId, CardId, Date};

use super::Known;
use super::keeper::{Teller, Told};
use super::rows::{AddressRow, ApplicationRow, CardRow};
use crate::engine::FoldError;

pub(super) fn application(
    teller: &mut Teller<'_>,
    known: &mut Known,
    event: &OfApplication,
) -> Result<(), FoldError> {
    let application: CardApplicationId = teller.happened.id()?;
    let (step, on) = match event {
        OfApplication::Applied(form) => {
            known.applications.put(ApplicationRow {
                application,
                person: form.person,
                county: form.county,
                bank: form.bank,
                online: form.outlet.is_none(),
            });
            ("applied", form.on)
        }
        OfApplication::Accepted { on } => ("accepted", *on),
        OfApplication::Rejected { on, .. } => ("rejected", *on),
    };
    let Some(row) = known.applications.get(&application, teller.store)? else {
        return Err(FoldError::refused(format!("application {application} was never made")));
    };
    let channel = if row.online { "online" } else { "counter" };
    let told = Told::new(FactKind::CardApplication, format!("{application}|{step}"), on)
        .of(row.person)
        .with(Dimension::County, row.county)
        .with(Dimension::Bank, row.bank)
        .with(Dimension::Channel, channel)
        .with(Dimension::Step, step);
    teller.tell(told)
}

/// Whether a version of a pay address is the account of a card: it tells nothing yet.
pub(super) fn address(
    teller: &Teller<'_>,
    known: &mut Known,
    event: &OfAddress,
) -> Result<(), FoldError> {
    let (version, account) = match event {
        OfAddress::Registered { account, .. } => (1, account),
        OfAddress::Changed { version, account, .. } => (*version, account),
        _ => return Ok(()),
    };
    let (address, is_card) = (teller.happened.id()?, account.card.is_some());
    known.addresses.put(AddressRow { address, version, is_card });
    Ok(())
}

pub(super) fn card(
    teller: &mut Teller<'_>,
    known: &mut Known,
    event: &Event,
) -> Result<(), FoldError> {
    let card: CardId = teller.happened.id()?;
    if let Event::Made(made) = event {
        let application = known.applications.get(&made.application, teller.store)?;
        let county = match application.map(|row| row.county) {
            Some(county) => Some(county),
            None => known.people.get(&made.person, teller.store)?.map(|row| row.county),
        };
        let (person, bank, generation) = (made.person, made.bank, made.generation);
        known.cards.put(CardRow { card, person, county, bank, generation, held: false });
    }
    let Some(mut row) = known.cards.get(&card, teller.store)?.cloned() else {
        return Err(FoldError::refused(format!("card {card} was never made")));
    };
    let (step, on): (_, Date) = match event {
        Event::Made(made) => ("made", made.on),
        Event::Delivered { on, .. } => ("delivered", *on),
        Event::Issued { on } => ("issued", *on),
        Event::SocialFunctionActivated { on } => ("social-activated", *on),
        Event::FinancialAccountActivated { on } => ("account-activated", *on),
        Event::ReportedLost { on } => ("lost", *on),
        Event::LossWithdrawn { on } => ("found", *on),
        Event::Replaced { on, .. } => ("replaced", *on),
        Event::Cancelled { on, .. } => ("cancelled", *on),
    };
    let change = match (step, row.held) {
        ("issued", false) => 1,
        ("replaced" | "cancelled", true) => -1,
        (_, _) => 0,
    };
    // A card can be lost and found more than once.
    let revision = teller.happened.recorded.revision;
    let county = row.county.map_or_else(String::new, |county| county.to_string());
    let told = Told::new(FactKind::CardStep, format!("{card}|{}", revision.0), on)
        .of(row.person)
        .with(Dimension::County, county)
        .with(Dimension::Bank, row.bank)
        .with(Dimension::Generation, row.generation)
        .with(Dimension::Step, step)
        .number(Number::Change, change);
    teller.tell(told)?;
    if change != 0 {
        row.held = change > 0;
        known.cards.put(row);
    }
    Ok(())
}
