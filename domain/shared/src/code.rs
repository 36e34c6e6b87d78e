//! Text codes, checked once and cheap to copy: pay items, funds, areas, agencies, banks, divisions,
//! components, reasons of stops, artefacts.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use crate::inline::Inline;
use crate::text::serde_as_text;

/// A text that is not a code of the named kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {kind}: {rule}")]
pub struct CodeError {
    pub kind: &'static str,
    pub rule: &'static str,
    pub text: String,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident($max:literal), $kind:literal, $rule:literal, $check:path;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name(Inline<$max>);

        impl $name {
            pub fn parse(text: &str) -> Result<Self, CodeError> {
                Some(text)
                    .filter(|text| $check(text.as_bytes()))
                    .and_then(Inline::new)
                    .map(Self)
                    .ok_or_else(|| CodeError { kind: $kind, rule: $rule, text: text.to_owned() })
            }

            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        text_impls!($name, $rule);
    )*};
}

macro_rules! text_impls {
    ($name:ident, $rule:literal) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = CodeError;
            fn from_str(text: &str) -> Result<Self, CodeError> {
                Self::parse(text)
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        serde_as_text!($name, $rule);
    };
}

codes! {
    /// A pay item (发放项目), like `A1` or `B10`. Ordered as staff list them: A2 before A10.
    ItemId(4), "a pay item", "one capital letter and a number from 1 to 999, like A1", is_item;
    /// A fund or trust book (基金、专项), like `employee-pension`.
    FundCode(40), "a fund", "lower-case words joined by hyphens, at most 40 characters", is_kebab;
    /// An agency that keeps a book (经办机构, AAB034).
    AgencyCode(24), "an agency", "letters, digits and hyphens, at most 24 characters", is_agency;
    /// A bank, like `BOC` or `JSBANK`; the names are in [`crate::bank_name`].
    BankCode(12), "a bank", "2 to 12 capital letters (digits after the first), like BOC", is_bank;
    /// A part of an obligation with an account of its own, like `basic-pension`; else `whole`.
    Component(32), "a component", "lower-case words joined by hyphens, at most 32 characters", is_kebab;
    /// Why a grant is stopped (暂停原因), like `qualification_expired`; definitions list them.
    StopReason(40), "a reason of a stop", "lower-case words joined by underscores, at most 40 characters", is_snake;
    /// An administrative division (GB/T 2260, towns GB/T 10114): 2 digits a province, 4 a city,
    /// 6 any of province, city or county, 9 a town, 12 a village or community.
    DivisionCode(12), "a division", "2, 4, 6, 9 or 12 digits, the first not 0", is_division;
}

/// A pooling area (统筹区): the division whose book pays.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AreaCode(DivisionCode);

/// The SM3 digest of an artefact, which is its name: 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ArtefactId(Inline<64>);

/// How deep a division lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DivisionLevel {
    Province,
    City,
    County,
    Town,
    Village,
}

impl Component {
    /// The component of an item that has no parts.
    pub fn whole() -> Component {
        Component::default()
    }
}

impl Default for Component {
    fn default() -> Component {
        Component::parse("whole").expect("`whole` is a lower-case word")
    }
}

impl DivisionCode {
    /// The six-digit code of its province, like `320000`.
    #[must_use]
    pub fn province(self) -> DivisionCode {
        self.prefix(2)
    }

    /// The six-digit code of its city, like `320600`; a province has none.
    #[must_use]
    pub fn city(self) -> Option<DivisionCode> {
        (self.level() >= DivisionLevel::City).then(|| self.prefix(4))
    }

    /// The six-digit code of its county, like `320682`; a province or city has none.
    #[must_use]
    pub fn county(self) -> Option<DivisionCode> {
        (self.level() >= DivisionLevel::County).then(|| self.prefix(6))
    }

    pub fn level(self) -> DivisionLevel {
        match (self.0.len(), self.as_str()) {
            (2, _) => DivisionLevel::Province,
            (4, code) if code.ends_with("00") => DivisionLevel::Province,
            (4, _) => DivisionLevel::City,
            (6, code) if code.ends_with("0000") => DivisionLevel::Province,
            (6, code) if code.ends_with("00") => DivisionLevel::City,
            (6, _) => DivisionLevel::County,
            (9, _) => DivisionLevel::Town,
            (_, _) => DivisionLevel::Village,
        }
    }

    /// Whether `self` lies in `area` or is it: `320682001` lies in `320600`.
    pub fn is_within(self, area: DivisionCode) -> bool {
        let significant = match area.level() {
            DivisionLevel::Province => 2,
            DivisionLevel::City => 4,
            DivisionLevel::County => 6,
            DivisionLevel::Town => 9,
            DivisionLevel::Village => 12,
        };
        area.as_str().get(..significant).is_some_and(|prefix| self.as_str().starts_with(prefix))
    }

    fn prefix(self, digits: usize) -> DivisionCode {
        DivisionCode::parse(&format!("{:0<6}", &self.as_str()[..digits]))
            .expect("a prefix of a division padded to six digits is a division")
    }
}

impl AreaCode {
    pub fn parse(text: &str) -> Result<AreaCode, CodeError> {
        DivisionCode::parse(text)
            .map(AreaCode)
            .map_err(|error| CodeError { kind: "a pooling area", ..error })
    }

    pub const fn from_division(division: DivisionCode) -> AreaCode {
        AreaCode(division)
    }

    pub const fn division(self) -> DivisionCode {
        self.0
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl From<DivisionCode> for AreaCode {
    fn from(division: DivisionCode) -> AreaCode {
        AreaCode(division)
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AreaCode({self})")
    }
}

impl FromStr for AreaCode {
    type Err = CodeError;
    fn from_str(text: &str) -> Result<AreaCode, CodeError> {
        AreaCode::parse(text)
    }
}

impl AsRef<str> for AreaCode {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

serde_as_text!(AreaCode, "the division code of a pooling area, like 320600");

impl ArtefactId {
    pub fn parse(text: &str) -> Result<ArtefactId, CodeError> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        Some(text)
            .filter(|text| text.len() == 64 && text.bytes().all(hex))
            .and_then(Inline::new)
            .map(ArtefactId)
            .ok_or_else(|| CodeError {
                kind: "an artefact",
                rule: "64 lower-case hexadecimal digits of an SM3 digest",
                text: text.to_owned(),
            })
    }

    /// The id of the artefact with this SM3 digest.
    pub fn from_digest(digest: [u8; 32]) -> ArtefactId {
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        ArtefactId::parse(&hex).expect("32 bytes are 64 hexadecimal digits")
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

text_impls!(ArtefactId, "64 lower-case hexadecimal digits of an SM3 digest");

impl Ord for ItemId {
    fn cmp(&self, other: &Self) -> Ordering {
        // The number has no leading zero, so the shorter text is the smaller number.
        let key = |item: &ItemId| (item.as_str().as_bytes()[0], item.0.len(), item.0);
        key(self).cmp(&key(other))
    }
}

macro_rules! ord_as_text {
    ($($name:ident)*) => {$(
        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                self.0.cmp(&other.0)
            }
        }
    )*};
}

ord_as_text!(FundCode AgencyCode BankCode Component StopReason DivisionCode ArtefactId);

fn is_item(text: &[u8]) -> bool {
    matches!(text, [b'A'..=b'Z', b'1'..=b'9', digits @ ..]
        if digits.len() <= 2 && digits.iter().all(u8::is_ascii_digit))
}

fn is_kebab(text: &[u8]) -> bool {
    are_words(text, b'-')
}

fn is_snake(text: &[u8]) -> bool {
    are_words(text, b'_')
}

fn are_words(text: &[u8], joined_by: u8) -> bool {
    let word = |word: &[u8]| {
        !word.is_empty() && word.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    text.first().is_some_and(u8::is_ascii_lowercase) && text.split(|b| *b == joined_by).all(word)
}

fn is_agency(text: &[u8]) -> bool {
    let word = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_alphanumeric);
    text.split(|b| *b == b'-').all(word)
}

fn is_bank(text: &[u8]) -> bool {
    text.len() >= 2
        && text[0].is_ascii_uppercase()
        && text.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn is_division(text: &[u8]) -> bool {
    matches!(text.len(), 2 | 4 | 6 | 9 | 12)
        && text[0] != b'0'
        && text.iter().all(u8::is_ascii_digit)
}
