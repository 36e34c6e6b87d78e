//! Keys in a folder: `master.key`, `subjects.keys`, `signing-<name>.key`, `lock`.
//!
//! The folder is the crown: who has it and the log reads everything. It belongs on another medium
//! than the log's backup, and its backup is as secret as itself.
//!
//! Calls that write block until the disk has flushed: run them where blocking is allowed.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use uuid::Uuid;
use zeroize::Zeroizing;

use super::master::LocalMaster;
use super::subjects::SubjectFile;
use super::{Error, MasterKey, Standing, SubjectKeys, folder};
use crate::{Randomness, SigningKey, hex, sm3};

const MASTER_TITLE: &str = "renshe master key v1";
const SIGNING_TITLE: &str = "renshe SM2 signing key v1";

/// The keys of one installation. One process at a time.
pub struct FileKeys {
    dir: PathBuf,
    master: Arc<dyn MasterKey>,
    subjects: SubjectFile,
    randomness: Arc<dyn Randomness>,
    _lock: File,
}

impl FileKeys {
    /// Opens the key folder; makes folder and master key where there are none at all.
    pub fn open_or_create(dir: &Path, randomness: Arc<dyn Randomness>) -> Result<Self, Error> {
        let lock = folder::claim(dir)?;
        let path = dir.join("master.key");
        let secret = match (folder::open(&path)?, sealed_file(dir)?) {
            (Some(file), _) => read_master(file, &path)?,
            (None, Some(needed_by)) => {
                return Err(Error::MasterMissing { master: path, needed_by });
            }
            (None, None) => create_master(&path, randomness.as_ref())?,
        };
        let master = LocalMaster::new(&secret, Arc::clone(&randomness));
        Self::assemble(dir, Arc::new(master), randomness, lock)
    }

    /// Opens the key folder under a master key kept elsewhere, in an HSM.
    pub fn open_with(
        dir: &Path,
        master: Arc<dyn MasterKey>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, Error> {
        let lock = folder::claim(dir)?;
        Self::assemble(dir, master, randomness, lock)
    }

    fn assemble(
        dir: &Path,
        master: Arc<dyn MasterKey>,
        randomness: Arc<dyn Randomness>,
        lock: File,
    ) -> Result<Self, Error> {
        let subjects = SubjectFile::open_or_create(
            dir.join("subjects.keys"),
            Arc::clone(&master),
            Arc::clone(&randomness),
        )?;
        Ok(Self { dir: dir.to_owned(), master, subjects, randomness, _lock: lock })
    }

    /// The signing key `name`, made at the first call, sealed under the master key.
    pub fn signing_key(&self, name: &str) -> Result<SigningKey, Error> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || !name.chars().all(allowed) {
            return Err(Error::Name);
        }
        let path = self.dir.join(format!("signing-{name}.key"));
        let context = format!("signing-key/v1/{name}");
        if let Some(file) = folder::open(&path)? {
            return self.read_signing_key(file, &path, context.as_bytes());
        }
        let key = SigningKey::generate(self.randomness.as_ref());
        let sealed = self.master.wrap(context.as_bytes(), key.to_bytes().as_slice())?;
        let public = key.verifying_key().to_sec1();
        let text = format!("{SIGNING_TITLE}\n{}\n{}\n", hex(public), hex(sealed));
        folder::replace(&path, |out| {
            out.write_all(text.as_bytes()).map_err(Error::io("write", &path))
        })?;
        Ok(key)
    }

    /// Bytes of an append that a crash had torn and that opening cut off; 0 as a rule.
    pub fn torn_bytes(&self) -> u64 {
        self.subjects.torn_bytes()
    }

    /// Rewrites the subject keys without what was wiped; opening does so when half is dead.
    pub fn compact(&self) -> Result<(), Error> {
        self.subjects.compact()
    }

    fn read_signing_key(
        &self,
        file: File,
        path: &Path,
        context: &[u8],
    ) -> Result<SigningKey, Error> {
        let text = read(file, path)?;
        let parts = || {
            let rest = text.strip_prefix(SIGNING_TITLE)?.strip_prefix('\n')?;
            let (public, sealed) = rest.strip_suffix('\n')?.split_once('\n')?;
            Some((hex::decode(public).ok()?, hex::decode(sealed).ok()?))
        };
        let (public, sealed) = parts().ok_or_else(|| Error::damaged(path, "its form"))?;
        let secret = self.master.unwrap(context, &sealed).map_err(|error| match error {
            Error::Foreign => Error::damaged(path, "its seal does not open"),
            other => other,
        })?;
        let key = <&[u8; 32]>::try_from(secret.as_slice())
            .ok()
            .and_then(|secret| SigningKey::from_bytes(secret).ok())
            .filter(|key| key.verifying_key().to_sec1() == public);
        key.ok_or_else(|| Error::damaged(path, "its public half is of another key"))
    }
}

impl SubjectKeys for FileKeys {
    fn ensure(&self, subjects: &[Uuid]) -> Result<(), Error> {
        self.subjects.ensure(subjects)
    }

    fn standing(&self, subject: Uuid) -> Standing {
        self.subjects.standing(subject)
    }

    fn key(&self, subject: Uuid) -> Result<(u32, Zeroizing<[u8; 16]>), Error> {
        self.subjects.key(subject)
    }

    fn destroy(&self, subjects: &[Uuid]) -> Result<(), Error> {
        self.subjects.destroy(subjects)
    }
}

impl MasterKey for FileKeys {
    fn wrap(&self, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, Error> {
        self.master.wrap(context, secret)
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.master.unwrap(context, wrapped)
    }

    fn blind(&self, kind: &str, text: &str) -> [u8; 32] {
        self.master.blind(kind, text)
    }

    fn mac(&self, bytes: &[u8]) -> [u8; 32] {
        self.master.mac(bytes)
    }
}

/// A file that only a master key made earlier can open.
fn sealed_file(dir: &Path) -> Result<Option<PathBuf>, Error> {
    for entry in fs::read_dir(dir).map_err(Error::io("list", dir))? {
        let path = entry.map_err(Error::io("list", dir))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name == "subjects.keys" || (name.starts_with("signing-") && name.ends_with(".key")) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Three lines: title, secret, and a check against a slip while copying by hand.
fn create_master(path: &Path, randomness: &dyn Randomness) -> Result<Zeroizing<[u8; 32]>, Error> {
    let mut secret = Zeroizing::new([0; 32]);
    randomness.fill(secret.as_mut());
    let digits = Zeroizing::new(hex(secret.as_slice()));
    let text = Zeroizing::new(format!("{MASTER_TITLE}\n{}\n{}\n", digits.as_str(), check(&secret)));
    folder::replace(path, |out| out.write_all(text.as_bytes()).map_err(Error::io("write", path)))?;
    Ok(secret)
}

fn read_master(file: File, path: &Path) -> Result<Zeroizing<[u8; 32]>, Error> {
    let text = read(file, path)?;
    let parts = || {
        let rest = text.strip_prefix(MASTER_TITLE)?.strip_prefix('\n')?;
        let (digits, check) = rest.strip_suffix('\n')?.split_once('\n')?;
        let mut secret = Zeroizing::new([0; 32]);
        hex::decode_to_slice(digits, secret.as_mut()).ok()?;
        Some((secret, check))
    };
    let (secret, written) =
        parts().ok_or_else(|| Error::damaged(path, "it is not a title, 64 digits and a check"))?;
    if check(&secret) != written {
        return Err(Error::damaged(path, "its check does not fit its digits"));
    }
    Ok(secret)
}

fn check(secret: &[u8; 32]) -> String {
    hex(&sm3(&[MASTER_TITLE.as_bytes(), secret].concat())[..8])
}

fn read(mut file: File, path: &Path) -> Result<Zeroizing<String>, Error> {
    let mut text = Zeroizing::new(String::new());
    file.read_to_string(&mut text).map_err(Error::io("read", path))?;
    Ok(text)
}
