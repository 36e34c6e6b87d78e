//! The key port of the write side over the key folder.

use std::sync::Arc;

use commands::{KeyFault, Keys};
use kernel::log::Answer;
use shared::Pii;
use sm::keys::{Error, MasterKey, SubjectKeys};
use sm::{Envelope, FileKeys, Sealer};
use uuid::Uuid;

pub struct FolderKeys {
    folder: Arc<FileKeys>,
    sealer: Sealer,
}

impl FolderKeys {
    pub fn new(folder: Arc<FileKeys>, sealer: Sealer) -> Self {
        Self { folder, sealer }
    }
}

impl Keys for FolderKeys {
    fn ensure<'a>(&'a self, subjects: &'a [Uuid]) -> Answer<'a, Result<(), KeyFault>> {
        let folder = Arc::clone(&self.folder);
        let subjects = subjects.to_vec();
        Box::pin(async move {
            // One flush to disk for all of them: not on a thread that serves requests.
            tokio::task::spawn_blocking(move || folder.ensure(&subjects))
                .await
                .map_err(|ended| KeyFault::Unavailable(ended.to_string()))?
                .map_err(|fault| fault_of(Uuid::nil(), &fault))
        })
    }

    fn seal(
        &self,
        subject: Uuid,
        event: Uuid,
        path: &str,
        clear: &str,
    ) -> Result<String, KeyFault> {
        self.sealer
            .seal(subject, event, path, clear)
            .map(|envelope| envelope.as_str().to_owned())
            .map_err(|fault| sealing_fault(subject, &fault))
    }

    fn open(&self, subject: Uuid, envelope: &str) -> Result<Pii<String>, KeyFault> {
        let envelope: Envelope =
            envelope.parse().map_err(|_| KeyFault::Broken("no envelope".to_owned()))?;
        self.sealer
            .open(subject, &envelope)
            .map(Pii::new)
            .map_err(|fault| sealing_fault(subject, &fault))
    }

    fn blind(&self, kind: &str, text: &str) -> String {
        self.folder.blind_hex(kind, text)
    }

    fn mac(&self, bytes: &[u8]) -> [u8; 32] {
        self.folder.mac(bytes)
    }
}

fn sealing_fault(subject: Uuid, fault: &sm::Error) -> KeyFault {
    match fault {
        sm::Error::Erased { .. } => KeyFault::Erased { subject },
        other => KeyFault::Broken(other.to_string()),
    }
}

fn fault_of(subject: Uuid, fault: &Error) -> KeyFault {
    match fault {
        Error::Erased { .. } => KeyFault::Erased { subject },
        other => KeyFault::Unavailable(other.to_string()),
    }
}
