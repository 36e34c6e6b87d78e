//! Sealing a file in pieces, so that none must fit in memory and none can be cut, swapped or put
//! into another file.

use aes_gcm::AesGcm;
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use sm4::Sm4;
use zeroize::Zeroizing;

/// Random bytes at the head of each file: they make its key its own.
pub const SALT_BYTES: usize = 16;
/// What each piece grows by.
pub const TAG_BYTES: usize = 16;

/// A piece was altered, or belongs to another place, file or key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a piece was altered, or belongs elsewhere")]
pub struct NotAuthentic;

/// Seals the pieces of a file. A hardware module may stand behind it.
pub trait Cipher: Send + Sync + 'static {
    /// Piece `index` of the file with this salt, [`TAG_BYTES`] longer than `clear`.
    fn seal(&self, salt: &[u8; SALT_BYTES], index: u32, last: bool, clear: &[u8]) -> Vec<u8>;

    /// The clear piece.
    ///
    /// # Errors
    /// [`NotAuthentic`].
    fn open(
        &self,
        salt: &[u8; SALT_BYTES],
        index: u32,
        last: bool,
        sealed: &[u8],
    ) -> Result<Vec<u8>, NotAuthentic>;
}

/// SM4-GCM (RFC 8998) under a key per file: HMAC-SM3 of the salt under the store's key. Within a
/// file the nonce counts the pieces and marks the last one, so no nonce is used twice.
pub struct Sm4Pieces {
    key: Zeroizing<[u8; 32]>,
}

impl Sm4Pieces {
    /// `key` belongs to this store alone.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self { key: Zeroizing::new(key) }
    }

    fn of_file(&self, salt: &[u8; SALT_BYTES]) -> AesGcm<Sm4, U12> {
        let mut message = b"renshe artefact v1\0".to_vec();
        message.extend_from_slice(salt);
        let derived = Zeroizing::new(sm::hmac_sm3(&*self.key, &message));
        let mut key = Zeroizing::new([0; 16]);
        key.copy_from_slice(&derived[..16]);
        AesGcm::new((&*key).into())
    }
}

impl Cipher for Sm4Pieces {
    fn seal(&self, salt: &[u8; SALT_BYTES], index: u32, last: bool, clear: &[u8]) -> Vec<u8> {
        let nonce = nonce(index, last);
        self.of_file(salt)
            .encrypt((&nonce).into(), Payload { msg: clear, aad: salt })
            .expect("GCM refuses only texts above 64 GiB")
    }

    fn open(
        &self,
        salt: &[u8; SALT_BYTES],
        index: u32,
        last: bool,
        sealed: &[u8],
    ) -> Result<Vec<u8>, NotAuthentic> {
        let nonce = nonce(index, last);
        self.of_file(salt)
            .decrypt((&nonce).into(), Payload { msg: sealed, aad: salt })
            .map_err(|_| NotAuthentic)
    }
}

fn nonce(index: u32, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[7..11].copy_from_slice(&index.to_be_bytes());
    nonce[11] = u8::from(last);
    nonce
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_opens_only_in_its_place() {
        let cipher = Sm4Pieces::new([1; 32]);
        let salt = [2; SALT_BYTES];
        let sealed = cipher.seal(&salt, 3, false, b"clear");
        assert_eq!(sealed.len(), 5 + TAG_BYTES);
        assert_eq!(cipher.open(&salt, 3, false, &sealed).unwrap(), b"clear");
        for elsewhere in [
            cipher.open(&salt, 4, false, &sealed),
            cipher.open(&salt, 3, true, &sealed),
            cipher.open(&[9; SALT_BYTES], 3, false, &sealed),
            cipher.open(&salt, 3, false, &sealed[1..]),
            Sm4Pieces::new([7; 32]).open(&salt, 3, false, &sealed),
        ] {
            assert_eq!(elsewhere, Err(NotAuthentic));
        }
    }
}
