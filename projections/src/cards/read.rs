//! What is asked of cards and applications.

use shared::{BankCode, CardApplicationId, CardId, DivisionCode, PersonId};

use super::{ApplicationRow, ApplicationState, CardCountRow, CardRow, CardStage, NAME};
use crate::engine::{ReadSession, Value, ViewError};
use crate::lists::seen;
use crate::many::{by_keys, within};
use crate::scope::{Filter, Scope};

seen! { NAME;
    CardRow: by("county");
    ApplicationRow: by("county");
}

/// Which applications are asked for; what is absent does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationFilter {
    pub person: Option<PersonId>,
    /// A division: the applications of every county within it.
    pub county: Option<DivisionCode>,
    pub bank: Option<BankCode>,
    pub state: Option<ApplicationState>,
}

/// Which cards are asked for; what is absent does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardFilter {
    pub person: Option<PersonId>,
    /// A division: the cards of every county within it.
    pub county: Option<DivisionCode>,
    pub bank: Option<BankCode>,
    pub stage: Option<CardStage>,
    pub social: Option<bool>,
    pub financial: Option<bool>,
}

impl CardFilter {
    fn filter(&self, scope: &Scope) -> Filter {
        within(Filter::new().divisions(scope, "county"), "county", self.county)
            .and_if("person =", self.person)
            .and_if("bank =", self.bank)
            .and_if("stage =", self.stage)
            .and_if("social =", self.social)
            .and_if("financial =", self.financial)
    }
}

/// Applications after `after`, by id.
///
/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn applications(
    session: &ReadSession,
    scope: &Scope,
    filter: &ApplicationFilter,
    after: Option<CardApplicationId>,
    limit: u32,
) -> Result<Vec<ApplicationRow>, ViewError> {
    let filter = within(Filter::new().divisions(scope, "county"), "county", filter.county)
        .and_if("person =", filter.person)
        .and_if("bank =", filter.bank)
        .and_if("state =", filter.state)
        .and_if("application >", after.map(|application| application.to_string()));
    session.query(&filter.tail(&format!("ORDER BY application LIMIT {limit}")), filter.binds())
}

pub fn application(
    session: &ReadSession,
    scope: &Scope,
    application: CardApplicationId,
) -> Result<Option<ApplicationRow>, ViewError> {
    let row: Option<ApplicationRow> = session.get(&application)?;
    Ok(row.filter(|row| scope.covers(row.county)))
}

pub fn card(
    session: &ReadSession,
    scope: &Scope,
    card: CardId,
) -> Result<Option<CardRow>, ViewError> {
    let row: Option<CardRow> = session.get(&card)?;
    Ok(row.filter(|row| seen(scope, row)))
}

/// Cards after `after`, by id.
pub fn cards(
    session: &ReadSession,
    scope: &Scope,
    filter: &CardFilter,
    after: Option<CardId>,
    limit: u32,
) -> Result<Vec<CardRow>, ViewError> {
    let filter = filter.filter(scope).and_if("card >", after);
    session.query(&filter.tail(&format!("ORDER BY card LIMIT {limit}")), filter.binds())
}

/// Every card of these people, by person and then by the day it was made.
pub fn cards_of(
    session: &ReadSession,
    scope: &Scope,
    people: &[PersonId],
) -> Result<Vec<CardRow>, ViewError> {
    let keys = people.iter().map(|person| Value::from(*person));
    let mut rows: Vec<CardRow> = by_keys(session, "person", keys)?;
    rows.retain(|row| seen(scope, row));
    rows.sort_unstable_by_key(|row| (row.person, row.made_on, row.card));
    Ok(rows)
}

/// Cards by county, bank and stage; the county is empty where a card's application is not known.
pub fn counts(session: &ReadSession, scope: &Scope) -> Result<Vec<CardCountRow>, ViewError> {
    let filter = Filter::new().divisions(scope, "county").and("cards >", 0_i64);
    session.query(&filter.tail("ORDER BY county, bank, stage"), filter.binds())
}

/// A card of an unknown county is seen only by whoever sees every county.
fn seen(scope: &Scope, card: &CardRow) -> bool {
    card.county.map_or(scope.divisions.is_none(), |county| scope.covers(county))
}
