//! Files that only their owner may read, written whole or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::Error;

/// Makes the folder where it is missing and takes it for this process, until the file is dropped
/// or the process ends, however it ends.
pub(super) fn claim(dir: &Path) -> Result<File, Error> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(Error::io("create the folder", dir))?;
    let path = dir.join("lock");
    let lock = private().create(true).truncate(false).open(&path);
    let lock = lock.map_err(Error::io("open", &path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Error::InUse { path: dir.to_owned() }),
        Err(TryLockError::Error(source)) => Err(Error::io("lock", &path)(source)),
    }
}

/// Opens to read and write, or `None` where there is no such file.
pub(super) fn open(path: &Path) -> Result<Option<File>, Error> {
    let file = match private().open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("open", path)(error)),
    };
    let mode = file.metadata().map_err(Error::io("inspect", path))?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(Error::ReadableByOthers { path: path.to_owned(), mode });
    }
    Ok(Some(file))
}

/// Puts a file with what `write` writes at `path`, in place of an older one, durable on return.
pub(super) fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
) -> Result<File, Error> {
    let file = prepare(path, write)?;
    put_in_place(path)?;
    Ok(file)
}

/// Writes and flushes the file that [`put_in_place`] will put at `path`.
pub(super) fn prepare(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
) -> Result<File, Error> {
    let unfinished = path.with_extension("new");
    if let Err(error) = fs::remove_file(&unfinished)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(Error::io("remove the unfinished", &unfinished)(error));
    }
    let file = private().create_new(true).open(&unfinished);
    let file = file.map_err(Error::io("create", &unfinished))?;
    let mut buffered = io::BufWriter::with_capacity(1 << 20, &file);
    write(&mut buffered)?;
    buffered.flush().map_err(Error::io("write", &unfinished))?;
    drop(buffered);
    file.sync_all().map_err(Error::io("flush", &unfinished))?;
    Ok(file)
}

pub(super) fn put_in_place(path: &Path) -> Result<(), Error> {
    fs::rename(path.with_extension("new"), path).map_err(Error::io("put in place", path))?;
    // The new name itself is durable only with its folder.
    let dir = path.parent().unwrap_or(Path::new("."));
    let folder = File::open(dir).and_then(|dir| dir.sync_all());
    folder.map_err(Error::io("flush the folder", dir))
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}
