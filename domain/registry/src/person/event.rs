//! What is stored about a person for ever. In clear: ids, sex, birth month, county, dates.

use serde::{Deserialize, Serialize};
use shared::{Date, DivisionCode, DocumentKind, Month, PersonId, Sealed, Sex};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "person.registered.v1")]
    Registered(Registration),
    #[serde(rename = "person.details-corrected.v1")]
    DetailsCorrected(Correction),
    #[serde(rename = "person.contact-changed.v1")]
    ContactChanged(Contact),
    #[serde(rename = "person.guardian-assigned.v1")]
    GuardianAssigned { guardian: PersonId, from: Date, basis: String },
    #[serde(rename = "person.guardian-released.v1")]
    GuardianReleased { guardian: PersonId, on: Date, reason: String },
    #[serde(rename = "death.reported.v1")]
    DeathReported(DeathReport),
    /// Final, except by a withdrawal that somebody else approved.
    #[serde(rename = "death.confirmed.v1")]
    DeathConfirmed { died_on: Date, confirmed_on: Date, source: DeathSource },
    #[serde(rename = "death.report-withdrawn.v1")]
    DeathReportWithdrawn {
        died_on: Date,
        withdrawn_on: Date,
        stage: DeathStage,
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approver: Option<String>,
    },
    /// In the stream of the id that is given up.
    #[serde(rename = "person.merged.v1")]
    Merged { into: PersonId, group: GroupId, reason: String },
    /// In the stream of the id that stays.
    #[serde(rename = "person.absorbed.v1")]
    Absorbed { person: PersonId, group: GroupId },
    /// In the stream of the id that stands alone again. Obligations stay where they are.
    #[serde(rename = "person.split.v1")]
    Split { from: PersonId, group: GroupId, reason: String },
    /// In the stream of the id that had absorbed it.
    #[serde(rename = "person.separated.v1")]
    Separated { person: PersonId, group: GroupId },
    /// In the stream of every id of the group: their keys are destroyed, and what is sealed about
    /// them opens no more.
    #[serde(rename = "person.erased.v1")]
    Erased(Erasure),
}

kernel::event!(Event);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    pub person: PersonId,
    pub name: Sealed,
    pub number: IdentityNumber,
    pub sex: Sex,
    pub birth: Month,
    /// Where the household is registered, six digits.
    pub county: DivisionCode,
}

/// Why the keys of a human's ids were destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Every id of the human, by id.
    pub people: Vec<PersonId>,
    pub reason: String,
    /// The provision that it rests on, like `个人信息保护法第四十七条`.
    pub basis: String,
}

/// What is kept about somebody for as long as the law says, and so keeps him from being erased
/// (个人信息保护法第四十七条第二款).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retained {
    pub grants: u64,
    pub pay_lines: u64,
    pub cards: u64,
    pub pay_addresses: u64,
}

/// A number that was checked before it was sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityNumber {
    pub kind: IdentityKind,
    pub sealed: Sealed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// GB 11643, 18 characters; one of 15 digits is stored as the one of 18 that it became.
    ResidentId,
    Passport,
    HkMacaoPermit,
    TaiwanPermit,
    ForeignPermanentResident,
}

impl From<DocumentKind> for IdentityKind {
    fn from(kind: DocumentKind) -> Self {
        match kind {
            DocumentKind::Passport => Self::Passport,
            DocumentKind::HkMacaoPermit => Self::HkMacaoPermit,
            DocumentKind::TaiwanPermit => Self::TaiwanPermit,
            DocumentKind::ForeignPermanentResident => Self::ForeignPermanentResident,
        }
    }
}

/// What is absent stays as it was. A resident number carries the sex and birth month it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<IdentityNumber>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth: Option<Month>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub county: Option<DivisionCode>,
    pub reason: String,
    pub by: String,
    /// Who confirmed a change of name and number in one step (双改).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<String>,
}

impl Correction {
    /// Name and number in one step, which fund fraud looks like: a signal for risk control (C06).
    #[must_use]
    pub fn is_double(&self) -> bool {
        self.name.is_some() && self.number.is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        let Self { name, number, sex, birth, county, reason: _, by: _, second: _ } = self;
        name.is_none() && number.is_none() && sex.is_none() && birth.is_none() && county.is_none()
    }
}

/// What is absent stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Contact {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_address: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual_address: Option<Sealed>,
    /// Where he lives, six digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual_county: Option<DivisionCode>,
}

/// When it happened and when we heard of it are different days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeathReport {
    pub died_on: Date,
    pub reported_on: Date,
    pub source: DeathSource,
    /// The last day to verify it: payments wait no longer (DISBURSEMENT.md, rule 1).
    pub verify_by: Date,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeathSource {
    /// 公安: household cancelled.
    Police,
    /// 民政: cremation.
    CivilAffairs,
    /// 卫健: medical certificate.
    Health,
    /// 医保: settlement closed by death.
    MedicalInsurance,
    Bank,
    Family,
    /// Village or neighbourhood committee.
    Community,
    /// A qualification visit that found it.
    Visit,
}

/// How far a death had come when it was withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeathStage {
    Reported,
    Confirmed,
}

/// The ids of one human. It is named after the id that absorbed first and keeps that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupId(pub Uuid);

impl GroupId {
    #[must_use]
    pub const fn of(survivor: PersonId) -> Self {
        Self(survivor.uuid())
    }
}

impl std::fmt::Display for GroupId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
