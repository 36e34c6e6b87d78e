//! The content hash: one digest of all that a generation holds.
//!
//! It is compared where it is made and proves nothing to others, so it is SHA-256, which processors
//! compute in hardware; what is evidence is SM3.
//!
//! Tables in name order, rows in key order, each value with its kind and length in front, so that
//! no two contents share an encoding. Signals belong to the content; parked events do not.

use sha2::{Digest, Sha256};

use super::record::Record;
use super::signal::Signal;
use super::store::StoreError;
use super::table::{Table, Value};

/// What a digest is taken of: a way to scan one table.
pub(super) type Scan<'a> =
    dyn FnMut(&'static Table, &mut dyn FnMut(&[Value])) -> Result<(), StoreError> + 'a;

/// # Errors
/// When the scan fails.
pub(super) fn content_hash(
    tables: &[&'static Table],
    scan: &mut Scan<'_>,
) -> Result<[u8; 32], StoreError> {
    let mut tables = tables.to_vec();
    tables.push(Signal::TABLE);
    tables.sort_unstable_by_key(|table| table.name);
    let mut digest = Sha256::new();
    let mut line = Vec::new();
    for table in tables {
        line.clear();
        frame(&mut line, b'T', table.name.as_bytes());
        digest.update(&line);
        scan(table, &mut |row| {
            line.clear();
            line.push(b'R');
            for value in row {
                encode(&mut line, value);
            }
            digest.update(&line);
        })?;
    }
    Ok(digest.finalize().into())
}

fn encode(line: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => line.push(b'n'),
        Value::Int(number) => {
            line.push(b'i');
            line.extend_from_slice(&number.to_be_bytes());
        }
        Value::Text(text) => frame(line, b't', text.as_bytes()),
        Value::Blob(bytes) => frame(line, b'b', bytes),
    }
}

fn frame(line: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    line.push(kind);
    line.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
    line.extend_from_slice(bytes);
}
