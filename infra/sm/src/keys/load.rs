//! Reading `subjects.keys` after any way to have stopped.
//!
//! A file that ends in part of a record, or in zeros from a disk block's border on (what a power
//! failure leaves of a file that had grown), lost an append whose keys nobody had been given: the
//! end is cut. A record that does not fit its check is excused by a tombstone of its subject. Any
//! other misfit is damage and nothing opens.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::Path;

use uuid::Uuid;

use super::Error;
use super::records::{HEADER, Layout, Record};
use super::subjects::FIRST_VERSION;

/// What a disk writes whole or not at all.
const BLOCK: u64 = 512;

/// Where a subject stands in the file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Live { version: u32, offset: u64 },
    Erased,
}

/// A file as it was found.
pub(super) struct Loaded {
    pub slots: HashMap<Uuid, Slot>,
    /// Where the whole records end.
    pub end: u64,
    /// Keys that have a tombstone and are not yet blank: the process died between the two.
    pub unwiped: Vec<(u64, Uuid)>,
}

/// Reads the records after the header.
pub(super) fn load(mut file: &File, path: &Path, layout: Layout) -> Result<Loaded, Error> {
    let mut slots: HashMap<Uuid, Slot> = HashMap::new();
    let (mut unwiped, mut wiped, mut bad) = (Vec::new(), Vec::new(), Vec::new());
    let mut end = HEADER as u64;
    let step = layout.record();
    // A whole number of records per read.
    let mut buffer = vec![0; step * 8_192];
    let mut filled = 0;
    file.seek(SeekFrom::Start(end)).map_err(Error::io("read", path))?;
    loop {
        let read = file.read(&mut buffer[filled..]).map_err(Error::io("read", path))?;
        filled += read;
        if read != 0 && filled < buffer.len() {
            continue;
        }
        for bytes in buffer[..filled].chunks_exact(step) {
            match layout.read(bytes) {
                Record::Key { subject, version, .. } => {
                    let slot = Slot::Live { version, offset: end };
                    if slots.insert(subject, slot).is_some() {
                        return Err(Error::damaged(path, format!("a second key at byte {end}")));
                    }
                }
                Record::Tombstone { subject } => {
                    if let Some(Slot::Live { offset, .. }) = slots.insert(subject, Slot::Erased) {
                        unwiped.push((offset, subject));
                    }
                }
                Record::Wiped { subject } => wiped.push((end, subject)),
                Record::Bad { subject } => bad.push((end, subject)),
            }
            end += step as u64;
        }
        if read == 0 {
            break;
        }
        filled = 0;
    }
    let erased = |subject: &Uuid| slots.get(subject) == Some(&Slot::Erased);
    // A wipe that a power failure tore leaves neither the old nor the new record.
    let (excused, bad): (Vec<_>, Vec<_>) = bad.into_iter().partition(|(_, id)| erased(id));
    unwiped.extend(excused);
    if let Some((offset, _)) = wiped.iter().find(|(_, subject)| !erased(subject)) {
        return Err(Error::damaged(path, format!("a blank key at byte {offset}")));
    }
    if let Some((offset, _)) = bad.first() {
        if !ends_in_unwritten_blocks(file, *offset, step as u64).map_err(Error::io("read", path))? {
            return Err(Error::damaged(path, format!("the record at byte {offset}")));
        }
        end = *offset;
    }
    Ok(Loaded { slots, end, unwiped })
}

/// Whether everything from the first block border in the record at `offset` on is zero.
fn ends_in_unwritten_blocks(file: &File, offset: u64, record: u64) -> io::Result<bool> {
    let border = offset.next_multiple_of(BLOCK);
    if border >= offset + record {
        return Ok(false);
    }
    let (mut at, mut buffer) = (border, vec![0; 1 << 16]);
    loop {
        match file.read_at(&mut buffer, at)? {
            0 => return Ok(at > border),
            read if buffer[..read].iter().any(|byte| *byte != 0) => return Ok(false),
            read => at += read as u64,
        }
    }
}

/// Makes keys blank in place, durable on return.
pub(super) fn wipe(
    file: &File,
    path: &Path,
    layout: Layout,
    keys: &[(u64, Uuid)],
) -> Result<(), Error> {
    if keys.is_empty() {
        return Ok(());
    }
    for (offset, subject) in keys {
        file.write_all_at(&layout.wiped(*subject, FIRST_VERSION), *offset)
            .map_err(Error::io("overwrite a key in", path))?;
    }
    file.sync_data().map_err(Error::io("flush", path))
}
