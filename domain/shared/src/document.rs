//! Documents of people without a citizen number. Format checks only: no registry is asked.

use std::fmt;

use crate::number::{NumberError, NumberKind, first_refused, typed};

/// Which document.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// 护照, of any country.
    Passport,
    /// 港澳居民来往内地通行证: `H` or `M`, 8 digits, or 10 with the count of reissues.
    HkMacaoPermit,
    /// 台湾居民来往大陆通行证: 8 digits, or the older 10 with an optional letter.
    TaiwanPermit,
    /// 外国人永久居留身份证 of the style before 2023: three letters of the country, 12 digits. The
    /// new style is a [`crate::ResidentId`].
    ForeignPermanentResident,
}

/// A foreign document with its country (ISO 3166-1, three letters) and number. Personal data:
/// `Debug` shows the kind and the country only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ForeignDocument {
    kind: DocumentKind,
    country: [u8; 3],
    number: String,
}

impl DocumentKind {
    pub const fn code(self) -> &'static str {
        self.number_kind().code()
    }

    pub const fn zh(self) -> &'static str {
        match self {
            DocumentKind::Passport => "护照",
            DocumentKind::HkMacaoPermit => "港澳居民来往内地通行证",
            DocumentKind::TaiwanPermit => "台湾居民来往大陆通行证",
            DocumentKind::ForeignPermanentResident => "外国人永久居留身份证",
        }
    }

    pub const fn en(self) -> &'static str {
        match self {
            DocumentKind::Passport => "passport",
            DocumentKind::HkMacaoPermit => "Hong Kong or Macao permit",
            DocumentKind::TaiwanPermit => "Taiwan permit",
            DocumentKind::ForeignPermanentResident => "foreign permanent-resident card",
        }
    }

    const fn number_kind(self) -> NumberKind {
        match self {
            DocumentKind::Passport => NumberKind::Passport,
            DocumentKind::HkMacaoPermit => NumberKind::HkMacaoPermit,
            DocumentKind::TaiwanPermit => NumberKind::TaiwanPermit,
            DocumentKind::ForeignPermanentResident => NumberKind::ForeignPermanentResident,
        }
    }
}

impl ForeignDocument {
    /// `country` is the ISO 3166-1 code of three letters: `HKG` or `MAC`, and `TWN`, for permits.
    pub fn parse(
        document: DocumentKind,
        country: &str,
        number: &str,
    ) -> Result<ForeignDocument, NumberError> {
        let kind = document.number_kind();
        let (country, number) = (typed(country), typed(number));
        let allowed_country = match document {
            DocumentKind::Passport => country != "CHN",
            DocumentKind::HkMacaoPermit => matches!(country.as_str(), "HKG" | "MAC"),
            DocumentKind::TaiwanPermit => country == "TWN",
            DocumentKind::ForeignPermanentResident => number.starts_with(&country),
        };
        let letters = country.bytes().all(|b| b.is_ascii_uppercase());
        let country: [u8; 3] = country
            .as_bytes()
            .try_into()
            .ok()
            .filter(|_| letters && allowed_country)
            .ok_or(NumberError::Country { kind })?;
        let found = number.chars().count();
        if found == 0 {
            return Err(NumberError::Empty { kind });
        }
        let (fits, expected) = match document {
            DocumentKind::Passport => ((5..=15).contains(&found), "5–15"),
            DocumentKind::HkMacaoPermit => (matches!(found, 9 | 11), "9/11"),
            DocumentKind::TaiwanPermit => (matches!(found, 8 | 10 | 11), "8/10/11"),
            DocumentKind::ForeignPermanentResident => (found == 15, "15"),
        };
        if !fits {
            return Err(NumberError::Length { kind, expected, found });
        }
        let refused = first_refused(&number, |i, c| match document {
            DocumentKind::Passport => c.is_ascii_alphanumeric(),
            DocumentKind::HkMacaoPermit if i == 1 => matches!(c, 'H' | 'M'),
            DocumentKind::HkMacaoPermit => c.is_ascii_digit(),
            DocumentKind::TaiwanPermit if i == 11 => c.is_ascii_uppercase(),
            DocumentKind::TaiwanPermit => c.is_ascii_digit(),
            DocumentKind::ForeignPermanentResident if i <= 3 => c.is_ascii_uppercase(),
            DocumentKind::ForeignPermanentResident => c.is_ascii_digit(),
        });
        match refused {
            Some(position) => Err(NumberError::Character { kind, position }),
            None => Ok(ForeignDocument { kind: document, country, number }),
        }
    }

    pub const fn kind(&self) -> DocumentKind {
        self.kind
    }

    pub fn country(&self) -> &str {
        std::str::from_utf8(&self.country).expect("three ASCII letters were checked")
    }

    /// The number in clear. Personal data.
    pub fn number(&self) -> &str {
        &self.number
    }
}

impl fmt::Debug for ForeignDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ForeignDocument({}, {}, …)", self.kind.code(), self.country())
    }
}
