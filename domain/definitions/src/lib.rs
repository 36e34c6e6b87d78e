//! What is data and not code: pay items, funds, bank layouts, review chains, accounts, posting
//! policies and dated parameters, written as TOML in a closed vocabulary.
//!
//! [`Catalogue::load`] reads all files and checks them as a whole; it answers with every mistake
//! of every file, or with a catalogue. At run time a definition changes by an event
//! ([`publication`]) and [`History`] gives the catalogue of a business date.
//!
//! | question | module |
//! |---|---|
//! | What may stand in a file? | [`kinds`], one module per kind |
//! | How is it read, with line and column? | [`block`] |
//! | How is a mistake told? | [`mistake`] |
//! | How is a new version put in force? | [`publication`], [`history`] |
//!
//! A new kind is one module that implements [`Kind`] and one line in [`kinds`].
//!
//! **Invariant** nothing of a faulty file is applied, and the catalogue holds no dangling
//! reference.

pub mod block;
mod canonical;
mod catalogue;
mod diff;
pub mod history;
pub mod kinds;
pub mod mistake;
mod notes;
pub mod publication;
mod source;
pub mod word;

pub use block::{Block, Name};
pub use canonical::{digest, to_toml};
pub use catalogue::{Catalogue, Definition, NoSuchDefinition};
pub use diff::{Alteration, Change};
pub use history::History;
pub use kinds::Kind;
pub use kinds::account::{Account, Ledger, Side};
pub use kinds::chain::{Chain, Role, Stage, Step};
pub use kinds::dashboard::{Chart, Compared, Dashboard, Panel, Size, Window};
pub use kinds::fund::{Appropriation, Fund, FundKind, Pooling};
pub use kinds::indicator;
pub use kinds::indicator::{
    Better, Dimension, FactKind, Grain, Grouping, Indicator, Measure, Number, Span, Unit,
};
pub use kinds::item::{ArisesFrom, Bounds, Cycle, Item, OnePer, PayDay, Payee, Weekday};
pub use kinds::layout::{
    AmountFormat, Charset, DateFormat, DigestPlace, Direction, Field, Layout, LineEnd, LineResult,
    Record, Reply, Statement,
};
pub use kinds::parameter::{Parameter, ParameterError, Value, ValueType};
pub use kinds::posting::{Book, Effect, Leg, Occurrence, Occurs, Posting, Term};
pub use mistake::{Code, Mistake};
pub use source::Source;
pub use word::Word;
