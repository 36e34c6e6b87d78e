//! Leaf v1: the digest of one event in the tamper-evident tree.
//!
//! `SM3("renshe leaf v1" ‖ 0x00 ‖ field₁ ‖ … ‖ field₈)` with each field preceded by its length as
//! four bytes, big-endian. The fields, in this order: position and revision (8 bytes each,
//! big-endian, with the stream between them in UTF-8), type, id (16 bytes), recorded time in
//! microseconds (8 bytes, two's complement), meta and data exactly as stored. Upcasters never touch
//! it: the leaf is over what was written, not over what it means today.

use sm3::{Digest, Sm3};

use crate::event::Recorded;

const DOMAIN: &[u8] = b"renshe leaf v1\0";

#[must_use]
pub fn v1(event: &Recorded) -> [u8; 32] {
    let mut hash = Sm3::new_with_prefix(DOMAIN);
    let mut field = |bytes: &[u8]| {
        let length = u32::try_from(bytes.len()).expect("an append is at most 32 MiB");
        hash.update(length.to_be_bytes());
        hash.update(bytes);
    };
    field(&event.position.0.to_be_bytes());
    field(event.stream.as_str().as_bytes());
    field(&event.revision.0.to_be_bytes());
    field(event.type_name.as_bytes());
    field(event.id.as_bytes());
    field(&event.recorded_at.0.to_be_bytes());
    field(event.meta.as_bytes());
    field(event.data.as_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ports::Micros;
    use crate::stream::{Position, Revision, StreamName};

    fn event() -> Recorded {
        Recorded {
            position: Position(1),
            stream: StreamName::new("person", "1"),
            revision: Revision(1),
            type_name: "person.registered.v1".to_owned(),
            id: Uuid::from_u128(1),
            recorded_at: Micros(1_768_435_200_000_000),
            meta: r#"{"actor":"a"}"#.to_owned(),
            data: r#"{"county":"320602"}"#.to_owned(),
        }
    }

    #[test]
    fn the_test_vector_holds_for_ever() {
        let expected = include_str!("../tests/leaf-v1.hex").trim();
        assert_eq!(hex::encode(v1(&event())), expected);
    }

    #[test]
    fn a_byte_moved_from_one_field_to_the_next_changes_the_leaf() {
        let moved = Recorded {
            type_name: "person.registered.v".to_owned(),
            meta: format!("1{}", event().meta),
            ..event()
        };
        assert_ne!(v1(&moved), v1(&event()));
    }
}
