//! SM4 in Galois/counter mode (GB/T 32907-2016, RFC 8998): 12-byte nonce, 16-byte tag.

use aes_gcm::AesGcm;
use aes_gcm::aead::{Aead, KeyInit, Payload, consts::U12};
use sm4::Sm4;

pub(crate) const NONCE_BYTES: usize = 12;
pub(crate) const TAG_BYTES: usize = 16;

/// The expanded key of one subject or purpose: building it costs more than sealing a short field.
pub(crate) struct Sm4Gcm(AesGcm<Sm4, U12>);

impl Sm4Gcm {
    pub(crate) fn new(key: &[u8; 16]) -> Self {
        Self(AesGcm::new(key.into()))
    }

    /// Ciphertext ‖ tag.
    pub(crate) fn seal(&self, nonce: &[u8; NONCE_BYTES], bound: &[u8], clear: &[u8]) -> Vec<u8> {
        self.0
            .encrypt(nonce.into(), Payload { msg: clear, aad: bound })
            .expect("GCM refuses only texts above 64 GiB")
    }

    /// The clear bytes, or `None` where key, nonce, bound data or text differ from the sealing.
    pub(crate) fn open(
        &self,
        nonce: &[u8; NONCE_BYTES],
        bound: &[u8],
        sealed: &[u8],
    ) -> Option<Vec<u8>> {
        self.0.decrypt(nonce.into(), Payload { msg: sealed, aad: bound }).ok()
    }
}

#[cfg(test)]
mod tests {
    use sm4::cipher::{BlockCipherDecrypt, BlockCipherEncrypt};

    use super::*;

    fn values(text: &str, key: &str) -> Vec<Vec<u8>> {
        text.lines()
            .filter_map(|line| line.strip_prefix(key)?.trim().strip_prefix("= "))
            .map(|value| hex::decode(value.trim()).unwrap())
            .collect()
    }

    fn assert_blocks(key: &[u8], clear: &[u8], sealed: &[u8]) {
        let cipher = Sm4::new(key.try_into().unwrap());
        for (clear, sealed) in clear.chunks(16).zip(sealed.chunks(16)) {
            let mut block: [u8; 16] = clear.try_into().unwrap();
            cipher.encrypt_block((&mut block).into());
            assert_eq!(block, sealed);
            cipher.decrypt_block((&mut block).into());
            assert_eq!(block, clear);
        }
    }

    #[test]
    fn sm4_gives_the_blocks_of_the_standard() {
        let text = include_str!("../tests/data/sm4_ecb_draft_ribose.txt");
        let keys = values(text, "KEY");
        assert_eq!(keys.len(), 4);
        for ((key, clear), sealed) in
            keys.iter().zip(values(text, "PLAINTEXT")).zip(values(text, "CIPHERTEXT"))
        {
            assert_blocks(key, &clear, &sealed);
        }
    }

    #[test]
    fn sm4_gives_the_100_blocks_of_openssl() {
        let mut rows = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(include_str!("../tests/data/sm4_openssl.csv").as_bytes());
        let mut seen = 0;
        for row in rows.records() {
            let row: Vec<_> = row.unwrap().iter().map(|f| hex::decode(f).unwrap()).collect();
            assert_blocks(&row[0], &row[1], &row[2]);
            seen += 1;
        }
        assert_eq!(seen, 100);
    }

    #[test]
    fn sm4_gcm_gives_the_answer_of_rfc_8998() {
        let text = include_str!("../tests/data/sm4_gcm_rfc8998.txt");
        let one = |key: &str| values(text, key).remove(0);
        let cipher = Sm4Gcm::new(&one("KEY").try_into().unwrap());
        let nonce = one("IV").try_into().unwrap();
        let sealed = cipher.seal(&nonce, &one("AAD"), &one("PLAINTEXT"));
        assert_eq!(sealed, [one("CIPHERTEXT"), one("TAG")].concat());
        assert_eq!(cipher.open(&nonce, &one("AAD"), &sealed), Some(one("PLAINTEXT")));
        assert_eq!(cipher.open(&nonce, b"another", &sealed), None);
    }
}
