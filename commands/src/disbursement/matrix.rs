//! The matrix of competing benefits over a population: who draws something else in the same month.

use std::collections::BTreeMap;

use benefits::claims;
use benefits::grant::Grant;
use definitions::Catalogue;
use definitions::kinds::competing::Rule;
use disbursement::plan::Header;
use kernel::StreamName;
use shared::{ItemId, Money, PersonId};

use super::ports::{Competing, GrantFacts};
use crate::error::CommandError;
use crate::unit::Unit;

const KEYS_AT_ONCE: usize = 1_000;

/// Marks the grants that another benefit of the same month excludes or lessens.
///
/// # Errors
/// When the log cannot be read.
pub(super) async fn apply(
    unit: &Unit,
    rules: &Catalogue,
    header: &Header,
    grants: &mut [GrantFacts],
) -> Result<(), CommandError> {
    for (other, rule) in against(rules, header.item) {
        for piece in grants.chunks_mut(KEYS_AT_ONCE) {
            let asked: Vec<(usize, PersonId)> = piece
                .iter()
                .enumerate()
                .flat_map(|(place, facts)| {
                    let ids = std::iter::once(facts.person).chain(facts.also.iter().copied());
                    ids.map(move |person| (place, person)).collect::<Vec<_>>()
                })
                .collect();
            let keys: Vec<String> =
                asked.iter().map(|(_, person)| claims::open_grant(other, *person, None)).collect();
            let held = unit.log().claims(&keys).await?;
            for ((place, _), held) in asked.into_iter().zip(held) {
                let Some(held) = held else { continue };
                let (grant, _) = unit.load::<Grant>(StreamName::stored(held.holder).id()).await?;
                let Some(amounts) = grant.amounts_for(header.month) else { continue };
                let by: Money = amounts.iter().map(|one| one.amount).sum();
                piece[place].competing = Some(match rule {
                    Rule::Difference => Competing::Less { by },
                    Rule::Forbidden | Rule::ChooseOne | Rule::Allowed | Rule::Warn => {
                        Competing::Excluded
                    }
                });
            }
        }
    }
    Ok(())
}

/// The items that stand against this one in a calculation: of a pair, the first is paid in full.
fn against(rules: &Catalogue, item: ItemId) -> BTreeMap<ItemId, Rule> {
    let mut found = BTreeMap::new();
    for pair in rules.all::<definitions::kinds::competing::Competing>().values() {
        match pair.rule {
            Rule::Forbidden | Rule::ChooseOne | Rule::Difference if pair.second == item => {
                found.insert(pair.first, pair.rule);
            }
            Rule::Forbidden | Rule::ChooseOne | Rule::Difference | Rule::Allowed | Rule::Warn => {}
        }
    }
    found
}
