//! Humans with several ids, by the claims that a merge left.

use std::collections::{BTreeMap, HashMap};

use shared::PersonId;

use crate::error::CommandError;
use crate::unit::Unit;

const PAGE: usize = 1_000;

/// The ids of every merged human, by each of them.
pub(crate) async fn groups(unit: &Unit) -> Result<HashMap<PersonId, Vec<PersonId>>, CommandError> {
    const PREFIX: &str = registry::claims::GROUPS;
    let mut members: BTreeMap<PersonId, Vec<PersonId>> = BTreeMap::new();
    let mut after = String::new();
    loop {
        let page = unit.log().claims_from(PREFIX, &after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.key);
        for claim in &page {
            let Some((into, from)) = claim.key[PREFIX.len()..].split_once('/') else { continue };
            let into: PersonId = into.parse().map_err(CommandError::fault)?;
            let from: PersonId = from.parse().map_err(CommandError::fault)?;
            members.entry(into).or_insert_with(|| vec![into]).push(from);
        }
    }
    let mut groups = HashMap::new();
    for group in members.into_values() {
        for id in &group {
            groups.insert(*id, group.clone());
        }
    }
    Ok(groups)
}
