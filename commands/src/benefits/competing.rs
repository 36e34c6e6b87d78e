//! What a person draws already beside what is to be granted, by the matrix of competing benefits
//! (DISBURSEMENT 2.15).

use benefits::claims;
use benefits::grant::{Grant, Registration};
use definitions::Catalogue;
use definitions::kinds::competing::{Competing, Rule};
use kernel::StreamName;
use shared::{GrantId, ItemId, Month, PersonId};

use crate::error::{CommandError, Refused};
use crate::unit::Unit;

/// Another grant that stands beside this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beside {
    pub other: GrantId,
    pub item: ItemId,
    pub rule: Rule,
}

/// The grants that a new one stands beside, with a note or with the difference; each of them is
/// guarded.
///
/// # Errors
/// When the matrix refuses it, with the grant that stands against it.
pub(super) async fn beside(
    unit: &Unit,
    rules: &Catalogue,
    new: &Registration,
    group: &[PersonId],
) -> Result<Vec<Beside>, CommandError> {
    let mut found = Vec::new();
    for pair in rules.all::<Competing>().values() {
        let Some(item) = pair.other(new.item) else { continue };
        if pair.rule == Rule::Allowed {
            continue;
        }
        let keys: Vec<String> =
            group.iter().map(|person| claims::open_grant(item, *person, None)).collect();
        for held in unit.log().claims(&keys).await?.into_iter().flatten() {
            let stream = StreamName::stored(held.holder);
            let (state, _) = unit.guard::<Grant>(stream.id()).await?;
            let Some(other) = state.record() else { continue };
            if !overlap((new.from, new.to), (other.from, other.last)) {
                continue;
            }
            match pair.rule {
                Rule::Allowed => {}
                Rule::Warn | Rule::Difference => {
                    found.push(Beside { other: other.grant, item, rule: pair.rule });
                }
                // The first of a forbidden pair may come later: the second is then stopped.
                Rule::Forbidden if pair.first == new.item => {
                    found.push(Beside { other: other.grant, item, rule: pair.rule });
                }
                Rule::Forbidden | Rule::ChooseOne => {
                    return Err(Refused::new(
                        "GRANT_COMPETES",
                        format!(
                            "该人员已享受项目{item}，按“{}”不得同时享受{}",
                            pair.name.zh, new.item
                        ),
                        format!(
                            "the person draws {item} already: {} is not paid beside it",
                            new.item
                        ),
                    )
                    .field("item")
                    .param("grant", other.grant)
                    .param("rule", pair.rule)
                    .into());
                }
            }
        }
    }
    Ok(found)
}

fn overlap(one: (Month, Option<Month>), other: (Month, Option<Month>)) -> bool {
    one.1.is_none_or(|last| other.0 <= last) && other.1.is_none_or(|last| one.0 <= last)
}
