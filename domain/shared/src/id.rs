//! Opaque ids that cross contexts. Made by the caller (uuid v7, or v5 where an id must be derived);
//! here they are only carried and compared.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is not an id of the named kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {kind} id: a uuid like 0198c0de-0000-7000-8000-000000000001")]
pub struct IdError {
    pub kind: &'static str,
    pub text: String,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::try_parse(text)
                    .map(Self)
                    .map_err(|_| IdError { kind: $kind, text: text.to_owned() })
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }
    )*};
}

ids! {
    /// A natural person (人员): never a number, so that erasure leaves nothing behind.
    PersonId, "person";
    /// An employing unit (单位).
    EmployerId, "employer";
    /// An agency, bank, school or training body (机构).
    OrganisationId, "organisation";
    /// A cell of the inspection grid (网格).
    GridId, "grid";
    /// A social-security card (社会保障卡).
    CardId, "card";
    /// An application for a card.
    CardApplicationId, "card application";
    /// A verified place to pay to (发放账户); its number is sealed under this id.
    PayAddressId, "pay address";
    /// A granted benefit (待遇), the source of obligations.
    GrantId, "grant";
    /// A command, made by its caller; the key of idempotency.
    CommandId, "command";
    /// One event of the log.
    EventId, "event";
    /// An imported bank statement (对账单).
    StatementId, "statement";
    /// A bank's reply file (回盘).
    ReplyId, "reply";
}
