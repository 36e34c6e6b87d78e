//! Pay addresses: the account in force, every version there was, and who changed what in a month.

mod read;

use cards::address::{Account, Event, FreezeReason, Owner};
use kernel::{Position, Revision};
use shared::{BankCode, CardId, Date, Month, PayAddressId, ReturnReason, Sealed};
use uuid::Uuid;

pub use self::read::{AddressFilter, address, addresses, addresses_of, many_addresses, versions};
use super::BehindRow;
use crate::engine::{Cached, FoldError, Happened, Store, StoreError};
use crate::words::{word_columns, words};
use crate::{json_column, record};

words! {
    /// How sure we are of the current version; a freeze stands beside it.
    AddressState {
        Registered "registered",
        Verified "verified",
        Failed "failed",
    }
}

word_columns!(FreezeReason);
json_column!(Owner);

record! {
    /// The account in force of one pay address.
    pub struct AddressRow in "pay_address" key(address: PayAddressId)
        index("owner_id") index("card") index("state", "address") index("bank", "address")
    {
        pub owner: Owner,
        /// The person or the employer, who is also the subject of the envelopes.
        pub owner_id: Uuid,
        pub bank: BankCode,
        pub card: Option<CardId>,
        /// From 1.
        pub version: u32,
        pub state: AddressState,
        pub failed_reason: Option<ReturnReason>,
        pub verified_on: Option<Date>,
        /// The card behind it takes credits, or there is none.
        pub credited: bool,
        pub frozen: bool,
        pub frozen_since: Option<Date>,
        pub freeze_reason: Option<FreezeReason>,
        pub number: Sealed,
        pub account_name: Sealed,
        pub registered_on: Date,
        /// The day of the last event.
        pub since: Date,
        pub revision: Revision,
        pub position: Position,
    }

    /// One version: a pay line names it, and a bank file must find exactly it.
    pub struct AddressVersionRow in "pay_address_version"
        key(address: PayAddressId, version: u32)
    {
        pub owner: Owner,
        pub bank: BankCode,
        pub card: Option<CardId>,
        pub number: Sealed,
        pub account_name: Sealed,
        /// The first day of this version, and why it came.
        pub since: Date,
        pub reason: Option<String>,
        pub event: Uuid,
    }

    /// Who registered or changed which address in which month, by business date.
    pub struct AddressEditRow in "pay_address_edit"
        key(month: Month, actor: String, address: PayAddressId)
    {
        pub edits: u32,
        pub last_on: Date,
        pub position: Position,
    }
}

#[derive(Default)]
pub(super) struct Addresses {
    current: Cached<AddressRow>,
    versions: Cached<AddressVersionRow>,
    edits: Cached<AddressEditRow>,
    behind: Cached<BehindRow>,
}

impl Addresses {
    pub(super) fn fold(
        &mut self,
        happened: &Happened<'_>,
        event: &Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let address: PayAddressId = happened.id()?;
        if let Event::Registered { owner, account, on, .. } = event {
            let mut row = registered(address, *owner, account, *on, happened);
            self.stand_behind(&mut row, None, store)?;
            self.versions.put(row.as_version(None, happened));
            self.current.put(row);
            return Ok(self.edited(address, happened, store)?);
        }
        let Some(row) = self.current.get(&address, store)? else {
            return Err(FoldError::refused(format!("pay address {address} was never registered")));
        };
        let (mut row, before) = (row.clone(), row.card);
        row.change(event);
        (row.revision, row.position) = (happened.recorded.revision, happened.position());
        if let Event::Changed { reason, .. } = event {
            self.stand_behind(&mut row, before, store)?;
            self.versions.put(row.as_version(Some(reason.clone()), happened));
            self.edited(address, happened, store)?;
        }
        self.current.put(row);
        Ok(())
    }

    /// A card begins or ceases to take credits, and its addresses with it.
    pub(super) fn credited(
        &mut self,
        card: CardId,
        credited: bool,
        store: &mut dyn Store,
    ) -> Result<(), StoreError> {
        let (mut addresses, first) = (Vec::new(), || BehindRow::unknown(card));
        self.behind.update_or(&card, store, first, |behind| {
            behind.credited = credited;
            addresses.clone_from(&behind.addresses);
        })?;
        for address in addresses {
            self.current.update(&address, store, |row| row.credited = credited)?;
        }
        Ok(())
    }

    /// Notes which card stands behind an account now; `before` stood behind the one it replaces.
    fn stand_behind(
        &mut self,
        row: &mut AddressRow,
        before: Option<CardId>,
        store: &mut dyn Store,
    ) -> Result<(), StoreError> {
        if let Some(card) = before.filter(|before| row.card != Some(*before)) {
            self.behind.update(&card, store, |behind| {
                behind.addresses.retain(|address| *address != row.address);
            })?;
        }
        let Some(card) = row.card else {
            row.credited = true;
            return Ok(());
        };
        self.behind.update_or(
            &card,
            store,
            || BehindRow::unknown(card),
            |behind| {
                row.credited = behind.credited;
                if !behind.addresses.contains(&row.address) {
                    behind.addresses.push(row.address);
                }
            },
        )
    }

    pub(super) fn flush(&mut self, store: &mut dyn Store) -> Result<(), StoreError> {
        self.current.flush(store)?;
        self.versions.flush(store)?;
        self.behind.flush(store)?;
        self.edits.flush(store)
    }

    fn edited(
        &mut self,
        address: PayAddressId,
        happened: &Happened<'_>,
        store: &mut dyn Store,
    ) -> Result<(), StoreError> {
        let (last_on, actor) = (happened.meta.business_date, happened.meta.actor.clone());
        let (month, position) = (Month::of(last_on), happened.position());
        let key = (month, actor.clone(), address);
        let first = || AddressEditRow { month, actor, address, edits: 0, last_on, position };
        self.edits.update_or(&key, store, first, |row| {
            row.edits += 1;
            row.last_on = row.last_on.max(last_on);
            row.position = position;
        })
    }
}

fn registered(
    address: PayAddressId,
    owner: Owner,
    account: &Account,
    on: Date,
    happened: &Happened<'_>,
) -> AddressRow {
    AddressRow {
        address,
        owner,
        owner_id: owner.subject(),
        bank: account.bank,
        card: account.card,
        version: 1,
        state: AddressState::Registered,
        failed_reason: None,
        verified_on: None,
        credited: account.card.is_none(),
        frozen: false,
        frozen_since: None,
        freeze_reason: None,
        number: account.number.clone(),
        account_name: account.name.clone(),
        registered_on: on,
        since: on,
        revision: happened.recorded.revision,
        position: happened.position(),
    }
}

impl BehindRow {
    fn unknown(card: CardId) -> Self {
        Self { card, credited: false, addresses: Vec::new() }
    }
}

impl AddressRow {
    /// Whether money may go there now, as [`cards::address::Address::usable`] says.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.state == AddressState::Verified && !self.frozen && self.credited
    }

    fn change(&mut self, event: &Event) {
        self.since = match event {
            // Handled before: it makes the row.
            Event::Registered { on, .. } => *on,
            Event::Verified { on, .. } => {
                self.judge(AddressState::Verified, Some(*on), None);
                *on
            }
            Event::VerificationFailed { reason, on, .. } => {
                self.judge(AddressState::Failed, None, Some(*reason));
                *on
            }
            Event::Changed { version, account, on, .. } => {
                self.version = *version;
                (self.bank, self.card) = (account.bank, account.card);
                (self.number, self.account_name) = (account.number.clone(), account.name.clone());
                self.judge(AddressState::Registered, None, None);
                *on
            }
            Event::Frozen { reason, on } => {
                self.frozen = true;
                (self.frozen_since, self.freeze_reason) = (Some(*on), Some(*reason));
                *on
            }
            Event::Unfrozen { on, .. } => {
                self.frozen = false;
                (self.frozen_since, self.freeze_reason) = (None, None);
                *on
            }
        };
    }

    fn judge(&mut self, state: AddressState, on: Option<Date>, failed: Option<ReturnReason>) {
        (self.state, self.verified_on, self.failed_reason) = (state, on, failed);
    }

    fn as_version(&self, reason: Option<String>, happened: &Happened<'_>) -> AddressVersionRow {
        AddressVersionRow {
            address: self.address,
            version: self.version,
            owner: self.owner,
            bank: self.bank,
            card: self.card,
            number: self.number.clone(),
            account_name: self.account_name.clone(),
            since: self.since,
            reason,
            event: happened.recorded.id,
        }
    }
}
