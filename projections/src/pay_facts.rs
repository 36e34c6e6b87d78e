//! What a plan takes from the read models: whom an item concerns in a month, where the money goes,
//! and who changed an address.
//!
//! It is asked by the system for one plan and one position, so no scope narrows it. All of it is
//! read in bulk: pages of grants with their amounts, then keys in chunks.
//!
//! **Invariant** nobody is alive here whom [`people`](crate::people) knows as dead or reported dead
//! under any id that he was merged into.

use std::collections::{BTreeSet, HashMap, HashSet};

use cards::address::Owner;
use shared::{
    AreaCode, BankCode, Component, Date, DivisionCode, FundCode, GrantId, ItemId, Money, Month,
    PayAddressId, Payee, PersonId, Sealed,
};
use uuid::Uuid;

use crate::cards::{AddressState, AddressVersionRow};
use crate::engine::{ReadSession, Row, Unreadable, Value, ViewError};
use crate::many::{by_keys, rows_by_keys};
use crate::people::{ApartRow, Life as PersonLife};
use crate::{cards as card_view, grants as grant_view, people as people_view};

/// The read models that these functions ask: a session of them is enough, and its position is the
/// position of the answer.
pub const VIEWS: &[&str] = &[people_view::NAME, card_view::NAME, grant_view::NAME];

/// One grant as a plan sees it. No personal data.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    pub grant: GrantId,
    pub revision: u64,
    pub person: PersonId,
    /// Who receives it, where that is not the beneficiary.
    pub payee: Option<Payee>,
    pub life: Life,
    /// Of the payee, where that is another person.
    pub payee_life: Option<Life>,
    /// The month is kept back.
    pub suspended: bool,
    /// What is owed for the month, by component, and since which month the amount holds; nothing
    /// while it is suspended.
    pub components: Vec<(Component, Money, Month)>,
    pub address: Option<Address>,
    pub county: DivisionCode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    Alive,
    DeathReported,
    Dead { month: Month },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    pub address: PayAddressId,
    /// The current one.
    pub version: u32,
    pub bank: BankCode,
    pub usable: Usable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usable {
    Yes,
    /// Never verified, or the verification failed, or the card's account is not active.
    No,
    Frozen,
}

/// Where one line goes, sealed under `subject`, who receives the money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelopes {
    pub subject: Uuid,
    /// Of the account's owner; an employer has none.
    pub id_number: Option<Sealed>,
    pub account: Sealed,
    pub account_name: Sealed,
}

/// Whom a plan concerns: who draws `item` from `fund` in the pooling area in the month.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub item: ItemId,
    pub fund: FundCode,
    pub month: Month,
    pub area: AreaCode,
}

/// Grants read at once: enough that neighbouring keys are read together, and so much is in memory
/// however many draw an item.
pub const PAGE: usize = 100_000;

/// Every grant that reaches into the month, by grant id, read `page` by page as they are asked for;
/// an error ends them.
pub fn population(
    session: &ReadSession,
    asked: Asked,
    page: usize,
) -> impl Iterator<Item = Result<Fact, ViewError>> {
    let (mut after, mut over) = (None, false);
    let pages = std::iter::from_fn(move || {
        let facts = (!over).then(|| next(session, asked, after, page))?;
        after = facts.as_ref().ok().and_then(|facts| facts.last()).map(|fact| fact.grant);
        over = facts.as_ref().map_or(true, |facts| facts.len() < page);
        Some(facts)
    });
    pages.flat_map(|facts| match facts {
        Ok(facts) => facts.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(error)],
    })
}

/// The grants behind `after`, with their people and addresses.
fn next(
    session: &ReadSession,
    asked: Asked,
    after: Option<GrantId>,
    page: usize,
) -> Result<Vec<Fact>, ViewError> {
    let grants = granted(session, asked, after, page)?;
    let payees = grants.iter().filter_map(|grant| grant.other.and_then(Payee::person));
    let lives = Lives::of(session, grants.iter().map(|grant| grant.person).chain(payees))?;
    let addresses = addresses(session, grants.iter().map(|grant| grant.address))?;
    let facts = grants.into_iter().map(|granted| {
        let Granted { grant, revision, person, other, address, county, suspended, components } =
            granted;
        Fact {
            grant,
            revision,
            person,
            payee: other,
            life: lives.life(person),
            payee_life: other.and_then(Payee::person).map(|payee| lives.life(payee)),
            suspended,
            components,
            address: addresses.get(&address).copied(),
            county,
        }
    });
    Ok(facts.collect())
}

/// Sealed numbers and accounts for pay lines, in the order asked; none where there is no such
/// version. The account says who receives the money: the beneficiary of the line is not asked.
///
/// # Errors
/// When a read model cannot be read; so for all of these.
pub fn payees(
    session: &ReadSession,
    of: &[(PersonId, PayAddressId, u32)],
) -> Result<Vec<Option<Envelopes>>, ViewError> {
    let keys = of.iter().map(|(_, address, _)| Value::from(*address));
    let versions: HashMap<(PayAddressId, u32), AddressVersionRow> =
        by_keys::<AddressVersionRow>(session, "address", keys)?
            .into_iter()
            .map(|row| ((row.address, row.version), row))
            .collect();
    let owners: BTreeSet<PersonId> = of
        .iter()
        .filter_map(|(_, address, version)| versions.get(&(*address, *version)))
        .filter_map(|row| match row.owner {
            Owner::Person { person } => Some(person),
            Owner::Employer { .. } => None,
        })
        .collect();
    let numbers = numbers(session, owners)?;
    let envelopes = of.iter().map(|(_, address, version)| {
        let row = versions.get(&(*address, *version))?;
        let id_number = match row.owner {
            Owner::Person { person } => numbers.get(&person).cloned(),
            Owner::Employer { .. } => None,
        };
        let (account, account_name) = (row.number.clone(), row.account_name.clone());
        Some(Envelopes { subject: row.owner.subject(), id_number, account, account_name })
    });
    Ok(envelopes.collect())
}

/// Who registered or changed a pay address in this month, by name.
pub fn address_editors(session: &ReadSession, month: Month) -> Result<Vec<String>, ViewError> {
    let sql = "SELECT DISTINCT actor FROM pay_address_edit WHERE month = $1 ORDER BY actor";
    let rows = session.rows(card_view::NAME, sql, &[Value::from(month)])?;
    rows.iter().map(|row| Ok(cells(row)?.0.to()?)).collect::<Result<_, ViewError>>()
}

struct Granted {
    grant: GrantId,
    revision: u64,
    person: PersonId,
    /// The payee, where that is not the beneficiary.
    other: Option<Payee>,
    address: PayAddressId,
    county: DivisionCode,
    suspended: bool,
    components: Vec<(Component, Money, Month)>,
}

/// A row for each component of each grant of a page; a grant without any in that month has one row.
const GRANTED: &str = "SELECT g.grant_id, g.revision, g.person, \
     CASE WHEN g.to_other = 1 THEN g.payee END, g.address, g.county, \
     (SELECT COUNT(*) FROM grant_stop s WHERE s.grant_id = g.grant_id AND s.owed = 0 \
      AND s.from_month <= $3 AND (s.resumed_month IS NULL OR s.resumed_month > $3)), \
     a.place, a.component, a.amount, a.from_month \
     FROM (SELECT grant_id, revision, person, to_other, payee, address, county \
      FROM benefit_grant WHERE item = $1 AND area = $2 AND fund = $6 AND from_month <= $3 \
      AND (last_month IS NULL OR last_month >= $3) AND grant_id > $4 \
      ORDER BY grant_id LIMIT $5) AS g \
     LEFT JOIN grant_amount a ON a.grant_id = g.grant_id \
     AND a.from_month <= $3 AND (a.until_month IS NULL OR a.until_month > $3) \
     ORDER BY g.grant_id, a.place";

fn granted(
    session: &ReadSession,
    asked: Asked,
    after: Option<GrantId>,
    page: usize,
) -> Result<Vec<Granted>, ViewError> {
    let Asked { item, fund, month, area } = asked;
    let after = after.map_or(String::new(), |grant| grant.to_string());
    let limit = i64::try_from(page).unwrap_or(i64::MAX);
    let of = [Value::from(item), Value::from(area), Value::from(month)];
    let binds: Vec<Value> =
        of.into_iter().chain([after.into(), limit.into(), Value::from(fund)]).collect();
    let mut grants = Vec::new();
    for row in session.rows(grant_view::NAME, GRANTED, &binds)? {
        put(&mut grants, &row)?;
    }
    Ok(grants)
}

/// A row of [`GRANTED`] is the next grant, or one more component of the last one.
fn put(grants: &mut Vec<Granted>, row: &Row) -> Result<(), ViewError> {
    let [grant, revision, person, other, address, county, kept_back, _, component, amount, from] =
        row.as_slice()
    else {
        return Err(Unreadable::new("grant and its amount", row.len()).into());
    };
    let grant = grant.to()?;
    if grants.last().is_none_or(|last| last.grant != grant) {
        grants.push(Granted {
            grant,
            revision: revision.to()?,
            person: person.to()?,
            other: other.to()?,
            address: address.to()?,
            county: county.to()?,
            suspended: kept_back.to::<i64>()? > 0,
            components: Vec::new(),
        });
    }
    if let Some(last) = grants.last_mut().filter(|last| !last.suspended && *from != Value::Null) {
        last.components.push((component.to()?, amount.to()?, from.to()?));
    }
    Ok(())
}

/// Everybody asked about who is not simply alive, with the ids that they were merged into.
struct Lives(HashMap<PersonId, ApartRow>);

impl Lives {
    fn of(
        session: &ReadSession,
        people: impl Iterator<Item = PersonId>,
    ) -> Result<Self, ViewError> {
        let mut apart = HashMap::new();
        let mut wanted: BTreeSet<PersonId> = people.collect();
        // A survivor may have been merged in his turn; each id is asked once.
        while !wanted.is_empty() {
            let keys = wanted.iter().map(|person| Value::from(*person));
            let rows = by_keys::<ApartRow>(session, "person", keys)?;
            let survivors: Vec<PersonId> = rows.iter().filter_map(|row| row.merged_into).collect();
            apart.extend(rows.into_iter().map(|row| (row.person, row)));
            wanted = survivors.into_iter().filter(|person| !apart.contains_key(person)).collect();
        }
        Ok(Self(apart))
    }

    fn life(&self, person: PersonId) -> Life {
        let (mut person, mut seen) = (person, HashSet::new());
        while let Some(row) = self.0.get(&person) {
            match row.merged_into {
                Some(survivor) if seen.insert(person) => person = survivor,
                Some(_) | None => return life(row),
            }
        }
        Life::Alive
    }
}

fn life(row: &ApartRow) -> Life {
    match row.life {
        PersonLife::Alive => Life::Alive,
        PersonLife::DeathReported => Life::DeathReported,
        PersonLife::Dead => Life::Dead { month: Month::of(row.died_on.unwrap_or(Date::MIN)) },
    }
}

fn addresses(
    session: &ReadSession,
    of: impl Iterator<Item = PayAddressId>,
) -> Result<HashMap<PayAddressId, Address>, ViewError> {
    let select = "SELECT address, version, bank, state, frozen, credited FROM pay_address";
    let mut found = HashMap::new();
    let keys = of.map(Value::from);
    rows_by_keys(session, card_view::NAME, (select, "address"), keys, &mut |row| {
        let [address, version, bank, state, frozen, credited] = row.as_slice() else {
            return Err(Unreadable::new("pay address", row.len()).into());
        };
        let usable = match (frozen.to()?, state.to()?, credited.to()?) {
            (true, _, _) => Usable::Frozen,
            (false, AddressState::Verified, true) => Usable::Yes,
            (false, AddressState::Verified, false)
            | (false, AddressState::Registered | AddressState::Failed, _) => Usable::No,
        };
        let (address, version, bank) = (address.to()?, version.to()?, bank.to()?);
        found.insert(address, Address { address, version, bank, usable });
        Ok(())
    })?;
    Ok(found)
}

fn numbers(
    session: &ReadSession,
    people: BTreeSet<PersonId>,
) -> Result<HashMap<PersonId, Sealed>, ViewError> {
    let (select, mut found) = ("SELECT person, number FROM person", HashMap::new());
    let keys = people.into_iter().map(Value::from);
    rows_by_keys(session, people_view::NAME, (select, "person"), keys, &mut |row| {
        let (person, rest) = cells(row)?;
        let number = rest.first().unwrap_or(&Value::Null);
        found.insert(person.to()?, number.to()?);
        Ok(())
    })?;
    Ok(found)
}

fn cells(row: &Row) -> Result<(&Value, &[Value]), ViewError> {
    row.split_first().ok_or_else(|| Unreadable::new("row", row.len()).into())
}
