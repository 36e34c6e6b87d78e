//! After the log came back from a backup: banks are heard, and two persons release the sending.
//!
//! **Invariant** in every epoch after the first no file goes out before its release stands.

use std::collections::BTreeMap;

use disbursement::batch::{self, Batch, Stage};
use disbursement::restoration::{self, Restoration};
use kernel::Decider as _;
use kernel::process::chunk_id;
use serde::{Deserialize, Serialize};
use shared::{ArtefactId, BankCode};

use super::Disbursement;
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;

/// Files of one list: a bank gets tens in a day.
pub const LISTED_MAX: usize = 10_000;

/// A file that a bank says it received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedFile {
    pub batch: String,
    /// SM3 of its bytes.
    pub digest: ArtefactId,
}

/// What a bank's list comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankHeard {
    pub files: u32,
    /// Recorded as sent now.
    pub found: u32,
    /// Not in the log, or there with other bytes.
    pub lost: Vec<String>,
}

impl Disbursement {
    /// The epoch of the log, and how its restoration stands; none in the first epoch.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn restoration(&self) -> Result<Option<(u32, Restoration)>, CommandError> {
        let epoch = self.executor.log().identity().epoch.0;
        if epoch <= 1 {
            return Ok(None);
        }
        let (restoration, _) = self.executor.load::<Restoration>(epoch.to_string()).await?;
        Ok(Some((epoch, (*restoration).clone())))
    }

    /// Holds a bank's list of what it received since the backup against the log: a batch that went out
    /// and is known only as composed is recorded as sent; one that is not there is lost, until it is
    /// made again and the list held against it, or somebody accounts for it.
    ///
    /// # Errors
    /// In the first epoch, after the release, for a batch of another bank or one named twice.
    pub async fn hear_bank(
        &self,
        envelope: &Envelope,
        bank: BankCode,
        list: ArtefactId,
        listed: &[ReceivedFile],
    ) -> Result<Done<BankHeard>, CommandError> {
        let (epoch, standing) = self.restored().await?;
        let files = count(listed.len())?;
        let (mut found, mut lost) = (Vec::new(), Vec::new());
        for (index, (batch, digest)) in (0..).zip(once_each(listed)?) {
            let (known, _) = self.executor.load::<Batch>(batch).await?;
            if known.header.as_ref().is_some_and(|header| header.bank != bank) {
                return Err(other_bank(batch, bank).into());
            }
            let same = known.file.as_ref().is_some_and(|file| file.artefact == digest);
            match known.stage {
                Stage::Composed | Stage::Signed if same => found.push((index, batch, digest)),
                Stage::Sent | Stage::Acknowledged | Stage::OutcomeUnknown if same => {}
                Stage::Unopened
                | Stage::Open
                | Stage::Composed
                | Stage::Signed
                | Stage::Sent
                | Stage::Acknowledged
                | Stage::OutcomeUnknown
                | Stage::Rejected => lost.push(batch.to_owned()),
            }
        }
        let heard = BankHeard { files, found: count(found.len())?, lost };
        let hear = {
            let (by, BankHeard { files, found, lost }) = (envelope.actor.clone(), heard.clone());
            restoration::Command::Hear { bank, list, files, found, lost, by }
        };
        // A list that is refused leaves no batch behind that was found by it.
        standing.decide(hear.clone())?;
        for (index, batch, digest) in found {
            let step = envelope.step(chunk_id(envelope.command_id, index));
            self.found(&step, epoch, batch, digest).await?;
        }
        self.executor
            .run(envelope, "restoration.hear-bank", &(bank, list, listed), async |unit| {
                unit.decide::<Restoration>(epoch.to_string(), hear.clone()).await?;
                Ok(heard.clone())
            })
            .await
    }

    async fn found(
        &self,
        step: &Envelope,
        epoch: u32,
        batch: &str,
        digest: ArtefactId,
    ) -> Result<(), CommandError> {
        let (origin, reference) = (format!("restoration-{epoch}"), digest.to_string());
        let found = batch::Command::FoundAtBank { origin, reference };
        self.executor
            .run(step, "restoration.found-at-bank", &(epoch, batch, digest), async |unit| {
                unit.decide::<Batch>(batch, found.clone()).await?;
                Ok(())
            })
            .await?;
        Ok(())
    }

    /// What was done about a batch that only the bank knows.
    ///
    /// # Errors
    /// When the batch is not lost, no reason is given, or sending is released.
    pub async fn explain_lost(
        &self,
        envelope: &Envelope,
        bank: BankCode,
        batch: &str,
        reason: &str,
    ) -> Result<Done, CommandError> {
        let (epoch, _) = self.restored().await?;
        let by = envelope.actor.clone();
        let (batch, reason) = (batch.to_owned(), reason.to_owned());
        let input = (bank, batch.clone(), reason.clone());
        let explain = restoration::Command::Explain { bank, batch, reason, by };
        self.about_restoration(envelope, "restoration.explain", &input, epoch, explain).await
    }

    /// Every bank to which files are sent was heard: another person may release.
    ///
    /// # Errors
    /// While a bank is unheard or a lost batch unaccounted for.
    pub async fn ask_sending(&self, envelope: &Envelope) -> Result<Done, CommandError> {
        let (epoch, _) = self.restored().await?;
        let rules = self.rules(self.executor.today()?)?;
        let banks = rules.layouts().keys().copied().collect();
        let ask = restoration::Command::AskRelease { banks, by: envelope.actor.clone() };
        self.about_restoration(envelope, "restoration.ask-release", &epoch, epoch, ask).await
    }

    /// Files go out again.
    ///
    /// # Errors
    /// When nobody asked, or the acting person did.
    pub async fn release_sending(&self, envelope: &Envelope) -> Result<Done, CommandError> {
        let (epoch, _) = self.restored().await?;
        let release = restoration::Command::Release { by: envelope.actor.clone() };
        self.about_restoration(envelope, "restoration.release", &epoch, epoch, release).await
    }

    /// Nothing goes to a bank between a restoration and its release.
    pub(super) async fn may_send(&self) -> Result<(), CommandError> {
        match self.restoration().await? {
            Some((epoch, restoration)) if restoration.released.is_none() => {
                Err(locked(epoch).into())
            }
            None | Some(_) => Ok(()),
        }
    }

    async fn restored(&self) -> Result<(u32, Restoration), CommandError> {
        self.restoration().await?.ok_or_else(|| not_restored().into())
    }

    async fn about_restoration(
        &self,
        envelope: &Envelope,
        name: &'static str,
        input: &impl Serialize,
        epoch: u32,
        command: restoration::Command,
    ) -> Result<Done, CommandError> {
        self.executor
            .execute::<Restoration>(envelope, name, input, epoch, |_, _| Ok(command.clone()))
            .await
    }
}

fn count(files: usize) -> Result<u32, CommandError> {
    if files > LISTED_MAX {
        return Err(Refused::new(
            "RESTORATION_LIST_TOO_LONG",
            format!("清单有{files}个文件，一次最多{LISTED_MAX}个"),
            format!("the list has {files} files: at most {LISTED_MAX} at once"),
        )
        .field("files")
        .into());
    }
    u32::try_from(files).map_err(CommandError::fault)
}

/// By batch: one named with two digests is no list.
fn once_each(listed: &[ReceivedFile]) -> Result<BTreeMap<&str, ArtefactId>, CommandError> {
    let mut by_batch = BTreeMap::new();
    for ReceivedFile { batch, digest } in listed {
        if by_batch.insert(batch.as_str(), *digest).is_some() {
            return Err(Refused::new(
                "RESTORATION_BATCH_TWICE",
                format!("清单中批次{batch}重复"),
                format!("batch {batch} is in the list twice"),
            )
            .field("files")
            .into());
        }
    }
    Ok(by_batch)
}

fn other_bank(batch: &str, bank: BankCode) -> Refused {
    Refused::new(
        "RESTORATION_OTHER_BANK",
        format!("批次{batch}不是发给{bank}的，请核对清单"),
        format!("batch {batch} does not go to {bank}: is this its list?"),
    )
    .field("files")
}

fn not_restored() -> Refused {
    Refused::new(
        "RESTORATION_NONE",
        "日志未曾从备份恢复，无需核对",
        "the log was never restored from a backup: there is nothing to reconcile",
    )
}

fn locked(epoch: u32) -> Refused {
    Refused::new(
        "SENDING_LOCKED",
        format!("日志已从备份恢复（第{epoch}纪元），须逐行核对银行已收文件并经两人放行后方可发送"),
        format!(
            "the log was restored (epoch {epoch}): hear each bank on what it received, and let two \
             persons release the sending"
        ),
    )
}
