//! The files themselves, written and read with blocking calls.
//!
//! **Layout** `<dir>/aa/bb/<digest>`: `renshe artefact v2\n`, 16 bytes of salt, the clear length (8
//! bytes, big-endian, zero while being written), then pieces of 64 KiB, each compressed (LZ4 block),
//! sealed, and after its length (4 bytes, big-endian): bank files shrink to less than half, and so
//! does the time that sealing takes. Files under `<dir>/incoming` are on their way and may be removed
//! when nobody writes.
//! **Invariant** a file under its digest is whole and durable.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use commands::{ArtefactFault, StoredArtefact};
use shared::ArtefactId;
use sm::Sm3Writer;

use crate::cipher::{Cipher, SALT_BYTES, TAG_BYTES};

pub(crate) const PIECE_BYTES: usize = 64 * 1024;
const MAGIC: &[u8] = b"renshe artefact v2\n";
/// What does not shrink grows a little.
const SEALED_BYTES_MAX: usize = lz4_flex::block::get_maximum_output_size(PIECE_BYTES) + TAG_BYTES;
const HEAD_BYTES: u64 = (MAGIC.len() + SALT_BYTES + 8) as u64;
pub(crate) const INCOMING: &str = "incoming";

/// A file being written. Dropped unfinished, it removes itself.
pub(crate) struct Writing {
    dir: PathBuf,
    temporary: PathBuf,
    file: Option<BufWriter<File>>,
    cipher: Arc<dyn Cipher>,
    salt: [u8; SALT_BYTES],
    /// Clear bytes of the piece that is not full yet.
    piece: Vec<u8>,
    index: u32,
    digest: Sm3Writer,
    bytes: u64,
    max_bytes: u64,
}

impl Writing {
    pub(crate) fn begin(
        dir: &Path,
        name: &str,
        cipher: Arc<dyn Cipher>,
        salt: [u8; SALT_BYTES],
        max_bytes: u64,
    ) -> Result<Self, ArtefactFault> {
        let temporary = dir.join(INCOMING).join(name);
        let file = OpenOptions::new().write(true).create_new(true).open(&temporary);
        let mut file = BufWriter::new(file.map_err(unavailable)?);
        let begun = file
            .write_all(MAGIC)
            .and_then(|()| file.write_all(&salt))
            .and_then(|()| file.write_all(&0_u64.to_be_bytes()));
        let writing = Self {
            dir: dir.to_owned(),
            temporary,
            file: Some(file),
            cipher,
            salt,
            piece: Vec::with_capacity(PIECE_BYTES),
            index: 0,
            digest: Sm3Writer::new(),
            bytes: 0,
            max_bytes,
        };
        begun.map_err(unavailable)?;
        Ok(writing)
    }

    pub(crate) fn write(&mut self, mut bytes: &[u8]) -> Result<(), ArtefactFault> {
        let total = self.bytes.saturating_add(bytes.len() as u64);
        if total > self.max_bytes {
            return Err(ArtefactFault::TooLarge { max_bytes: self.max_bytes });
        }
        self.digest.update(bytes);
        self.bytes = total;
        while !bytes.is_empty() {
            // A full piece waits until it is known whether it is the last.
            if self.piece.len() == PIECE_BYTES {
                self.seal(false)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(PIECE_BYTES - self.piece.len()));
            self.piece.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<StoredArtefact, ArtefactFault> {
        self.seal(true)?;
        let id = ArtefactId::from_digest(std::mem::take(&mut self.digest).finish());
        let stored = StoredArtefact { id, bytes: self.bytes };
        let path = path(&self.dir, id);
        if size(&self.dir, id)?.is_some() {
            return Ok(stored);
        }
        self.put(&path).map_err(unavailable)?;
        Ok(stored)
    }

    fn put(&mut self, path: &Path) -> io::Result<()> {
        let Some(mut file) = self.file.take() else {
            return Ok(());
        };
        file.flush()?;
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(HEAD_BYTES - 8))?;
        file.write_all(&self.bytes.to_be_bytes())?;
        file.sync_all()?;
        drop(file);
        let second = path.parent().unwrap_or(&self.dir);
        let first = second.parent().unwrap_or(&self.dir);
        fs::create_dir_all(second)?;
        fs::rename(&self.temporary, path)?;
        // The new name, and the folders that may be new with it.
        for folder in [second, first, &self.dir] {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    fn seal(&mut self, last: bool) -> Result<(), ArtefactFault> {
        let packed = lz4_flex::block::compress(&self.piece);
        let sealed = self.cipher.seal(&self.salt, self.index, last, &packed);
        let length = u32::try_from(sealed.len()).expect("a piece is 64 KiB").to_be_bytes();
        self.piece.clear();
        self.index = self
            .index
            .checked_add(1)
            .ok_or(ArtefactFault::TooLarge { max_bytes: self.max_bytes })?;
        match &mut self.file {
            Some(file) => {
                file.write_all(&length).and_then(|()| file.write_all(&sealed)).map_err(unavailable)
            }
            None => Err(ArtefactFault::Unavailable("the file is closed".to_owned())),
        }
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        // After a rename there is nothing to remove; what stays behind is swept at the next start.
        let _gone = fs::remove_file(&self.temporary);
    }
}

/// A file being read.
pub(crate) struct Reading {
    id: ArtefactId,
    file: BufReader<File>,
    cipher: Arc<dyn Cipher>,
    salt: [u8; SALT_BYTES],
    index: u32,
    left: u64,
    over: bool,
    digest: Sm3Writer,
}

impl Reading {
    pub(crate) fn begin(
        dir: &Path,
        id: ArtefactId,
        cipher: Arc<dyn Cipher>,
    ) -> Result<Self, ArtefactFault> {
        let mut file = File::open(path(dir, id)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ArtefactFault::Absent(id),
            _ => unavailable(error),
        })?;
        let (salt, left) = head(&mut file, id)?;
        let digest = Sm3Writer::new();
        let file = BufReader::with_capacity(PIECE_BYTES, file);
        Ok(Self { id, file, cipher, salt, index: 0, left, over: false, digest })
    }

    pub(crate) fn next(&mut self) -> Result<Option<Vec<u8>>, ArtefactFault> {
        if self.over {
            return Ok(None);
        }
        let clear = self.left.min(PIECE_BYTES as u64);
        self.left -= clear;
        let last = self.left == 0;
        let clear = usize::try_from(clear).expect("a piece is 64 KiB");
        let mut length = [0; 4];
        self.read(&mut length)?;
        let length = u32::from_be_bytes(length) as usize;
        if length > SEALED_BYTES_MAX {
            return Err(damaged(self.id, "a piece is longer than any can be"));
        }
        let mut sealed = vec![0; length];
        self.read(&mut sealed)?;
        let packed = self
            .cipher
            .open(&self.salt, self.index, last, &sealed)
            .map_err(|error| damaged(self.id, error))?;
        let piece =
            lz4_flex::block::decompress(&packed, clear).map_err(|error| damaged(self.id, error))?;
        if piece.len() != clear {
            return Err(damaged(self.id, "a piece has another length"));
        }
        self.index += 1;
        self.digest.update(&piece);
        if last {
            self.over = true;
            let digest = std::mem::take(&mut self.digest).finish();
            if ArtefactId::from_digest(digest) != self.id {
                return Err(damaged(self.id, "its digest is another"));
            }
            if self.file.read(&mut [0]).map_err(unavailable)? > 0 {
                return Err(damaged(self.id, "it goes on after its end"));
            }
        }
        Ok(Some(piece))
    }

    fn read(&mut self, bytes: &mut [u8]) -> Result<(), ArtefactFault> {
        self.file.read_exact(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => damaged(self.id, "it ends too early"),
            _ => unavailable(error),
        })
    }
}

pub(crate) fn size(dir: &Path, id: ArtefactId) -> Result<Option<u64>, ArtefactFault> {
    match File::open(path(dir, id)) {
        Ok(mut file) => head(&mut file, id).map(|(_, bytes)| Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unavailable(error)),
    }
}

/// Makes the folders, and removes what an earlier run left unfinished.
pub(crate) fn prepare(dir: &Path) -> io::Result<()> {
    let incoming = dir.join(INCOMING);
    fs::create_dir_all(&incoming)?;
    for left in fs::read_dir(incoming)? {
        fs::remove_file(left?.path())?;
    }
    Ok(())
}

pub(crate) fn path(dir: &Path, id: ArtefactId) -> PathBuf {
    let digest = id.as_str();
    dir.join(&digest[..2]).join(&digest[2..4]).join(digest)
}

fn head(file: &mut File, id: ArtefactId) -> Result<([u8; SALT_BYTES], u64), ArtefactFault> {
    let mut magic = [0; MAGIC.len()];
    let (mut salt, mut bytes) = ([0; SALT_BYTES], [0; 8]);
    file.read_exact(&mut magic)
        .and_then(|()| file.read_exact(&mut salt))
        .and_then(|()| file.read_exact(&mut bytes))
        .map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => damaged(id, "it has no head"),
            _ => unavailable(error),
        })?;
    if magic != MAGIC {
        return Err(damaged(id, "it is no artefact of ours"));
    }
    Ok((salt, u64::from_be_bytes(bytes)))
}

fn damaged(id: ArtefactId, what: impl ToString) -> ArtefactFault {
    ArtefactFault::Damaged { id, what: what.to_string() }
}

pub(crate) fn unavailable(error: impl ToString) -> ArtefactFault {
    ArtefactFault::Unavailable(error.to_string())
}
