//! Accounts of the two ledgers: F holds the fund's money, M the obligations beside it.

use serde::Serialize;

use super::Kind;
use crate::block::{Block, Name};
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
}

impl Kind for Account {
    const WORD: &'static str = "account";
    type Id = String;

    fn read(block: &Block<'_>) -> Option<(String, Self)> {
        let (id, name, source) = block.head(plain_id);
        let ledger = block.word("ledger");
        let side = block.word("side");
        let details = block.words_or_none("details");
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
            },
        ))
    }
}

/// Lower-case words, digits, points and hyphens: an id that can stand in a stream name.
pub(crate) fn plain_id(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let sound = text.chars().all(plain) && edge(text.chars().next()) && edge(text.chars().last());
    sound.then(|| text.to_owned())
}
