//! The banks' file servers as folders: on this machine, or where another machine's are mounted.
//!
//! **Layout** `<root>/<bank>/` and below it the paths of the port.
//! **Invariant** what was written and renamed is durable when it is answered; no path leads out of the
//! bank's folder.

use std::fs::{self, File, OpenOptions};
use std::future::ready;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use commands::disbursement::{BankServers, FileServer, Listed, ServerFault};
use kernel::log::Answer;
use shared::BankCode;

/// One folder for each bank.
pub struct DiskServers {
    root: PathBuf,
}

impl DiskServers {
    /// Folders are made when they are first needed.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Where a bank takes its files.
    #[must_use]
    pub fn outbox(root: &Path, bank: BankCode) -> PathBuf {
        root.join(bank.as_str()).join("out")
    }
}

impl BankServers for DiskServers {
    fn of(&self, bank: BankCode) -> Arc<dyn FileServer> {
        Arc::new(DiskServer { root: self.root.join(bank.as_str()) })
    }
}

struct DiskServer {
    root: PathBuf,
}

impl DiskServer {
    /// Plain names only.
    fn at(&self, path: &str) -> io::Result<PathBuf> {
        let plain = |name: &str| {
            !name.is_empty() && name != "." && name != ".." && !name.contains(['\\', '\0'])
        };
        if path.split('/').all(plain) {
            Ok(self.root.join(path))
        } else {
            Err(io::ErrorKind::InvalidFilename.into())
        }
    }

    fn listed(&self, folder: &str) -> io::Result<Vec<Listed>> {
        let entries = match fs::read_dir(self.at(folder)?) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry?;
            let kind = entry.file_type()?;
            // A name that is not UTF-8 is no bank's; what is neither file nor folder is nobody's.
            if let Ok(name) = entry.file_name().into_string()
                && (kind.is_file() || kind.is_dir())
            {
                found.push(Listed { name, is_folder: kind.is_dir() });
            }
        }
        Ok(found)
    }

    fn length(&self, path: &str) -> io::Result<Option<u64>> {
        match fs::symlink_metadata(self.at(path)?) {
            Ok(found) if found.is_file() => Ok(Some(found.len())),
            Ok(_) => Ok(None),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    fn whole(&self, path: &str, bytes_max: u64) -> Result<Vec<u8>, ServerFault> {
        let mut bytes = Vec::new();
        let file = self.at(path).and_then(File::open).map_err(fault)?;
        file.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes).map_err(fault)?;
        if bytes.len() as u64 > bytes_max {
            return Err(ServerFault::TooLarge { bytes_max });
        }
        Ok(bytes)
    }

    fn put(&self, path: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let path = self.at(path)?;
        let folder = folder(&path);
        fs::create_dir_all(folder)?;
        let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(&path)?;
        file.set_len(offset)?;
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        File::open(folder)?.sync_all()
    }

    fn move_to(&self, from: &str, to: &str) -> Result<(), ServerFault> {
        let (from, to) = (self.at(from).map_err(fault)?, self.at(to).map_err(fault)?);
        // Only we give these names: nobody comes between the look and the step.
        if to.symlink_metadata().is_ok() {
            return Err(ServerFault::Occupied);
        }
        let moved = || {
            fs::create_dir_all(folder(&to))?;
            fs::rename(&from, &to)?;
            File::open(folder(&to))?.sync_all()?;
            File::open(folder(&from))?.sync_all()
        };
        moved().map_err(fault)
    }

    fn away(&self, path: &str) -> io::Result<()> {
        let path = self.at(path)?;
        match fs::remove_file(&path) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(fault) => Err(fault),
            Ok(()) => File::open(folder(&path))?.sync_all(),
        }
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

fn fault(fault: io::Error) -> ServerFault {
    match fault.kind() {
        io::ErrorKind::NotFound => ServerFault::Absent,
        _ => ServerFault::Lost(fault.to_string()),
    }
}

impl FileServer for DiskServer {
    fn list<'a>(&'a self, folder: &'a str) -> Answer<'a, Result<Vec<Listed>, ServerFault>> {
        Box::pin(ready(self.listed(folder).map_err(fault)))
    }

    fn size<'a>(&'a self, path: &'a str) -> Answer<'a, Result<Option<u64>, ServerFault>> {
        Box::pin(ready(self.length(path).map_err(fault)))
    }

    fn read<'a>(
        &'a self,
        path: &'a str,
        bytes_max: u64,
    ) -> Answer<'a, Result<Vec<u8>, ServerFault>> {
        Box::pin(ready(self.whole(path, bytes_max)))
    }

    fn write<'a>(
        &'a self,
        path: &'a str,
        offset: u64,
        bytes: &'a [u8],
    ) -> Answer<'a, Result<(), ServerFault>> {
        Box::pin(ready(self.put(path, offset, bytes).map_err(fault)))
    }

    fn rename<'a>(&'a self, from: &'a str, to: &'a str) -> Answer<'a, Result<(), ServerFault>> {
        Box::pin(ready(self.move_to(from, to)))
    }

    fn remove<'a>(&'a self, path: &'a str) -> Answer<'a, Result<(), ServerFault>> {
        Box::pin(ready(self.away(path).map_err(fault)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> (tempfile::TempDir, DiskServer) {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("BOC");
        (dir, DiskServer { root })
    }

    #[test]
    fn a_file_is_written_on_and_has_one_name() {
        let (_dir, server) = server();
        assert_eq!(server.listed("out").unwrap(), []);
        assert_eq!(server.length("out/a").unwrap(), None);
        server.put("out/.a.part", 0, b"one two").unwrap();
        server.put("out/.a.part", 4, b"three").unwrap();
        assert_eq!(server.whole("out/.a.part", 9).unwrap(), b"one three");
        assert_eq!(server.whole("out/.a.part", 8), Err(ServerFault::TooLarge { bytes_max: 8 }));
        server.move_to("out/.a.part", "out/a").unwrap();
        assert_eq!(server.move_to("out/.a.part", "out/b"), Err(ServerFault::Absent));
        server.put("out/.b.part", 0, b"").unwrap();
        assert_eq!(server.move_to("out/.b.part", "out/a"), Err(ServerFault::Occupied));
        server.move_to("out/a", "out/taken/a").unwrap();
        assert_eq!(server.length("out/taken").unwrap(), None, "a folder is no file");
        let mut listed = server.listed("out").unwrap();
        listed.sort_by(|a, b| a.name.cmp(&b.name));
        let names: Vec<_> = listed.iter().map(|one| (one.name.as_str(), one.is_folder)).collect();
        assert_eq!(names, [(".b.part", false), ("taken", true)]);
        server.away("out/.b.part").unwrap();
        server.away("out/.b.part").unwrap();
        assert_eq!(server.length("out/.b.part").unwrap(), None);
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        let (dir, server) = server();
        fs::write(dir.path().join("secret"), "s").unwrap();
        for outside in ["../secret", "/etc/passwd", "out/../../secret", "", "out//a", "."] {
            assert!(server.whole(outside, 9).is_err(), "{outside}");
            assert!(server.put(outside, 0, b"x").is_err(), "{outside}");
            assert!(server.move_to(outside, "out/a").is_err(), "{outside}");
            assert!(server.away(outside).is_err(), "{outside}");
        }
        assert_eq!(fs::read(dir.path().join("secret")).unwrap(), b"s");
    }
}
