//! What a bank's file server can do, in the words of SFTP, and no more than its servers keep.
//!
//! ```text
//! out/<name>, then its ready mark       what the bank is to take
//! out/.<name>.<token>.part              on its way there: the bank does not look at it
//! out/taken/<name>                      what the bank took, where it keeps that
//! in/<name>, then its ready mark        replies
//! in/<book>/<name>, then its ready mark statements of one book's account
//! in/…/taken/, in/…/refused/            what was read here
//! ```

use std::sync::Arc;

use kernel::log::Answer;
use shared::BankCode;
use thiserror::Error;

use crate::error::CommandError;

/// The file server of each bank.
pub trait BankServers: Send + Sync + 'static {
    fn of(&self, bank: BankCode) -> Arc<dyn FileServer>;
}

/// One bank's file server. Paths have `/` between their names and none before the first.
///
/// After [`ServerFault::Lost`] nobody knows whether it was done: only looking tells.
pub trait FileServer: Send + Sync + 'static {
    /// What lies right below a folder, in any order; it may be behind. Nothing where there is no
    /// such folder.
    fn list<'a>(&'a self, folder: &'a str) -> Answer<'a, Result<Vec<Listed>, ServerFault>>;

    /// How long a file is; `None` where there is none.
    fn size<'a>(&'a self, path: &'a str) -> Answer<'a, Result<Option<u64>, ServerFault>>;

    /// The whole of a file of at most `bytes_max`.
    fn read<'a>(
        &'a self,
        path: &'a str,
        bytes_max: u64,
    ) -> Answer<'a, Result<Vec<u8>, ServerFault>>;

    /// Cuts the file at `offset`, or makes it, and goes on with `bytes`, durably. Lost in between,
    /// any part of them may stand.
    fn write<'a>(
        &'a self,
        path: &'a str,
        offset: u64,
        bytes: &'a [u8],
    ) -> Answer<'a, Result<(), ServerFault>>;

    /// Gives a file another name, in one step: it has the one or the other, and never both. A file
    /// that has the new name is not replaced. Makes the folder.
    fn rename<'a>(&'a self, from: &'a str, to: &'a str) -> Answer<'a, Result<(), ServerFault>>;

    /// No file has this name afterwards.
    fn remove<'a>(&'a self, path: &'a str) -> Answer<'a, Result<(), ServerFault>>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    pub is_folder: bool,
}

/// Why a file server did not do what was asked. Names may be anybody's and are not told.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ServerFault {
    #[error("the connection was lost: {0}")]
    Lost(String),
    #[error("there is no file of this name")]
    Absent,
    #[error("another file has this name")]
    Occupied,
    #[error("the file has more than {bytes_max} bytes")]
    TooLarge { bytes_max: u64 },
}

impl ServerFault {
    /// Whether asking again may help.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self {
            Self::Lost(_) | Self::Absent => true,
            Self::Occupied | Self::TooLarge { .. } => false,
        }
    }
}

impl From<ServerFault> for CommandError {
    fn from(fault: ServerFault) -> Self {
        Self::Unavailable { what: fault.to_string(), retryable: fault.retryable() }
    }
}
