//! The words that several contexts use: money, months, ids, codes, checked numbers, divisions and
//! working days. Pure: reference data is embedded, parsed once, and never read from outside.
//!
//! **Invariant** a value of these types is valid: there is no way to make one but through its check.

mod calendar;
mod card_number;
mod code;
mod credit_code;
mod division;
mod document;
mod enums;
mod id;
mod inline;
mod money;
mod month;
pub mod name;
mod number;
mod obligation;
mod payee;
mod phone;
mod pii;
mod resident;
mod sealed;
mod text;

pub use calendar::{DayKind, Unpublished, WorkingDays};
pub use card_number::{CardNumber, PrefixCheck, bank_name};
pub use code::{
    AgencyCode, AreaCode, ArtefactId, BankCode, CodeError, Component, DivisionCode, DivisionLevel,
    FundCode, ItemId, StopReason,
};
pub use credit_code::CreditCode;
pub use division::Divisions;
pub use document::{DocumentKind, ForeignDocument};
pub use enums::{PayClass, ReturnReason, RunType, Sex, UnknownCode};
pub use id::{
    CardApplicationId, CardId, CommandId, EmployerId, EventId, GrantId, GridId, IdError,
    OrganisationId, PayAddressId, PersonId, ReplyId, StatementId,
};
pub use jiff::civil::Date;
pub use money::{Money, MoneyError, Rounding};
pub use month::{Month, MonthError};
pub use number::{NumberError, NumberKind};
pub use obligation::{AttemptId, ObligationId, ObligationIdError};
pub use payee::Payee;
pub use phone::Phone;
pub use pii::Pii;
pub use resident::{Holder, ResidentId, ResidentId15};
pub use sealed::Sealed;
