//! Cards and pay addresses: applied for, made, handed out, lost, replaced; accounts checked.
//!
//! | what | file |
//! |---|---|
//! | an application | [`application`] |
//! | a card's life | [`card`] |
//! | a card takes another one's place | [`replace`] |
//! | a pay address | [`address`] |
//! | many finished cards with their accounts | [`issue`] |
//!
//! **Invariant** a person has one valid card, whoever asks at the same time; what a person's or a
//! card's stream says is guarded until the append.

mod address;
mod application;
mod card;
mod facts;
mod issue;
mod replace;

#[cfg(test)]
mod tests;

use ::cards::{address as address_rules, application as application_rules, card as card_rules};
use serde::{Deserialize, Serialize};
use shared::{BankCode, CardNumber, PrefixCheck};

pub use self::address::{
    AccountInput, AddressMade, ChangeAddress, FailVerification, FreezeAddress, RegisterAddress,
    UnfreezeAddress, VerifyAddress,
};
pub use self::application::{ApplyForCard, DecideApplication, RejectApplication};
pub use self::card::{CancelCard, CardMade, CardStep, DeliverCard, MakeCard};
pub use self::issue::{IssueCard, Issued};
pub use self::replace::ReplaceCard;
use crate::execute::Executor;

crate::refusal!(address_rules::Error, application_rules::Error, card_rules::Error);

/// The write side of cards and pay addresses. Cheap to clone.
#[derive(Clone)]
pub struct Cards {
    executor: Executor,
}

impl Cards {
    #[must_use]
    pub fn new(executor: Executor) -> Self {
        Self { executor }
    }

    #[must_use]
    pub fn executor(&self) -> &Executor {
        &self.executor
    }
}

/// What a number's prefix says against the bank that is named. It decides nothing
/// (DISBURSEMENT 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrefixWarning {
    /// The prefix is another bank's.
    OtherBank,
    /// The prefix is not in the table.
    UnknownPrefix,
}

impl PrefixWarning {
    fn of(number: &CardNumber, bank: BankCode) -> Option<Self> {
        match number.check_bank(bank) {
            PrefixCheck::Agrees => None,
            PrefixCheck::Differs => Some(Self::OtherBank),
            PrefixCheck::Unknown => Some(Self::UnknownPrefix),
        }
    }

    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::OtherBank => "卡号前缀属于其他银行，请核对开户银行",
            Self::UnknownPrefix => "卡号前缀不在发卡行标识表中，请核对卡号",
        }
    }

    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::OtherBank => "the number's prefix is another bank's: check the bank",
            Self::UnknownPrefix => "the number's prefix is not in the table: check the number",
        }
    }
}
