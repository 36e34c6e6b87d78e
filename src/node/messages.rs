//! Simulated gateways of short messages and of the mobile app: each message a file of its id,
//! `<data-dir>/messages/<channel>/<id>.json`, for whoever looks at what would have been sent.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use commands::warnings::{Letter, MessageFault, Messages};
use kernel::log::Answer;

pub struct MessageFolders {
    root: PathBuf,
}

impl MessageFolders {
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }
}

impl Messages for MessageFolders {
    fn send<'a>(&'a self, letter: &'a Letter) -> Answer<'a, Result<(), MessageFault>> {
        Box::pin(async move {
            let dir = self.root.join(letter.sent.through.code());
            let bytes =
                serde_json::to_vec(letter).map_err(|fault| MessageFault(fault.to_string()))?;
            let put = || {
                std::fs::create_dir_all(&dir)?;
                place(&dir, &format!("{}.json", letter.id), &bytes)
            };
            put().map_err(|fault: std::io::Error| MessageFault(fault.to_string()))
        })
    }
}

/// Whole or not at all, and durable: a temporary name, a flush, a rename.
fn place(dir: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
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
