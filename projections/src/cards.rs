//! Cards, the applications for them, and the places to pay to.
//!
//! A card's county is its application's: the card's own events name none. A pay address has its
//! owner's, which other read models know, so it is shown where its owner may be seen.
//!
//! | question | file |
//! |---|---|
//! | What is kept? | [`rows`] |
//! | What can be asked? | [`read`] |

mod addresses;
mod read;
mod rows;

use cards::application::{Event as Asked, Form};
use cards::card::{Event, Made};
use shared::{CardApplicationId, CardId, DivisionCode};

pub use self::addresses::{
    AddressEditRow, AddressFilter, AddressRow, AddressState, AddressVersionRow, address, addresses,
    addresses_of, many_addresses, versions,
};
pub use self::read::{
    ApplicationFilter, CardFilter, application, applications, card, cards, cards_of, counts,
};
pub use self::rows::{
    ApplicationRow, ApplicationState, BehindRow, CardCountRow, CardRow, CardStage,
};
use crate::engine::{
    Cached, Failure, FoldError, Happened, Projection, Record, Store, StoreError, Table,
};
use crate::facts::Fact;

pub const NAME: &str = "cards";

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
