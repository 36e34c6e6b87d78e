//! Money: whole fen (1/100 yuan) inside, a decimal string of yuan at every edge.
//!
//! **Invariant** no float ever touches money; overflow is an error, never a wrapped figure.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::text::serde_as_text;

/// An amount in fen; may be negative (an adjustment, a reversal). Range ±92,233,720,368,547,758.07
/// yuan. Text form: yuan with exactly two decimals, as `"1280.00"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i64);

/// Why a text or a decimal is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("an amount is empty")]
    Empty,
    #[error("an amount has a blank at character {position}")]
    Blank { position: usize },
    #[error("an amount has a thousands separator at character {position}")]
    Separator { position: usize },
    #[error("an amount is written with an exponent at character {position}")]
    Exponent { position: usize },
    #[error("an amount has {found} decimals, two are the most")]
    TooManyDecimals { found: usize },
    #[error("an amount has no digit before character {position}")]
    MissingDigit { position: usize },
    #[error("an amount has `{found}` at character {position}, where only a digit can stand")]
    NotADigit { found: char, position: usize },
    #[error("an amount is outside ±92233720368547758.07")]
    Overflow,
}

/// How a computed amount becomes whole fen. Named at each use, because each rule names its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest fen, half a fen away from zero (四舍五入到分).
    HalfUp,
    /// Any fraction of a fen becomes a whole one, away from zero (见厘进分).
    UpToFen,
    /// The fraction of a fen is dropped, towards zero.
    Down,
}

impl Money {
    pub const ZERO: Money = Money(0);

    pub const fn from_fen(fen: i64) -> Money {
        Money(fen)
    }

    pub const fn fen(self) -> i64 {
        self.0
    }

    /// Reads exactly `123`, `123.4` or `123.45`, with an optional leading `-`, in yuan.
    pub fn parse(text: &str) -> Result<Money, MoneyError> {
        let (negative, digits, offset) = match text.strip_prefix('-') {
            Some(rest) => (true, rest, 1),
            None => (false, text, 0),
        };
        if text.is_empty() {
            return Err(MoneyError::Empty);
        }
        check_characters(digits, offset)?;
        let (yuan, decimals) = match digits.split_once('.') {
            Some((_, "")) => {
                return Err(MoneyError::MissingDigit { position: text.len() + 1 });
            }
            Some((yuan, decimals)) => (yuan, decimals),
            None => (digits, ""),
        };
        if yuan.is_empty() {
            return Err(MoneyError::MissingDigit { position: offset + 1 });
        }
        if decimals.len() > 2 {
            return Err(MoneyError::TooManyDecimals { found: decimals.len() });
        }
        // Counted downwards, because the range has one more negative value than positive ones.
        let padded = decimals.bytes().chain(std::iter::repeat(b'0')).take(2);
        let fen = yuan
            .bytes()
            .chain(padded)
            .try_fold(0_i64, |sum, b| sum.checked_mul(10)?.checked_sub(i64::from(b - b'0')))
            .ok_or(MoneyError::Overflow)?;
        if negative {
            Ok(Money(fen))
        } else {
            fen.checked_neg().map(Money).ok_or(MoneyError::Overflow)
        }
    }

    /// `yuan` rounded to whole fen by `rounding`.
    pub fn from_decimal(yuan: Decimal, rounding: Rounding) -> Result<Money, MoneyError> {
        let strategy = match rounding {
            Rounding::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            Rounding::UpToFen => RoundingStrategy::AwayFromZero,
            Rounding::Down => RoundingStrategy::ToZero,
        };
        let mut rounded = yuan.round_dp_with_strategy(2, strategy);
        rounded.rescale(2);
        // `rescale` keeps fewer decimals when the mantissa is full: far outside our range.
        if rounded.scale() != 2 {
            return Err(MoneyError::Overflow);
        }
        i64::try_from(rounded.mantissa()).map(Money).map_err(|_| MoneyError::Overflow)
    }

    /// The amount in yuan, exact, for formulas.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    #[must_use]
    pub fn checked_add(self, other: Money) -> Option<Money> {
        self.0.checked_add(other.0).map(Money)
    }

    #[must_use]
    pub fn checked_sub(self, other: Money) -> Option<Money> {
        self.0.checked_sub(other.0).map(Money)
    }

    #[must_use]
    pub fn checked_neg(self) -> Option<Money> {
        self.0.checked_neg().map(Money)
    }

    /// `times` the amount, as months of back-pay.
    #[must_use]
    pub fn checked_mul_int(self, times: i64) -> Option<Money> {
        self.0.checked_mul(times).map(Money)
    }

    /// The sum, or `None` on overflow; the empty sum is zero.
    pub fn try_sum(amounts: impl IntoIterator<Item = Money>) -> Option<Money> {
        amounts.into_iter().try_fold(Money::ZERO, Money::checked_add)
    }

    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// Every character is a digit, but for one point at most; the first that is not decides the error.
fn check_characters(digits: &str, offset: usize) -> Result<(), MoneyError> {
    let mut point = false;
    for (index, found) in digits.chars().enumerate() {
        let position = offset + index + 1;
        match found {
            '0'..='9' => {}
            '.' if !point => point = true,
            ',' | '，' => return Err(MoneyError::Separator { position }),
            'e' | 'E' if index > 0 => return Err(MoneyError::Exponent { position }),
            _ if found.is_whitespace() => return Err(MoneyError::Blank { position }),
            _ => return Err(MoneyError::NotADigit { found, position }),
        }
    }
    if digits.is_empty() {
        return Err(MoneyError::MissingDigit { position: offset + 1 });
    }
    Ok(())
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        // Through `pad`, so that width and alignment of the caller's format hold.
        f.pad(&format!("{sign}{}.{:02}", fen / 100, fen % 100))
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Money({self})")
    }
}

impl FromStr for Money {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Money, MoneyError> {
        Money::parse(text)
    }
}

serde_as_text!(Money, "an amount in yuan as a decimal string, like \"1280.00\"");

/// Panics on overflow; a rule that can meet foreign figures uses [`Money::checked_add`].
impl Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        self.checked_add(other).expect("a sum of money fits in 64 bits of fen")
    }
}

/// Panics on overflow; a rule that can meet foreign figures uses [`Money::checked_sub`].
impl Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        self.checked_sub(other).expect("a difference of money fits in 64 bits of fen")
    }
}

impl Neg for Money {
    type Output = Money;
    fn neg(self) -> Money {
        self.checked_neg().expect("a negated amount fits in 64 bits of fen")
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        *self = *self + other;
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Money) {
        *self = *self - other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money::ZERO, Add::add)
    }
}

impl<'a> Sum<&'a Money> for Money {
    fn sum<I: Iterator<Item = &'a Money>>(amounts: I) -> Money {
        amounts.copied().sum()
    }
}
