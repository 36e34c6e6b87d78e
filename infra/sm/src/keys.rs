//! Keys: the master key behind its port, and one key per subject wrapped by it.
//!
//! **Invariant** a subject has at most one key ever; it is durable before it is handed out; after
//! `destroy` it is never handed out again, also after a restart.

mod file;
mod folder;
mod load;
mod master;
mod memory;
mod records;
mod subjects;

use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::hex;
pub use file::FileKeys;
pub use memory::MemoryKeys;

/// The port for the master key: a hardware security module, or [`FileKeys`].
///
/// An adapter for an HSM lets it wrap and unwrap, and keeps the two keys behind `blind` and `mac`
/// in memory for the life of the process, because they are asked for at every look-up.
pub trait MasterKey: Send + Sync {
    /// Seals `secret`; it opens only with the same `context`.
    fn wrap(&self, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, Error>;

    /// The secret that `wrap` sealed; [`Error::Foreign`] where master key or context differ.
    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error>;

    /// The blind index of `text`, normalised by the caller: equal texts of one kind give equal
    /// codes, and without the key nobody can try numbers one by one. Kinds: `person-no`, `phone`,
    /// `name`, `card-no`, `account`.
    fn blind(&self, kind: &str, text: &str) -> [u8; 32];

    /// The code under which a command's digest is stored: command bodies hold guessable numbers.
    fn mac(&self, bytes: &[u8]) -> [u8; 32];

    /// `blind` as 64 hexadecimal digits, all 32 bytes: claims rest on it for ever, and two persons
    /// under one code would be one person to the log. The bytes saved would not pay for an
    /// argument about collisions.
    fn blind_hex(&self, kind: &str, text: &str) -> String {
        hex(self.blind(kind, text))
    }
}

/// Where a subject's key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// There never was a key.
    Absent,
    /// The key of this version, from 1, seals and opens.
    Live { version: u32 },
    /// The key was destroyed, for ever.
    Erased,
}

/// One key per subject.
pub trait SubjectKeys: Send + Sync {
    /// Makes the keys that are missing and returns when they are durable: one flush for all of
    /// them. [`Error::Erased`] where a subject was erased, and then none is made.
    fn ensure(&self, subjects: &[Uuid]) -> Result<(), Error>;

    fn standing(&self, subject: Uuid) -> Standing;

    /// The live key and its version; [`Error::Absent`] or [`Error::Erased`] where there is none.
    fn key(&self, subject: Uuid) -> Result<(u32, Zeroizing<[u8; 16]>), Error>;

    /// Destroys the keys and leaves tombstones, durable on return; for a subject without a key
    /// just the tombstone. Doing it again changes nothing. Callers with a [`Sealer`](crate::Sealer)
    /// call its `erase`, which also forgets the cached key.
    fn destroy(&self, subjects: &[Uuid]) -> Result<(), Error>;
}

/// Why a key could not be had. No variant holds key material.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot {action} {}", .path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error(
        "{} can be read by others (mode {mode:o}): allow only its owner, `chmod 600`, and ask who read it",
        .path.display()
    )]
    ReadableByOthers { path: PathBuf, mode: u32 },
    #[error("the key folder {} is in use by another process", .path.display())]
    InUse { path: PathBuf },
    #[error(
        "{} is missing, yet {} needs it: put it back from its backup, a new one opens nothing",
        .master.display(), .needed_by.display()
    )]
    MasterMissing { master: PathBuf, needed_by: PathBuf },
    #[error("{} is damaged ({what}): put it back from its backup", .path.display())]
    Damaged { path: PathBuf, what: String },
    #[error(
        "{} belongs to another master key: put the two back from one backup",
        .path.display()
    )]
    OtherMaster { path: PathBuf },
    #[error("the wrapped key was not wrapped by this master key for this purpose, or was altered")]
    Foreign,
    #[error(
        "an earlier write to {} failed and its outcome is unknown: restart to read it again",
        .path.display()
    )]
    Broken { path: PathBuf },
    #[error("a key's name has only a-z, 0-9 and hyphens")]
    Name,
    #[error("subject {subject} has no key")]
    Absent { subject: Uuid },
    #[error("subject {subject} was erased")]
    Erased { subject: Uuid },
}

impl Error {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), what: what.into() }
    }
}

/// What a subject's wrapped key is bound to: a record moved to another subject does not unwrap.
fn context(subject: Uuid, version: u32) -> Vec<u8> {
    [&b"subject-key/v1"[..], subject.as_bytes(), &version.to_be_bytes()].concat()
}
