//! Cards, the applications for them, and the places to pay to.
//!
//! A card's county is its application's: the card's own events name none. A pay address has its
//! owner's, which other read models know, so it is shown where its owner may be seen.

mod addresses;

use cards::application::{Event as Asked, Form};
use cards::card::{Account, Event, Made};
use kernel::{Position, Revision};
use shared::{
    BankCode, CardApplicationId, CardId, Date, DivisionCode, Month, OrganisationId, PayAddressId,
    PersonId, Sealed,
};

pub use addresses::{
    AddressEditRow, AddressFilter, AddressRow, AddressState, AddressVersionRow, address, addresses,
    addresses_of, many_addresses, versions,
};

use crate::engine::{
    Cached, Failure, FoldError, Happened, Projection, ReadSession, Record, Store, StoreError,
    Table, Value, ViewError,
};
use crate::facts::Fact;
use crate::many::{by_keys, within};
use crate::scope::{Filter, Scope};
use crate::words::{word_columns, words};
use crate::{json_column, record};

pub const NAME: &str = "cards";

words! {
    ApplicationState {
        Applied "applied",
        Accepted "accepted",
        Rejected "rejected",
    }

    CardStage {
        Made "made",
        Delivered "delivered",
        Issued "issued",
        /// Issued, and out of the holder's hands; it still takes credits.
        Lost "lost",
        Replaced "replaced",
        Cancelled "cancelled",
    }
}

word_columns!(Account);
json_column!(Vec<PayAddressId>);

record! {
    pub struct ApplicationRow in "card_application" key(application: CardApplicationId)
        index("person") index("county", "application") index("state", "application")
    {
        pub person: PersonId,
        pub bank: BankCode,
        pub county: DivisionCode,
        pub outlet: Option<OrganisationId>,
        pub replaces: Option<CardId>,
        pub state: ApplicationState,
        pub applied_on: Date,
        pub decided_on: Option<Date>,
        /// Why it was rejected.
        pub reason: Option<String>,
        pub revision: Revision,
        pub position: Position,
    }

    pub struct CardRow in "card" key(card: CardId)
        index("person") index("county", "card") index("stage", "card")
    {
        pub person: PersonId,
        pub application: CardApplicationId,
        /// Its application's; absent where that is not known.
        pub county: Option<DivisionCode>,
        pub bank: BankCode,
        pub generation: u8,
        pub valid_until: Option<Month>,
        pub number: Sealed,
        pub stage: CardStage,
        /// The social-security function is switched on.
        pub social: bool,
        /// The financial account is active.
        pub financial: bool,
        pub outlet: Option<OrganisationId>,
        pub made_on: Date,
        pub issued_on: Option<Date>,
        pub lost_on: Option<Date>,
        pub replaced_by: Option<CardId>,
        /// What its replacement did to the account behind it.
        pub account: Option<Account>,
        /// When it was replaced or cancelled, and why.
        pub ended_on: Option<Date>,
        pub end_reason: Option<String>,
        /// The day of the last event.
        pub since: Date,
        pub revision: Revision,
        pub position: Position,
    }

    /// Cards in one county, of one bank, in one stage.
    pub struct CardCountRow in "card_count" key(county: String, bank: BankCode, stage: CardStage) {
        pub cards: u64,
        pub social: u64,
        pub financial: u64,
    }

    /// Whether a card takes credits, and the addresses that stand or fall with it.
    pub struct BehindRow in "card_behind" key(card: CardId) {
        pub credited: bool,
        pub addresses: Vec<PayAddressId>,
    }
}

#[derive(Default)]
pub struct Cards {
    applications: Cached<ApplicationRow>,
    cards: Cached<CardRow>,
    counts: Cached<CardCountRow>,
    addresses: addresses::Addresses,
}

impl Projection for Cards {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![
            ApplicationRow::TABLE,
            CardRow::TABLE,
            CardCountRow::TABLE,
            BehindRow::TABLE,
            AddressRow::TABLE,
            AddressVersionRow::TABLE,
            AddressEditRow::TABLE,
        ]
    }

    /// Money goes where it says.
    fn failure(&self) -> Failure {
        Failure::Stop
    }

    fn categories(&self) -> &'static [&'static str] {
        &["application", "card", "address"]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        match happened.fact {
            Fact::CardApplication(event) => self.application(happened, event, store),
            Fact::Card(event) => self.card(happened, event, store),
            Fact::PayAddress(event) => self.addresses.fold(happened, event, store),
            _ => Ok(()),
        }
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        self.applications.flush(store)?;
        self.cards.flush(store)?;
        self.counts.flush(store)?;
        self.addresses.flush(store)?;
        Ok(())
    }

    fn forget(&mut self) {
        *self = Self::default();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::<Self>::default()
    }
}

impl Cards {
    fn application(
        &mut self,
        happened: &Happened<'_>,
        event: &Asked,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let application: CardApplicationId = happened.id()?;
        let (state, decided_on, reason) = match event {
            Asked::Applied(form) => {
                self.applications.put(applied(application, form, happened));
                return Ok(());
            }
            Asked::Accepted { on } => (ApplicationState::Accepted, *on, None),
            Asked::Rejected { on, reason } => (ApplicationState::Rejected, *on, Some(reason)),
        };
        self.applications.update(&application, store, |row| {
            (row.state, row.decided_on) = (state, Some(decided_on));
            row.reason = reason.cloned();
            (row.revision, row.position) = (happened.recorded.revision, happened.position());
        })?;
        Ok(())
    }

    fn card(
        &mut self,
        happened: &Happened<'_>,
        event: &Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let card: CardId = happened.id()?;
        if let Event::Made(made) = event {
            let application = self.applications.get(&made.application, store)?;
            let row = new_card(card, made, application.map(|row| row.county), happened);
            self.count(&row, store, CardCountRow::enter)?;
            self.cards.put(row);
            return Ok(());
        }
        let Some(before) = self.cards.get(&card, store)?.cloned() else {
            return Err(FoldError::refused(format!("card {card} was never made")));
        };
        let mut row = before.clone();
        row.change(event);
        (row.revision, row.position) = (happened.recorded.revision, happened.position());
        if before.takes_credits() != row.takes_credits() {
            self.addresses.credited(card, row.takes_credits(), store)?;
        }
        self.count(&before, store, CardCountRow::leave)?;
        self.count(&row, store, CardCountRow::enter)?;
        self.cards.put(row);
        Ok(())
    }

    fn count(
        &mut self,
        card: &CardRow,
        store: &mut dyn Store,
        change: fn(&mut CardCountRow, &CardRow),
    ) -> Result<(), StoreError> {
        let county = card.county.map_or(String::new(), |county| county.to_string());
        let key = (county.clone(), card.bank, card.stage);
        let (bank, stage) = (card.bank, card.stage);
        let first = || CardCountRow { county, bank, stage, cards: 0, social: 0, financial: 0 };
        self.counts.update_or(&key, store, first, |count| change(count, card))
    }
}

fn applied(application: CardApplicationId, form: &Form, happened: &Happened<'_>) -> ApplicationRow {
    ApplicationRow {
        application,
        person: form.person,
        bank: form.bank,
        county: form.county,
        outlet: form.outlet,
        replaces: form.replaces,
        state: ApplicationState::Applied,
        applied_on: form.on,
        decided_on: None,
        reason: None,
        revision: happened.recorded.revision,
        position: happened.position(),
    }
}

fn new_card(
    card: CardId,
    made: &Made,
    county: Option<DivisionCode>,
    happened: &Happened<'_>,
) -> CardRow {
    CardRow {
        card,
        person: made.person,
        application: made.application,
        county,
        bank: made.bank,
        generation: made.generation,
        valid_until: made.valid_until,
        number: made.number.clone(),
        stage: CardStage::Made,
        social: false,
        financial: false,
        outlet: None,
        made_on: made.on,
        issued_on: None,
        lost_on: None,
        replaced_by: None,
        account: None,
        ended_on: None,
        end_reason: None,
        since: made.on,
        revision: happened.recorded.revision,
        position: happened.position(),
    }
}

impl CardRow {
    /// As [`cards::card::Card::takes_credits`]: a loss does not matter, an end does.
    #[must_use]
    pub fn takes_credits(&self) -> bool {
        self.financial && self.ended_on.is_none()
    }

    fn change(&mut self, event: &Event) {
        self.since = match event {
            // Handled before: it makes the row.
            Event::Made(made) => made.on,
            Event::Delivered { outlet, on } => {
                (self.stage, self.outlet) = (CardStage::Delivered, Some(*outlet));
                *on
            }
            Event::Issued { on } => {
                (self.stage, self.issued_on) = (CardStage::Issued, Some(*on));
                *on
            }
            Event::SocialFunctionActivated { on } => {
                self.social = true;
                *on
            }
            Event::FinancialAccountActivated { on } => {
                self.financial = true;
                *on
            }
            Event::ReportedLost { on } => {
                (self.stage, self.lost_on) = (CardStage::Lost, Some(*on));
                *on
            }
            Event::LossWithdrawn { on } => {
                (self.stage, self.lost_on) = (CardStage::Issued, None);
                *on
            }
            Event::Replaced { by, account, on } => {
                (self.stage, self.ended_on) = (CardStage::Replaced, Some(*on));
                (self.replaced_by, self.account) = (Some(*by), Some(*account));
                *on
            }
            Event::Cancelled { on, reason } => {
                (self.stage, self.ended_on) = (CardStage::Cancelled, Some(*on));
                self.end_reason = Some(reason.clone());
                *on
            }
        };
    }
}

impl CardCountRow {
    fn enter(&mut self, card: &CardRow) {
        self.cards += 1;
        self.social += u64::from(card.social);
        self.financial += u64::from(card.financial);
    }

    fn leave(&mut self, card: &CardRow) {
        self.cards -= 1;
        self.social -= u64::from(card.social);
        self.financial -= u64::from(card.financial);
    }
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
