//! An agency, bank, school or training body: a list entry, without rules of its own.
//!
//! **Streams** `organisation-<id>`.
//! **Invariant** an agency has its code and a bank has its code, and nothing else has one.

use kernel::{Entry, Register};
use serde::{Deserialize, Serialize};
use shared::{AgencyCode, BankCode, DivisionCode};

use kernel::refusals;

pub type Organisations = Register<Organisation>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    pub name: String,
    pub county: DivisionCode,
    #[serde(flatten)]
    pub kind: Kind,
}

/// Stored beside the name as `"kind": "bank", "bank": "BOC"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// 经办机构: keeps books.
    Agency {
        agency: AgencyCode,
    },
    Bank {
        bank: BankCode,
    },
    /// A counter of a bank or an agency (网点), where cards are handed out.
    Outlet,
    School,
    Training,
    Hospital,
    Other,
}

refusals! {
    /// What is wrong with an organisation's entry.
    Invalid {
        NoName = "ORGANISATION_NAME_MISSING", "an organisation has a name", "机构名称不能为空";
    }
}

impl Entry for Organisation {
    const CATEGORY: &'static str = "organisation";
    const TYPES: &'static [&'static str; 3] =
        &["organisation.registered.v1", "organisation.changed.v1", "organisation.closed.v1"];
    type Invalid = Invalid;

    fn check(&self) -> Result<(), Invalid> {
        if self.name.trim().is_empty() { Err(Invalid::NoName) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use kernel::given;
    use kernel::register::{Changed, Command, Refused};

    use super::*;

    fn bank(name: &str) -> Organisation {
        Organisation {
            name: name.to_owned(),
            county: DivisionCode::parse("320602").unwrap(),
            kind: Kind::Bank { bank: BankCode::parse("BOC").unwrap() },
        }
    }

    #[test]
    fn an_organisation_has_a_name() {
        given::<Organisations>([])
            .when(Command::Register(bank("中国银行南通分行")))
            .then([Changed::Registered(bank("中国银行南通分行"))]);
        given::<Organisations>([])
            .when(Command::Register(bank(" ")))
            .then_refused(Refused::Invalid(Invalid::NoName));
    }
}
