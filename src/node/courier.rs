//! Files to the banks through folders: `<data-dir>/banks/<bank>/out`, each file whole before its
//! ready mark.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use commands::disbursement::{ComposedFile, Courier, FactsFault};
use kernel::log::Answer;
use shared::BankCode;

pub struct Folders {
    root: PathBuf,
}

impl Folders {
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Where a bank takes its files.
    pub fn outbox(root: &Path, bank: BankCode) -> PathBuf {
        root.join(bank.as_str()).join("out")
    }
}

impl Courier for Folders {
    fn deliver<'a>(
        &'a self,
        bank: BankCode,
        file: &'a ComposedFile,
    ) -> Answer<'a, Result<(), FactsFault>> {
        Box::pin(async move {
            let dir = Self::outbox(&self.root, bank);
            let put = || {
                fs::create_dir_all(&dir)?;
                place(&dir, &file.name, &file.bytes)?;
                // The bank looks for the mark: it comes last.
                place(&dir, &file.ready_name, &file.ready_bytes)
            };
            put().map_err(|fault: std::io::Error| FactsFault::Unavailable(fault.to_string()))
        })
    }
}

/// Whole or not at all, and durable: a temporary name, a flush, a rename.
pub(super) fn place(dir: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let name = Path::new(name).file_name().ok_or(std::io::ErrorKind::InvalidFilename)?;
    let whole = dir.join(name);
    if fs::read(&whole).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let part = dir.join(format!(".{}.part", name.to_string_lossy()));
    let mut file = fs::File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, &whole)?;
    fs::File::open(dir)?.sync_all()
}
