//! Definitions: pay items by name, and every version of everything that is published.

mod item;
mod mutation;
mod published;

pub use item::{BilingualText, Item, ItemQuery, on_day};
pub use mutation::DefinitionMutation;
pub use published::{Definition, DefinitionQuery};
