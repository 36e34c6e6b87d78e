//! Runs that another system paid: taken in their order, and entered as if they were our own.
//!
//! A run's file becomes the same plan, lines, attempts, debits and replies as a run that we pay; only
//! review and keys are the other system's. **Invariant** equal facts give equal ledgers, whichever
//! way they came; nothing behind a gap is entered.

mod enter;
mod file;
#[cfg(test)]
mod tests;
mod watch;

use disbursement::feed::{self, Feed};
use kernel::process::derived_id;
use serde::{Deserialize, Serialize};
use shared::{AreaCode, ArtefactId, ItemId, PersonId};

pub use self::file::{ExternalLine, ExternalRun, ExternalSaid};
pub use self::watch::{FeedFolder, Taken};
use super::Disbursement;
use super::ports::{FileFault, Rejected};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::ports::{get, put};

const RUN_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// What became of a run's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mirrored {
    pub feed: String,
    pub sequence: u32,
    /// The plan that it became; absent while runs before it are missing.
    pub plan: Option<String>,
    /// Runs that are missing: what is behind them waits.
    pub missing: Vec<u32>,
    /// Runs that are here and wait.
    pub waiting: Vec<u32>,
}

impl Disbursement {
    /// Opens a feed at the first run that counts here: the one after the opening's.
    ///
    /// # Errors
    /// When it is open.
    pub async fn open_feed(
        &self,
        envelope: &Envelope,
        source: &str,
        item: ItemId,
        area: AreaCode,
        first: u32,
    ) -> Result<Done<String>, CommandError> {
        let id = feed_id(source, item, area);
        self.executor
            .run(envelope, "feed.open", &(source, item, area, first), async |unit| {
                let source = source.to_owned();
                let open = feed::Command::Open { source, item, area, first };
                unit.decide::<Feed>(&id, open).await?;
                Ok(id.clone())
            })
            .await
    }

    /// Takes a run's file and, where it is the next one, enters it and every later run that waited
    /// for it. Asked again with the same command id after a cut, it goes on where it was.
    ///
    /// # Errors
    /// Every fault of the file; a person whom nobody registered; an obligation that is settled; a
    /// sequence number that another file has.
    pub async fn import_external_run(
        &self,
        envelope: &Envelope,
        name: &str,
        bytes: &[u8],
    ) -> Result<Done<Mirrored>, CommandError> {
        let stored = put(&*self.ports.artefacts, bytes).await.map_err(CommandError::fault)?;
        let parsed = file::read(name, bytes);
        let run = parsed.map_err(|rejected| Refused::of_file(&rejected.faults))?;
        // The store names a file by the SM3 digest of its bytes: that is the lines' own.
        let lines = put(&*self.ports.artefacts, run.raw.as_bytes()).await;
        let digest = lines.map_err(CommandError::fault)?.id.to_string();
        self.persons(name, &run).await?;
        let id = feed_id(&run.source, run.item, run.area);
        let declared = run.declared(stored.id);
        let (count, total) = run.counted();
        let received = self
            .executor
            .run(envelope, "feed.receive", &(name, stored.id), async |unit| {
                let (run, digest) = (declared.clone(), digest.clone());
                let receive = feed::Command::Receive { run, lines: count, total, digest };
                unit.decide::<Feed>(&id, receive).await?;
                Ok(())
            })
            .await?;
        let mut position = received.position;
        if !envelope.dry_run {
            while let Some(next) = self.next_run(&id).await? {
                let step =
                    derived_id("mirror", &[envelope.command_id.as_bytes(), &next.to_be_bytes()]);
                position = self.apply_external_run(&envelope.step(step), &id, next).await?.position;
            }
        }
        let result = self.mirrored(&id, run.sequence).await?;
        let (replayed, dry_run) = (received.replayed, envelope.dry_run);
        Ok(Done { position, result, replayed, dry_run, revision: None, planned: Vec::new() })
    }

    /// Enters a run that is here.
    ///
    /// # Errors
    /// When it is not the next one, or does not fit what is here.
    pub async fn apply_external_run(
        &self,
        envelope: &Envelope,
        feed: &str,
        sequence: u32,
    ) -> Result<Done<String>, CommandError> {
        let (state, _) = self.executor.load::<Feed>(feed).await?;
        let received = state.runs.get(&sequence);
        let received = received.ok_or(feed::Error::NotReceived { sequence })?;
        if received.plan.is_some() {
            return Err(feed::Error::Applied { sequence }.into());
        }
        let of = &received.run;
        let bytes = get(&*self.ports.artefacts, of.artefact, RUN_BYTES_MAX).await;
        let bytes = bytes.map_err(CommandError::fault)?;
        let parsed = file::read(&of.reference, &bytes);
        let run = parsed.map_err(|rejected| Refused::of_file(&rejected.faults))?;
        let persons = self.persons(&of.reference, &run).await?;
        let work = enter::Work::new(feed, of.artefact, bytes.len() as u64, &run, &persons);
        self.enter(envelope, &work).await
    }

    /// The next run of a feed, if it is here and may be entered.
    async fn next_run(&self, feed: &str) -> Result<Option<u32>, CommandError> {
        let (state, _) = self.executor.load::<Feed>(feed).await?;
        let next = state.next;
        let here = state.runs.get(&next).is_some_and(|received| received.plan.is_none());
        Ok(here.then_some(next))
    }

    async fn mirrored(&self, feed: &str, sequence: u32) -> Result<Mirrored, CommandError> {
        let (state, _) = self.executor.load::<Feed>(feed).await?;
        Ok(Mirrored {
            feed: feed.to_owned(),
            sequence,
            plan: state.runs.get(&sequence).and_then(|received| received.plan.clone()),
            missing: state.missing.iter().copied().collect(),
            waiting: state.waiting().map(|run| run.sequence).collect(),
        })
    }

    /// Who is behind the numbers of a run's lines, in their order.
    async fn persons(&self, name: &str, run: &ExternalRun) -> Result<Vec<PersonId>, CommandError> {
        let keys = self.executor.keys();
        let blind = |line: &ExternalLine| {
            let blind = keys.blind(crate::personal::kind::PERSON_NO, line.number.expose());
            registry::claims::person_no(&blind)
        };
        let claims: Vec<String> = run.lines.iter().map(blind).collect();
        let held = self.executor.log().claims(&claims).await?;
        let mut faults = Vec::new();
        let mut persons = Vec::with_capacity(held.len());
        for (line, held) in run.lines.iter().zip(held) {
            let person = held.and_then(|held| {
                held.holder.strip_prefix("person-").and_then(|id| id.parse::<PersonId>().ok())
            });
            match person {
                Some(person) => persons.push(person),
                None => faults.push(unknown_person(name, line.row)),
            }
        }
        if faults.is_empty() { Ok(persons) } else { Err(Refused::of_file(&faults).into()) }
    }
}

/// The id of a feed's stream.
#[must_use]
pub fn feed_id(source: &str, item: ItemId, area: AreaCode) -> String {
    format!("{source}-{item}-{area}")
}

fn unknown_person(name: &str, row: u32) -> FileFault {
    FileFault {
        file: name.to_owned(),
        row: Some(row),
        field: Some("number".to_owned()),
        code: "PERSON_UNKNOWN".to_owned(),
        zh: format!("第{row}行的证件号码未登记人员"),
        en: format!("row {row} names a number that nobody is registered under"),
    }
}

fn rejected(faults: Vec<FileFault>) -> Rejected {
    Rejected { faults }
}

impl ExternalRun {
    fn declared(&self, artefact: ArtefactId) -> feed::Run {
        feed::Run {
            sequence: self.sequence,
            artefact,
            reference: self.reference.clone(),
            month: self.month,
            run: self.run,
            fund: self.fund,
            agency: self.agency,
            paid_on: self.paid_on,
            lines: self.count,
            total: self.total,
            digest: self.digest.clone(),
        }
    }
}
