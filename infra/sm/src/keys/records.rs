//! The format of `subjects.keys`, all numbers big-endian.
//!
//! ```text
//! header   "renshe-subject-1"  16 | wrapped length w  4 | the master's mark  16 | SM3  32
//! record   length of what follows  4 | subject  16 | version  4 | wrapped key  w | SM3  32
//! ```
//!
//! SM3 is over everything before it in the header or record. All records have one length, so a
//! damaged length cannot be taken for a torn end. Version 0 with a blank key is a tombstone; a
//! blank key with another version is one that was wiped, and a tombstone of its subject follows.
//!
//! **Stored for ever**: another layout takes another magic.

use uuid::Uuid;

use crate::keys::MasterKey;
use crate::sm3;

const MAGIC: &[u8; 16] = b"renshe-subject-1";
const CHECK: usize = 32;
const TOMBSTONE: u32 = 0;
pub(super) const HEADER: usize = 16 + 4 + 16 + CHECK;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Record<'a> {
    Key {
        subject: Uuid,
        version: u32,
        wrapped: &'a [u8],
    },
    Wiped {
        subject: Uuid,
    },
    Tombstone {
        subject: Uuid,
    },
    /// The check does not fit; the subject is what stands where the subject should.
    Bad {
        subject: Uuid,
    },
}

/// How long the records of one file are: that depends on how the master key wraps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub wrapped: usize,
}

impl Layout {
    pub(super) fn record(self) -> usize {
        4 + 16 + 4 + self.wrapped + CHECK
    }

    pub(super) fn key(self, subject: Uuid, version: u32, wrapped: &[u8]) -> Vec<u8> {
        debug_assert_eq!(wrapped.len(), self.wrapped);
        let length = (self.record() - 4) as u32;
        let version = version.to_be_bytes();
        checked(&[&length.to_be_bytes(), subject.as_bytes(), &version, wrapped])
    }

    pub(super) fn wiped(self, subject: Uuid, version: u32) -> Vec<u8> {
        self.key(subject, version, &vec![0; self.wrapped])
    }

    pub(super) fn tombstone(self, subject: Uuid) -> Vec<u8> {
        self.wiped(subject, TOMBSTONE)
    }

    /// `bytes`: exactly one record.
    pub(super) fn read(self, bytes: &[u8]) -> Record<'_> {
        let (body, check) = bytes.split_at(bytes.len() - CHECK);
        let subject = Uuid::from_slice(&body[4..20]).expect("sixteen bytes are a UUID");
        let length = &body[..4] == ((self.record() - 4) as u32).to_be_bytes().as_slice();
        if !length || sm3(body) != check {
            return Record::Bad { subject };
        }
        let version = u32::from_be_bytes([body[20], body[21], body[22], body[23]]);
        let wrapped = &body[24..];
        if version == TOMBSTONE {
            Record::Tombstone { subject }
        } else if wrapped.iter().all(|byte| *byte == 0) {
            Record::Wiped { subject }
        } else {
            Record::Key { subject, version, wrapped }
        }
    }
}

/// A code of the master key that tells it from any other without helping to find it.
pub(super) fn mark(master: &dyn MasterKey) -> [u8; 16] {
    let code = master.mac(b"renshe/subject-keys/mark");
    std::array::from_fn(|index| code[index])
}

pub(super) fn header(layout: Layout, mark: [u8; 16]) -> Vec<u8> {
    checked(&[MAGIC, &(layout.wrapped as u32).to_be_bytes(), &mark])
}

/// Layout and master's mark, or `None` where it is not a whole header.
pub(super) fn read_header(bytes: &[u8; HEADER]) -> Option<(Layout, [u8; 16])> {
    let (body, check) = bytes.split_at(HEADER - CHECK);
    if &body[..16] != MAGIC || sm3(body) != check {
        return None;
    }
    let wrapped = u32::from_be_bytes([body[16], body[17], body[18], body[19]]) as usize;
    Some((Layout { wrapped }, body[20..36].try_into().ok()?))
}

fn checked(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = parts.concat();
    bytes.extend_from_slice(&sm3(&bytes));
    bytes
}
