//! What events of employers, organisations and definitions tell.

use definitions::publication;
use definitions::{Dimension, FactKind, Number};
use kernel::register::Changed;
use registry::employer;
use registry::organisation::{Kind, Organisation};
use serde::Deserialize;
use shared::{Date, ItemId};

use super::Known;
use super::keeper::{Teller, Told};
use super::rows::ItemRow;
use crate::engine::FoldError;

pub(super) fn employer(teller: &mut Teller<'_>, event: &employer::Event) -> Result<(), FoldError> {
    let id = teller.happened.subject().to_owned();
    match event {
        employer::Event::Registered { details, on, .. }
        | employer::Event::VirtualRegistered { details, on, .. } => {
            let told = Told::new(FactKind::Employer, id, *on);
            teller.tell(told.with(Dimension::County, details.county))
        }
        employer::Event::Changed { details, .. } => {
            match teller.held(FactKind::Employer, id.clone())? {
                Some(held) => {
                    let told = Told::new(FactKind::Employer, id, held.day);
                    teller.tell_anew(told.with(Dimension::County, details.county))
                }
                None => Ok(()),
            }
        }
        // It was registered by mistake twice: the one that stays is counted.
        employer::Event::Merged { .. } => teller.withdraw(FactKind::Employer, id),
        employer::Event::Absorbed { .. } | employer::Event::Deregistered { .. } => Ok(()),
    }
}

pub(super) fn organisation(
    teller: &mut Teller<'_>,
    event: &Changed<Organisation>,
) -> Result<(), FoldError> {
    let id = teller.happened.subject().to_owned();
    let listed = |entry: &Organisation, day: Date| {
        Told::new(FactKind::Organisation, id.clone(), day)
            .with(Dimension::County, entry.county)
            .with(Dimension::Kind, word(entry.kind))
            .number(Number::Change, 1)
    };
    let on = teller.happened.meta.business_date;
    match event {
        Changed::Registered(entry) => teller.tell(listed(entry, on)),
        Changed::Changed(entry) => {
            let held = teller.held(FactKind::Organisation, id.clone())?;
            let told = listed(entry, held.map_or(on, |held| held.day));
            teller.tell_anew(told)
        }
        Changed::Closed { .. } => {
            let Some(held) = teller.held(FactKind::Organisation, id.clone())? else {
                return Ok(());
            };
            let told = Told::new(FactKind::Organisation, format!("{id}|closed"), on)
                .with(Dimension::County, &held.d1)
                .with(Dimension::Kind, &held.d2)
                .number(Number::Change, -1);
            teller.tell_anew(told)
        }
    }
}

/// What of a published body makes facts.
#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    class: String,
    #[serde(default)]
    numbers: Vec<u16>,
    #[serde(default)]
    awaiting: String,
}

/// Indicators tell which of the catalogue's numbers they answer, items to which class they belong.
pub(super) fn definition(
    teller: &mut Teller<'_>,
    known: &mut Known,
    event: &publication::Event,
) -> Result<(), FoldError> {
    let (kind, id, body) = match event {
        publication::Event::Published { kind, id, body, .. } => (kind, id, Some(body)),
        publication::Event::Retired { kind, id, .. } => (kind, id, None),
    };
    let read = |body: &String| {
        serde_json::from_str::<Body>(body)
            .map_err(|error| FoldError::refused(format!("the body of {kind} {id}: {error}")))
    };
    let body = match (kind.as_str(), body) {
        ("item" | "indicator", Some(body)) => Some(read(body)?),
        ("indicator", None) => None,
        (_, _) => return Ok(()),
    };
    if kind == "item" {
        let item: ItemId =
            id.parse().map_err(|_| FoldError::refused(format!("{id} does not name a pay item")))?;
        let class = body.map_or_else(String::new, |body| body.class);
        known.items.put(ItemRow { item, class });
        return Ok(());
    }
    teller.withdraw_all(FactKind::Listing, &format!("{id}|"))?;
    let on = teller.happened.meta.business_date;
    let Some(Body { numbers, awaiting, .. }) = body else { return Ok(()) };
    for number in numbers {
        let status = if awaiting.is_empty() { "live" } else { "awaiting" };
        let told = Told::new(FactKind::Listing, format!("{id}|{number:03}"), on)
            .with(Dimension::Theme, theme(number))
            .with(Dimension::Status, status)
            .with(Dimension::Need, &awaiting)
            .number(Number::Change, 1);
        teller.tell_anew(told)?;
    }
    Ok(())
}

/// The theme of Appendix A that a number stands under, by the last number of each.
fn theme(number: u16) -> &'static str {
    const LAST: [(u16, &str); 14] = [
        (9, "A1"),
        (47, "A2"),
        (61, "A3"),
        (74, "A4"),
        (90, "A5"),
        (102, "A6"),
        (146, "A7"),
        (168, "A8"),
        (177, "A9"),
        (216, "A10"),
        (280, "A11"),
        (289, "A12"),
        (306, "A13"),
        (318, "A14"),
    ];
    LAST.iter().find(|(last, _)| number <= *last).map_or("", |(_, theme)| theme)
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Agency { .. } => "agency",
        Kind::Bank { .. } => "bank",
        Kind::Outlet => "outlet",
        Kind::School => "school",
        Kind::Training => "training",
        Kind::Hospital => "hospital",
        Kind::Other => "other",
    }
}
