//! What the write side asks of the world. Adapters stand in `infra`.

use kernel::log::Answer;
use shared::{ArtefactId, Pii};
use thiserror::Error;
use uuid::Uuid;

pub use kernel::{Clock, Ids};

/// The keys: personal fields under the key of their subject, blind indexes, the digest of commands.
pub trait Keys: Send + Sync + 'static {
    /// Makes a durable key for every subject that has none. Called before anything is sealed.
    fn ensure<'a>(&'a self, subjects: &'a [Uuid]) -> Answer<'a, Result<(), KeyFault>>;

    /// The envelope of `clear`, the field `path` of the event with the id `event` about `subject`.
    ///
    /// # Errors
    /// When the subject has no key or was erased.
    fn seal(&self, subject: Uuid, event: Uuid, path: &str, clear: &str)
    -> Result<String, KeyFault>;

    /// The clear text of an envelope about `subject`.
    ///
    /// # Errors
    /// When the subject was erased, or the envelope is another's.
    fn open(&self, subject: Uuid, envelope: &str) -> Result<Pii<String>, KeyFault>;

    /// Destroys the subjects' keys, for ever; durable on return. Subjects without a key are erased
    /// too: none is made for them again.
    fn erase<'a>(&'a self, subjects: &'a [Uuid]) -> Answer<'a, Result<(), KeyFault>>;

    /// The blind index of a normalised text: lower-case hexadecimal, different for every `kind`
    /// (`person-no`, `phone`, `name`).
    fn blind(&self, kind: &str, text: &str) -> String;

    /// HMAC-SM3 under the key for command digests.
    fn mac(&self, bytes: &[u8]) -> [u8; 32];
}

/// No variant holds a clear or sealed value.
#[derive(Debug, Error)]
pub enum KeyFault {
    #[error("subject {subject} was erased")]
    Erased { subject: Uuid },
    #[error("the keys are not there: {0}")]
    Unavailable(String),
    #[error("the keys do not fit: {0}")]
    Broken(String),
}

/// Files outside the log: named by the SM3 digest of their clear bytes, sealed at rest, never
/// changed. Bytes come and go in pieces, so that no file must fit in memory.
pub trait Artefacts: Send + Sync + 'static {
    /// Begins to take a file of at most `max_bytes`.
    fn begin(&self, max_bytes: u64) -> Answer<'_, Result<Box<dyn Incoming>, ArtefactFault>>;

    /// Begins to give a file back.
    fn open(&self, id: ArtefactId) -> Answer<'_, Result<Box<dyn Outgoing>, ArtefactFault>>;

    /// Its length in clear bytes, or `None` where there is no such file.
    fn size(&self, id: ArtefactId) -> Answer<'_, Result<Option<u64>, ArtefactFault>>;
}

/// A file on its way in. Dropped before `finish`, it leaves nothing.
pub trait Incoming: Send {
    fn write<'a>(&'a mut self, piece: &'a [u8]) -> Answer<'a, Result<(), ArtefactFault>>;

    /// Durable on return. A file that is there already is kept as it is.
    fn finish(self: Box<Self>) -> Answer<'static, Result<StoredArtefact, ArtefactFault>>;
}

/// A file on its way out.
pub trait Outgoing: Send {
    /// The next piece; `None` after the last, and only when the whole file had its digest.
    fn next(&mut self) -> Answer<'_, Result<Option<Vec<u8>>, ArtefactFault>>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredArtefact {
    pub id: ArtefactId,
    pub bytes: u64,
}

#[derive(Debug, Error)]
pub enum ArtefactFault {
    #[error("there is no artefact {0}")]
    Absent(ArtefactId),
    #[error("the file is larger than {max_bytes} bytes")]
    TooLarge { max_bytes: u64 },
    #[error("the artefacts are not there: {0}")]
    Unavailable(String),
    #[error("artefact {id} is damaged: {what}")]
    Damaged { id: ArtefactId, what: String },
}

/// Stores a file that is in memory already.
///
/// # Errors
/// As the store says.
pub async fn put(artefacts: &dyn Artefacts, bytes: &[u8]) -> Result<StoredArtefact, ArtefactFault> {
    let max_bytes = u64::try_from(bytes.len()).expect("a length in memory fits in 64 bits");
    let mut incoming = artefacts.begin(max_bytes).await?;
    incoming.write(bytes).await?;
    incoming.finish().await
}

/// The whole file, if it has at most `max_bytes`.
///
/// # Errors
/// As the store says, and [`ArtefactFault::TooLarge`].
pub async fn get(
    artefacts: &dyn Artefacts,
    id: ArtefactId,
    max_bytes: u64,
) -> Result<Vec<u8>, ArtefactFault> {
    let mut outgoing = artefacts.open(id).await?;
    let mut bytes = Vec::new();
    while let Some(piece) = outgoing.next().await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() as u64 > max_bytes {
            return Err(ArtefactFault::TooLarge { max_bytes });
        }
    }
    Ok(bytes)
}
