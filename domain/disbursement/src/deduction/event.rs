//! What is stored of a deduction order for ever.

use kernel::stages;
use serde::{Deserialize, Serialize};
use shared::{ItemId, Money, Month, OrganisationId, PersonId};

use super::Error;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "deduction.ordered.v1")]
    Ordered(Order),
    #[serde(rename = "deduction.kept.v1")]
    Kept { part: String, amount: Money },
    #[serde(rename = "deduction.given-back.v1")]
    GivenBack { part: String, amount: Money },
    #[serde(rename = "deduction.ended.v1")]
    Ended { by: String, reason: String },
}

kernel::event!(Event);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub kind: Kind,
    pub item: ItemId,
    pub person: PersonId,
    /// Whom the money is owed to then; absent where the fund itself keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub third_party: Option<OrganisationId>,
    /// The most that one month gives up; absent: all that is left of the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_month: Option<Money>,
    /// What all months together give up; absent: until it is ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
    pub from: Month,
    /// The last month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Month>,
    /// The document; no personal data.
    pub basis: String,
    pub by: String,
    pub approver: String,
}

impl Order {
    /// # Errors
    /// What an order lacks.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.basis.trim().is_empty() {
            return Err(Error::NoBasis);
        }
        if self.by == self.approver {
            return Err(Error::SamePerson { by: self.by.clone() });
        }
        if let Some(amount) =
            self.per_month.into_iter().chain(self.total).find(|amount| !amount.is_positive())
        {
            return Err(Error::NotPositive { amount });
        }
        match (self.kind, self.third_party, self.total) {
            (Kind::MutualAid | Kind::Court, None, _) => Err(Error::NoThirdParty),
            (Kind::Excess | Kind::SpecialRefund, _, None) => Err(Error::NoTotal),
            (Kind::MutualAid | Kind::Court, Some(_), _)
            | (Kind::Excess | Kind::SpecialRefund, _, Some(_)) => Ok(()),
        }
    }
}

/// What it is for (S2 167, 171–173; DISBURSEMENT 2.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    MutualAid,
    Court,
    Excess,
    SpecialRefund,
}

stages! {
    Kind {
        MutualAid = "mutual_aid", "互助";
        Court = "court", "司法扣划";
        Excess = "excess", "超额扣减";
        SpecialRefund = "special_refund", "特殊退发";
    }
}
