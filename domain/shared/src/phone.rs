//! Mainland mobile numbers. Personal data: no `Display`, no `Serialize`, nothing in `Debug`.

use std::fmt;

use crate::inline::Inline;
use crate::number::{NumberError, NumberKind, first_refused, typed};

/// Eleven digits, the first two 13 to 19.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(Inline<11>);

impl Phone {
    /// The country code 86 and blanks or hyphens between groups are dropped first.
    pub fn parse(text: &str) -> Result<Phone, NumberError> {
        let kind = NumberKind::Phone;
        let plain: String = typed(text).chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let text = ["+86", "0086", "86"]
            .iter()
            .find_map(|prefix| plain.strip_prefix(prefix))
            .unwrap_or(&plain);
        let found = text.chars().count();
        if found == 0 {
            return Err(NumberError::Empty { kind });
        }
        if found != 11 {
            return Err(NumberError::Length { kind, expected: "11", found });
        }
        let allowed = |position: usize, c: char| match position {
            1 => c == '1',
            2 => ('3'..='9').contains(&c),
            _ => c.is_ascii_digit(),
        };
        match first_refused(text, allowed) {
            Some(position) => Err(NumberError::Character { kind, position }),
            None => Ok(Phone(Inline::new(text).expect("11 digits were just checked"))),
        }
    }

    /// The number in clear. Personal data.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}
