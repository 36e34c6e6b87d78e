//! What differs between two catalogues: what an upgrade offers, what an approver sees.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value as Json;

use crate::catalogue::{Catalogue, Definition};

/// One definition that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    pub kind: String,
    pub id: String,
    pub alteration: Alteration,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Alteration {
    Added,
    Removed,
    /// The keys at the top of the definition whose values differ.
    Changed {
        fields: Vec<String>,
    },
}

impl Catalogue {
    /// What must be done to this catalogue to make it `other`, by kind and id.
    #[must_use]
    pub fn diff(&self, other: &Self) -> Vec<Change> {
        let here: BTreeMap<_, _> = self.definitions().map(by_key).collect();
        let there: BTreeMap<_, _> = other.definitions().map(by_key).collect();
        let keys: BTreeSet<_> = here.keys().chain(there.keys()).collect();
        let change = |key: &&(&str, &str)| {
            let alteration = match (here.get(*key), there.get(*key)) {
                (None, None) => return None,
                (None, Some(_)) => Alteration::Added,
                (Some(_), None) => Alteration::Removed,
                (Some(old), Some(new)) if old.digest == new.digest => return None,
                (Some(old), Some(new)) => Alteration::Changed { fields: fields(old, new) },
            };
            Some(Change { kind: key.0.to_owned(), id: key.1.to_owned(), alteration })
        };
        keys.iter().filter_map(change).collect()
    }
}

fn by_key(definition: &Definition) -> ((&str, &str), &Definition) {
    ((&definition.kind, &definition.id), definition)
}

fn fields(old: &Definition, new: &Definition) -> Vec<String> {
    let (old, new) = (entries(old), entries(new));
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    keys.into_iter().filter(|key| old.get(*key) != new.get(*key)).cloned().collect()
}

fn entries(definition: &Definition) -> BTreeMap<String, Json> {
    serde_json::from_str(&definition.body).expect("a body is a JSON object")
}
