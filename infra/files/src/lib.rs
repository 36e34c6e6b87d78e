//! What the machine gives: files on its disk, its clock, its randomness.
//!
//! - [`DiskArtefacts`]: the artefact store, content-addressed and sealed at rest.
//! - [`Sm4Pieces`]: how its files are sealed, behind the port [`Cipher`].
//! - [`SmKeys`]: the keys that the write side asks for, over `sm`.
//! - [`SystemClock`], [`RandomIds`].

mod artefacts;
mod cipher;
mod keys;
mod machine;
mod store;

pub use artefacts::DiskArtefacts;
pub use cipher::{Cipher, NotAuthentic, SALT_BYTES, Sm4Pieces, TAG_BYTES};
pub use keys::SmKeys;
pub use machine::{RandomIds, SystemClock};
