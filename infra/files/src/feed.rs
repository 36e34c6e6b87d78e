//! The folder of a feed: another system puts files in, and each is taken once.
//!
//! ```text
//! <dir>/in/<name>, then <name>.ok   the file, and the mark that it is whole
//! <dir>/taken/<name>                what was taken
//! <dir>/refused/<name>, .reason     what a rule refused, and why
//! ```
//!
//! **Invariant** a file without its mark is not seen; a file is moved, never changed or removed.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use commands::disbursement::{FactsFault, FeedFolder};
use kernel::log::Answer;

const MARK: &str = ".ok";
/// What is taken in one look; the rest waits for the next.
const NAMES_MAX: usize = 1_000;
const BYTES_MAX: u64 = 512 * 1024 * 1024;

/// A folder on this machine, or one that another machine's is mounted at.
pub struct DiskFeed {
    dir: PathBuf,
}

impl DiskFeed {
    /// The folders below `dir` are made when they are first needed.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let inbox = self.dir.join("in");
        if !inbox.exists() {
            return Ok(Vec::new());
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(&inbox)? {
            let entry = entry?;
            // A name that is not UTF-8 is no feed's; what is no plain file is nobody's.
            let Ok(name) = entry.file_name().into_string() else { continue };
            let plain = entry.file_type()?.is_file() && !name.starts_with('.');
            if plain && !name.ends_with(MARK) && inbox.join(format!("{name}{MARK}")).is_file() {
                names.push(name);
            }
        }
        names.sort_unstable();
        names.truncate(NAMES_MAX);
        Ok(names)
    }

    fn bytes(&self, name: &str) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = File::open(self.dir.join("in").join(plain(name)?))?;
        file.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes)
    }

    fn away(&self, name: &str, refused: Option<&str>) -> io::Result<()> {
        let name = plain(name)?;
        let (inbox, to) = (
            self.dir.join("in"),
            match refused {
                None => self.dir.join("taken"),
                Some(_) => self.dir.join("refused"),
            },
        );
        fs::create_dir_all(&to)?;
        let whole = free(&to, name);
        if let Some(reason) = refused {
            let mut beside = whole.clone().into_os_string();
            beside.push(".reason");
            let mut file = File::create(beside)?;
            writeln!(file, "{reason}")?;
            file.sync_all()?;
        }
        fs::rename(inbox.join(name), &whole)?;
        // The mark goes last: cut before, the file is gone and the mark says nothing.
        match fs::remove_file(inbox.join(format!("{name}{MARK}"))) {
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault),
            Ok(()) | Err(_) => {}
        }
        File::open(&to)?.sync_all()?;
        File::open(&inbox)?.sync_all()
    }
}

/// Names come from the folder; none leads out of it.
fn plain(name: &str) -> io::Result<&str> {
    let only = Path::new(name).file_name().and_then(|only| only.to_str());
    only.filter(|only| *only == name).ok_or_else(|| io::ErrorKind::InvalidFilename.into())
}

/// A path that nothing stands under: a file of the same name came before, and stays.
fn free(dir: &Path, name: &str) -> PathBuf {
    let first = dir.join(name);
    if !first.exists() {
        return first;
    }
    let numbered = (2_u32..).map(|number| dir.join(format!("{name}.{number}")));
    numbered.into_iter().find(|path| !path.exists()).unwrap_or(first)
}

impl FeedFolder for DiskFeed {
    fn arrived(&self) -> Answer<'_, Result<Vec<String>, FactsFault>> {
        Box::pin(std::future::ready(self.names().map_err(unavailable)))
    }

    fn read<'a>(&'a self, name: &'a str) -> Answer<'a, Result<Vec<u8>, FactsFault>> {
        Box::pin(std::future::ready(self.bytes(name).map_err(unavailable)))
    }

    fn put_away<'a>(
        &'a self,
        name: &'a str,
        refused: Option<String>,
    ) -> Answer<'a, Result<(), FactsFault>> {
        Box::pin(std::future::ready(self.away(name, refused.as_deref()).map_err(unavailable)))
    }
}

fn unavailable(fault: io::Error) -> FactsFault {
    FactsFault::Unavailable(fault.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_seen_with_its_mark_and_put_away_once() {
        let dir = tempfile::tempdir().unwrap();
        let feed = DiskFeed::new(dir.path());
        assert!(feed.names().unwrap().is_empty());
        let inbox = dir.path().join("in");
        fs::create_dir_all(&inbox).unwrap();
        for name in ["b.txt", "a.txt", ".c.txt", "half.txt"] {
            fs::write(inbox.join(name), name).unwrap();
        }
        for name in ["b.txt", "a.txt", ".c.txt"] {
            fs::write(inbox.join(format!("{name}.ok")), "").unwrap();
        }
        assert_eq!(feed.names().unwrap(), ["a.txt", "b.txt"]);
        assert_eq!(feed.bytes("a.txt").unwrap(), b"a.txt");
        feed.away("a.txt", None).unwrap();
        feed.away("b.txt", Some("FEED_NOT_OPEN: 未建立")).unwrap();
        assert!(feed.names().unwrap().is_empty());
        assert!(dir.path().join("taken/a.txt").is_file());
        let reason = fs::read_to_string(dir.path().join("refused/b.txt.reason")).unwrap();
        assert!(reason.starts_with("FEED_NOT_OPEN"), "{reason}");
        // The same name again stands beside the first.
        fs::write(inbox.join("a.txt"), "other").unwrap();
        feed.away("a.txt", None).unwrap();
        assert_eq!(fs::read(dir.path().join("taken/a.txt")).unwrap(), b"a.txt");
        assert_eq!(fs::read(dir.path().join("taken/a.txt.2")).unwrap(), b"other");
        for outside in ["../a", "/etc/passwd", "in/a", ""] {
            assert!(feed.bytes(outside).is_err(), "{outside}");
        }
    }
}
