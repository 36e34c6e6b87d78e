//! Wrapped subject keys in one append-only file, with an index in memory.
//!
//! **Invariant** the index names a key only after its record was flushed; a record is made blank
//! only after its subject's tombstone was flushed, and a record that does not fit its check is
//! excused only by such a tombstone.
//!
//! The index takes some 50 bytes a subject; the wrapped keys stay in the file.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use uuid::Uuid;
use zeroize::Zeroizing;

use super::load::{Slot, load, wipe};
use super::records::{self, HEADER, Layout, Record};
use super::{Error, MasterKey, Standing, context, folder};
use crate::Randomness;

/// The version of every key so far: a key is not yet renewed under its subject.
pub(super) const FIRST_VERSION: u32 = 1;
/// Dead records from which on opening rewrites the file, if they are also half of it.
const DEAD_MIN: usize = 1_024;

pub(super) struct SubjectFile {
    path: PathBuf,
    layout: Layout,
    master: Arc<dyn MasterKey>,
    randomness: Arc<dyn Randomness>,
    /// Held during a write; `current` only for the moment in which its effect is shown.
    writer: Mutex<Writer>,
    current: RwLock<Current>,
    torn_bytes: u64,
}

struct Writer {
    end: u64,
    /// A flush failed: what the disk holds is unknown until the file is read again.
    broken: bool,
}

struct Current {
    file: Arc<File>,
    slots: HashMap<Uuid, Slot>,
}

impl SubjectFile {
    pub(super) fn open_or_create(
        path: PathBuf,
        master: Arc<dyn MasterKey>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, Error> {
        let mark = records::mark(master.as_ref());
        let file = match folder::open(&path)? {
            Some(file) => file,
            None => {
                let wrapped = master.wrap(&context(Uuid::nil(), 0), &[0; 16])?.len();
                let header = records::header(Layout { wrapped }, mark);
                folder::replace(&path, |out| {
                    out.write_all(&header).map_err(Error::io("write", &path))
                })?
            }
        };
        let mut bytes = [0; HEADER];
        let layout = match file.read_exact_at(&mut bytes, 0) {
            Ok(()) => records::read_header(&bytes),
            Err(_) => None,
        };
        let (layout, marked) = layout.ok_or_else(|| Error::damaged(&path, "its header"))?;
        if marked != mark {
            return Err(Error::OtherMaster { path });
        }
        let loaded = load(&file, &path, layout)?;
        let length = file.metadata().map_err(Error::io("inspect", &path))?.len();
        if length > loaded.end {
            file.set_len(loaded.end)
                .and_then(|()| file.sync_all())
                .map_err(Error::io("cut the torn end of", &path))?;
        }
        wipe(&file, &path, layout, &loaded.unwiped)?;

        let records = (loaded.end as usize - HEADER) / layout.record();
        let dead = records - loaded.slots.len();
        let subjects = Self {
            torn_bytes: length - loaded.end,
            writer: Mutex::new(Writer { end: loaded.end, broken: false }),
            current: RwLock::new(Current { file: Arc::new(file), slots: loaded.slots }),
            path,
            layout,
            master,
            randomness,
        };
        if dead >= DEAD_MIN && dead * 2 >= records {
            match subjects.compact() {
                // Only tidiness: a full disk must not keep the keys from opening.
                Ok(()) | Err(Error::Io { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(subjects)
    }

    pub(super) fn torn_bytes(&self) -> u64 {
        self.torn_bytes
    }

    pub(super) fn standing(&self, subject: Uuid) -> Standing {
        match self.current().slots.get(&subject) {
            None => Standing::Absent,
            Some(Slot::Live { version, .. }) => Standing::Live { version: *version },
            Some(Slot::Erased) => Standing::Erased,
        }
    }

    pub(super) fn key(&self, subject: Uuid) -> Result<(u32, Zeroizing<[u8; 16]>), Error> {
        let (file, version, offset) = {
            let current = self.current();
            match current.slots.get(&subject) {
                None => return Err(Error::Absent { subject }),
                Some(Slot::Erased) => return Err(Error::Erased { subject }),
                Some(Slot::Live { version, offset }) => {
                    (Arc::clone(&current.file), *version, *offset)
                }
            }
        };
        let mut bytes = vec![0; self.layout.record()];
        file.read_exact_at(&mut bytes, offset).map_err(Error::io("read", &self.path))?;
        match self.layout.read(&bytes) {
            Record::Key { subject: found, version: of, wrapped }
                if (found, of) == (subject, version) =>
            {
                let key = self.master.unwrap(&context(subject, version), wrapped)?;
                let key: [u8; 16] = key.as_slice().try_into().map_err(|_| Error::Foreign)?;
                Ok((version, Zeroizing::new(key)))
            }
            // Another thread destroyed it between the look-up and the read.
            _ if self.standing(subject) == Standing::Erased => Err(Error::Erased { subject }),
            _ => Err(Error::damaged(&self.path, format!("the record at byte {offset}"))),
        }
    }

    pub(super) fn ensure(&self, subjects: &[Uuid]) -> Result<(), Error> {
        if self.missing(subjects)?.is_empty() {
            return Ok(());
        }
        let mut writer = self.writer()?;
        // Again under the lock: another thread may just have made them.
        let missing = self.missing(subjects)?;
        let mut bytes = Vec::with_capacity(missing.len() * self.layout.record());
        for subject in &missing {
            let mut key = Zeroizing::new([0; 16]);
            self.randomness.fill(key.as_mut());
            let context = context(*subject, FIRST_VERSION);
            let wrapped = self.master.wrap(&context, key.as_ref())?;
            if wrapped.len() != self.layout.wrapped {
                return Err(Error::OtherMaster { path: self.path.clone() });
            }
            bytes.extend_from_slice(&self.layout.key(*subject, FIRST_VERSION, &wrapped));
        }
        let first = self.append(&mut writer, &bytes)?;
        let offsets = (first..).step_by(self.layout.record());
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        current.slots.extend(
            missing
                .into_iter()
                .zip(offsets)
                .map(|(subject, offset)| (subject, Slot::Live { version: FIRST_VERSION, offset })),
        );
        Ok(())
    }

    pub(super) fn destroy(&self, subjects: &[Uuid]) -> Result<(), Error> {
        let mut writer = self.writer()?;
        let (mut tombstones, mut live) = (Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        {
            let current = self.current();
            for subject in subjects.iter().filter(|subject| seen.insert(**subject)) {
                match current.slots.get(subject) {
                    Some(Slot::Erased) => continue,
                    Some(Slot::Live { offset, .. }) => live.push((*offset, *subject)),
                    None => {}
                }
                tombstones.extend_from_slice(&self.layout.tombstone(*subject));
            }
        }
        if tombstones.is_empty() {
            return Ok(());
        }
        self.append(&mut writer, &tombstones)?;
        let file = {
            let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
            current.slots.extend(seen.into_iter().map(|subject| (subject, Slot::Erased)));
            Arc::clone(&current.file)
        };
        wipe(&file, &self.path, self.layout, &live).inspect_err(|_| writer.broken = true)
    }

    /// Rewrites the file without wiped records; the tombstones stay.
    pub(super) fn compact(&self) -> Result<(), Error> {
        let mut writer = self.writer()?;
        let (file, mut live, erased) = {
            let current = self.current();
            let (mut live, mut erased) = (Vec::new(), Vec::new());
            for (subject, slot) in &current.slots {
                match slot {
                    Slot::Live { version, offset } => live.push((*offset, *subject, *version)),
                    Slot::Erased => erased.push(*subject),
                }
            }
            (Arc::clone(&current.file), live, erased)
        };
        live.sort_unstable();
        let mut slots: HashMap<_, _> = erased.iter().map(|id| (*id, Slot::Erased)).collect();
        let mut end = HEADER as u64;
        let step = self.layout.record() as u64;
        let compacted = folder::prepare(&self.path, |out| {
            let mut write =
                |bytes: &[u8]| out.write_all(bytes).map_err(Error::io("write", &self.path));
            write(&records::header(self.layout, records::mark(self.master.as_ref())))?;
            let mut bytes = vec![0; self.layout.record()];
            for (offset, subject, version) in live {
                file.read_exact_at(&mut bytes, offset).map_err(Error::io("read", &self.path))?;
                if !matches!(self.layout.read(&bytes), Record::Key { subject: id, .. } if id == subject)
                {
                    return Err(Error::damaged(&self.path, format!("the record at byte {offset}")));
                }
                write(&bytes)?;
                slots.insert(subject, Slot::Live { version, offset: end });
                end += step;
            }
            for subject in &erased {
                write(&self.layout.tombstone(*subject))?;
                end += step;
            }
            Ok(())
        })?;
        // Where the new file is in place and only the folder's flush failed, appending to the old
        // one would write into nothing.
        folder::put_in_place(&self.path).inspect_err(|_| writer.broken = true)?;
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Current { file: Arc::new(compacted), slots };
        writer.end = end;
        Ok(())
    }

    /// Writes at the end and flushes; gives the offset. A write that failed is taken back.
    fn append(&self, writer: &mut Writer, bytes: &[u8]) -> Result<u64, Error> {
        let file = Arc::clone(&self.current().file);
        if let Err(error) = file.write_all_at(bytes, writer.end) {
            writer.broken = file.set_len(writer.end).is_err();
            return Err(Error::io("append to", &self.path)(error));
        }
        if let Err(error) = file.sync_data() {
            // A second flush would report success for pages that the kernel has dropped.
            writer.broken = true;
            return Err(Error::io("flush", &self.path)(error));
        }
        let offset = writer.end;
        writer.end += bytes.len() as u64;
        Ok(offset)
    }

    /// The subjects without a key, each once, in the given order.
    fn missing(&self, subjects: &[Uuid]) -> Result<Vec<Uuid>, Error> {
        let current = self.current();
        let (mut missing, mut seen) = (Vec::new(), HashSet::new());
        for subject in subjects {
            match current.slots.get(subject) {
                Some(Slot::Live { .. }) => {}
                Some(Slot::Erased) => return Err(Error::Erased { subject: *subject }),
                None if seen.insert(*subject) => missing.push(*subject),
                None => {}
            }
        }
        Ok(missing)
    }

    fn current(&self) -> RwLockReadGuard<'_, Current> {
        // Each change under the write lock is one call, so a panic elsewhere leaves it whole.
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn writer(&self) -> Result<MutexGuard<'_, Writer>, Error> {
        match self.writer.lock() {
            Ok(writer) if !writer.broken => Ok(writer),
            _ => Err(Error::Broken { path: self.path.clone() }),
        }
    }
}
