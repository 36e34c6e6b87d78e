//! A master key held in memory: the working part of [`FileKeys`](super::FileKeys) and
//! [`MemoryKeys`](super::MemoryKeys).
//!
//! One secret of 32 bytes; each purpose has a key derived from it with HMAC-SM3 over the purpose's
//! name, so no two purposes share one.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{Error, MasterKey};
use crate::Randomness;
use crate::digest::HmacKey;
use crate::gcm::{NONCE_BYTES, Sm4Gcm};

pub(super) struct LocalMaster {
    wrapping: Sm4Gcm,
    blinding: HmacKey,
    digesting: HmacKey,
    randomness: Arc<dyn Randomness>,
}

impl LocalMaster {
    pub(super) fn new(secret: &[u8; 32], randomness: Arc<dyn Randomness>) -> Self {
        let root = HmacKey::new(secret);
        let derived =
            |purpose: &str| Zeroizing::new(root.over(&[b"renshe/master/v1/", purpose.as_bytes()]));
        let mut wrapping = Zeroizing::new([0; 16]);
        wrapping.copy_from_slice(&derived("wrap")[..16]);
        Self {
            wrapping: Sm4Gcm::new(&wrapping),
            blinding: HmacKey::new(derived("blind").as_slice()),
            digesting: HmacKey::new(derived("mac").as_slice()),
            randomness,
        }
    }

    pub(super) fn randomness(&self) -> &dyn Randomness {
        self.randomness.as_ref()
    }
}

impl MasterKey for LocalMaster {
    /// Nonce ‖ ciphertext ‖ tag: 28 bytes more than the secret.
    fn wrap(&self, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_BYTES];
        self.randomness.fill(&mut nonce);
        Ok([&nonce[..], &self.wrapping.seal(&nonce, context, secret)].concat())
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let (nonce, sealed) = wrapped.split_first_chunk().ok_or(Error::Foreign)?;
        self.wrapping.open(nonce, context, sealed).map(Zeroizing::new).ok_or(Error::Foreign)
    }

    fn blind(&self, kind: &str, text: &str) -> [u8; 32] {
        // The kind's length keeps ("a", "bc") and ("ab", "c") apart.
        self.blinding.over(&[&(kind.len() as u64).to_be_bytes(), kind.as_bytes(), text.as_bytes()])
    }

    fn mac(&self, bytes: &[u8]) -> [u8; 32] {
        self.digesting.over(&[bytes])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandomness;

    fn master(secret: u8) -> LocalMaster {
        LocalMaster::new(&[secret; 32], Arc::new(SeededRandomness::new(b"master")))
    }

    #[test]
    fn a_wrapped_key_opens_only_with_its_master_and_context() {
        let wrapped = master(1).wrap(b"here", &[9; 16]).unwrap();
        assert_eq!(wrapped.len(), 44);
        assert_eq!(master(1).unwrap(b"here", &wrapped).unwrap().as_slice(), [9; 16]);
        assert!(matches!(master(1).unwrap(b"there", &wrapped), Err(Error::Foreign)));
        assert!(matches!(master(2).unwrap(b"here", &wrapped), Err(Error::Foreign)));
        assert!(matches!(master(1).unwrap(b"here", &wrapped[..5]), Err(Error::Foreign)));
    }

    #[test]
    fn blind_codes_differ_by_kind_text_and_master_and_are_no_plain_digests() {
        let master_one = master(1);
        let code = master_one.blind("phone", "13800000000");
        assert_eq!(code, master(1).blind("phone", "13800000000"));
        let others = [
            master_one.blind("account", "13800000000"),
            master_one.blind("phone", "13800000001"),
            master_one.blind("phone1", "3800000000"),
            master(2).blind("phone", "13800000000"),
            master_one.mac(b"13800000000"),
            crate::sm3(b"13800000000"),
        ];
        assert!(others.iter().all(|other| *other != code));
        assert_eq!(master_one.blind_hex("phone", "13800000000"), crate::hex(code));
    }
}
