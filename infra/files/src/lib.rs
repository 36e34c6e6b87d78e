//! What the machine gives: files on its disk, its clock, its randomness.
//!
//! - [`DiskArtefacts`]: the artefact store, content-addressed and sealed at rest.
//! - [`Sm4Pieces`]: how its files are sealed, behind the port [`Cipher`].
//! - [`SmKeys`]: the keys that the write side asks for, over `sm`.
//! - [`DiskFeed`]: the folder of runs that another system paid.
//! - [`SystemClock`], [`RandomIds`].

mod artefacts;
mod cipher;
mod feed;
mod keys;
mod machine;
mod store;

pub use artefacts::DiskArtefacts;
pub use cipher::{Cipher, NotAuthentic, SALT_BYTES, Sm4Pieces, TAG_BYTES};
pub use feed::DiskFeed;
pub use keys::SmKeys;
pub use machine::{RandomIds, SystemClock};
