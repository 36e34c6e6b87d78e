//! A pay address: registered, verified, changed, frozen.

use cards::address::{Account, Address, Command, Event, FreezeReason, Owner};
use cards::{address, claims};
use kernel::{Decider, Limit, Revision, StreamName};
use serde::{Deserialize, Serialize};
use shared::{BankCode, CardId, CardNumber, Date, PayAddressId, ReturnReason, Sealed};
use uuid::Uuid;

use super::{Cards, PrefixWarning, facts};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::personal::{self, Clear, kind, seal};
use crate::ports::Keys;
use crate::registry::facts as people;
use crate::taken;
use crate::unit::Unit;

/// Shortest and longest account number; banks write 6 to 32 digits.
const ACCOUNT_DIGITS: std::ops::RangeInclusive<usize> = 6..=32;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterAddress {
    /// Given by the caller, or made from the command.
    pub address: Option<PayAddressId>,
    pub owner: Owner,
    pub account: AccountInput,
    /// Absent: the business date.
    pub on: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountInput {
    pub number: Clear,
    /// The account holder's name as the bank has it.
    pub name: Clear,
    pub bank: BankCode,
    /// The card whose account it is; absent for a passbook or an employer's account.
    pub card: Option<CardId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressMade {
    pub address: PayAddressId,
    pub version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<PrefixWarning>,
}

/// The bank confirmed number and name of this version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyAddress {
    pub address: PayAddressId,
    pub version: u32,
    /// The day of the bank's answer; absent: the business date.
    pub on: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailVerification {
    pub address: PayAddressId,
    pub version: u32,
    pub reason: ReturnReason,
    /// The day of the bank's answer; absent: the business date.
    pub on: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeAddress {
    pub address: PayAddressId,
    pub account: AccountInput,
    pub reason: String,
    /// Absent: the business date.
    pub on: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezeAddress {
    pub address: PayAddressId,
    pub reason: FreezeReason,
    /// Absent: the business date.
    pub on: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnfreezeAddress {
    pub address: PayAddressId,
    pub reason: String,
    /// Absent: the business date.
    pub on: Option<Date>,
}

impl Cards {
    /// # Errors
    /// An unknown or merged owner, a card of somebody else, an account that is registered already.
    pub async fn register_address(
        &self,
        envelope: &Envelope,
        input: &RegisterAddress,
    ) -> Result<Done<AddressMade>, CommandError> {
        let done = self.executor.run(envelope, "address.register", input, async |unit: Unit| {
            let made = || PayAddressId::from_uuid(unit.new_id("address", 0));
            let id = input.address.unwrap_or_else(made);
            owner_stands(&unit, input.owner).await?;
            let checked = Checked::of(&unit, input.owner, &input.account).await?;
            unit.keys().ensure(&[input.owner.subject()]).await?;
            let register = Command::Register {
                address: id,
                owner: input.owner,
                account: checked.sealed(&unit, input.owner.subject(), 0)?,
                on: input.on.unwrap_or(unit.business_date()),
            };
            unit.decide::<Address>(id, register).await?;
            unit.take(checked.key(unit.keys(), input.owner), stream(id).as_str());
            Ok(AddressMade { address: id, version: 1, warning: checked.warning })
        });
        done.await.map_err(taken::explained)
    }

    /// # Errors
    /// Another version, a card that takes no credits as of the append.
    pub async fn verify_address(
        &self,
        envelope: &Envelope,
        input: &VerifyAddress,
    ) -> Result<Done<PayAddressId>, CommandError> {
        let id = input.address;
        self.executor
            .run(envelope, "address.verify", input, async |unit: Unit| {
                let record = record(&unit, id).await?;
                let card = facts::card_fact(&unit, record.card).await?;
                let on = input.on.unwrap_or(unit.business_date());
                let verify = Command::Verify { version: input.version, card, on };
                unit.decide::<Address>(id, verify).await?;
                Ok(id)
            })
            .await
    }

    /// # Errors
    /// Another version, one that is verified.
    pub async fn fail_verification(
        &self,
        envelope: &Envelope,
        input: &FailVerification,
    ) -> Result<Done<PayAddressId>, CommandError> {
        let FailVerification { address, version, reason, on } = *input;
        self.on_address(envelope, "address.fail", input, address, on, |on| {
            Command::FailVerification { version, reason, on }
        })
        .await
    }

    /// Another account, one version more; the old account's claim is given up.
    ///
    /// # Errors
    /// As [`Cards::register_address`].
    pub async fn change_address(
        &self,
        envelope: &Envelope,
        input: &ChangeAddress,
    ) -> Result<Done<AddressMade>, CommandError> {
        let id = input.address;
        let done = self.executor.run(envelope, "address.change", input, async |unit: Unit| {
            let record = record(&unit, id).await?;
            let checked = Checked::of(&unit, record.owner, &input.account).await?;
            let change = Command::Change {
                account: checked.sealed(&unit, record.owner.subject(), 0)?,
                reason: input.reason.clone(),
                on: input.on.unwrap_or(unit.business_date()),
            };
            let old = account_number(&unit, id, record.owner).await?;
            unit.decide::<Address>(id, change).await?;
            let (old, new) =
                (key(unit.keys(), record.owner, &old), checked.key(unit.keys(), record.owner));
            if old != new {
                for key in taken::held_by(unit.log(), vec![old], stream(id).as_str()).await? {
                    unit.release(key, stream(id).as_str());
                }
                unit.take(new, stream(id).as_str());
            }
            let version = record.version + 1;
            Ok(AddressMade { address: id, version, warning: checked.warning })
        });
        done.await.map_err(taken::explained)
    }

    /// # Errors
    /// When it is frozen.
    pub async fn freeze_address(
        &self,
        envelope: &Envelope,
        input: &FreezeAddress,
    ) -> Result<Done<PayAddressId>, CommandError> {
        let FreezeAddress { address, reason, on } = *input;
        self.on_address(envelope, "address.freeze", input, address, on, |on| Command::Freeze {
            reason,
            on,
        })
        .await
    }

    /// # Errors
    /// When it is not frozen, no reason.
    pub async fn unfreeze_address(
        &self,
        envelope: &Envelope,
        input: &UnfreezeAddress,
    ) -> Result<Done<PayAddressId>, CommandError> {
        let UnfreezeAddress { address, on, .. } = *input;
        self.on_address(envelope, "address.unfreeze", input, address, on, |on| Command::Unfreeze {
            reason: input.reason.clone(),
            on,
        })
        .await
    }

    async fn on_address(
        &self,
        envelope: &Envelope,
        operation: &str,
        input: &(impl Serialize + Sync),
        address: PayAddressId,
        on: Option<Date>,
        command: impl Fn(Date) -> Command + Send + Sync,
    ) -> Result<Done<PayAddressId>, CommandError> {
        self.executor
            .run(envelope, operation, input, async |unit: Unit| {
                let on = on.unwrap_or(unit.business_date());
                unit.decide::<Address>(address, command(on)).await?;
                Ok(address)
            })
            .await
    }
}

/// An account that was checked.
pub(super) struct Checked {
    number: String,
    name: String,
    bank: BankCode,
    card: Option<CardId>,
    pub warning: Option<PrefixWarning>,
}

impl Checked {
    async fn of(unit: &Unit, owner: Owner, input: &AccountInput) -> Result<Self, CommandError> {
        if let Some(card) = input.card {
            let record = facts::living(unit, card).await?;
            if owner != (Owner::Person { person: record.person }) {
                return Err(not_the_owners(card).into());
            }
            if record.bank != input.bank {
                return Err(other_bank(record.bank).into());
            }
        }
        Self::by_itself(input)
    }

    /// As far as the input itself shows it.
    pub(super) fn by_itself(input: &AccountInput) -> Result<Self, CommandError> {
        let name = personal::name(&input.name, "account.name")?;
        let typed = CardNumber::parse(input.number.expose());
        let (number, warning) = match (&typed, input.card) {
            (Ok(number), _) => (number.as_str().to_owned(), PrefixWarning::of(number, input.bank)),
            (Err(error), Some(_)) => {
                return Err(personal::number_refused(error, "account.number").into());
            }
            // A passbook's or a company's account number follows its bank's own rules.
            (Err(_), None) => (plain(&input.number)?, None),
        };
        Ok(Self { number, name, bank: input.bank, card: input.card, warning })
    }

    /// As the event `ahead` places after the next one.
    pub(super) fn sealed(
        &self,
        unit: &Unit,
        owner: Uuid,
        ahead: u32,
    ) -> Result<Account, CommandError> {
        Ok(Account {
            number: seal(unit, owner, ahead, "account.number", &self.number)?,
            name: seal(unit, owner, ahead, "account.name", &self.name)?,
            bank: self.bank,
            card: self.card,
        })
    }

    pub(super) fn key(&self, keys: &dyn Keys, owner: Owner) -> String {
        key(keys, owner, &self.number)
    }
}

pub(super) fn stream(address: PayAddressId) -> StreamName {
    StreamName::new(Address::CATEGORY, address)
}

fn key(keys: &dyn Keys, owner: Owner, number: &str) -> String {
    claims::pay_address(owner.subject(), &keys.blind(kind::ACCOUNT_NO, number))
}

fn plain(number: &Clear) -> Result<String, CommandError> {
    let plain: String =
        number.expose().chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let digits = plain.bytes().all(|byte| byte.is_ascii_digit());
    if digits && ACCOUNT_DIGITS.contains(&plain.len()) {
        return Ok(plain);
    }
    Err(Refused::new(
        "ACCOUNT_NUMBER_FORM",
        "银行账号应为6至32位数字，请核对",
        "an account number has 6 to 32 digits: check it",
    )
    .field("account.number")
    .into())
}

fn not_the_owners(card: CardId) -> Refused {
    Refused::new(
        "ADDRESS_CARD_OF_OTHER",
        "该社保卡不属于发放账户的所有人",
        "the card is not the owner's",
    )
    .field("account.card")
    .param("card", card)
}

fn other_bank(bank: BankCode) -> Refused {
    Refused::new(
        "ADDRESS_BANK_NOT_CARDS",
        format!("该社保卡的银行是{bank}"),
        format!("the card's bank is {bank}"),
    )
    .field("account.bank")
    .param("bank", bank)
}

/// The owner is registered and was not merged; a dead person's account may still be recorded.
async fn owner_stands(unit: &Unit, owner: Owner) -> Result<(), CommandError> {
    match owner {
        Owner::Person { person } => people::death_of(unit, person).await.map(|_| ()),
        Owner::Employer { employer } => people::open_employer(unit, employer).await,
    }
}

async fn record(unit: &Unit, id: PayAddressId) -> Result<address::Record, CommandError> {
    let (state, _) = unit.guard::<Address>(id).await?;
    match &*state {
        Address::Registered(record) => Ok(*record),
        Address::Unknown => Err(address::Error::Unknown.into()),
    }
}

/// The current account's number, opened for its blind index alone. The stream is guarded.
async fn account_number(
    unit: &Unit,
    id: PayAddressId,
    owner: Owner,
) -> Result<String, CommandError> {
    let mut number: Option<Sealed> = None;
    let (stream, mut after) = (stream(id), Revision::NONE);
    loop {
        let page = unit.log().read_stream(&stream, after, Limit::PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.revision;
        for recorded in &page {
            match recorded.decode()? {
                Event::Registered { account, .. } | Event::Changed { account, .. } => {
                    number = Some(account.number);
                }
                Event::Verified { .. }
                | Event::VerificationFailed { .. }
                | Event::Frozen { .. }
                | Event::Unfrozen { .. } => {}
            }
        }
    }
    let number = number.ok_or(address::Error::Unknown)?;
    Ok(unit.keys().open(owner.subject(), &number.0)?.into_exposed())
}
