//! The artefact store behind its port: the blocking calls of `store` on threads that may block.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use commands::{ArtefactFault, Artefacts, Incoming, Outgoing, StoredArtefact};
use kernel::log::Answer;
use shared::ArtefactId;
use sm::Randomness;

use crate::cipher::{Cipher, SALT_BYTES};
use crate::store::{self, PIECE_BYTES, Reading, Writing, unavailable};

/// One process writes to the folder at a time; reading needs nothing.
pub struct DiskArtefacts {
    dir: PathBuf,
    cipher: Arc<dyn Cipher>,
    randomness: Arc<dyn Randomness>,
}

impl DiskArtefacts {
    /// Opens the store in `dir`, which is made if it is not there. What an earlier run left
    /// unfinished is removed.
    ///
    /// # Errors
    /// When the folder cannot be made or cleared.
    pub fn open(
        dir: impl AsRef<Path>,
        cipher: Arc<dyn Cipher>,
        randomness: Arc<dyn Randomness>,
    ) -> std::io::Result<Self> {
        let dir = dir.as_ref().to_owned();
        store::prepare(&dir)?;
        Ok(Self { dir, cipher, randomness })
    }
}

impl Artefacts for DiskArtefacts {
    fn begin(&self, max_bytes: u64) -> Answer<'_, Result<Box<dyn Incoming>, ArtefactFault>> {
        let mut salt = [0; SALT_BYTES];
        self.randomness.fill(&mut salt);
        let (dir, cipher) = (self.dir.clone(), self.cipher.clone());
        Box::pin(async move {
            // The salt is random, so the name is nobody else's.
            let name = sm::hex(salt);
            let begin = move || Writing::begin(&dir, &name, cipher, salt, max_bytes);
            let writing = blocking(begin).await?;
            Ok(Box::new(OnItsWayIn { writing: Some(writing) }) as Box<dyn Incoming>)
        })
    }

    fn open(&self, id: ArtefactId) -> Answer<'_, Result<Box<dyn Outgoing>, ArtefactFault>> {
        let (dir, cipher) = (self.dir.clone(), self.cipher.clone());
        Box::pin(async move {
            let reading = blocking(move || Reading::begin(&dir, id, cipher)).await?;
            Ok(Box::new(OnItsWayOut { reading: Some(reading) }) as Box<dyn Outgoing>)
        })
    }

    fn size(&self, id: ArtefactId) -> Answer<'_, Result<Option<u64>, ArtefactFault>> {
        let dir = self.dir.clone();
        Box::pin(blocking(move || store::size(&dir, id)))
    }
}

/// Empty after a failed write: what is half written cannot be finished.
struct OnItsWayIn {
    writing: Option<Writing>,
}

impl Incoming for OnItsWayIn {
    fn write<'a>(&'a mut self, piece: &'a [u8]) -> Answer<'a, Result<(), ArtefactFault>> {
        Box::pin(async move {
            for piece in piece.chunks(16 * PIECE_BYTES) {
                let mut writing = self.writing.take().ok_or_else(broken_off)?;
                let piece = piece.to_vec();
                let written = blocking(move || {
                    writing.write(&piece)?;
                    Ok(writing)
                });
                self.writing = Some(written.await?);
            }
            Ok(())
        })
    }

    fn finish(self: Box<Self>) -> Answer<'static, Result<StoredArtefact, ArtefactFault>> {
        Box::pin(async move {
            let writing = self.writing.ok_or_else(broken_off)?;
            blocking(move || writing.finish()).await
        })
    }
}

/// Empty after a failed read.
struct OnItsWayOut {
    reading: Option<Reading>,
}

impl Outgoing for OnItsWayOut {
    fn next(&mut self) -> Answer<'_, Result<Option<Vec<u8>>, ArtefactFault>> {
        Box::pin(async move {
            let mut reading = self.reading.take().ok_or_else(broken_off)?;
            let (reading, piece) = blocking(move || {
                let piece = reading.next()?;
                Ok((reading, piece))
            })
            .await?;
            self.reading = Some(reading);
            // The one piece of an empty file is empty: it says nothing that the end does not say.
            Ok(piece.filter(|piece| !piece.is_empty()))
        })
    }
}

fn broken_off() -> ArtefactFault {
    unavailable("an earlier piece of this file failed")
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArtefactFault> + Send + 'static,
) -> Result<T, ArtefactFault> {
    tokio::task::spawn_blocking(work).await.map_err(unavailable)?
}

#[cfg(test)]
mod tests {
    use std::fs;

    use commands::Envelope;
    use commands::artefacts::{Event, Kind, Received, receive};
    use commands::fixture::World;
    use commands::ports::{get, put};
    use sm::SeededRandomness;
    use tempfile::TempDir;
    use uuid::Uuid;

    use super::*;
    use crate::cipher::Sm4Pieces;

    fn open(dir: &TempDir) -> DiskArtefacts {
        let cipher = Arc::new(Sm4Pieces::new([7; 32]));
        DiskArtefacts::open(dir.path(), cipher, Arc::new(SeededRandomness::new(b"files"))).unwrap()
    }

    fn content(bytes: usize) -> Vec<u8> {
        (0..bytes).map(|n| (n % 251) as u8).collect()
    }

    #[tokio::test]
    async fn files_of_every_length_come_back_under_their_digest() {
        let dir = TempDir::new().unwrap();
        let store = open(&dir);
        for bytes in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 40 * PIECE_BYTES + 3] {
            let content = content(bytes);
            let stored = put(&store, &content).await.unwrap();
            assert_eq!(stored.id, ArtefactId::from_digest(sm::sm3(&content)));
            assert_eq!(store.size(stored.id).await.unwrap(), Some(bytes as u64));
            assert_eq!(get(&store, stored.id, u64::MAX).await.unwrap(), content);
            assert_eq!(put(&store, &content).await.unwrap(), stored);
        }
        assert_eq!(fs::read_dir(dir.path().join(store::INCOMING)).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn nothing_lies_in_clear_on_the_disk() {
        let dir = TempDir::new().unwrap();
        let clear = "张三,320602199001011234\n".repeat(1_000);
        let stored = put(&open(&dir), clear.as_bytes()).await.unwrap();
        let sealed = fs::read(store::path(dir.path(), stored.id)).unwrap();
        assert!(!sealed.windows(18).any(|window| window == b"320602199001011234"));
    }

    #[tokio::test]
    async fn a_file_that_is_too_large_or_broken_off_leaves_nothing() {
        let dir = TempDir::new().unwrap();
        let store = open(&dir);
        let mut incoming = store.begin(10).await.unwrap();
        incoming.write(b"12345").await.unwrap();
        let refused = incoming.write(b"678901").await;
        assert!(matches!(refused, Err(ArtefactFault::TooLarge { max_bytes: 10 })));
        assert!(incoming.finish().await.is_err());
        drop(store.begin(10).await.unwrap());
        assert_eq!(fs::read_dir(dir.path().join(store::INCOMING)).unwrap().count(), 0);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        fs::write(dir.path().join(store::INCOMING).join("left"), b"over").unwrap();
        open(&dir);
        assert_eq!(fs::read_dir(dir.path().join(store::INCOMING)).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn every_altered_byte_is_noticed() {
        let dir = TempDir::new().unwrap();
        let store = open(&dir);
        let stored = put(&store, b"a reply of a bank").await.unwrap();
        let path = store::path(dir.path(), stored.id);
        let whole = fs::read(&path).unwrap();
        for place in 0..whole.len() {
            let mut altered = whole.clone();
            altered[place] ^= 1;
            fs::write(&path, altered).unwrap();
            let read = get(&store, stored.id, u64::MAX).await;
            assert!(matches!(read, Err(ArtefactFault::Damaged { .. })), "byte {place}");
        }
        for altered in [&whole[..whole.len() - 1], &[&whole[..], b"x"].concat(), b""] {
            fs::write(&path, altered).unwrap();
            assert!(get(&store, stored.id, u64::MAX).await.is_err());
        }
        fs::write(&path, &whole).unwrap();
        assert!(get(&store, stored.id, u64::MAX).await.is_ok());
        assert!(matches!(
            get(&store, stored.id, 3).await,
            Err(ArtefactFault::TooLarge { max_bytes: 3 })
        ));
    }

    #[tokio::test]
    async fn a_file_that_arrives_twice_keeps_its_first_receipt() {
        let dir = TempDir::new().unwrap();
        let store = open(&dir);
        let World { executor, log, .. } = World::new();
        let receive = async |id: ArtefactId, who: &str, command: u128| {
            let envelope = Envelope::new(Uuid::from_u128(command), who);
            receive(&executor, &envelope, &store, id, Kind::Reply, Some("FF_20260302.txt")).await
        };
        let id = ArtefactId::from_digest(sm::sm3(b"a reply"));
        assert_eq!(receive(id, "a", 1).await.unwrap_err().code(), "NOT_FOUND");
        put(&store, b"a reply").await.unwrap();
        assert_eq!(receive(id, "a", 1).await.unwrap().result, Received { id, before: false });
        assert_eq!(receive(id, "b", 2).await.unwrap().result, Received { id, before: true });
        let events = log.events();
        assert_eq!(events.len(), 1);
        let Event::Received(receipt) = events[0].decode().unwrap();
        assert_eq!((receipt.by.as_str(), receipt.bytes), ("a", 7));
        assert_eq!(receipt.name_hint.as_deref(), Some("FF_20260302.txt"));
    }

    #[tokio::test]
    async fn what_was_never_stored_is_absent() {
        let dir = TempDir::new().unwrap();
        let store = open(&dir);
        let id = ArtefactId::from_digest([1; 32]);
        assert_eq!(store.size(id).await.unwrap(), None);
        assert!(matches!(store.open(id).await, Err(ArtefactFault::Absent(absent)) if absent == id));
    }
}
