//! Signs in the bureau's name with its SM2 key.

use std::sync::Arc;

use commands::disbursement::{FactsFault, Signer};
use sm::{Randomness, SigningKey};

pub struct BureauSigner {
    key: SigningKey,
    randomness: Arc<dyn Randomness>,
}

impl BureauSigner {
    pub fn new(key: SigningKey, randomness: Arc<dyn Randomness>) -> Self {
        Self { key, randomness }
    }
}

impl Signer for BureauSigner {
    fn sign(&self, message: &[u8]) -> Result<String, FactsFault> {
        Ok(sm::hex(self.key.sign(message, &*self.randomness)))
    }
}
