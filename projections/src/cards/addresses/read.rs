//! What is asked of pay addresses, which are seen where their owners are.

use std::collections::BTreeSet;

use cards::address::Owner;
use shared::{BankCode, CardId, EmployerId, PayAddressId, PersonId};
use uuid::Uuid;

use super::{AddressRow, AddressState, AddressVersionRow};
use crate::engine::{ReadSession, Value, ViewError};
use crate::many::by_keys;
use crate::scope::{Filter, Scope};
use crate::{employers, people};

/// Which pay addresses are asked for; what is absent does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressFilter {
    pub bank: Option<BankCode>,
    pub card: Option<CardId>,
    pub state: Option<AddressState>,
    pub frozen: Option<bool>,
}

/// # Errors
/// When the read models of addresses, people and employers cannot be read; so for all of these.
pub fn address(
    session: &ReadSession,
    scope: &Scope,
    address: PayAddressId,
) -> Result<Option<AddressRow>, ViewError> {
    let row: Option<AddressRow> = session.get(&address)?;
    Ok(seen(session, scope, row.into_iter().collect())?.pop())
}

/// Those of `addresses` that there are and whose owners may be seen, by id.
pub fn many_addresses(
    session: &ReadSession,
    scope: &Scope,
    addresses: &[PayAddressId],
) -> Result<Vec<AddressRow>, ViewError> {
    let keys = addresses.iter().map(|address| Value::from(*address));
    let mut rows = seen(session, scope, by_keys(session, "address", keys)?)?;
    rows.sort_unstable_by_key(|row| row.address);
    Ok(rows)
}

/// Every address of these owners, by owner and id.
pub fn addresses_of(
    session: &ReadSession,
    scope: &Scope,
    owners: &[Owner],
) -> Result<Vec<AddressRow>, ViewError> {
    let keys = owners.iter().map(|owner| Value::from(owner.subject()));
    let mut rows = seen(session, scope, by_keys(session, "owner_id", keys)?)?;
    rows.sort_unstable_by_key(|row| (row.owner_id, row.address));
    Ok(rows)
}

/// Addresses after `after`, by id. A page of a narrow scope is read in as many steps as it takes,
/// because an address has no county of its own.
pub fn addresses(
    session: &ReadSession,
    scope: &Scope,
    filter: &AddressFilter,
    after: Option<PayAddressId>,
    limit: u32,
) -> Result<Vec<AddressRow>, ViewError> {
    let (wanted, step) = (limit as usize, limit.max(200));
    let (mut found, mut after) = (Vec::new(), after);
    while found.len() < wanted {
        let filter = Filter::new()
            .and_if("bank =", filter.bank)
            .and_if("card =", filter.card)
            .and_if("state =", filter.state)
            .and_if("frozen =", filter.frozen)
            .and_if("address >", after);
        let tail = filter.tail(&format!("ORDER BY address LIMIT {step}"));
        let page: Vec<AddressRow> = session.query(&tail, filter.binds())?;
        let over = page.len() < step as usize;
        after = page.last().map(|row| row.address).or(after);
        found.extend(seen(session, scope, page)?);
        if over {
            break;
        }
    }
    found.truncate(wanted);
    Ok(found)
}

/// These versions, by address and version. Whoever asks has them from pay lines that he may see.
pub fn versions(
    session: &ReadSession,
    _scope: &Scope,
    of: &[(PayAddressId, u32)],
) -> Result<Vec<AddressVersionRow>, ViewError> {
    let wanted: BTreeSet<(PayAddressId, u32)> = of.iter().copied().collect();
    let keys = wanted.iter().map(|(address, _)| Value::from(*address));
    let mut rows: Vec<AddressVersionRow> = by_keys(session, "address", keys)?;
    rows.retain(|row| wanted.contains(&(row.address, row.version)));
    rows.sort_unstable_by_key(|row| (row.address, row.version));
    Ok(rows)
}

/// Those whose owners may be seen, in the order given.
fn seen(
    session: &ReadSession,
    scope: &Scope,
    mut rows: Vec<AddressRow>,
) -> Result<Vec<AddressRow>, ViewError> {
    if scope.divisions.is_none() || rows.is_empty() {
        return Ok(rows);
    }
    let (mut persons, mut employers): (Vec<PersonId>, Vec<EmployerId>) = (Vec::new(), Vec::new());
    for row in &rows {
        match row.owner {
            Owner::Person { person } => persons.push(person),
            Owner::Employer { employer } => employers.push(employer),
        }
    }
    let persons = people::many(session, scope, &persons)?.into_iter().map(|row| row.person.uuid());
    let employers =
        employers::many(session, scope, &employers)?.into_iter().map(|row| row.employer.uuid());
    let visible: BTreeSet<Uuid> = persons.chain(employers).collect();
    rows.retain(|row| visible.contains(&row.owner_id));
    Ok(rows)
}
