//! Personal fields on their way in: clear in the request, sealed in the event, blind in look-ups.
//!
//! **Invariant** a clear value is held by a request only while it is carried out; no event, result
//! or error holds one.

use std::fmt;

use serde::{Deserialize, Serialize};
use shared::{NumberError, Sealed};
use uuid::Uuid;

use crate::error::{CommandError, Refused};
use crate::unit::Unit;

/// Kinds of look-up entries and blind indexes.
pub mod kind {
    /// Resident numbers in both forms, and foreign documents.
    pub const PERSON_NO: &str = "person-no";
    /// Normalised names of people.
    pub const NAME: &str = "name";
    pub const PHONE: &str = "phone";
    pub const CARD_NO: &str = "card-no";
    pub const ACCOUNT_NO: &str = "account-no";
}

/// A personal value in a request. It is serialised for one purpose only, the keyed digest that
/// tells a repeated request from another one; `Debug` shows nothing of it.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Clear(String);

impl Clear {
    /// The clear value; every call is a place that an auditor can find.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for Clear {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Clear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clear(…)")
    }
}

/// Seals `clear` as the field `path` of the event `ahead` places after the next one of `unit`. The
/// subject has a key.
pub(crate) fn seal(
    unit: &Unit,
    subject: Uuid,
    ahead: u32,
    path: &str,
    clear: &str,
) -> Result<Sealed, CommandError> {
    let event = unit.event_id_at(ahead);
    Ok(Sealed(unit.keys().seal(subject, event, path, clear)?))
}

/// What is wrong with a number, as an answer about the field `field`.
pub(crate) fn number_refused(error: &NumberError, field: &'static str) -> Refused {
    let field = match error {
        NumberError::SexDiffers { .. } => "sex",
        NumberError::BirthDiffers { .. } => "birth",
        _ => field,
    };
    Refused::new(error.code(), error.zh(), error.en())
        .field(field)
        .param("number", error.kind().code())
}

/// The one spelling of a name, which is not empty.
pub(crate) fn name(text: &Clear, field: &'static str) -> Result<String, CommandError> {
    let name = shared::name::normalise(text.expose());
    if name.is_empty() {
        return Err(Refused::new("NAME_MISSING", "姓名或名称为空，请填写", "a name is missing")
            .field(field)
            .into());
    }
    Ok(name)
}
