//! Card disbursement: each step of a pay clerk's month as one command.
//!
//! | step | file |
//! |---|---|
//! | an item-period opens with its first run | [`open`] |
//! | whom it concerns is frozen, what is owed is calculated | [`calculate`] |
//! | submitted, reviewed, sent back | [`review`] |
//! | money comes and is reserved | [`fund`] |
//! | bank files are composed | [`compose`] |
//! | signed, sent, acknowledged, debited | [`send`] |
//! | files come to the banks and from them | [`exchange`] |
//! | the bank answers | [`reply`] |
//! | the statement is matched, differences are owned and settled | [`statement`] |
//! | what was overpaid comes back | [`recover`] |
//! | journals, balances, 余额调节表, the year's end | [`books`] |
//! | kept and entrusted money goes on | [`remit`] |
//! | what was before the cut-over | [`opening`] |
//! | what banks received since the backup | [`restoration`] |
//! | runs that another system paid | [`mirror`] |
//! | certified and closed | [`close`] |
//!
//! **Invariant** what a step took from a read model carries its position, and the append that uses
//! it fails if a death, a merge, a hold or another pay address came since.

mod bank_says;
mod books;
mod calculate;
mod close;
mod compare;
mod compose;
mod debit;
mod deduct;
mod exchange;
mod fund;
pub(crate) mod holds;
pub(crate) mod lives;
pub(crate) mod locate;
mod matrix;
pub(crate) mod merged;
mod mirror;
mod open;
mod opening;
pub(crate) mod owed;
mod population;
mod ports;
pub mod postings;
pub(crate) mod raised;
mod recover;
mod refusal;
mod remit;
mod reply;
mod restoration;
pub(crate) mod returns;
mod review;
mod send;
mod statement;
mod unseal;
pub(crate) mod waiting;
pub(crate) mod whom;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use definitions::Catalogue;
use disbursement::plan::{Header, Plan};
use shared::{AreaCode, BankCode, Date, ItemId, Month};

pub use self::bank_says::LateReturn;
pub use self::calculate::Calculated;
pub use self::close::certificate_message;
pub use self::compare::{Compared, DecideExceptions};
pub use self::compose::Composed;
pub use self::deduct::OrderDeduction;
pub use self::exchange::{
    Arrival, Arrivals, BankServers, Exchanged, FileServer, Handed, Listed, Marks, Parcel, Said,
    ServerFault, TakenFile, arrivals,
};
pub use self::fund::{BookKey, OpeningBalance};
pub use self::holds::{HoldLine, ReleaseLine};
pub use self::mirror::{
    ExternalLine, ExternalRun, ExternalSaid, FeedFolder, Mirrored, Taken, feed_id,
};
pub use self::open::OpenRun;
pub use self::opening::EnterOpening;
pub use self::owed::{FindOverpayment, NameHeir, OrderPayment};
pub use self::ports::{
    AddressFacts, BankFiles, Competing, ComposedFile, Due, FactsFault, FileFault, GrantFacts,
    Instruction, InstructionHeader, Life, ParsedReply, ParsedStatement, PayFacts, PayPorts,
    PayeeEnvelopes, Population, Rejected, ReplyRow, Rules, Signer, StatementRow, Usable,
};
pub use self::reply::{ReplyApplied, ReplyReceipt};
pub use self::restoration::{BankHeard, ReceivedFile};
pub use self::returns::{CorrectReturn, NotifyReturn};
pub use self::statement::{StatementMatched, Suspense};
pub use self::whom::BackPay;
use crate::error::CommandError;
use crate::execute::Executor;

/// The write side of disbursement. Cheap to clone.
#[derive(Clone)]
pub struct Disbursement {
    executor: Executor,
    ports: Arc<PayPorts>,
}

impl Disbursement {
    #[must_use]
    pub fn new(executor: Executor, ports: PayPorts) -> Self {
        Self { executor, ports: Arc::new(ports) }
    }

    #[must_use]
    pub fn executor(&self) -> &Executor {
        &self.executor
    }

    fn rules(&self, on: Date) -> Result<Arc<Catalogue>, CommandError> {
        self.ports.rules.on(on).map_err(CommandError::fault)
    }

    /// The plan with its header; a plan that nobody opened is not found.
    async fn plan(&self, id: &str) -> Result<(Arc<Plan>, Header), CommandError> {
        let (plan, _) = self.executor.load::<Plan>(id).await?;
        let header = plan.header.clone().ok_or_else(|| no_plan(id))?;
        Ok((plan, header))
    }
}

fn no_plan(id: &str) -> CommandError {
    CommandError::NotFound { what: "plan", id: id.to_owned() }
}

/// How ids of this context's streams are spelled.
pub mod ids {
    use super::{AreaCode, BankCode, ItemId, Month};

    #[must_use]
    pub fn period(item: ItemId, month: Month, area: AreaCode) -> String {
        format!("{item}-{month}-{area}")
    }

    #[must_use]
    pub fn plan(item: ItemId, month: Month, area: AreaCode, number: u16) -> String {
        format!("{item}-{month}-{area}-{number}")
    }

    #[must_use]
    pub fn part(plan: &str, part: u16) -> String {
        format!("{plan}-{part}")
    }

    /// Also the reference that the bank carries through. A refused or withdrawn batch keeps its
    /// id for ever: the next one of the same part and bank has the next number.
    #[must_use]
    pub fn batch(plan: &str, part: u16, bank: BankCode, number: usize) -> String {
        format!("{plan}-{part}-{bank}-{number}")
    }
}
