//! Reactions between contexts: a process reads events or signals and issues commands.
//!
//! **Invariant** a command's id follows from (process, event id, index), so reading an event twice
//! issues nothing twice.

use sm3::{Digest, Sm3};
use uuid::Uuid;

/// An id that follows from what it stands for: the same parts give the same id, everywhere.
#[must_use]
pub fn derived_id(name: &str, parts: &[&[u8]]) -> Uuid {
    let mut hash = Sm3::new_with_prefix(b"renshe id v1\0");
    for part in std::iter::once(name.as_bytes()).chain(parts.iter().copied()) {
        let length = u64::try_from(part.len()).expect("lengths fit in 64 bits");
        hash.update(length.to_be_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// The id of the `index`-th command that `process` issues on `event`.
#[must_use]
pub fn command_id(process: &str, event: Uuid, index: u32) -> Uuid {
    derived_id(process, &[event.as_bytes(), &index.to_be_bytes()])
}

/// The id of one chunk of a job.
#[must_use]
pub fn chunk_id(job: Uuid, chunk: u32) -> Uuid {
    derived_id("job", &[job.as_bytes(), &chunk.to_be_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_reaction_has_the_same_id_and_no_other_has_it() {
        let event = Uuid::from_u128(3);
        assert_eq!(command_id("hold", event, 0), command_id("hold", event, 0));
        assert_ne!(command_id("hold", event, 0), command_id("hold", event, 1));
        assert_ne!(command_id("hold", event, 0), command_id("release", event, 0));
        assert_ne!(derived_id("a", &[b"bc"]), derived_id("ab", &[b"c"]));
    }
}
