//! SM3 (GB/T 32905-2016) and HMAC-SM3 (RFC 2104 over SM3).

use std::io;

use hmac::{Hmac, KeyInit, Mac};
use sm3::{Digest, Sm3};

/// The SM3 digest of `bytes`.
pub fn sm3(bytes: &[u8]) -> [u8; 32] {
    Sm3::digest(bytes).into()
}

/// HMAC-SM3 of `bytes` under `key`, of any length.
pub fn hmac_sm3(key: &[u8], bytes: &[u8]) -> [u8; 32] {
    HmacKey::new(key).over(&[bytes])
}

/// Lower-case hexadecimal.
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(bytes)
}

/// Digests what is written through it, so that a stream need not be held in memory.
#[derive(Clone, Default)]
pub struct Sm3Writer(Sm3);

impl Sm3Writer {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of everything written.
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

impl io::Write for Sm3Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An HMAC key with its two padded blocks already absorbed: half the work for a short message.
#[derive(Clone)]
pub(crate) struct HmacKey(Hmac<Sm3>);

impl HmacKey {
    pub(crate) fn new(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes a key of any length"))
    }

    /// The code over the parts one after the other: the caller sees to it that they are unambiguous.
    pub(crate) fn over(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn sm3_gives_the_207_digests_of_openssl() {
        let mut rows = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(include_str!("../tests/data/sm3_openssl.csv").as_bytes());
        let mut seen = 0;
        for row in rows.records() {
            let row = row.unwrap();
            let message = hex::decode(&row[0]).unwrap();
            assert_eq!(hex(sm3(&message)), row[1], "message {}", &row[0]);
            let mut writer = Sm3Writer::new();
            for piece in message.chunks(7) {
                writer.write_all(piece).unwrap();
            }
            assert_eq!(hex(writer.finish()), row[1]);
            seen += 1;
        }
        assert_eq!(seen, 207);
    }

    #[test]
    fn sm3_gives_the_answers_of_the_standard() {
        let text = include_str!("../tests/data/sm3_oscca.txt");
        let fields = |key: &str| {
            text.lines()
                .filter_map(|line| line.strip_prefix(key)?.trim().strip_prefix("= "))
                .map(|value| value.trim().to_owned())
                .collect::<Vec<_>>()
        };
        let (lengths, messages, digests) = (fields("Len"), fields("Msg"), fields("MD"));
        assert_eq!((lengths.len(), messages.len(), digests.len()), (6, 6, 6));
        for ((bits, message), digest) in lengths.iter().zip(messages).zip(digests) {
            let message = hex::decode(message).unwrap();
            let length = bits.parse::<usize>().unwrap() / 8;
            assert_eq!(hex(sm3(&message[..length])), digest);
        }
    }

    #[test]
    fn hmac_is_the_construction_of_rfc_2104() {
        for key_length in [0, 1, 32, 63, 64, 65, 200] {
            let key: Vec<u8> = (0..key_length).map(|n| n as u8).collect();
            let mut block = [0; 64];
            if key.len() > 64 {
                block[..32].copy_from_slice(&sm3(&key));
            } else {
                block[..key.len()].copy_from_slice(&key);
            }
            let inner = [&block.map(|byte| byte ^ 0x36)[..], b"message"].concat();
            let outer = [&block.map(|byte| byte ^ 0x5c)[..], &sm3(&inner)].concat();
            assert_eq!(hmac_sm3(&key, b"message"), sm3(&outer));
        }
    }
}
