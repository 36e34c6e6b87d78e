//! What is wrong with a checked number, in words that a clerk can act on.
//!
//! **Invariant** an error names the rule and the position, never the number: errors are logged.

use jiff::civil::Date;

/// Which number was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NumberKind {
    ResidentId,
    ResidentId15,
    CreditCode,
    CardNumber,
    Phone,
    Passport,
    HkMacaoPermit,
    TaiwanPermit,
    ForeignPermanentResident,
}

/// Why a number was refused. Positions count characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    #[error("a {} is empty", .kind.en())]
    Empty { kind: NumberKind },
    #[error("a {} has {expected} characters, not {found}", .kind.en())]
    Length { kind: NumberKind, expected: &'static str, found: usize },
    #[error("a {} cannot have the character at position {position}", .kind.en())]
    Character { kind: NumberKind, position: usize },
    #[error("the check character of a {} at position {position} does not fit", .kind.en())]
    CheckDigit { kind: NumberKind, position: usize },
    #[error("the organisation code inside a {} has a wrong check character at position {position}", .kind.en())]
    OrganisationCheckDigit { kind: NumberKind, position: usize },
    #[error("positions {from} to {to} of a {} are not a date", .kind.en())]
    NoSuchDate { kind: NumberKind, from: usize, to: usize },
    #[error("the birth date in a {} lies after {on}", .kind.en())]
    BornLater { kind: NumberKind, on: Date },
    #[error("positions 1 to 6 of a {} were never a division", .kind.en())]
    UnknownDivision { kind: NumberKind },
    #[error("the division in a {} was not in force in the birth year or since", .kind.en())]
    DivisionNotInForce { kind: NumberKind },
    #[error("the country in a {} is not the one stated or allowed", .kind.en())]
    Country { kind: NumberKind },
    #[error("the stated sex is not the one in the {}", .kind.en())]
    SexDiffers { kind: NumberKind },
    #[error("the stated birth date is not the one in the {}", .kind.en())]
    BirthDiffers { kind: NumberKind },
}

impl NumberKind {
    pub const fn code(self) -> &'static str {
        match self {
            NumberKind::ResidentId => "resident_id",
            NumberKind::ResidentId15 => "resident_id_15",
            NumberKind::CreditCode => "credit_code",
            NumberKind::CardNumber => "card_number",
            NumberKind::Phone => "phone",
            NumberKind::Passport => "passport",
            NumberKind::HkMacaoPermit => "hk_macao_permit",
            NumberKind::TaiwanPermit => "taiwan_permit",
            NumberKind::ForeignPermanentResident => "foreign_permanent_resident",
        }
    }

    pub const fn zh(self) -> &'static str {
        match self {
            NumberKind::ResidentId => "公民身份号码",
            NumberKind::ResidentId15 => "15位身份证号码",
            NumberKind::CreditCode => "统一社会信用代码",
            NumberKind::CardNumber => "银行卡号",
            NumberKind::Phone => "手机号码",
            NumberKind::Passport => "护照号码",
            NumberKind::HkMacaoPermit => "港澳居民来往内地通行证号码",
            NumberKind::TaiwanPermit => "台湾居民来往大陆通行证号码",
            NumberKind::ForeignPermanentResident => "外国人永久居留身份证号码",
        }
    }

    pub const fn en(self) -> &'static str {
        match self {
            NumberKind::ResidentId => "resident number",
            NumberKind::ResidentId15 => "15-digit resident number",
            NumberKind::CreditCode => "unified social credit code",
            NumberKind::CardNumber => "card number",
            NumberKind::Phone => "mobile number",
            NumberKind::Passport => "passport number",
            NumberKind::HkMacaoPermit => "Hong Kong or Macao permit number",
            NumberKind::TaiwanPermit => "Taiwan permit number",
            NumberKind::ForeignPermanentResident => "foreign permanent-resident number",
        }
    }
}

impl NumberError {
    pub const fn code(&self) -> &'static str {
        match self {
            NumberError::Empty { .. } => "NUMBER_EMPTY",
            NumberError::Length { .. } => "NUMBER_LENGTH",
            NumberError::Character { .. } => "NUMBER_CHARACTER",
            NumberError::CheckDigit { .. } => "NUMBER_CHECK_DIGIT",
            NumberError::OrganisationCheckDigit { .. } => "NUMBER_ORGANISATION_CHECK_DIGIT",
            NumberError::NoSuchDate { .. } => "NUMBER_NO_SUCH_DATE",
            NumberError::BornLater { .. } => "NUMBER_BORN_LATER",
            NumberError::UnknownDivision { .. } => "NUMBER_UNKNOWN_DIVISION",
            NumberError::DivisionNotInForce { .. } => "NUMBER_DIVISION_NOT_IN_FORCE",
            NumberError::Country { .. } => "NUMBER_COUNTRY",
            NumberError::SexDiffers { .. } => "NUMBER_SEX_DIFFERS",
            NumberError::BirthDiffers { .. } => "NUMBER_BIRTH_DIFFERS",
        }
    }

    pub const fn kind(&self) -> NumberKind {
        match self {
            NumberError::Empty { kind }
            | NumberError::Length { kind, .. }
            | NumberError::Character { kind, .. }
            | NumberError::CheckDigit { kind, .. }
            | NumberError::OrganisationCheckDigit { kind, .. }
            | NumberError::NoSuchDate { kind, .. }
            | NumberError::BornLater { kind, .. }
            | NumberError::UnknownDivision { kind }
            | NumberError::DivisionNotInForce { kind }
            | NumberError::Country { kind }
            | NumberError::SexDiffers { kind }
            | NumberError::BirthDiffers { kind } => *kind,
        }
    }

    /// What is wrong, and how to mend it, in Chinese.
    pub fn zh(&self) -> String {
        let name = self.kind().zh();
        match self {
            NumberError::Empty { .. } => format!("{name}为空，请填写"),
            NumberError::Length { expected, found, .. } => {
                format!("{name}应为{expected}位，实为{found}位，请核对是否漏录或多录")
            }
            NumberError::Character { position, .. } => {
                format!("{name}第{position}位字符不合规则，请对照证件重新录入")
            }
            NumberError::CheckDigit { position, .. } => {
                format!("{name}第{position}位校验码不符，至少有一位录错，请对照证件重新录入")
            }
            NumberError::OrganisationCheckDigit { position, .. } => {
                format!("{name}中组织机构代码的校验码（第{position}位）不符，请与登记机关核对")
            }
            NumberError::NoSuchDate { from, to, .. } => {
                format!("{name}第{from}至{to}位不是有效日期，请核对出生日期")
            }
            NumberError::BornLater { on, .. } => {
                format!("{name}中的出生日期晚于{on}，请核对出生日期")
            }
            NumberError::UnknownDivision { .. } => {
                format!("{name}前6位不是行政区划代码，请对照证件重新录入")
            }
            NumberError::DivisionNotInForce { .. } => {
                format!("{name}前6位行政区划在出生当年及以后均未使用，请核对区划和出生日期")
            }
            NumberError::Country { .. } => format!("{name}中的国家（地区）代码不符，请核对国籍"),
            NumberError::SexDiffers { .. } => format!("填报性别与{name}不一致，请核对两项"),
            NumberError::BirthDiffers { .. } => format!("填报出生日期与{name}不一致，请核对两项"),
        }
    }

    /// What is wrong, and how to mend it, in English.
    pub fn en(&self) -> String {
        let mend = match self {
            NumberError::Empty { .. } => "enter it",
            NumberError::Length { .. } => "look for a missing or doubled character",
            NumberError::Character { .. } | NumberError::UnknownDivision { .. } => {
                "enter it again from the document"
            }
            NumberError::CheckDigit { .. } => {
                "at least one character is wrong, enter it again from the document"
            }
            NumberError::OrganisationCheckDigit { .. } => "ask the registration authority",
            NumberError::NoSuchDate { .. } | NumberError::BornLater { .. } => {
                "check the birth date"
            }
            NumberError::DivisionNotInForce { .. } => "check the division and the birth date",
            NumberError::Country { .. } => "check the nationality",
            NumberError::SexDiffers { .. } | NumberError::BirthDiffers { .. } => "check both",
        };
        format!("{self}: {mend}")
    }
}

/// The text as typed, brought to the form the rules read: full-width characters narrowed, blanks
/// at the ends dropped, letters in capitals.
pub(crate) fn typed(text: &str) -> String {
    text.trim().chars().map(crate::name::narrow).map(|c| c.to_ascii_uppercase()).collect()
}

/// The 1-based position of the first character that `allowed` refuses.
pub(crate) fn first_refused(text: &str, allowed: impl Fn(usize, char) -> bool) -> Option<usize> {
    text.chars().enumerate().map(|(i, c)| (i + 1, c)).find(|(i, c)| !allowed(*i, *c)).map(|p| p.0)
}
