//! The kinds of definitions. A new kind is a module that implements [`Kind`] and one line below.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::ops::Range;

use crate::block::Block;
use crate::mistake::Fault;
use crate::notes::{Notes, Place};
use crate::source::Source;

pub mod account;
pub mod chain;
pub mod competing;
pub mod dashboard;
pub mod fund;
pub mod indicator;
pub mod item;
pub mod layout;
pub mod parameter;
pub mod posting;
pub mod stop;
pub mod tag;
pub mod warning;

/// The list of kinds: a typed map for each, and the way from a word to a kind.
macro_rules! kinds {
    ($($field:ident: $kind:ty,)+) => {
        /// Every definition in its type, by id.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct Definitions {
            $($field: BTreeMap<<$kind as Kind>::Id, $kind>,)+
        }

        /// The words of all kinds.
        pub const WORDS: &[&str] = &[$(<$kind as Kind>::WORD,)+];

        $(impl Listed for $kind {
            fn list(definitions: &Definitions) -> &BTreeMap<Self::Id, Self> {
                &definitions.$field
            }
        })+

        impl Definitions {
            /// Reads a table of this kind and keeps it under its id.
            pub(crate) fn read(&mut self, word: &str, block: &Block<'_>) -> Option<Check> {
                $(if word == <$kind as Kind>::WORD {
                    let (id, definition) = <$kind as Kind>::read(block)?;
                    self.$field.insert(id.clone(), definition);
                    return Some(Box::new(move |among: &Definitions, critic: &Critic<'_>| {
                        if let Some(definition) = among.$field.get(&id) {
                            definition.check(among, critic);
                        }
                    }));
                })+
                None
            }
        }
    };
}

/// A definition's [`Kind::check`], waiting until all are read.
pub(crate) type Check = Box<dyn Fn(&Definitions, &Critic<'_>)>;

kinds! {
    accounts: account::Account,
    chains: chain::Chain,
    competing: competing::Competing,
    dashboards: dashboard::Dashboard,
    funds: fund::Fund,
    indicators: indicator::Indicator,
    items: item::Item,
    layouts: layout::Layout,
    parameters: parameter::Parameter,
    postings: posting::Posting,
    stops: stop::Stop,
    tags: tag::Tag,
    warnings: warning::Warning,
}

/// A kind of definition: the word of its tables, and how one is read.
pub trait Kind: Clone + Debug + PartialEq + Sized + 'static {
    /// The word in `[[word]]`; it is also stored in events, so it stays for ever.
    const WORD: &'static str;

    type Id: Ord + Clone + Debug;

    /// Reads one table. Asks for every key before it gives up, so that all mistakes are told.
    fn read(block: &Block<'_>) -> Option<(Self::Id, Self)>;

    /// What can be judged only beside the other definitions; references are checked already.
    fn check(&self, _among: &Definitions, _critic: &Critic<'_>) {}
}

/// A kind that has its place among the [`Definitions`].
pub trait Listed: Kind {
    fn list(definitions: &Definitions) -> &BTreeMap<Self::Id, Self>;
}

/// Notes what [`Kind::check`] finds.
pub struct Critic<'a> {
    pub(crate) place: &'a Place,
    /// Where the definition's keys stand.
    pub(crate) keys: &'a BTreeMap<String, Range<usize>>,
    pub(crate) pages: &'a [Source],
    pub(crate) notes: &'a Notes,
    /// Every definition that was written, with mistakes or without, by kind and id.
    pub(crate) known: &'a BTreeMap<(String, String), Place>,
}

impl Critic<'_> {
    pub(crate) fn note(&self, path: &str, fault: Fault) {
        let key = path.split_once('.').map_or(path, |(key, _)| key);
        let span = self.keys.get(key).unwrap_or(&self.place.span).clone();
        let place = Place { path: path.to_owned(), span, ..self.place.clone() };
        self.notes.note(self.pages, &place, fault);
    }

    pub(crate) fn ids_of(&self, kind: &str) -> Vec<String> {
        let of_kind = self.known.keys().filter(|(known, _)| known == kind);
        of_kind.map(|(_, id)| id.clone()).collect()
    }
}
