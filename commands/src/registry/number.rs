//! An identity number as it is typed, checked, claimed, looked up and sealed.

use registry::person::{IdentityKind, IdentityNumber};
use serde::{Deserialize, Serialize};
use shared::{Date, Divisions, DocumentKind, ForeignDocument, ResidentId, Sex};
use uuid::Uuid;

use crate::error::CommandError;
use crate::personal::{Clear, kind, number_refused, seal};
use crate::ports::Keys;
use crate::unit::Unit;

/// As typed: `{"kind": "resident", "text": "…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NumberInput {
    /// A citizen number or one of its form; 18 characters, or the old 15 digits.
    Resident { text: Clear },
    /// `country` is the ISO 3166-1 code of three letters.
    Foreign { document: DocumentKind, country: String, text: Clear },
}

/// A checked number.
pub(super) enum Number {
    Resident(ResidentId),
    Foreign(ForeignDocument),
}

impl NumberInput {
    #[must_use]
    pub fn resident(text: impl Into<Clear>) -> Self {
        Self::Resident { text: text.into() }
    }

    /// The number as of a business date.
    pub(super) fn check(&self, on: Date) -> Result<Number, CommandError> {
        let checked = match self {
            Self::Resident { text } => {
                ResidentId::parse_either(text.expose(), on, Divisions::bundled())
                    .map(Number::Resident)
            }
            Self::Foreign { document, country, text } => {
                ForeignDocument::parse(*document, country, text.expose()).map(Number::Foreign)
            }
        };
        checked.map_err(|error| number_refused(&error, "number").into())
    }
}

impl Number {
    pub(super) fn kind(&self) -> IdentityKind {
        match self {
            Self::Resident(_) => IdentityKind::ResidentId,
            Self::Foreign(document) => document.kind().into(),
        }
    }

    /// Sex and birth date: those of a resident number, with which what was stated must agree; else
    /// what was stated.
    pub(super) fn of(
        &self,
        sex: Option<Sex>,
        birth: Option<Date>,
    ) -> Result<(Option<Sex>, Option<Date>), CommandError> {
        let Self::Resident(number) = self else { return Ok((sex, birth)) };
        let (own_sex, own_birth) = (number.sex(), number.birth());
        number
            .agree(sex.unwrap_or(own_sex), birth.unwrap_or(own_birth))
            .map_err(|error| number_refused(&error, "number"))?;
        Ok((Some(own_sex), Some(own_birth)))
    }

    /// What is sealed. A passport's number means nothing without its country: `USA/123456789`.
    pub(super) fn clear(&self) -> String {
        match self {
            Self::Resident(number) => number.as_str().to_owned(),
            Self::Foreign(document) if document.kind() == DocumentKind::Passport => {
                format!("{}/{}", document.country(), document.number())
            }
            Self::Foreign(document) => document.number().to_owned(),
        }
    }

    /// The spellings that are claimed: a number of 15 digits also in the form it was typed in.
    pub(super) fn claimed(&self) -> Vec<String> {
        let mut forms = vec![spelling(self.kind(), &self.clear())];
        if let Self::Resident(number) = self {
            forms.extend(number.old().map(|old| old.as_str().to_owned()));
        }
        forms
    }

    pub(super) fn sealed(
        &self,
        unit: &Unit,
        person: Uuid,
        ahead: u32,
    ) -> Result<IdentityNumber, CommandError> {
        let sealed = seal(unit, person, ahead, "number.sealed", &self.clear())?;
        Ok(IdentityNumber { kind: self.kind(), sealed })
    }
}

/// Every spelling under which a number is found: a citizen number also as its 15 digits.
pub(super) fn spellings(kind: IdentityKind, clear: &str) -> Vec<String> {
    let mut forms = vec![spelling(kind, clear)];
    if kind == IdentityKind::ResidentId
        && let (Some(division), Some("19"), Some(rest)) =
            (clear.get(..6), clear.get(6..8), clear.get(8..17))
    {
        forms.push(format!("{division}{rest}"));
    }
    forms
}

pub(super) fn blind(keys: &dyn Keys, spelling: &str) -> String {
    keys.blind(kind::PERSON_NO, spelling)
}

/// A resident number stands alone; a document's number is one of its kind.
fn spelling(identity: IdentityKind, clear: &str) -> String {
    let prefix = match identity {
        IdentityKind::ResidentId => return clear.to_owned(),
        IdentityKind::Passport => DocumentKind::Passport,
        IdentityKind::HkMacaoPermit => DocumentKind::HkMacaoPermit,
        IdentityKind::TaiwanPermit => DocumentKind::TaiwanPermit,
        IdentityKind::ForeignPermanentResident => DocumentKind::ForeignPermanentResident,
    };
    format!("{}/{clear}", prefix.code())
}
