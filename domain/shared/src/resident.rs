//! The citizen number (GB 11643): eighteen characters, and the old fifteen.
//!
//! Personal data: no `Display`, no `Serialize`, and `Debug` shows nothing of it.

use std::fmt;
use std::hash::{Hash, Hasher};

use jiff::civil::Date;

use crate::code::DivisionCode;
use crate::division::Divisions;
use crate::enums::Sex;
use crate::inline::Inline;
use crate::number::{NumberError, NumberKind, first_refused, typed};

/// A checked citizen number of 18 characters. Two are equal when their 18 characters are, whether
/// or not one was read from an old number.
///
/// It cannot be stored or printed in clear by accident:
/// ```compile_fail
/// fn store(_: impl serde::Serialize) {}
/// fn number(id: shared::ResidentId) { store(id) }
/// ```
/// ```compile_fail
/// fn print(id: shared::ResidentId) -> String { id.to_string() }
/// ```
#[derive(Clone)]
pub struct ResidentId {
    number: Inline<18>,
    birth: Date,
    old: Option<ResidentId15>,
}

/// A citizen number of 15 digits, as given out until 1999.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ResidentId15(Inline<15>);

/// Who carries a number of this form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    Citizen,
    /// Residence permit for Hong Kong, Macao and Taiwan residents (2018): 810000, 820000, 830000.
    HongKongMacaoTaiwan,
    /// Foreign permanent-resident card of the new style (2023): 9, province, country, birth date.
    ForeignPermanentResident,
}

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

impl ResidentId {
    /// Checks an 18-character number as of `on`: length, characters, check character, a real birth
    /// date not after `on`, and a division in force in the birth year or since.
    pub fn parse(text: &str, on: Date, divisions: &Divisions) -> Result<ResidentId, NumberError> {
        let kind = NumberKind::ResidentId;
        let text = typed(text);
        check_form(kind, &text, 18, "18")?;
        if check_character(&text) != text.chars().next_back() {
            return Err(NumberError::CheckDigit { kind, position: 18 });
        }
        let birth = date(&text[6..14]).ok_or(NumberError::NoSuchDate { kind, from: 7, to: 14 })?;
        if birth > on {
            return Err(NumberError::BornLater { kind, on });
        }
        check_division(kind, &text, birth, on, divisions)?;
        let number = Inline::new(&text).expect("18 ASCII characters were just checked");
        Ok(ResidentId { number, birth, old: None })
    }

    /// Checks a 15-digit number and gives its 18-character form, which remembers the old one. The
    /// century is 1900, or 1800 for the sequence numbers 996–999, which GB 11643-1989 kept for
    /// people over a hundred.
    pub fn from_15(text: &str, on: Date, divisions: &Divisions) -> Result<ResidentId, NumberError> {
        let kind = NumberKind::ResidentId15;
        let text = typed(text);
        check_form(kind, &text, 15, "15")?;
        let century =
            if matches!(&text[12..], "996" | "997" | "998" | "999") { "18" } else { "19" };
        let seventeen = format!("{}{century}{}", &text[..6], &text[6..]);
        let birth =
            date(&seventeen[6..14]).ok_or(NumberError::NoSuchDate { kind, from: 7, to: 12 })?;
        if birth > on {
            return Err(NumberError::BornLater { kind, on });
        }
        check_division(kind, &seventeen, birth, on, divisions)?;
        let check = check_character(&seventeen).expect("17 digits were just checked");
        let number = Inline::new(&format!("{seventeen}{check}")).expect("18 ASCII characters");
        let old = Inline::new(&text).map(ResidentId15);
        Ok(ResidentId { number, birth, old })
    }

    /// Either form, told apart by its length.
    pub fn parse_either(
        text: &str,
        on: Date,
        divisions: &Divisions,
    ) -> Result<ResidentId, NumberError> {
        match typed(text).chars().count() {
            15 => ResidentId::from_15(text, on, divisions),
            _ => ResidentId::parse(text, on, divisions),
        }
    }

    /// The number in clear, 18 characters with a capital `X`. Personal data.
    pub fn as_str(&self) -> &str {
        self.number.as_str()
    }

    /// The division of first registration; for a foreign permanent resident the province that
    /// first gave the card.
    pub fn division(&self) -> DivisionCode {
        let digits = match self.holder() {
            Holder::ForeignPermanentResident => &self.as_str()[1..3],
            Holder::Citizen | Holder::HongKongMacaoTaiwan => &self.as_str()[..6],
        };
        DivisionCode::parse(digits).expect("its division was checked when it was read")
    }

    pub const fn birth(&self) -> Date {
        self.birth
    }

    /// The 17th digit: odd male, even female.
    pub fn sex(&self) -> Sex {
        if self.as_str().as_bytes()[16] % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    pub fn holder(&self) -> Holder {
        match &self.as_str().as_bytes()[..2] {
            b"81" | b"82" | b"83" => Holder::HongKongMacaoTaiwan,
            [b'9', _] => Holder::ForeignPermanentResident,
            _ => Holder::Citizen,
        }
    }

    /// The 15-digit number that this one was read from.
    pub const fn old(&self) -> Option<&ResidentId15> {
        self.old.as_ref()
    }

    /// The 15-digit number that the same person had, for looking up old records; people born in
    /// 1900–1999 only.
    pub fn to_15(&self) -> Option<ResidentId15> {
        let text = self.as_str();
        let citizen = self.holder() == Holder::Citizen && &text[6..8] == "19";
        let old = || Inline::new(&format!("{}{}", &text[..6], &text[8..17])).map(ResidentId15);
        if citizen { old() } else { None }
    }

    /// Whether the stated sex and birth date are the number's own.
    pub fn agree(&self, sex: Sex, birth: Date) -> Result<(), NumberError> {
        let kind = NumberKind::ResidentId;
        if sex != self.sex() {
            return Err(NumberError::SexDiffers { kind });
        }
        if birth != self.birth {
            return Err(NumberError::BirthDiffers { kind });
        }
        Ok(())
    }
}

impl ResidentId15 {
    /// The number in clear. Personal data.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl PartialEq for ResidentId {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for ResidentId {}

impl Hash for ResidentId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

impl fmt::Debug for ResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResidentId(…)")
    }
}

impl fmt::Debug for ResidentId15 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResidentId15(…)")
    }
}

fn check_form(
    kind: NumberKind,
    text: &str,
    length: usize,
    expected: &'static str,
) -> Result<(), NumberError> {
    let found = text.chars().count();
    if found == 0 {
        return Err(NumberError::Empty { kind });
    }
    if found != length {
        return Err(NumberError::Length { kind, expected, found });
    }
    match first_refused(text, |i, c| c.is_ascii_digit() || (i == 18 && c == 'X')) {
        Some(position) => Err(NumberError::Character { kind, position }),
        None => Ok(()),
    }
}

/// The check character of the first 17 digits (ISO 7064, MOD 11-2).
fn check_character(digits: &str) -> Option<char> {
    let values: Option<Vec<u32>> = digits.chars().take(17).map(|c| c.to_digit(10)).collect();
    let sum: u32 = values?.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    CHECKS.get(usize::try_from(sum % 11).ok()?).copied()
}

/// A real date from `yyyymmdd`.
fn date(digits: &str) -> Option<Date> {
    let (year, rest) = digits.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn check_division(
    kind: NumberKind,
    text: &str,
    birth: Date,
    on: Date,
    divisions: &Divisions,
) -> Result<(), NumberError> {
    let unknown = NumberError::UnknownDivision { kind };
    if text.starts_with('9') {
        let province = DivisionCode::parse(&text[1..3]).map_err(|_| unknown.clone())?;
        if !divisions.known(province) {
            return Err(unknown);
        }
        // ISO 3166-1 numeric: 004 to 894; 156 is China itself.
        let country: u16 = text[3..6].parse().map_err(|_| NumberError::Country { kind })?;
        return match country {
            156 | 0..=3 | 895.. => Err(NumberError::Country { kind }),
            _ => Ok(()),
        };
    }
    if matches!(&text[..2], "81" | "82" | "83") {
        return if matches!(&text[..6], "810000" | "820000" | "830000") {
            Ok(())
        } else {
            Err(unknown)
        };
    }
    let division = DivisionCode::parse(&text[..6]).map_err(|_| unknown.clone())?;
    if !divisions.known(division) {
        return Err(unknown);
    }
    if !divisions.valid_ever_since(division, birth.year())
        || !divisions.in_force_by(division, on.year())
    {
        return Err(NumberError::DivisionNotInForce { kind });
    }
    Ok(())
}
