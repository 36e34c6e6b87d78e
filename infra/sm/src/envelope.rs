//! A sealed personal field as text: what events and views hold instead of the clear value.
//!
//! `v1.<key version>.<event id>.<field path>.<nonce>.<sealed>`: decimal; 32 hexadecimal digits;
//! the path as it is; base64url without padding. Neither base64url nor the fields before the path
//! have a dot, so a path may have dots and the text still has one reading.
//!
//! **Invariant** an envelope that parses is the only text of its parts.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::gcm::{NONCE_BYTES, TAG_BYTES};

/// Field paths are part of stored events: short names of code, never a person's words.
const PATH_BYTES_MAX: usize = 128;

/// The text is not an envelope. It says what is wrong and never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a sealed field: {0}")]
pub struct Malformed(&'static str);

/// A sealed field. Its `Debug` shows where it belongs and how long it is, nothing else; it has no
/// `Display`, so that it does not slip into a log line.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Envelope(Box<str>);

/// The parts of an envelope, read.
pub(crate) struct Parts<'a> {
    pub key_version: u32,
    pub event: Uuid,
    pub path: &'a str,
    pub nonce: [u8; NONCE_BYTES],
    pub sealed: Vec<u8>,
}

impl Envelope {
    /// `None` where the path is not one that the text can hold.
    pub(crate) fn from_parts(parts: &Parts<'_>) -> Option<Self> {
        let Parts { key_version, event, path, nonce, sealed } = parts;
        if !is_path(path) {
            return None;
        }
        let mut text = format!("v1.{key_version}.{}.{path}.", event.simple());
        BASE64URL.encode_string(nonce, &mut text);
        text.push('.');
        BASE64URL.encode_string(sealed, &mut text);
        Some(Self(text.into()))
    }

    pub(crate) fn parts(&self) -> Result<Parts<'_>, Malformed> {
        read(&self.0)
    }

    /// The text to be stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Envelope {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        read(text)?;
        Ok(Self(text.into()))
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Envelope");
        if let Ok(Parts { key_version, event, path, sealed, .. }) = self.parts() {
            shown.field("key_version", &key_version).field("event", &event).field("path", &path);
            shown.field("clear_bytes", &(sealed.len() - TAG_BYTES));
        }
        shown.finish()
    }
}

impl Serialize for Envelope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Envelope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        read(&text).map_err(serde::de::Error::custom)?;
        Ok(Self(text.into()))
    }
}

fn read(text: &str) -> Result<Parts<'_>, Malformed> {
    let rest = text.strip_prefix("v1.").ok_or(Malformed("it does not begin with v1"))?;
    let (version, rest) = rest.split_once('.').ok_or(Malformed("it ends after the version"))?;
    let (event, rest) = rest.split_once('.').ok_or(Malformed("it ends after the event"))?;
    let (rest, sealed) = rest.rsplit_once('.').ok_or(Malformed("it has no sealed text"))?;
    let (path, nonce) = rest.rsplit_once('.').ok_or(Malformed("it has no nonce"))?;

    let key_version: u32 =
        version.parse().map_err(|_| Malformed("its key version is no number"))?;
    if key_version == 0 || version.starts_with(['0', '+']) {
        return Err(Malformed("its key version is not written plainly"));
    }
    let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if event.len() != 32 || !event.bytes().all(lower_hex) {
        return Err(Malformed("its event id is not 32 hexadecimal digits"));
    }
    let event = Uuid::try_parse(event).map_err(|_| Malformed("its event id is not a UUID"))?;
    if !is_path(path) {
        return Err(Malformed("its field path is not one"));
    }
    let nonce = BASE64URL.decode(nonce).ok().and_then(|bytes| bytes.try_into().ok());
    let nonce = nonce.ok_or(Malformed("its nonce is not 12 bytes of base64url"))?;
    let sealed = BASE64URL.decode(sealed).ok().filter(|bytes| bytes.len() >= TAG_BYTES);
    let sealed = sealed.ok_or(Malformed("its sealed text is not base64url with a tag"))?;
    Ok(Parts { key_version, event, path, nonce, sealed })
}

fn is_path(path: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./[]".contains(&byte);
    !path.is_empty() && path.len() <= PATH_BYTES_MAX && path.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "v1.1.0190aabbccdd7eeeaaaabbbbccccdddd.person.name.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA";

    #[test]
    fn an_envelope_reads_back_as_its_parts_even_with_dots_in_the_path() {
        let envelope: Envelope = TEXT.parse().unwrap();
        let parts = envelope.parts().unwrap();
        assert_eq!((parts.key_version, parts.path), (1, "person.name"));
        assert_eq!(parts.event, Uuid::from_u128(0x0190aabbccdd7eeeaaaabbbbccccdddd));
        assert_eq!((parts.nonce, parts.sealed.len()), ([0; 12], 18));
        assert_eq!(Envelope::from_parts(&parts), Some(envelope.clone()));
        let json = serde_json::to_string(&envelope).unwrap();
        assert_eq!(json, format!("\"{TEXT}\""));
        assert_eq!(serde_json::from_str::<Envelope>(&json).unwrap(), envelope);
    }

    #[test]
    fn a_second_spelling_is_refused_and_the_error_repeats_nothing() {
        for (from, to) in [
            ("v1.", "v2."),
            ("v1.1.", "v1.01."),
            ("v1.1.", "v1.0."),
            ("v1.1.", "v1.x."),
            ("0190aabb", "0190AABB"),
            ("0190aabb", "190aabb"),
            ("person.name", "person name"),
            ("person.name", "姓名"),
            ("person.name.", ""),
            ("AAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAA"),
            ("AAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA"),
            ("AAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB"),
        ] {
            let text = TEXT.replacen(from, to, 1);
            let error = serde_json::from_str::<Envelope>(&format!("\"{text}\"")).unwrap_err();
            assert!(error.to_string().starts_with("not a sealed field: "), "{text}: {error}");
            assert!(!error.to_string().contains("0190"), "{error}");
        }
    }

    #[test]
    fn debug_shows_the_place_and_not_the_sealed_text() {
        let shown = format!("{:?}", TEXT.parse::<Envelope>().unwrap());
        assert_eq!(
            shown,
            "Envelope { key_version: 1, event: 0190aabb-ccdd-7eee-aaaa-bbbbccccdddd, \
             path: \"person.name\", clear_bytes: 2 }"
        );
    }
}
