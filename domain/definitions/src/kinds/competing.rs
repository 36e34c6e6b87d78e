//! Competing benefits: what one person may draw beside what (DISBURSEMENT 2.15). A pair that is not
//! in the matrix is allowed.

use serde::Serialize;
use shared::ItemId;

use super::account::plain_id;
use super::{Critic, Definitions, Kind};
use crate::block::{Block, Name};
use crate::mistake::Fault;
use crate::word::words;

words! {
    pub enum Rule {
        /// Said openly, so that nobody asks again.
        Allowed = "allowed",
        /// The first is paid in full, the second as far as it lies above it.
        Difference = "difference",
        /// Whoever is granted one is refused the other.
        ChooseOne = "choose-one",
        /// The second is neither granted nor paid beside the first.
        Forbidden = "forbidden",
        /// Granted and paid, with a note on the grant.
        Warn = "warn",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Competing {
    pub id: String,
    pub name: Name,
    pub source: String,
    /// The one that is paid in full.
    pub first: ItemId,
    pub second: ItemId,
    pub rule: Rule,
}

impl Competing {
    /// The other item of the pair.
    #[must_use]
    pub fn other(&self, item: ItemId) -> Option<ItemId> {
        match item {
            _ if item == self.first => Some(self.second),
            _ if item == self.second => Some(self.first),
            _ => None,
        }
    }
}

impl Kind for Competing {
    const WORD: &'static str = "competing";
    type Id = String;

    fn read(block: &Block<'_>) -> Option<(String, Self)> {
        let (id, name, source) = block.head(plain_id);
        let item = |key| block.reference(key, "item").and_then(|item| item.parse().ok());
        let (first, second) = (item("first"), item("second"));
        let rule = block.word("rule");
        let id = id?;
        Some((
            id.clone(),
            Self { id, name: name?, source: source?, first: first?, second: second?, rule: rule? },
        ))
    }

    fn check(&self, among: &Definitions, critic: &Critic<'_>) {
        if self.first == self.second {
            let (zh, en) = ("项目不能与自身冲突", "an item does not compete with itself");
            critic.note("second", Fault::contradiction(zh, en));
        }
        let same = <Self as super::Listed>::list(among)
            .values()
            .find(|pair| pair.id != self.id && pair.other(self.first) == Some(self.second));
        if let Some(pair) = same {
            critic.note("first", Fault::repeated(&pair.id));
        }
    }
}
