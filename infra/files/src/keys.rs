//! The port [`commands::Keys`] over the ciphers of `sm`.

use std::sync::Arc;

use commands::{KeyFault, Keys};
use kernel::log::Answer;
use shared::Pii;
use sm::{Envelope, MasterKey, Sealer, SubjectKeys, keys};
use uuid::Uuid;

/// Seals with SM4-GCM under the key of the subject, digests with HMAC-SM3 under the master key.
#[derive(Clone)]
pub struct SmKeys {
    master: Arc<dyn MasterKey>,
    subjects: Arc<dyn SubjectKeys>,
    sealer: Arc<Sealer>,
}

impl SmKeys {
    /// `sealer` must have been made over the same `subjects`.
    #[must_use]
    pub fn new(
        master: Arc<dyn MasterKey>,
        subjects: Arc<dyn SubjectKeys>,
        sealer: Arc<Sealer>,
    ) -> Self {
        Self { master, subjects, sealer }
    }
}

impl Keys for SmKeys {
    fn ensure<'a>(&'a self, subjects: &'a [Uuid]) -> Answer<'a, Result<(), KeyFault>> {
        let (keys, subjects) = (self.subjects.clone(), subjects.to_vec());
        Box::pin(async move {
            // It waits for the disk.
            tokio::task::spawn_blocking(move || keys.ensure(&subjects))
                .await
                .map_err(|error| KeyFault::Unavailable(error.to_string()))?
                .map_err(fault)
        })
    }

    fn seal(
        &self,
        subject: Uuid,
        event: Uuid,
        path: &str,
        clear: &str,
    ) -> Result<String, KeyFault> {
        let sealed = self.sealer.seal(subject, event, path, clear).map_err(not_sealed)?;
        Ok(sealed.as_str().to_owned())
    }

    fn open(&self, subject: Uuid, envelope: &str) -> Result<Pii<String>, KeyFault> {
        let envelope: Envelope =
            envelope.parse().map_err(|error: sm::Malformed| KeyFault::Broken(error.to_string()))?;
        self.sealer.open(subject, &envelope).map(Pii::new).map_err(not_sealed)
    }

    fn erase<'a>(&'a self, subjects: &'a [Uuid]) -> Answer<'a, Result<(), KeyFault>> {
        let (sealer, subjects) = (self.sealer.clone(), subjects.to_vec());
        Box::pin(async move {
            // It waits for the disk.
            tokio::task::spawn_blocking(move || sealer.erase(&subjects))
                .await
                .map_err(|error| KeyFault::Unavailable(error.to_string()))?
                .map_err(not_sealed)
        })
    }

    fn blind(&self, kind: &str, text: &str) -> String {
        self.master.blind_hex(kind, text)
    }

    fn mac(&self, bytes: &[u8]) -> [u8; 32] {
        self.master.mac(bytes)
    }
}

fn not_sealed(error: sm::Error) -> KeyFault {
    match error {
        sm::Error::Erased { subject } => KeyFault::Erased { subject },
        sm::Error::Keys(error) => fault(error),
        other => KeyFault::Broken(other.to_string()),
    }
}

fn fault(error: keys::Error) -> KeyFault {
    match error {
        keys::Error::Erased { subject } => KeyFault::Erased { subject },
        keys::Error::Io { .. } | keys::Error::InUse { .. } => {
            KeyFault::Unavailable(error.to_string())
        }
        other => KeyFault::Broken(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use sm::{MemoryKeys, SeededRandomness};

    use super::*;

    #[tokio::test]
    async fn what_is_sealed_opens_until_its_subject_is_erased() {
        let randomness = Arc::new(SeededRandomness::new(b"keys"));
        let memory = Arc::new(MemoryKeys::new(randomness.clone()));
        let sealer = Arc::new(Sealer::new(Uuid::from_u128(1), memory.clone(), randomness));
        let keys = SmKeys::new(memory.clone(), memory, sealer.clone());
        let (subject, event) = (Uuid::from_u128(2), Uuid::from_u128(3));
        assert!(matches!(keys.seal(subject, event, "name", "王"), Err(KeyFault::Broken(_))));
        keys.ensure(&[subject]).await.unwrap();
        let sealed = keys.seal(subject, event, "name", "王").unwrap();
        assert_eq!(keys.open(subject, &sealed).unwrap().expose(), "王");
        assert!(keys.open(subject, "plain").is_err());
        keys.erase(&[subject]).await.unwrap();
        assert!(matches!(keys.open(subject, &sealed), Err(KeyFault::Erased { .. })));
        assert_eq!(keys.blind("name", "王").len(), 64);
        assert_ne!(keys.mac(b"a"), keys.mac(b"b"));
    }
}
