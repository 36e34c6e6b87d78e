//! Who works in the office, on which day, and under which command ids.
//!
//! **Invariant** a command's id follows from the city's plan and what the command is for, whatever
//! was done before: the same demo is the same commands, also when it goes on after it was cut.

use std::cell::Cell;
use std::fmt::Display;

use anyhow::{Context as _, Result};
use commands::cards::{AccountInput, ChangeAddress, VerifyAddress};
use commands::{Clock as _, Envelope};
use kernel::ports::FixedClock;
use kernel::process::derived_id;
use shared::{
    AgencyCode, AreaCode, BankCode, CardId, Date, FundCode, ItemId, Month, ObligationId,
    PayAddressId, PersonId, WorkingDays,
};
use simulations::{City, Grant, Resident, Story, calendar, uuid};

use super::at;
use super::city::Addresses;
use crate::node::Node;

/// The agency whose books these are.
pub const AGENCY: &str = "320600-SI";

/// Who does what. No person takes two steps of one plan.
const PEOPLE: [(&str, &str); 14] = [
    ("registrar", "demo.registrar"),
    ("handler", "demo.handler"),
    ("checker", "demo.checker"),
    ("approver", "demo.approver"),
    ("section-head", "demo.section-head"),
    ("deputy-director", "demo.deputy-director"),
    ("director", "demo.director"),
    ("accountant", "demo.accountant"),
    ("cashier", "demo.cashier"),
    ("recovery", "demo.recovery"),
    ("grid", "demo.grid"),
    ("duty", "demo.duty"),
    ("team", "demo.team"),
    ("analyst", "demo.analyst"),
];

pub fn person(role: &str) -> Result<&'static str> {
    let found = PEOPLE.iter().find(|(known, _)| *known == role);
    found.map(|(_, who)| *who).with_context(|| format!("nobody in the demo is {role}"))
}

/// The office on one of its days.
pub struct Office<'a> {
    pub node: &'a Node,
    pub city: &'a City,
    pub story: &'a Story,
    pub addresses: &'a Addresses,
    pub clock: &'a FixedClock,
    pub day: Cell<Date>,
    /// Nothing happens but the payments, and the banks have their usual habits.
    pub plain: bool,
}

impl Office<'_> {
    /// `what` happens to `of` once in a demo.
    pub fn envelope(&self, role: &str, what: &str, of: impl Display) -> Result<Envelope> {
        let city = uuid(self.city.plan(), "months", 0);
        let parts = [city.as_bytes(), what.as_bytes(), &of.to_string().into_bytes()[..]];
        let id = derived_id("demo", &parts);
        Ok(Envelope::new(id, person(role)?).on(self.day.get()))
    }

    /// The next day begins, and with it every day between.
    pub async fn open(&self, day: Date) -> Result<()> {
        at(self.clock, day, 9);
        commands::day::open_days(&self.node.executor, day).await?;
        self.day.set(day);
        debug_assert_eq!(self.node.executor.now(), self.clock.now());
        Ok(())
    }

    /// Deaths, merges and debits are followed up until nothing more follows.
    pub async fn settle(&self) -> Result<()> {
        self.node.processes().settle().await?;
        Ok(())
    }

    pub fn resident(&self, place: u32) -> &Resident {
        &self.city.residents()[place as usize]
    }

    pub fn person(&self, place: u32) -> PersonId {
        self.resident(place).id
    }

    pub fn grant(&self, place: u32) -> &Grant {
        &self.city.grants()[place as usize]
    }

    /// The first grant of a resident.
    pub fn grant_of(&self, resident: u32) -> Result<&Grant> {
        let found = self.city.grants().iter().find(|grant| grant.resident == resident);
        found.with_context(|| format!("resident {resident} draws nothing"))
    }

    pub fn address(&self, resident: u32) -> Result<PayAddressId> {
        let known = self.addresses.of(resident);
        known.with_context(|| format!("resident {resident} has no account"))
    }

    /// The area whose book pays a grant.
    pub fn area(&self, grant: &Grant) -> Result<AreaCode> {
        let rules = self.node.rules.on(self.city.plan().month.last_day())?;
        Ok(calendar::pooling_area(rules.fund(grant.fund)?, grant.county))
    }

    /// Where a payee is paid from now on: one version more, which the bank confirms.
    pub async fn repoint(
        &self,
        resident: u32,
        account: (BankCode, &str, &str),
        card: Option<CardId>,
    ) -> Result<()> {
        let (bank, number, name) = account;
        let address = self.address(resident)?;
        let account = AccountInput { number: number.into(), name: name.into(), bank, card };
        let of = format!("{resident} {}", self.day.get());
        let change = ChangeAddress { address, account, reason: "换卡".to_owned(), on: None };
        let cards = &self.node.cards;
        let envelope = self.envelope("registrar", "change-account", &of)?;
        let made = cards.change_address(&envelope, &change).await?.result;
        let verify = VerifyAddress { address, version: made.version, on: None };
        cards.verify_address(&self.envelope("registrar", "verify-account", &of)?, &verify).await?;
        Ok(())
    }
}

/// The whole of a month of an item that has one component.
pub fn owed(item: ItemId, month: Month, person: PersonId) -> ObligationId {
    ObligationId::new(item, month, shared::Component::whole(), person)
}

pub fn agency() -> Result<AgencyCode> {
    AgencyCode::parse(AGENCY).map_err(|fault| anyhow::anyhow!("{fault}"))
}

pub fn item(text: &str) -> Result<ItemId> {
    ItemId::parse(text).map_err(|fault| anyhow::anyhow!("{fault}"))
}

pub fn fund(text: &str) -> Result<FundCode> {
    FundCode::parse(text).map_err(|fault| anyhow::anyhow!("{fault}"))
}

pub fn area(text: &str) -> Result<AreaCode> {
    AreaCode::parse(text).map_err(|fault| anyhow::anyhow!("{fault}"))
}

/// So many working days after a day.
pub fn after(day: Date, days: u32) -> Result<Date> {
    Ok(WorkingDays::bundled().add_working_days(day, days)?)
}

/// So many working days before a day.
pub fn before(day: Date, days: u32) -> Result<Date> {
    let (mut found, mut left) = (day, days);
    while left > 0 {
        found = found.yesterday()?;
        left -= u32::from(WorkingDays::bundled().is_working_day(found)?);
    }
    Ok(found)
}
