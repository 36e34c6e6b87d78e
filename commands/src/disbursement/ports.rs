//! What disbursement asks of the read models, the definitions and the banks.

use std::sync::Arc;

use definitions::Catalogue;
use disbursement::statement::Direction;
use kernel::Position;
use kernel::log::Answer;
use serde::{Deserialize, Serialize};
use shared::{
    AreaCode, BankCode, Component, Date, DivisionCode, FundCode, GrantId, ItemId, Money, Month,
    PayAddressId, Payee, PersonId, Pii, ReturnReason,
};
use thiserror::Error;
use uuid::Uuid;

use super::exchange::BankServers;
use crate::error::CommandError;
use crate::ports::Artefacts;

/// Everything outside that disbursement works with.
pub struct PayPorts {
    pub facts: Arc<dyn PayFacts>,
    pub rules: Arc<dyn Rules>,
    pub files: Arc<dyn BankFiles>,
    pub servers: Arc<dyn BankServers>,
    pub signer: Arc<dyn Signer>,
    pub artefacts: Arc<dyn Artefacts>,
}

/// The definitions in force on a business date.
pub trait Rules: Send + Sync + 'static {
    /// # Errors
    /// When no definitions are published yet.
    fn on(&self, date: Date) -> Result<Arc<Catalogue>, FactsFault>;
}

/// What a plan takes from the read models: never without its position.
pub trait PayFacts: Send + Sync + 'static {
    /// Every grant of `item` that `fund` pays in the pooling area `area` and that reaches into
    /// `month`, by grant id, as of one position not before `at_least`.
    fn population(
        &self,
        item: ItemId,
        fund: FundCode,
        month: Month,
        area: AreaCode,
        at_least: Position,
    ) -> Answer<'_, Result<Population, FactsFault>>;

    /// Sealed names, numbers and accounts for pay lines, in the order asked.
    fn payees<'a>(
        &'a self,
        of: &'a [(PersonId, PayAddressId, u32)],
        at_least: Position,
    ) -> Answer<'a, Result<Vec<Option<PayeeEnvelopes>>, FactsFault>>;

    /// Every pay address of a person.
    fn addresses_of(
        &self,
        person: PersonId,
        at_least: Position,
    ) -> Answer<'_, Result<Vec<PayAddressId>, FactsFault>>;

    /// Who changed a pay address in this month.
    fn address_editors(
        &self,
        month: Month,
        at_least: Position,
    ) -> Answer<'_, Result<Vec<String>, FactsFault>>;
}

#[derive(Debug, Error)]
pub enum FactsFault {
    #[error("the read models have reached {reached}, {wanted} is asked")]
    NotReached { reached: Position, wanted: Position },
    #[error("the read models cannot be read: {0}")]
    Unavailable(String),
}

impl From<FactsFault> for CommandError {
    fn from(fault: FactsFault) -> Self {
        Self::Unavailable { what: fault.to_string(), retryable: true }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    pub at: Position,
    pub grants: Vec<GrantFacts>,
}

/// One grant as a plan sees it. No personal data: it is kept as an artefact.
#[derive(Debug, Clone, PartialEq)]
pub struct GrantFacts {
    pub grant: GrantId,
    pub revision: u64,
    pub person: PersonId,
    pub payee: Option<Payee>,
    pub life: Life,
    /// Of the payee, where that is another person.
    pub payee_life: Option<Life>,
    pub suspended: bool,
    /// What is owed for the month, by component, and since which month the amount holds.
    pub components: Vec<(Component, Money, Month)>,
    pub address: Option<AddressFacts>,
    pub county: DivisionCode,
    /// What a run of waiting obligations and earlier months pays instead of the month's components.
    pub due: Vec<Due>,
    /// Other ids of the same human: what he is owed is claimed under each of them.
    pub also: Vec<PersonId>,
    /// What another benefit of his makes of this one.
    pub competing: Option<Competing>,
    /// Ids of the standing orders to keep something back.
    pub deductions: Vec<String>,
}

/// One obligation that a run takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub month: Month,
    pub component: Component,
    pub adjustment: u16,
    pub attempt: u16,
    pub gross: Money,
    pub deductions: Money,
    /// It stands already and waits, rather than being planned for the first time.
    pub waits: bool,
}

/// As the matrix of competing benefits says, from the person's other grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Competing {
    Excluded,
    /// Only what lies above the other one is paid.
    Less {
        by: Money,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    Alive,
    DeathReported,
    Dead { month: Month },
}

impl Life {
    /// No death is confirmed.
    #[must_use]
    pub fn goes_on(self) -> bool {
        !matches!(self, Self::Dead { .. })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressFacts {
    pub address: PayAddressId,
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

/// Sealed under `subject`, who receives the money.
#[derive(Debug, Clone)]
pub struct PayeeEnvelopes {
    pub subject: Uuid,
    pub id_number: Option<String>,
    pub account: String,
    pub account_name: String,
}

/// Renders and reads bank files by the layouts of the definitions.
pub trait BankFiles: Send + Sync + 'static {
    /// # Errors
    /// The lines that the bank's layout cannot hold, by sequence; or what is wrong with the whole.
    fn instruction(
        &self,
        rules: &Catalogue,
        header: &InstructionHeader,
        lines: &[Instruction],
    ) -> Result<ComposedFile, Rejected>;

    /// The ready mark that follows from a composed file: its name and bytes.
    ///
    /// # Errors
    /// When the bank has no layout.
    fn ready_mark(
        &self,
        rules: &Catalogue,
        bank: BankCode,
        name: &str,
        bytes: &[u8],
    ) -> Result<(String, Vec<u8>), Rejected>;

    /// # Errors
    /// Everything that is wrong with the file.
    fn reply(
        &self,
        rules: &Catalogue,
        bank: BankCode,
        name: &str,
        bytes: &[u8],
    ) -> Result<ParsedReply, Rejected>;

    /// # Errors
    /// Everything that is wrong with the file.
    fn statement(
        &self,
        rules: &Catalogue,
        bank: BankCode,
        name: &str,
        bytes: &[u8],
    ) -> Result<ParsedStatement, Rejected>;
}

#[derive(Debug, Clone)]
pub struct InstructionHeader {
    pub batch: String,
    pub agency: String,
    pub division: DivisionCode,
    pub fund: String,
    pub item: ItemId,
    pub period: Month,
    pub bank: BankCode,
    /// The pay day: the file's bytes follow from the plan alone.
    pub made_on: Date,
}

/// One line of a bank file, in clear: it never leaves memory but in the file.
pub struct Instruction {
    pub seq: u32,
    pub attempt: String,
    pub obligation: String,
    pub id_number: Pii<String>,
    pub account: Pii<String>,
    pub account_name: Pii<String>,
    pub amount: Money,
    pub month: Month,
}

pub struct ComposedFile {
    pub name: String,
    pub bytes: Vec<u8>,
    pub ready_name: String,
    pub ready_bytes: Vec<u8>,
    pub layout: String,
    pub layout_digest: String,
}

/// A file that is not taken, with everything that is wrong with it. No personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    pub faults: Vec<FileFault>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFault {
    pub file: String,
    pub row: Option<u32>,
    pub field: Option<String>,
    pub code: String,
    pub zh: String,
    pub en: String,
}

pub struct ParsedReply {
    pub batch: String,
    pub rows: Vec<ReplyRow>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyRow {
    pub row: u32,
    /// The attempt as we sent it, where the layout carries it; else the sequence tells.
    pub attempt: Option<String>,
    pub seq: Option<u32>,
    pub amount: Money,
    /// `None`: the bank does not know yet.
    pub said: Option<Result<String, ReturnReason>>,
}

pub struct ParsedStatement {
    pub on: Date,
    pub opening: Money,
    pub closing: Money,
    pub rows: Vec<StatementRow>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRow {
    pub row: u32,
    pub serial: String,
    pub direction: Direction,
    pub amount: Money,
    pub reference: Option<String>,
    pub balance: Money,
}

/// Signs in the bureau's name (SM2): hexadecimal DER.
pub trait Signer: Send + Sync + 'static {
    fn sign(&self, message: &[u8]) -> Result<String, FactsFault>;
}
