//! Sub-commands beside a serving process go through it, because it holds the installation.
//!
//! **Socket** `<data-dir>/control.sock`, for the serving process's own user alone (0600). A
//! connection carries one line of JSON, the words of a command line and where they were typed; lines
//! of JSON come back: what is printed, how far it is, and at last the exit code.
//! **Invariant** the words are read and carried out by the code that does it where nobody serves:
//! there is no second way to do anything. Whoever hangs up ends his command between two appends.

mod caller;
mod host;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use commands::Ids as _;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::caller::carried_out;
pub use self::host::{Host, Service};
use super::voice::Lang;

const SOCKET: &str = "control.sock";
/// Two programs that differ may mean different things by the same words.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    version: String,
    /// The command line without the program's name.
    words: Vec<String>,
    /// Where it was typed.
    folder: PathBuf,
    lang: Lang,
    /// The command's id, if the words name none: whoever loses the answer asks again with it.
    command: Uuid,
}

/// An id for a command that was given none.
pub fn new_id() -> Uuid {
    files::RandomIds.next()
}

/// A way into a folder that is short enough for a socket's address (108 bytes), however long the
/// folder's own name is.
struct Way {
    path: PathBuf,
    /// The path leads through it.
    _folder: Option<File>,
}

/// What fits into a socket's address with the longest name that we bind.
const PATH_BYTES_MAX: usize = 80;

impl Way {
    fn into(dir: &Path) -> io::Result<Self> {
        use std::os::fd::AsRawFd as _;
        if dir.as_os_str().len() <= PATH_BYTES_MAX {
            return Ok(Self { path: dir.to_owned(), _folder: None });
        }
        let folder = File::open(dir)?;
        let path = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()));
        Ok(Self { path, _folder: Some(folder) })
    }

    fn to(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}
