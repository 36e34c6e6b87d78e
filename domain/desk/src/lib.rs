//! What people write to each other about figures, and how each arranges his own screens (S1 批示与回复).
//!
//! | question | module | streams |
//! |---|---|---|
//! | Who said or asked what about which figure, and what was answered? | [`note`] | `note-<id>` |
//! | How does somebody see a screen? | [`layout`] | `layout-<dashboard>/<actor>` |
//!
//! **Invariant** a question or an instruction has one addressee, and he alone answers it, once.

#![deny(clippy::wildcard_enum_match_arm)]

pub mod layout;
pub mod note;

#[cfg(test)]
mod history;

pub use layout::Layout;
pub use note::Note;
