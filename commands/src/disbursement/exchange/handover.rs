//! What was sent comes to its bank: brought, written down, renamed, seen.

use disbursement::batch::{self, Batch, Found, Header, Stage};
use kernel::process::derived_id;
use shared::BankCode;

use super::parcel::Parcel;
use crate::disbursement::Disbursement;
use crate::disbursement::send::FILE_BYTES_MAX;
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::ports::get;

/// How a batch stands with its bank's server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handed {
    Over(Found),
    /// It was not found: the bank is asked, and the next exchange looks again.
    Unknown,
    /// The bank said what became of it before it was seen there, or it was never sent by this way.
    Settled,
}

/// Held from the sending of a batch until its file is the bank's.
pub(in crate::disbursement) fn on_its_way(bank: BankCode, batch: &str) -> String {
    format!("{}{batch}", bound_for(bank))
}

pub(super) fn bound_for(bank: BankCode) -> String {
    format!("handover:{bank}/")
}

pub(in crate::disbursement) fn holder(batch: &str) -> String {
    format!("batch-{batch}")
}

impl Disbursement {
    /// Brings the file of a batch that was sent to its bank's server, or looks for it there. Cut
    /// anywhere and asked again, by whomever, the bank can take it once.
    pub(in crate::disbursement) async fn hand_over(
        &self,
        envelope: &Envelope,
        batch_id: &str,
    ) -> Result<Handed, CommandError> {
        let (batch, header) = self.batch(batch_id).await?;
        let key = on_its_way(header.bank, batch_id);
        if self.executor.log().claims(&[key]).await?.iter().all(Option::is_none) {
            let found = batch.handover.as_ref().and_then(|handover| handover.found);
            return Ok(found.map_or(Handed::Settled, Handed::Over));
        }
        self.may_send().await?;
        let begun = batch.handover.is_some();
        let (true, Some(file)) =
            (batch.stage == Stage::Sent || begun && unknown(&batch), &batch.file)
        else {
            if unknown(&batch) {
                return Ok(Handed::Unknown);
            }
            self.settle_handover(envelope, batch_id, header.bank).await?;
            return Ok(Handed::Settled);
        };
        let bytes = get(&*self.ports.artefacts, file.artefact, FILE_BYTES_MAX)
            .await
            .map_err(CommandError::fault)?;
        let rules = self.rules(header.month.last_day())?;
        let mark = self.ports.files.ready_mark(&rules, header.bank, &file.name, &bytes);
        let (ready, ready_bytes) = mark.map_err(|rejected| Refused::of_file(&rejected.faults))?;
        let server = self.ports.servers.of(header.bank);
        let ready = batch.handover.as_ref().map_or(ready, |handover| handover.ready.clone());
        let (name, ready) = (file.name.as_str(), ready.as_str());
        let parcel = Parcel { name, bytes: &bytes, ready, ready_bytes: &ready_bytes };
        let token = match &batch.handover {
            Some(handover) => handover.token.clone(),
            None => {
                let token = self.executor.ids().next().to_string();
                parcel.prepare(&*server, &token).await?;
                self.begin_handover(envelope, batch_id, ready, token).await?
            }
        };
        let Some(found) = parcel.release(&*server, &token).await? else {
            if batch.stage == Stage::Sent {
                self.lose_handover(envelope, batch_id, &token).await?;
            }
            return Ok(Handed::Unknown);
        };
        self.finish_handover(envelope, batch_id, &header, found).await?;
        if let Err(left) = parcel.sweep(&*server).await {
            tracing::info!(%left, "leavings of earlier tries stay at the bank's server");
        }
        Ok(Handed::Over(found))
    }

    /// The token that counts: of two tries, the one that was written down first.
    async fn begin_handover(
        &self,
        envelope: &Envelope,
        batch_id: &str,
        ready: &str,
        token: String,
    ) -> Result<String, CommandError> {
        let step = step(envelope, "begun", batch_id, &token);
        self.executor
            .execute::<Batch>(
                &step,
                "batch.begin-handover",
                &(batch_id, &token),
                batch_id,
                |_, _| {
                    let (ready, token) = (ready.to_owned(), token.clone());
                    Ok(batch::Command::BeginHandover { ready, token })
                },
            )
            .await?;
        let (batch, _) = self.batch(batch_id).await?;
        Ok(batch.handover.as_ref().map_or(token, |handover| handover.token.clone()))
    }

    async fn finish_handover(
        &self,
        envelope: &Envelope,
        batch_id: &str,
        header: &Header,
        found: Found,
    ) -> Result<(), CommandError> {
        let step = step(envelope, "over", batch_id, &format!("{found:?}"));
        let finished = self
            .executor
            .run(&step, "batch.finish-handover", &(batch_id, found), async |unit| {
                let finish = batch::Command::FinishHandover { found };
                unit.decide::<Batch>(batch_id, finish).await?;
                unit.release(on_its_way(header.bank, batch_id), holder(batch_id));
                Ok(())
            })
            .await;
        match finished {
            // Somebody else saw it first.
            Err(CommandError::Conflict(_)) => Ok(()),
            outcome => outcome.map(|_| ()),
        }
    }

    async fn lose_handover(
        &self,
        envelope: &Envelope,
        batch_id: &str,
        token: &str,
    ) -> Result<(), CommandError> {
        let step = step(envelope, "lost", batch_id, token);
        let reason = "已上传，但在银行服务器上查不到，请向银行查询 / it was brought to the bank's server \
                      and is not seen there: ask the bank";
        self.executor
            .execute::<Batch>(&step, "batch.lose-handover", &(batch_id, token), batch_id, |_, _| {
                Ok(batch::Command::LoseOutcome { reason: reason.to_owned() })
            })
            .await
            .map(|_| ())
    }

    async fn settle_handover(
        &self,
        envelope: &Envelope,
        batch_id: &str,
        bank: BankCode,
    ) -> Result<(), CommandError> {
        let step = step(envelope, "settled", batch_id, "");
        let settled = self
            .executor
            .run(&step, "batch.settle-handover", &batch_id, async |unit| {
                unit.guard::<Batch>(batch_id).await?;
                unit.release(on_its_way(bank, batch_id), holder(batch_id));
                Ok(())
            })
            .await;
        match settled {
            Err(CommandError::Conflict(_)) => Ok(()),
            outcome => outcome.map(|_| ()),
        }
    }
}

fn unknown(batch: &Batch) -> bool {
    batch.stage == Stage::OutcomeUnknown
}

fn step(envelope: &Envelope, what: &str, batch: &str, about: &str) -> Envelope {
    let parts = [what.as_bytes(), batch.as_bytes(), about.as_bytes()];
    envelope.step(derived_id("handover", &parts))
}
