//! The unified social credit code of an organisation (GB 32100-2015). Public, not personal data.

use std::fmt;
use std::str::FromStr;

use crate::code::DivisionCode;
use crate::inline::Inline;
use crate::number::{NumberError, NumberKind, first_refused, typed};
use crate::text::serde_as_text;

/// A checked code of 18 characters: authority, category, division, organisation code, check.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreditCode(Inline<18>);

/// The 31 characters of GB 32100: no I, O, S, V, Z.
const CHARACTERS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
/// 3^(i−1) mod 31.
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/// GB 11714, the organisation code at positions 9 to 16.
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

impl CreditCode {
    /// Checks length, characters and the check character. The check character of the organisation
    /// code inside is another question: [`CreditCode::check_organisation`].
    pub fn parse(text: &str) -> Result<CreditCode, NumberError> {
        let kind = NumberKind::CreditCode;
        let text = typed(text);
        let found = text.chars().count();
        if found == 0 {
            return Err(NumberError::Empty { kind });
        }
        if found != 18 {
            return Err(NumberError::Length { kind, expected: "18", found });
        }
        let allowed = |position: usize, c: char| match position {
            // The division of the registering authority.
            3..=8 => c.is_ascii_digit(),
            _ => CHARACTERS.contains(c),
        };
        if let Some(position) = first_refused(&text, allowed) {
            return Err(NumberError::Character { kind, position });
        }
        if check_character(&text) != text.chars().next_back() {
            return Err(NumberError::CheckDigit { kind, position: 18 });
        }
        Ok(CreditCode(Inline::new(&text).expect("18 ASCII characters were just checked")))
    }

    /// Whether the organisation code inside has its own check character right. Some codes in use
    /// do not, because they were given before the check was enforced: a finding, not a refusal.
    pub fn check_organisation(&self) -> Result<(), NumberError> {
        let code = self.organisation();
        let sum: u32 = code
            .chars()
            .zip(ORGANISATION_WEIGHTS)
            .map(|(c, weight)| c.to_digit(36).unwrap_or_default() * weight)
            .sum();
        let expected = match 11 - sum % 11 {
            10 => Some('X'),
            11 => Some('0'),
            digit => char::from_digit(digit, 10),
        };
        if code.chars().next_back() == expected {
            Ok(())
        } else {
            Err(NumberError::OrganisationCheckDigit { kind: NumberKind::CreditCode, position: 17 })
        }
    }

    /// The organisation code, 9 characters (positions 9 to 17).
    pub fn organisation(&self) -> &str {
        &self.as_str()[8..17]
    }

    /// The division of the registering authority; national authorities write 100000.
    pub fn division(&self) -> Option<DivisionCode> {
        DivisionCode::parse(&self.as_str()[2..8]).ok()
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CreditCode({self})")
    }
}

impl FromStr for CreditCode {
    type Err = NumberError;
    fn from_str(text: &str) -> Result<CreditCode, NumberError> {
        CreditCode::parse(text)
    }
}

serde_as_text!(CreditCode, "a unified social credit code of 18 characters");

fn check_character(text: &str) -> Option<char> {
    let values: Option<Vec<usize>> = text.chars().take(17).map(|c| CHARACTERS.find(c)).collect();
    let sum: usize = values?.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    CHARACTERS.chars().nth((31 - sum % 31) % 31)
}
