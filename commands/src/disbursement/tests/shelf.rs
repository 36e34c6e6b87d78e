//! Artefacts in memory.

use std::collections::HashMap;
use std::future::ready;
use std::sync::{Arc, Mutex};

use kernel::log::Answer;
use kernel::process::derived_id;
use shared::ArtefactId;

use crate::ports::{ArtefactFault, Artefacts, Incoming, Outgoing, StoredArtefact};

type Files = Arc<Mutex<HashMap<ArtefactId, Vec<u8>>>>;

#[derive(Default)]
pub(super) struct Shelf(Files);

impl Artefacts for Shelf {
    fn begin(&self, _: u64) -> Answer<'_, Result<Box<dyn Incoming>, ArtefactFault>> {
        let coming: Box<dyn Incoming> = Box::new(Coming(self.0.clone(), Vec::new()));
        Box::pin(ready(Ok(coming)))
    }

    fn open(&self, id: ArtefactId) -> Answer<'_, Result<Box<dyn Outgoing>, ArtefactFault>> {
        let found = self.0.lock().unwrap().get(&id).cloned();
        let going = found.map(|bytes| Box::new(Going(Some(bytes))) as Box<dyn Outgoing>);
        Box::pin(ready(going.ok_or(ArtefactFault::Absent(id))))
    }

    fn size(&self, id: ArtefactId) -> Answer<'_, Result<Option<u64>, ArtefactFault>> {
        let found = self.0.lock().unwrap().get(&id).map(|bytes| bytes.len() as u64);
        Box::pin(ready(Ok(found)))
    }
}

struct Coming(Files, Vec<u8>);

impl Incoming for Coming {
    fn write<'a>(&'a mut self, piece: &'a [u8]) -> Answer<'a, Result<(), ArtefactFault>> {
        self.1.extend_from_slice(piece);
        Box::pin(ready(Ok(())))
    }

    fn finish(self: Box<Self>) -> Answer<'static, Result<StoredArtefact, ArtefactFault>> {
        let Self(files, bytes) = *self;
        let mut digest = [0; 32];
        digest[..16].copy_from_slice(derived_id("shelf", &[&bytes]).as_bytes());
        let (id, length) = (ArtefactId::from_digest(digest), bytes.len() as u64);
        files.lock().unwrap().insert(id, bytes);
        Box::pin(ready(Ok(StoredArtefact { id, bytes: length })))
    }
}

struct Going(Option<Vec<u8>>);

impl Outgoing for Going {
    fn next(&mut self) -> Answer<'_, Result<Option<Vec<u8>>, ArtefactFault>> {
        Box::pin(ready(Ok(self.0.take())))
    }
}
