//! Seals and opens personal fields.
//!
//! **Invariant** an envelope opens only as what it was sealed for: log, subject, key version, event
//! id and field path are the associated data, so moving it makes it worthless.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;
use uuid::Uuid;

use crate::envelope::Parts;
use crate::gcm::{NONCE_BYTES, Sm4Gcm};
use crate::keys;
use crate::{Envelope, Malformed, Randomness, Standing, SubjectKeys};

/// An expanded key takes about half a kilobyte, so the default holds some 30 MiB.
const CACHED_KEYS: NonZeroUsize = NonZeroUsize::new(65_536).expect("65,536 is not zero");
const SHARDS: usize = 16;

/// Why a field was not sealed or opened. No variant holds a clear or sealed value.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("subject {subject} was erased")]
    Erased { subject: Uuid },
    #[error("subject {subject} has no key: make it durable before sealing")]
    Absent { subject: Uuid },
    #[error("{path:?} cannot be a field path: letters, digits and _-./[], 128 at most")]
    Path { path: String },
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("the field is sealed under key version {sealed_under}, subject {subject} has {held}")]
    KeyVersion { subject: Uuid, sealed_under: u32, held: u32 },
    #[error(
        "the field was altered, or belongs to another log, subject, event or field than {subject}"
    )]
    NotAuthentic { subject: Uuid },
    // Without its source, which would carry the clear bytes.
    #[error("the sealed bytes are not text")]
    NotText,
    #[error("the key of a subject cannot be read")]
    Keys(#[source] keys::Error),
}

/// Seals for one log. Shared between threads: a call holds one of 16 locks for a look-up only.
pub struct Sealer {
    log_id: Uuid,
    keys: Arc<dyn SubjectKeys>,
    randomness: Arc<dyn Randomness>,
    /// By the last byte of the subject's id.
    cached: Vec<Mutex<LruCache<Uuid, Cached>>>,
}

#[derive(Clone)]
struct Cached {
    version: u32,
    cipher: Arc<Sm4Gcm>,
}

impl Sealer {
    /// `log_id`: the log whose events hold the envelopes.
    pub fn new(log_id: Uuid, keys: Arc<dyn SubjectKeys>, randomness: Arc<dyn Randomness>) -> Self {
        Self::with_cached_keys(CACHED_KEYS, log_id, keys, randomness)
    }

    /// As `new`, keeping at most about `cached_keys_max` unwrapped keys in memory.
    pub fn with_cached_keys(
        cached_keys_max: NonZeroUsize,
        log_id: Uuid,
        keys: Arc<dyn SubjectKeys>,
        randomness: Arc<dyn Randomness>,
    ) -> Self {
        let shard = NonZeroUsize::new(cached_keys_max.get().div_ceil(SHARDS))
            .expect("a sixteenth of one or more, rounded up, is one or more");
        let cached = (0..SHARDS).map(|_| Mutex::new(LruCache::new(shard))).collect();
        Self { log_id, keys, randomness, cached }
    }

    /// Seals `clear`, the field `path` of the event `event` about `subject`, whose key
    /// [`SubjectKeys::ensure`] has made durable.
    pub fn seal(
        &self,
        subject: Uuid,
        event: Uuid,
        path: &str,
        clear: &str,
    ) -> Result<Envelope, Error> {
        let Cached { version: key_version, cipher } = self.cipher(subject)?;
        let mut nonce = [0; NONCE_BYTES];
        self.randomness.fill(&mut nonce);
        let bound = self.bound(key_version, subject, event, path);
        let sealed = cipher.seal(&nonce, &bound, clear.as_bytes());
        Envelope::from_parts(&Parts { key_version, event, path, nonce, sealed })
            .ok_or_else(|| Error::Path { path: path.to_owned() })
    }

    /// The clear text of an envelope about `subject`.
    pub fn open(&self, subject: Uuid, envelope: &Envelope) -> Result<String, Error> {
        let Parts { key_version, event, path, nonce, sealed } = envelope.parts()?;
        let Cached { version: held, cipher } = self.cipher(subject)?;
        if key_version != held {
            return Err(Error::KeyVersion { subject, sealed_under: key_version, held });
        }
        let bound = self.bound(key_version, subject, event, path);
        let clear = cipher.open(&nonce, &bound, &sealed).ok_or(Error::NotAuthentic { subject })?;
        String::from_utf8(clear).map_err(|_| Error::NotText)
    }

    /// Opens each on its own: one that fails does not touch the others. Same order, same length.
    pub fn open_many(&self, envelopes: &[(Uuid, &Envelope)]) -> Vec<Result<String, Error>> {
        envelopes.iter().map(|(subject, envelope)| self.open(*subject, envelope)).collect()
    }

    /// Destroys the subjects' keys, stored and cached; durable on return.
    pub fn erase(&self, subjects: &[Uuid]) -> Result<(), Error> {
        self.keys.destroy(subjects).map_err(Error::Keys)?;
        for subject in subjects {
            self.shard(*subject).pop(subject);
        }
        Ok(())
    }

    fn cipher(&self, subject: Uuid) -> Result<Cached, Error> {
        // Asked every time, so that a cached key never outlives its subject.
        match self.keys.standing(subject) {
            Standing::Live { .. } => {}
            Standing::Absent => return Err(Error::Absent { subject }),
            Standing::Erased => {
                self.shard(subject).pop(&subject);
                return Err(Error::Erased { subject });
            }
        }
        if let Some(cached) = self.shard(subject).get(&subject) {
            return Ok(cached.clone());
        }
        // Unwrapped outside the lock: an HSM may take its time.
        let (version, key) = self.keys.key(subject).map_err(|error| match error {
            keys::Error::Erased { subject } => Error::Erased { subject },
            keys::Error::Absent { subject } => Error::Absent { subject },
            other => Error::Keys(other),
        })?;
        let cached = Cached { version, cipher: Arc::new(Sm4Gcm::new(&key)) };
        self.shard(subject).put(subject, cached.clone());
        Ok(cached)
    }

    fn shard(&self, subject: Uuid) -> MutexGuard<'_, LruCache<Uuid, Cached>> {
        // The first bytes of a v7 id are time and would crowd one shard.
        let index = usize::from(subject.as_bytes()[15]) % SHARDS;
        self.cached[index].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The associated data: every part with its length before it.
    fn bound(&self, key_version: u32, subject: Uuid, event: Uuid, path: &str) -> Vec<u8> {
        let version = key_version.to_be_bytes();
        let parts: [&[u8]; 6] = [
            b"renshe/sealed-field/v1",
            self.log_id.as_bytes(),
            &version,
            subject.as_bytes(),
            event.as_bytes(),
            path.as_bytes(),
        ];
        let mut bound = Vec::with_capacity(160);
        for part in parts {
            bound.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bound.extend_from_slice(part);
        }
        bound
    }
}
