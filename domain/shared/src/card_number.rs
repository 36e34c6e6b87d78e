//! Bank card numbers, and what their prefix says about the bank.
//!
//! Personal data: no `Display`, no `Serialize`, and `Debug` shows nothing of it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use crate::code::BankCode;
use crate::division::rows;
use crate::inline::Inline;
use crate::number::{NumberError, NumberKind, first_refused, typed};

/// A checked card number: 15 to 20 digits with a Luhn check digit (ISO/IEC 7812).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CardNumber(Inline<20>);

/// What the prefix says about the bank that a card record names. The record decides; the prefix
/// only checks it (DISBURSEMENT.md, rule 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrefixCheck {
    Agrees,
    /// The prefix belongs to other banks.
    Differs,
    /// The prefix is not in the table.
    Unknown,
}

impl CardNumber {
    /// Blanks and hyphens between the groups of digits are dropped first.
    pub fn parse(text: &str) -> Result<CardNumber, NumberError> {
        let kind = NumberKind::CardNumber;
        let text: String = typed(text).chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let found = text.chars().count();
        if found == 0 {
            return Err(NumberError::Empty { kind });
        }
        if !(15..=20).contains(&found) {
            return Err(NumberError::Length { kind, expected: "15–20", found });
        }
        if let Some(position) = first_refused(&text, |_, c| c.is_ascii_digit()) {
            return Err(NumberError::Character { kind, position });
        }
        if !luhn_holds(&text) {
            return Err(NumberError::CheckDigit { kind, position: found });
        }
        Ok(CardNumber(Inline::new(&text).expect("at most 20 digits were just checked")))
    }

    /// The number in clear. Personal data.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The last four digits, the most that a screen may show.
    pub fn last_four(&self) -> &str {
        &self.as_str()[self.as_str().len() - 4..]
    }

    /// The issuer prefix (BIN) under which the table knows this number: the longest that fits its
    /// length.
    pub fn bin(&self) -> Option<&str> {
        self.entry().map(|(digits, _)| &self.as_str()[..digits])
    }

    /// The banks that use the prefix: usually one, none when it is unknown, two where the table
    /// gives it to both.
    pub fn banks(&self) -> &'static [BankCode] {
        self.entry().map_or(&[], |(_, banks)| banks)
    }

    pub fn check_bank(&self, bank: BankCode) -> PrefixCheck {
        match self.banks() {
            [] => PrefixCheck::Unknown,
            banks if banks.contains(&bank) => PrefixCheck::Agrees,
            _ => PrefixCheck::Differs,
        }
    }

    fn entry(&self) -> Option<(usize, &'static [BankCode])> {
        let text = self.as_str();
        let table = prefixes().get(&text.len())?;
        (3..=10)
            .rev()
            .find_map(|digits| table.get(&text[..digits]).map(|banks| (digits, banks.as_slice())))
    }
}

impl fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardNumber(…)")
    }
}

/// The Chinese name of a bank in the table.
pub fn bank_name(bank: BankCode) -> Option<&'static str> {
    static NAMES: OnceLock<BTreeMap<&'static str, &'static str>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        rows(include_str!("../data/banks.csv")).map(|[bank, name]| (bank, name)).collect()
    });
    names.get(bank.as_str()).copied()
}

/// Banks by length of the number and prefix.
type Prefixes = BTreeMap<usize, BTreeMap<&'static str, Vec<BankCode>>>;

fn prefixes() -> &'static Prefixes {
    static PREFIXES: OnceLock<Prefixes> = OnceLock::new();
    PREFIXES.get_or_init(|| {
        let mut table = Prefixes::new();
        for [prefix, length, bank] in rows(include_str!("../data/card_prefixes.csv")) {
            let length = length.parse().expect("the committed table holds lengths");
            let bank = BankCode::parse(bank).expect("the committed table holds banks");
            table.entry(length).or_default().entry(prefix).or_default().push(bank);
        }
        table
    })
}

fn luhn_holds(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let digit = u32::from(b - b'0');
            match (i % 2, digit * 2) {
                (0, _) => digit,
                (_, doubled) if doubled > 9 => doubled - 9,
                (_, doubled) => doubled,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}
