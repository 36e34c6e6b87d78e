//! The T+1 feed of a folder: whatever arrived is taken in the order of its names.

use kernel::log::Answer;
use kernel::process::derived_id;

use super::Mirrored;
use crate::disbursement::{Disbursement, FactsFault};
use crate::envelope::Envelope;
use crate::error::CommandError;

/// A folder that another system fills; a file is seen once it is whole.
pub trait FeedFolder: Send + Sync + 'static {
    /// Names of files that nobody took yet, in their order.
    fn arrived(&self) -> Answer<'_, Result<Vec<String>, FactsFault>>;

    fn read<'a>(&'a self, name: &'a str) -> Answer<'a, Result<Vec<u8>, FactsFault>>;

    /// Puts a file away: taken, or refused with a reason beside it.
    fn put_away<'a>(
        &'a self,
        name: &'a str,
        refused: Option<String>,
    ) -> Answer<'a, Result<(), FactsFault>>;
}

/// One file of a folder.
#[derive(Debug)]
pub struct Taken {
    pub name: String,
    pub outcome: Result<Mirrored, CommandError>,
}

impl Disbursement {
    /// Takes what arrived in a folder. A refused file is put away with its reason and stops no other;
    /// after a fault the file stays and is taken next time. The command of a file follows from its
    /// bytes, so that taking it twice does it once.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn take_feed(
        &self,
        actor: &str,
        folder: &dyn FeedFolder,
    ) -> Result<Vec<Taken>, CommandError> {
        let away = |fault: FactsFault| CommandError::Unavailable {
            what: fault.to_string(),
            retryable: true,
        };
        let mut all = Vec::new();
        for name in folder.arrived().await.map_err(away)? {
            let bytes = folder.read(&name).await.map_err(away)?;
            let id = derived_id("feed-file", &[name.as_bytes(), &bytes]);
            let envelope = Envelope::new(id, actor);
            let outcome = self.import_external_run(&envelope, &name, &bytes).await;
            let outcome = outcome.map(|done| done.result);
            match &outcome {
                Ok(_) => folder.put_away(&name, None).await.map_err(away)?,
                Err(error) if error.is_refusal() => {
                    let reason = format!("{}: {} / {}", error.code(), error.zh(), error.en());
                    folder.put_away(&name, Some(reason)).await.map_err(away)?;
                }
                // It stays where it is.
                Err(_) => {}
            }
            all.push(Taken { name, outcome });
        }
        Ok(all)
    }
}
