//! What is stored about an employer for ever. A unit's name is public; its people are sealed.

use serde::{Deserialize, Serialize};
use shared::{CreditCode, Date, DivisionCode, EmployerId, Sealed};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "employer.registered.v1")]
    Registered { employer: EmployerId, code: CreditCode, details: Details, on: Date },
    /// 虚拟单位: holds a roster that no unit employs, like the flexibly employed of a town.
    #[serde(rename = "employer.virtual-registered.v1")]
    VirtualRegistered { employer: EmployerId, details: Details, purpose: String, on: Date },
    /// Everything as it is now; `code` only when it changed.
    #[serde(rename = "employer.changed.v1")]
    Changed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<CreditCode>,
        details: Details,
        on: Date,
    },
    /// In the stream of the unit that is given up.
    #[serde(rename = "employer.merged.v1")]
    Merged { into: EmployerId, on: Date, reason: String },
    /// In the stream of the unit that stays.
    #[serde(rename = "employer.absorbed.v1")]
    Absorbed { employer: EmployerId, on: Date },
    #[serde(rename = "employer.deregistered.v1")]
    Deregistered { on: Date, reason: String },
}

kernel::event!(Event);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    pub name: String,
    pub kind: Kind,
    pub county: DivisionCode,
    /// The class of GB/T 4754, like `C3411`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub industry: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_representative: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Sealed>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 企业
    Enterprise,
    /// 机关
    PublicAgency,
    /// 事业单位
    Institution,
    /// 社会团体、民办非企业
    SocialOrganisation,
    /// 个体工商户
    SoleTrader,
    /// 其他
    Other,
}
