//! What the machine gives: files on its disk, its clock, its randomness.
//!
//! - [`DiskArtefacts`]: the artefact store, content-addressed and sealed at rest.
//! - [`Sm4Pieces`]: how its files are sealed, behind the port [`Cipher`].
//! - [`SmKeys`]: the keys that the write side asks for, over `sm`.
//! - [`DiskFeed`]: the folder of runs that another system paid.
//! - [`DiskServers`]: the banks' file servers, as folders.
//! - [`SystemClock`], [`RandomIds`].

mod artefacts;
mod bank_servers;
mod cipher;
mod feed;
mod keys;
mod machine;
mod store;

pub use artefacts::DiskArtefacts;
pub use bank_servers::DiskServers;
pub use cipher::{Cipher, NotAuthentic, SALT_BYTES, Sm4Pieces, TAG_BYTES};
pub use feed::DiskFeed;
pub use keys::SmKeys;
pub use machine::{RandomIds, SystemClock};
