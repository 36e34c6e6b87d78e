//! Whose account an obligation goes to.

use serde::{Deserialize, Serialize};

use crate::id::{EmployerId, PersonId};

/// The payee of an obligation: the beneficiary, or someone who may draw in his place.
/// Stored as `{"kind": "guardian", "person": "…"}`. Source: DISBURSEMENT.md, rule 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Payee {
    /// The beneficiary himself (本人).
    Person { person: PersonId },
    /// An approved guardian (监护人).
    Guardian { person: PersonId },
    /// An heir, for what was due until the month of death (继承人).
    Heir { person: PersonId },
    /// A relative, for funeral and survivor grants (亲属).
    Relative { person: PersonId },
    /// The employer that paid in advance or earned the award (用人单位).
    Employer { employer: EmployerId },
}

impl Payee {
    /// The natural person who draws, if it is one.
    pub const fn person(self) -> Option<PersonId> {
        match self {
            Payee::Person { person }
            | Payee::Guardian { person }
            | Payee::Heir { person }
            | Payee::Relative { person } => Some(person),
            Payee::Employer { .. } => None,
        }
    }

    /// The stored word, like `guardian`.
    pub const fn code(self) -> &'static str {
        match self {
            Payee::Person { .. } => "person",
            Payee::Guardian { .. } => "guardian",
            Payee::Heir { .. } => "heir",
            Payee::Relative { .. } => "relative",
            Payee::Employer { .. } => "employer",
        }
    }

    pub const fn zh(self) -> &'static str {
        match self {
            Payee::Person { .. } => "本人",
            Payee::Guardian { .. } => "监护人",
            Payee::Heir { .. } => "继承人",
            Payee::Relative { .. } => "亲属",
            Payee::Employer { .. } => "用人单位",
        }
    }

    pub const fn en(self) -> &'static str {
        match self {
            Payee::Person { .. } => "the beneficiary",
            Payee::Guardian { .. } => "guardian",
            Payee::Heir { .. } => "heir",
            Payee::Relative { .. } => "relative",
            Payee::Employer { .. } => "employer",
        }
    }
}
