//! Personal fields: opened where the reader may see them, masked where not.

use commands::KeyFault;
use shared::Sealed;
use uuid::Uuid;

use crate::fault::Fault;
use crate::request::Request;

/// How a masked value looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mask {
    /// 张*
    Name,
    /// 320602********1234
    Number,
    /// 138****5678
    Phone,
    /// ****1234
    Account,
    /// Nothing of it: an address.
    All,
}

/// The clear value of `field` (`person.name`), or its mask. `None` once the subject was erased.
///
/// # Errors
/// When the keys are not there.
pub fn shown(
    request: &Request,
    subject: Uuid,
    sealed: &Sealed,
    field: &str,
    mask: Mask,
) -> Result<Option<String>, Fault> {
    let clear = match request.app().keys.open(subject, &sealed.0) {
        Ok(clear) => clear,
        Err(KeyFault::Erased { .. }) => return Ok(None),
        Err(fault @ (KeyFault::Unavailable(_) | KeyFault::Broken(_))) => return Err(fault.into()),
    };
    if request.scope.unseals(field) {
        return Ok(Some(clear.into_exposed()));
    }
    Ok(Some(mask.of(clear.expose())))
}

impl Mask {
    fn of(self, clear: &str) -> String {
        let chars: Vec<char> = clear.chars().collect();
        let (head, tail) = match self {
            Self::Name => (1, 0),
            Self::Number => (6, 4),
            Self::Phone => (3, 4),
            Self::Account => (0, 4),
            Self::All => (0, 0),
        };
        match self {
            Self::All => return "****".to_owned(),
            // Its length says which bank it is.
            Self::Account => {
                let tail: String = chars.iter().skip(chars.len().saturating_sub(tail)).collect();
                return if chars.len() > 8 { format!("****{tail}") } else { "****".to_owned() };
            }
            Self::Name | Self::Number | Self::Phone => {}
        }
        let hidden = chars.len().saturating_sub(head + tail);
        // So short that the ends would be all of it.
        if hidden == 0 {
            return "*".repeat(chars.len());
        }
        let shown = |part: &[char]| part.iter().collect::<String>();
        format!(
            "{}{}{}",
            shown(&chars[..head]),
            "*".repeat(hidden),
            shown(&chars[chars.len() - tail..])
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_leaves_only_what_tells_two_rows_apart() {
        for (mask, clear, masked) in [
            (Mask::Name, "张三", "张*"),
            (Mask::Name, "欧阳小明", "欧***"),
            (Mask::Name, "张", "*"),
            (Mask::Number, "320602199001011234", "320602********1234"),
            (Mask::Number, "E12345678", "*********"),
            (Mask::Phone, "13812345678", "138****5678"),
            (Mask::Account, "6222021111001234567", "****4567"),
            (Mask::Account, "1234", "****"),
            (Mask::All, "南通市崇川区", "****"),
        ] {
            assert_eq!(mask.of(clear), masked);
        }
    }
}
