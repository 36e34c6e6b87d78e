//! Accounts of the two ledgers: F holds the fund's money, M the obligations beside it.

use serde::Serialize;

use super::{Critic, Definitions, Kind, Listed};
use crate::block::{Block, Name};
use crate::mistake::Fault;
use crate::word::words;

words! {
    pub enum Ledger {
        /// The fund's own books, cash basis (财会〔2017〕28号).
        Fund = "F",
        /// The memorandum ledger of obligations.
        Memo = "M",
    }
}

words! {
    /// The side of an entry, and the side on which an account's balance normally stands.
    pub enum Side {
        Debit = "debit",
        Credit = "credit",
    }
}

words! {
    /// What an account is kept apart by, beside its book.
    pub enum Detail {
        Bank = "bank",
        Batch = "batch",
        Item = "item",
        Component = "component",
        Division = "division",
        Month = "month",
        Obligation = "obligation",
        Recovery = "recovery",
        Payee = "payee",
    }
}

/// One account. Its id is its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    pub id: String,
    pub name: Name,
    pub source: String,
    pub ledger: Ledger,
    /// Where the balance normally stands.
    pub side: Side,
    /// Kept per each of these; may be empty.
    pub details: Vec<Detail>,
    /// The account that takes its balance when a year ends; absent: the balance is carried over.
    pub transferred_to: Option<String>,
}

impl Kind for Account {
    const WORD: &'static str = "account";
    type Id = String;

    fn read(block: &Block<'_>) -> Option<(String, Self)> {
        let (id, name, source) = block.head(plain_id);
        let ledger = block.word("ledger");
        let side = block.word("side");
        let details = block.words_or_none("details");
        let transferred_to = block.reference_if_any("transferred_to", "account");
        let id = id?;
        Some((
            id.clone(),
            Self {
                id,
                name: name?,
                source: source?,
                ledger: ledger?,
                side: side?,
                details: details?,
                transferred_to: transferred_to?,
            },
        ))
    }

    fn check(&self, among: &Definitions, critic: &Critic<'_>) {
        let Some(code) = &self.transferred_to else { return };
        let Some(target) = Self::list(among).get(code) else { return };
        if target.ledger != self.ledger || target.transferred_to.is_some() {
            critic.note(
                "transferred_to",
                Fault::contradiction(
                    format!("科目 {code} 不能承接年终结转"),
                    format!("account {code} cannot take what a year leaves"),
                ),
            );
        }
    }
}

/// Lower-case words, digits, points and hyphens: an id that can stand in a stream name.
pub(crate) fn plain_id(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let sound = text.chars().all(plain) && edge(text.chars().next()) && edge(text.chars().last());
    sound.then(|| text.to_owned())
}
