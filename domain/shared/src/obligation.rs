//! What is owed (应付义务) and each try to pay it (发放尝试): their identities.
//!
//! **Invariant** an id never changes: a merge of persons links ids, it does not rewrite them.

use std::fmt;
use std::str::FromStr;

use crate::code::{Component, ItemId};
use crate::id::PersonId;
use crate::month::Month;
use crate::text::serde_as_text;

/// One thing owed to one person for one month. Text form `A1/2026-01/whole/0/<uuid>`.
///
/// The order of the fields is the order of the ids and of their claims: item and month first keep
/// a run's claims beside each other in the index (DESIGN, section 2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObligationId {
    pub item: ItemId,
    /// The entitlement month, not the month of payment.
    pub month: Month,
    pub component: Component,
    /// 0 for the obligation itself; each later correction of the same month counts up.
    pub adjustment: u16,
    pub person: PersonId,
}

/// One try to pay an obligation, numbered from 1; the reference of the bank's line.
/// Text form `<obligation>#1`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId {
    pub obligation: ObligationId,
    pub number: u16,
}

/// A text that is not the id of an obligation or attempt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObligationIdError {
    #[error("an obligation has five parts, item/month/component/adjustment/person, not {found}")]
    Parts { found: usize },
    #[error("the {part} of an obligation cannot be `{text}`")]
    Part { part: &'static str, text: String },
    #[error("an attempt is an obligation, `#` and a number from 1 to 65535 without leading zeros")]
    Attempt,
}

impl ObligationId {
    /// The obligation itself, without adjustment.
    pub fn new(item: ItemId, month: Month, component: Component, person: PersonId) -> Self {
        Self { item, month, component, adjustment: 0, person }
    }

    /// The attempt with this number.
    pub const fn attempt(self, number: u16) -> AttemptId {
        AttemptId { obligation: self, number }
    }

    /// The key that makes this obligation unique in the log.
    pub fn claim(&self) -> String {
        format!("obligation:{self}")
    }
}

impl fmt::Display for ObligationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { item, month, component, adjustment, person } = self;
        write!(f, "{item}/{month}/{component}/{adjustment}/{person}")
    }
}

impl fmt::Debug for ObligationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObligationId({self})")
    }
}

impl FromStr for ObligationId {
    type Err = ObligationIdError;

    fn from_str(text: &str) -> Result<Self, ObligationIdError> {
        let mut parts = text.split('/');
        let five = [(); 5].map(|()| parts.next());
        let ([Some(item), Some(month), Some(component), Some(adjustment), Some(person)], None) =
            (five, parts.next())
        else {
            return Err(ObligationIdError::Parts { found: text.split('/').count() });
        };
        Ok(Self {
            item: part("item", item)?,
            month: part("month", month)?,
            component: part("component", component)?,
            adjustment: whole_number(adjustment)
                .ok_or_else(|| refused("adjustment", adjustment))?,
            person: canonical_person(person)?,
        })
    }
}

serde_as_text!(ObligationId, "an obligation like \"A1/2026-01/whole/0/<uuid>\"");

impl fmt::Display for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.obligation, self.number)
    }
}

impl fmt::Debug for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttemptId({self})")
    }
}

impl FromStr for AttemptId {
    type Err = ObligationIdError;

    fn from_str(text: &str) -> Result<Self, ObligationIdError> {
        let (obligation, number) = text.split_once('#').ok_or(ObligationIdError::Attempt)?;
        let number = whole_number(number).filter(|n| *n > 0).ok_or(ObligationIdError::Attempt)?;
        Ok(AttemptId { obligation: obligation.parse()?, number })
    }
}

serde_as_text!(AttemptId, "an attempt like \"A1/2026-01/whole/0/<uuid>#1\"");

fn part<T: FromStr>(name: &'static str, text: &str) -> Result<T, ObligationIdError> {
    text.parse().map_err(|_| refused(name, text))
}

fn refused(part: &'static str, text: &str) -> ObligationIdError {
    ObligationIdError::Part { part, text: text.to_owned() }
}

/// A person id in its one spelling: another would be a second claim of the same obligation.
fn canonical_person(text: &str) -> Result<PersonId, ObligationIdError> {
    let id: PersonId = part("person", text)?;
    let mut buffer = uuid::Uuid::encode_buffer();
    if id.uuid().hyphenated().encode_lower(&mut buffer) == text {
        Ok(id)
    } else {
        Err(refused("person", text))
    }
}

/// Digits without sign or leading zeros.
fn whole_number(text: &str) -> Option<u16> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}
