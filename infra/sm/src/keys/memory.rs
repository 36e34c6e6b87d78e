//! Keys that live as long as the process: for tests and simulations.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;
use zeroize::Zeroizing;

use super::master::LocalMaster;
use super::{Error, MasterKey, Standing, SubjectKeys};
use crate::Randomness;

/// A master key and subject keys in memory.
pub struct MemoryKeys {
    master: LocalMaster,
    /// `None` is a tombstone.
    subjects: Mutex<HashMap<Uuid, Option<Zeroizing<[u8; 16]>>>>,
}

impl MemoryKeys {
    pub fn new(randomness: Arc<dyn Randomness>) -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        randomness.fill(secret.as_mut());
        Self { master: LocalMaster::new(&secret, randomness), subjects: Mutex::default() }
    }

    fn subjects(&self) -> MutexGuard<'_, HashMap<Uuid, Option<Zeroizing<[u8; 16]>>>> {
        // Every write to the map is one call, so a panic elsewhere leaves it whole.
        self.subjects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SubjectKeys for MemoryKeys {
    fn ensure(&self, subjects: &[Uuid]) -> Result<(), Error> {
        let mut keys = self.subjects();
        if let Some(subject) = subjects.iter().find(|s| matches!(keys.get(*s), Some(None))) {
            return Err(Error::Erased { subject: *subject });
        }
        for subject in subjects {
            keys.entry(*subject).or_insert_with(|| {
                let mut key = Zeroizing::new([0; 16]);
                self.master.randomness().fill(key.as_mut());
                Some(key)
            });
        }
        Ok(())
    }

    fn standing(&self, subject: Uuid) -> Standing {
        match self.subjects().get(&subject) {
            None => Standing::Absent,
            Some(Some(_)) => Standing::Live { version: 1 },
            Some(None) => Standing::Erased,
        }
    }

    fn key(&self, subject: Uuid) -> Result<(u32, Zeroizing<[u8; 16]>), Error> {
        match self.subjects().get(&subject) {
            None => Err(Error::Absent { subject }),
            Some(Some(key)) => Ok((1, key.clone())),
            Some(None) => Err(Error::Erased { subject }),
        }
    }

    fn destroy(&self, subjects: &[Uuid]) -> Result<(), Error> {
        self.subjects().extend(subjects.iter().map(|subject| (*subject, None)));
        Ok(())
    }
}

impl MasterKey for MemoryKeys {
    fn wrap(&self, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, Error> {
        self.master.wrap(context, secret)
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.master.unwrap(context, wrapped)
    }

    fn blind(&self, kind: &str, text: &str) -> [u8; 32] {
        self.master.blind(kind, text)
    }

    fn mac(&self, bytes: &[u8]) -> [u8; 32] {
        self.master.mac(bytes)
    }
}
