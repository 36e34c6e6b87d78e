//! A grant arrives with its amounts and its basis, one or many.

use std::sync::Arc;

use benefits::grant::{Command, ComponentAmount, Grant, Registration};
use cards::address::{self, Address, Owner};
use definitions::{ArisesFrom, Catalogue};
use kernel::StreamName;
use registry::person::Person;
use serde::{Deserialize, Serialize};
use shared::{
    AreaCode, Date, DivisionCode, FundCode, GrantId, ItemId, Month, PayAddressId, Payee, PersonId,
};

use super::Benefits;
use super::bounds;
use super::competing;
use super::single::{self, Key, stream};
use crate::bulk::{self, Bulk, Claims, Row};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::registry::facts as people;
use crate::taken;
use crate::unit::Unit;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterGrant {
    /// Given by the caller, or made from the command.
    pub grant: Option<GrantId>,
    /// The beneficiary.
    pub person: PersonId,
    /// The deceased behind a survivor's or a funeral grant.
    pub arises_from: Option<PersonId>,
    pub item: ItemId,
    pub components: Vec<ComponentAmount>,
    pub from: Month,
    /// The last month, when it is known from the start.
    pub to: Option<Month>,
    /// Absent: the beneficiary himself.
    pub payee: Option<Payee>,
    /// Absent: the item's usual fund.
    pub fund: Option<FundCode>,
    /// The pooling area whose book pays.
    pub area: AreaCode,
    pub county: DivisionCode,
    /// A pay address of the payee.
    pub address: PayAddressId,
    /// The document that granted it; no personal data.
    pub basis: String,
}

impl Benefits {
    /// # Errors
    /// What the item's definition does not allow, with what it allows; a person or payee who is
    /// dead; another grant that stands against it, with its stream.
    pub async fn register_grant(
        &self,
        envelope: &Envelope,
        input: &RegisterGrant,
    ) -> Result<Done<GrantId>, CommandError> {
        let done = self.executor.run(envelope, "grant.register", input, async |unit: Unit| {
            let rules = self.rules(unit.business_date())?;
            let entry = Entry::check(&unit, &rules, input, 0).await?;
            let id = entry.registration.grant;
            unit.decide::<Grant>(id, Command::Register(entry.registration.clone())).await?;
            entry.note(&unit).await?;
            entry.hand_over(&unit);
            for key in &entry.keys {
                unit.take(key, stream(id).as_str());
            }
            Ok(id)
        });
        done.await.map_err(taken::explained)
    }

    /// Registers every grant that can be; the others are refused one by one.
    ///
    /// # Errors
    /// A fault of the log or the rules; what was written before it stays, and asking again goes on.
    pub async fn register_grants(
        &self,
        envelope: &Envelope,
        rows: &[RegisterGrant],
    ) -> Result<Bulk<GrantId>, CommandError> {
        bulk::in_pieces(
            &self.executor,
            envelope,
            "grant.register-many",
            rows,
            async |unit: Unit, piece: &[RegisterGrant]| {
                let rules = self.rules(unit.business_date())?;
                register(&unit, &rules, piece).await
            },
        )
        .await
    }
}

/// A grant that was checked against the definitions and the facts.
struct Entry {
    registration: Registration,
    keys: Vec<String>,
    /// A grant that is over and hands its claim over.
    predecessor: Option<StreamName>,
    /// The claims that it hands over.
    handed: Vec<String>,
    /// Other benefits of the person, which stand beside it with a note.
    beside: Vec<competing::Beside>,
}

impl Entry {
    async fn check(
        unit: &Unit,
        rules: &Arc<Catalogue>,
        input: &RegisterGrant,
        index: u32,
    ) -> Result<Self, CommandError> {
        let item = bounds::item(rules, input.item)?;
        let payee = input.payee.unwrap_or(Payee::Person { person: input.person });
        let fund = bounds::fund(item, input.fund)?;
        bounds::payee(item, payee)?;
        bounds::amounts(item, &input.components)?;
        beneficiary_lives(unit, input).await?;
        payee_stands(unit, input.person, payee).await?;
        if item.arises_from == ArisesFrom::Deceased {
            died(unit, input.arises_from).await?;
        }
        address_of(unit, input.address, payee).await?;
        let key = Key { item: item.id, person: input.person, arises_from: input.arises_from };
        let predecessor = single::predecessor(unit, key, item, input.from).await?;
        let made = || GrantId::from_uuid(unit.new_id("grant", index));
        let registration = Registration {
            grant: input.grant.unwrap_or_else(made),
            person: input.person,
            arises_from: input.arises_from,
            item: input.item,
            components: input.components.clone(),
            from: input.from,
            to: input.to,
            payee,
            fund,
            area: input.area,
            county: input.county,
            address: input.address,
            basis: input.basis.clone(),
        };
        let group = group_of(unit, input.person).await?;
        let beside = competing::beside(unit, rules, &registration, &group).await?;
        let keys = key.taken(item, &group);
        let handed = match &predecessor {
            Some(stream) => taken::held_by(unit.log(), keys.clone(), stream.as_str()).await?,
            None => Vec::new(),
        };
        Ok(Self { registration, keys, handed, predecessor, beside })
    }

    async fn note(&self, unit: &Unit) -> Result<(), CommandError> {
        for competing::Beside { other, item, rule } in &self.beside {
            let (other, item, rule) = (*other, *item, rule.to_string());
            let note = Command::NoteCompeting { other, item, rule };
            unit.decide::<Grant>(self.registration.grant, note).await?;
        }
        Ok(())
    }

    fn hand_over(&self, unit: &Unit) {
        if let Some(predecessor) = &self.predecessor {
            for key in &self.handed {
                unit.release(key, predecessor.as_str());
            }
        }
    }
}

async fn register(
    unit: &Unit,
    rules: &Arc<Catalogue>,
    piece: &[RegisterGrant],
) -> Result<Vec<Row<GrantId>>, CommandError> {
    let mut entries = Vec::with_capacity(piece.len());
    for (index, input) in (0..).zip(piece) {
        entries.push(Entry::check(unit, rules, input, index).await);
    }
    let keys = entries.iter().flatten().flat_map(|entry| entry.keys.clone()).collect();
    let mut claims = Claims::look_up(unit, keys).await?;
    let mut rows = Vec::with_capacity(piece.len());
    for entry in entries {
        let outcome = match entry {
            Ok(entry) => admit(unit, &mut claims, entry).await,
            Err(error) => Err(error),
        };
        rows.push(bulk::row(outcome)?);
    }
    Ok(rows)
}

async fn admit(unit: &Unit, claims: &mut Claims, entry: Entry) -> Result<GrantId, CommandError> {
    let id = entry.registration.grant;
    let predecessor = entry.predecessor.as_ref().map(StreamName::as_str);
    claims.free_but_of(&entry.keys, predecessor)?;
    unit.decide::<Grant>(id, Command::Register(entry.registration.clone())).await?;
    entry.note(unit).await?;
    entry.hand_over(unit);
    claims.take(unit, entry.keys, stream(id).as_str());
    Ok(id)
}

/// All ids of the human, guarded: a merge that comes between is seen.
async fn group_of(unit: &Unit, person: PersonId) -> Result<Vec<PersonId>, CommandError> {
    let (state, _) = unit.guard::<Person>(person).await?;
    Ok(match &*state {
        Person::Registered(record) => {
            std::iter::once(person).chain(record.members.iter().copied()).collect()
        }
        Person::Unknown | Person::Merged { .. } => vec![person],
    })
}

/// Pay stops from the month after death (DISBURSEMENT 2.1): only months up to it can be granted.
async fn beneficiary_lives(unit: &Unit, input: &RegisterGrant) -> Result<(), CommandError> {
    match people::death_of(unit, input.person).await? {
        Some(died_on) if input.to.is_none_or(|to| to > Month::of(died_on)) => {
            Err(beyond_death(died_on, "to").into())
        }
        Some(_) | None => Ok(()),
    }
}

pub(super) fn beyond_death(died_on: Date, field: &'static str) -> Refused {
    let last = Month::of(died_on);
    Refused::new(
        "GRANT_BEYOND_DEATH",
        format!("该人员已于{died_on}死亡，待遇最多到{last}"),
        format!("the person died on {died_on}: {last} is the last month"),
    )
    .field(field)
    .param("diedOn", died_on)
    .param("last", last)
}

/// Whoever draws for another is alive, or is an open unit.
pub(super) async fn payee_stands(
    unit: &Unit,
    person: PersonId,
    payee: Payee,
) -> Result<(), CommandError> {
    match payee {
        Payee::Employer { employer } => people::open_employer(unit, employer).await,
        Payee::Person { person: own }
        | Payee::Guardian { person: own }
        | Payee::Heir { person: own }
        | Payee::Relative { person: own } => {
            if own == person {
                return Ok(());
            }
            match people::death_of(unit, own).await? {
                None => Ok(()),
                Some(died_on) => Err(Refused::new(
                    "GRANT_PAYEE_DEAD",
                    format!("领取人已于{died_on}死亡"),
                    format!("the payee died on {died_on}"),
                )
                .field("payee")
                .param("diedOn", died_on)
                .into()),
            }
        }
    }
}

/// A grant for a death names whose it was, and that death is confirmed.
async fn died(unit: &Unit, deceased: Option<PersonId>) -> Result<(), CommandError> {
    let refused = |code, zh: &str, en: &str| Refused::new(code, zh, en).field("arisesFrom");
    let Some(deceased) = deceased else {
        return Err(refused(
            "GRANT_DECEASED_MISSING",
            "该项目须注明死亡人员",
            "this item names the person who died",
        )
        .into());
    };
    match people::death_of(unit, deceased).await? {
        Some(_) => Ok(()),
        None => Err(refused(
            "GRANT_DEATH_NOT_CONFIRMED",
            "该人员的死亡尚未确认",
            "the death is not confirmed",
        )
        .into()),
    }
}

/// An address belongs to one owner for ever, so it needs no guard.
pub(super) async fn address_of(
    unit: &Unit,
    id: PayAddressId,
    payee: Payee,
) -> Result<(), CommandError> {
    let (state, _) = unit.load::<Address>(id).await?;
    let owner = match &*state {
        Address::Unknown => return Err(address::Error::Unknown.into()),
        Address::Registered(record) => record.owner,
    };
    let fits = match owner {
        Owner::Person { person } => payee.person() == Some(person),
        Owner::Employer { employer } => payee == Payee::Employer { employer },
    };
    if fits {
        return Ok(());
    }
    Err(Refused::new(
        "GRANT_ADDRESS_OF_OTHER",
        "该发放账户不属于领取人",
        "the pay address is not the payee's",
    )
    .field("address")
    .param("address", id)
    .into())
}
