//! Numbers with their check digits, made so that no two are alike.

use std::collections::HashSet;

use shared::{
    CardNumber, CreditCode, Date, DivisionCode, Divisions, DocumentKind, ForeignDocument, Phone,
    ResidentId, Sex,
};

use crate::dice::Dice;
use crate::place;

/// Makes numbers of one city. What needs no memory is unique by arithmetic: an index goes through
/// a one-to-one map of the whole range of figures, shifted by the seed.
pub(crate) struct Numbers {
    /// The day of which the numbers are valid.
    on: Date,
    shift: u64,
    residents: HashSet<[u8; 14]>,
}

/// Odd and no multiple of 5 or 31, so that multiplying by it maps figures to base 10 and base 31
/// one to one.
const SPREAD: u64 = 2_654_435_769;
const TWELVE_FIGURES: u64 = 1_000_000_000_000;
const EIGHT_FIGURES: u64 = 100_000_000;
/// 31⁶.
const ORGANISATION_FIGURES: u64 = 887_503_681;
/// The first three digits of mobile numbers in use, all three networks.
const PHONE_PREFIXES: &[&str] = &[
    "130", "131", "133", "135", "136", "137", "138", "139", "150", "151", "152", "155", "156",
    "158", "159", "173", "177", "180", "181", "182", "186", "187", "188", "189", "191", "198",
];
/// GB 32100.
const CREDIT_CHARACTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

impl Numbers {
    pub(crate) fn new(seed: u64, on: Date) -> Self {
        let shift = u64::from_le_bytes(Dice::new(seed, "numbers", 0).bytes()) >> 20;
        Self { on, shift, residents: HashSet::new() }
    }

    /// A citizen number that no other person of the city has: a code of the county that stood when
    /// the number was given out (numbers exist since 1984).
    pub(crate) fn resident(
        &mut self,
        dice: &mut Dice,
        county: DivisionCode,
        birth: Date,
        sex: Sex,
    ) -> ResidentId {
        let code = place::code_when_numbered(dice, county, birth.year());
        let stem = format!("{code}{:04}{:02}{:02}", birth.year(), birth.month(), birth.day());
        let first = dice.below(490);
        // The source knows 490 people of one sex per county and day; we never come near.
        for turn in 0..490 {
            let pair = (first + turn) % 490 + 1;
            // Odd for men, even for women, and never above 980: 996 to 999 mean a centenarian.
            let order = pair * 2 - u32::from(sex == Sex::Male);
            let seventeen = format!("{stem}{order:03}");
            let text = format!("{seventeen}{}", resident_check(&seventeen));
            // Every number begins with 3206.
            let key: [u8; 14] = text.as_bytes()[4..].try_into().expect("18 characters less 4");
            if self.residents.insert(key) {
                return ResidentId::parse(&text, self.on, Divisions::bundled())
                    .expect("made by the rules of the check");
            }
        }
        unreachable!("a county has fewer than 490 births of one sex a day")
    }

    /// The same person's number as it stood until 1999, which remembers that it was read so.
    pub(crate) fn as_old(&self, number: &ResidentId) -> Option<ResidentId> {
        let old = number.to_15()?;
        ResidentId::from_15(old.as_str(), self.on, Divisions::bundled()).ok()
    }

    /// 19 digits under the issuer's prefix of six.
    pub(crate) fn card(&self, prefix: &str, index: u32) -> CardNumber {
        let figures = self.spread(index, TWELVE_FIGURES);
        let body = format!("{prefix}{figures:012}");
        CardNumber::parse(&format!("{body}{}", luhn_check(&body)))
            .expect("made by the rules of the check")
    }

    pub(crate) fn phone(&self, dice: &mut Dice, index: u32) -> Phone {
        let figures = self.spread(index, EIGHT_FIGURES);
        Phone::parse(&format!("{}{figures:08}", dice.pick(PHONE_PREFIXES)))
            .expect("made by the rules of the check")
    }

    /// Of an enterprise (91), with an organisation code of the kind given out since 2015 (`MA…`).
    pub(crate) fn credit_code(&self, county: DivisionCode, index: u32) -> CreditCode {
        let mut figures = self.spread(index, ORGANISATION_FIGURES);
        let mut organisation = *b"MA000000";
        for place in organisation[2..].iter_mut().rev() {
            *place = CREDIT_CHARACTERS[(figures % 31) as usize];
            figures /= 31;
        }
        let organisation: String = organisation.iter().copied().map(char::from).collect();
        let body = format!("91{county}{organisation}{}", organisation_check(&organisation));
        CreditCode::parse(&format!("{body}{}", credit_check(&body)))
            .expect("made by the rules of the check")
    }

    /// A letter and eight digits.
    pub(crate) fn passport(&self, country: &str, index: u32) -> ForeignDocument {
        let number = format!("P{:08}", self.spread(index, EIGHT_FIGURES));
        ForeignDocument::parse(DocumentKind::Passport, country, &number)
            .expect("made by the rules of the check")
    }

    /// The bank account of a unit: 18 digits, no card.
    pub(crate) fn unit_account(&self, prefix: &str, index: u32) -> String {
        format!("{prefix}{:012}", self.spread(index, TWELVE_FIGURES))
    }

    fn spread(&self, index: u32, figures: u64) -> u64 {
        let image = u128::from(index) * u128::from(SPREAD) + u128::from(self.shift);
        u64::try_from(image % u128::from(figures)).expect("a remainder of a u64")
    }
}

/// ISO 7064, MOD 11-2.
fn resident_check(seventeen: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = seventeen
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    char::from(b"10X98765432"[(sum % 11) as usize])
}

/// The digit that makes the whole number hold (ISO/IEC 7812-1, Annex B).
fn luhn_check(body: &str) -> u32 {
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            match place % 2 {
                0 if digit > 4 => digit * 2 - 9,
                0 => digit * 2,
                _ => digit,
            }
        })
        .sum();
    (10 - sum % 10) % 10
}

/// GB 11714; letters count from A = 10.
fn organisation_check(organisation: &str) -> char {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let values = organisation.chars().map(|c| c.to_digit(36).expect("digits and letters"));
    let sum: u32 = values.zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    char::from(b"0X987654321"[(sum % 11) as usize])
}

/// GB 32100: 3^(i−1) mod 31.
fn credit_check(body: &str) -> char {
    let (mut sum, mut weight) = (0, 1);
    for byte in body.bytes() {
        let value = CREDIT_CHARACTERS.iter().position(|c| *c == byte).expect("its own characters");
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    char::from(CREDIT_CHARACTERS[(31 - sum % 31) % 31])
}
