//! Personal fields: opened where the reader may see them, masked where not.
//!
//! **Invariant** a clear value leaves only after the access log holds who looked at it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use async_graphql::Context;
use commands::KeyFault;
use commands::access::Looked;
use shared::Sealed;
use uuid::Uuid;

use crate::fault::Fault;
use crate::request::{Request, request};

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

/// Which clear values of this operation wait to be recorded, and which are.
#[derive(Default)]
pub struct Looks {
    waiting: Mutex<Subjects>,
    /// Held while a record is written, so that one record holds what siblings show.
    recorded: tokio::sync::Mutex<Subjects>,
}

type Subjects = BTreeMap<Uuid, BTreeSet<&'static str>>;

/// The clear value of `field` (`person.name`), or its mask. `None` once the subject was erased.
///
/// # Errors
/// When the keys are not there, or the look cannot be recorded: then nothing is shown.
pub async fn shown(
    ctx: &Context<'_>,
    subject: Uuid,
    sealed: &Sealed,
    field: &'static str,
    mask: Mask,
) -> Result<Option<String>, Fault> {
    // A view holds nothing more of an erased subject.
    if sealed.0.is_empty() {
        return Ok(None);
    }
    let request = request(ctx);
    let clear = match request.app().keys.open(subject, &sealed.0) {
        Ok(clear) => clear,
        Err(KeyFault::Erased { .. }) => return Ok(None),
        Err(fault @ (KeyFault::Unavailable(_) | KeyFault::Broken(_))) => return Err(fault.into()),
    };
    if !request.scope.unseals(field) {
        return Ok(Some(mask.of(clear.expose())));
    }
    record(ctx, request, subject, field).await?;
    Ok(Some(clear.into_exposed()))
}

/// Returns when it is durable that this field of this subject was looked at.
async fn record(
    ctx: &Context<'_>,
    request: &Request,
    subject: Uuid,
    field: &'static str,
) -> Result<(), Fault> {
    let looks = &request.looks;
    let waiting = || looks.waiting.lock().unwrap_or_else(PoisonError::into_inner);
    waiting().entry(subject).or_default().insert(field);
    // The siblings ask in this turn: one record holds them all.
    tokio::task::yield_now().await;
    let mut recorded = looks.recorded.lock().await;
    if recorded.get(&subject).is_some_and(|fields| fields.contains(field)) {
        return Ok(());
    }
    let mut now = std::mem::take(&mut *waiting());
    // It is gone where the record that held it could not be written.
    now.entry(subject).or_default().insert(field);
    let looked = Looked {
        function: request.scope.function.clone(),
        operation: ctx.query_env.operation_name.clone(),
        purpose: request.purpose.clone(),
        position: request.token(request.shown()).0.to_string(),
        subjects: now
            .iter()
            .map(|(subject, fields)| {
                (*subject, fields.iter().map(|field| (*field).to_owned()).collect())
            })
            .collect(),
    };
    request.app().access.looked(&request.by()?, looked).await?;
    for (subject, fields) in now {
        recorded.entry(subject).or_default().extend(fields);
    }
    Ok(())
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
