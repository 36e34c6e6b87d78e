//! Tables that people hand in: persons, employers, cards, grants, row by row.
//!
//! | question | module | streams |
//! |---|---|---|
//! | How far is it, and how did it end? | [`import`] | `import-<id>` |
//!
//! What a row asks for is a command of its own context; here stands only how the whole went.

#![deny(clippy::wildcard_enum_match_arm)]

pub mod import;

pub use import::Import;
