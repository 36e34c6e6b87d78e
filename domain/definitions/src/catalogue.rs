//! All definitions together, checked as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Serialize;
use shared::{BankCode, FundCode, ItemId, Money, RunType};
use thiserror::Error;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::block::Block;
use crate::canonical;
use crate::kinds::account::Account;
use crate::kinds::chain::{Chain, Step};
use crate::kinds::fund::Fund;
use crate::kinds::item::Item;
use crate::kinds::layout::Layout;
use crate::kinds::parameter::Parameter;
use crate::kinds::posting::Posting;
use crate::kinds::{Check, Critic, Definitions, Listed, WORDS};
use crate::mistake::{Fault, Mistake};
use crate::notes::{Notes, Place};
use crate::source::Source;

/// One definition as it is shown, compared and published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Definition {
    pub kind: String,
    pub id: String,
    /// Canonical JSON.
    pub body: String,
    /// SM3 over kind and body, hexadecimal: what a run pins.
    pub digest: String,
    /// Where it was read.
    pub file: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no {kind} {id} in the catalogue")]
pub struct NoSuchDefinition {
    pub kind: &'static str,
    pub id: String,
}

/// Every definition in force, without a mistake and without a dangling reference.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalogue {
    typed: Definitions,
    texts: BTreeMap<(String, String), Definition>,
    /// To each definition those that refer to it.
    users: BTreeMap<(String, String), BTreeSet<(String, String)>>,
}

impl Catalogue {
    /// Reads and checks the files as one whole.
    ///
    /// # Errors
    /// Every mistake of every file, by file and line. Then nothing of any file is applied.
    pub fn load(sources: &[Source]) -> Result<Self, Vec<Mistake>> {
        let notes = Notes::default();
        let mut reading = Reading {
            pages: sources,
            notes: &notes,
            catalogue: Self::default(),
            known: BTreeMap::new(),
            checks: Vec::new(),
        };
        for (page, source) in sources.iter().enumerate() {
            reading.file(page, source);
        }
        let Reading { mut catalogue, known, checks, .. } = reading;
        for reference in notes.references.take() {
            let (kind, id) = reference.to;
            let from = (reference.place.kind.clone(), reference.place.id.clone());
            if known.contains_key(&(kind.to_owned(), id.clone())) {
                catalogue.users.entry((kind.to_owned(), id)).or_default().insert(from);
            } else {
                let of_kind = known.keys().filter(|(known, _)| known == kind);
                let ids = of_kind.map(|(_, id)| id.clone()).collect();
                notes.note(sources, &reference.place, Fault::dangling(kind, &id, ids));
            }
        }
        for Waiting { check, place, keys } in &checks {
            let critic = Critic { place, keys, pages: sources, notes: &notes, known: &known };
            check(&catalogue.typed, &critic);
        }
        let mut mistakes = notes.mistakes.into_inner();
        if mistakes.is_empty() {
            return Ok(catalogue);
        }
        mistakes.sort_by(|one, other| {
            (&one.file, one.line, one.column).cmp(&(&other.file, other.line, other.column))
        });
        Err(mistakes)
    }

    /// The definitions that are built into the program.
    ///
    /// # Errors
    /// As [`Catalogue::load`]; a test of this crate sees to it that there are none.
    pub fn bundled() -> Result<Self, Vec<Mistake>> {
        Self::load(&Source::bundled())
    }

    /// This catalogue with the definitions of `amendment` in the place of those of the same id:
    /// how a new version is checked before it is published.
    ///
    /// # Errors
    /// As [`Catalogue::load`]; mistakes of other definitions name the file they came from.
    pub fn amended(&self, amendment: &Source) -> Result<Self, Vec<Mistake>> {
        let replaced = blocks_in(amendment);
        let kept = self
            .definitions()
            .filter(|one| !replaced.contains(&(one.kind.clone(), one.id.clone())));
        let mut sources: Vec<Source> = kept.map(Definition::as_source).collect();
        sources.push(amendment.clone());
        Self::load(&sources)
    }

    /// Every definition of every kind, by kind and id.
    pub fn definitions(&self) -> impl Iterator<Item = &Definition> {
        self.texts.values()
    }

    #[must_use]
    pub fn definition(&self, kind: &str, id: &str) -> Option<&Definition> {
        self.texts.get(&(kind.to_owned(), id.to_owned()))
    }

    /// The kind and id of every definition that refers to this one.
    pub fn used_by(&self, kind: &str, id: &str) -> impl Iterator<Item = &(String, String)> {
        self.users.get(&(kind.to_owned(), id.to_owned())).into_iter().flatten()
    }

    /// Every definition of one kind in its type: `catalogue.all::<Item>()`.
    #[must_use]
    pub fn all<K: Listed>(&self) -> &BTreeMap<K::Id, K> {
        K::list(&self.typed)
    }

    #[must_use]
    pub fn items(&self) -> &BTreeMap<ItemId, Item> {
        self.all::<Item>()
    }

    #[must_use]
    pub fn funds(&self) -> &BTreeMap<FundCode, Fund> {
        self.all::<Fund>()
    }

    #[must_use]
    pub fn layouts(&self) -> &BTreeMap<BankCode, Layout> {
        self.all::<Layout>()
    }

    #[must_use]
    pub fn chains(&self) -> &BTreeMap<String, Chain> {
        self.all::<Chain>()
    }

    /// # Errors
    /// When the catalogue has none of this id; so with all that follow.
    pub fn item(&self, id: ItemId) -> Result<&Item, NoSuchDefinition> {
        self.items().get(&id).ok_or_else(|| none::<Item>(id))
    }

    /// # Errors
    /// When there is none.
    pub fn fund(&self, code: FundCode) -> Result<&Fund, NoSuchDefinition> {
        self.funds().get(&code).ok_or_else(|| none::<Fund>(code))
    }

    /// # Errors
    /// When there is none.
    pub fn layout(&self, bank: BankCode) -> Result<&Layout, NoSuchDefinition> {
        self.layouts().get(&bank).ok_or_else(|| none::<Layout>(bank))
    }

    /// # Errors
    /// When there is none.
    pub fn chain(&self, id: &str) -> Result<&Chain, NoSuchDefinition> {
        self.all::<Chain>().get(id).ok_or_else(|| none::<Chain>(id))
    }

    /// # Errors
    /// When there is none.
    pub fn account(&self, code: &str) -> Result<&Account, NoSuchDefinition> {
        self.all::<Account>().get(code).ok_or_else(|| none::<Account>(code))
    }

    /// # Errors
    /// When there is none.
    pub fn posting(&self, id: &str) -> Result<&Posting, NoSuchDefinition> {
        self.all::<Posting>().get(id).ok_or_else(|| none::<Posting>(id))
    }

    /// # Errors
    /// When there is none.
    pub fn parameter(&self, id: &str) -> Result<&Parameter, NoSuchDefinition> {
        self.all::<Parameter>().get(id).ok_or_else(|| none::<Parameter>(id))
    }

    /// The steps that a run of this item, type and total goes through, in order; every step by
    /// another person (DISBURSEMENT 2.14).
    ///
    /// # Errors
    /// When there is no such item.
    pub fn chain_for(
        &self,
        item: ItemId,
        run: RunType,
        total: Money,
    ) -> Result<Vec<Step>, NoSuchDefinition> {
        Ok(self.chain(self.item(item)?.chain_id(run))?.steps_for(total))
    }
}

impl Definition {
    /// The definition as TOML text in canonical order.
    #[must_use]
    pub fn toml(&self) -> String {
        canonical::to_toml(&self.kind, &self.body).expect("the body came out of TOML")
    }

    pub(crate) fn as_source(&self) -> Source {
        Source::new(self.file.clone(), self.toml())
    }
}

fn none<K: Listed>(id: impl ToString) -> NoSuchDefinition {
    NoSuchDefinition { kind: K::WORD, id: id.to_string() }
}

/// What has been read so far.
struct Reading<'a> {
    pages: &'a [Source],
    notes: &'a Notes,
    catalogue: Catalogue,
    /// Every id that was seen, also of faulty definitions: else one mistake would cause others.
    known: BTreeMap<(String, String), Place>,
    checks: Vec<Waiting>,
}

/// A definition's check, until the others are read as well.
struct Waiting {
    check: Check,
    place: Place,
    keys: BTreeMap<String, Range<usize>>,
}

impl Reading<'_> {
    fn file(&mut self, page: usize, source: &Source) {
        let (root, errors) = DeTable::parse_recoverable(&source.text);
        for error in &errors {
            let place = root_place(page, error.span().unwrap_or_default());
            self.notes.note(self.pages, &place, Fault::syntax(error.message()));
        }
        if !errors.is_empty() {
            // What the parser saved of the file may not be what was meant.
            return;
        }
        for (key, listed) in root.get_ref() {
            let word: &str = key.get_ref();
            let DeValue::Array(tables) = listed.get_ref() else {
                self.not_a_list(page, word, key.span());
                continue;
            };
            if !WORDS.contains(&word) {
                self.not_a_list(page, word, key.span());
                continue;
            }
            for table in tables {
                match table.get_ref() {
                    DeValue::Table(entries) => self.definition(page, word, table.span(), entries),
                    _ => self.not_a_list(page, word, table.span()),
                }
            }
        }
    }

    fn definition(&mut self, page: usize, word: &str, span: Range<usize>, table: &DeTable<'_>) {
        let block = Block::top(word, page, span, table, (self.pages, self.notes));
        let (kind, id) = (word.to_owned(), block.id().to_owned());
        let read = self.catalogue.typed.read(word, &block);
        block.finish();
        if let Some(check) = read {
            let keys = table.iter().map(|(key, _)| (key.get_ref().to_string(), key.span()));
            let (place, keys) = (block.place().clone(), keys.collect());
            self.checks.push(Waiting { check, place, keys });
        }
        if id.is_empty() {
            return;
        }
        if let Some(first) = self.known.get(&(kind.clone(), id.clone())) {
            let page = &self.pages[first.page];
            let fault = Fault::duplicate_id(&id, &page.file, page.place(&first.span).0);
            self.notes.note(self.pages, &block.place_of_id(), fault);
            return;
        }
        self.known.insert((kind.clone(), id.clone()), block.place_of_id());
        let body = canonical::body(table);
        let digest = canonical::digest(&kind, &body);
        let file = self.pages[page].file.clone();
        let definition = Definition { kind: kind.clone(), id: id.clone(), body, digest, file };
        self.catalogue.texts.insert((kind, id), definition);
    }

    fn not_a_list(&self, page: usize, word: &str, span: Range<usize>) {
        let allowed: Vec<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
        let fault = if allowed.iter().any(|known| known == word) {
            Fault::wrong_type(("[[…]] 表的列表", "a list of [[…]] tables"), word)
        } else {
            Fault::unknown_kind(word, allowed)
        };
        self.notes.note(self.pages, &root_place(page, span), fault);
    }
}

fn root_place(page: usize, span: Range<usize>) -> Place {
    Place { page, kind: String::new(), id: String::new(), path: String::new(), span }
}

/// The kind and id of every table of a file, as far as it can be read.
fn blocks_in(source: &Source) -> BTreeSet<(String, String)> {
    let (root, _) = DeTable::parse_recoverable(&source.text);
    let mut found = BTreeSet::new();
    for (key, listed) in root.get_ref() {
        let tables = listed.get_ref().as_array().into_iter().flatten();
        for table in tables.filter_map(|table| table.get_ref().as_table()) {
            if let Some(id) = table.get("id").map(Spanned::get_ref).and_then(DeValue::as_str) {
                found.insert((key.get_ref().to_string(), id.to_owned()));
            }
        }
    }
    found
}
