//! Tables that were handed in through the endpoint are taken, one after the other, and go on after
//! a restart where they were cut.

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::time::Duration;

use anyhow::{Context as _, Result};
use commands::imports::Imports;
use commands::ports::{get, put};
use imports::import::{Asked, Counts, Fault};
use kernel::Position;
use projections::Scope;
use projections::imports::{NAME, waiting};
use shared::ArtefactId;
use sheets::RowError;
use tokio::sync::watch;
use uuid::Uuid;

use super::{Refused, Taken, take};
use crate::node::Node;

/// What `POST /files` takes is no larger.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How long a node waits for something new before it looks around, and after a fault.
const PATIENCE: Duration = Duration::from_secs(15);

impl Node {
    /// Takes what is asked for until `ended` says so. A fault of the platform leaves an import as it
    /// stands: it is taken up again after a while, and what was taken answers as it did.
    pub async fn imports(&self, mut ended: watch::Receiver<bool>) {
        let mut reached = Position::START;
        loop {
            let work = async {
                match self.take_imports().await {
                    Ok(()) => self.moved(&mut reached).await,
                    Err(fault) => {
                        tracing::warn!("imports wait: {fault:#}");
                        tokio::time::timeout(PATIENCE, std::future::pending::<()>()).await.ok();
                    }
                }
            };
            tokio::select! {
                _ = ended.wait_for(|ended| *ended) => return,
                () = work => {}
            }
        }
    }

    /// Until the read model of imports has moved on, or for a while.
    async fn moved(&self, reached: &mut Position) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        let next = Position(reached.0 + 1);
        if let Ok(now) = self.train.wait_for_views(&[NAME], next, deadline).await {
            *reached = now;
        }
    }

    /// Takes everything that waits now, the oldest first.
    ///
    /// # Errors
    /// A fault of the platform; what is wrong with a file ends its import.
    pub async fn take_imports(&self) -> Result<()> {
        loop {
            let session = self.train.views().session_of(&[NAME])?;
            let next = waiting(&session, &Scope::everything("process:imports"), 1)?;
            drop(session);
            let Some(row) = next.first() else { return Ok(()) };
            self.take_import(row.import).await?;
            self.caught_up().await?;
        }
    }

    async fn take_import(&self, import: Uuid) -> Result<()> {
        let imports = Imports::new(self.executor.clone());
        let Some((asked, envelope)) = imports.asked(import).await? else { return Ok(()) };
        let Asked { kind, format, file, .. } = asked;
        let bytes = get(&*self.artefacts, file, FILE_BYTES_MAX).await?;
        let table = in_memory(&bytes)?;
        let told = async |counts: Counts| Ok(imports.advance(import, counts).await?);
        match take(self, &envelope, (kind, format), table, Vec::new(), told).await? {
            Ok(Taken { counts, broken, report }) => {
                let report: ArtefactId = put(&*self.artefacts, &report).await?.id;
                imports.finish(import, counts, report, broken.as_ref().map(fault)).await?;
            }
            Err(Refused(errors)) => {
                imports.refuse(import, errors.iter().map(fault).collect()).await?;
            }
        }
        Ok(())
    }
}

/// A file that has no name and no place on disk: a table holds names and numbers in clear.
fn in_memory(bytes: &[u8]) -> Result<File> {
    let flags = rustix::fs::MemfdFlags::CLOEXEC;
    let made =
        rustix::fs::memfd_create("table", flags).context("there is no memory for a table")?;
    let mut file = File::from(made);
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file)
}

fn fault(error: &RowError) -> Fault {
    let column = |text: &str| match &error.column {
        Some(column) => format!("{column}: {text}"),
        None => text.to_owned(),
    };
    Fault {
        row: error.row,
        rule: error.rule.code().to_owned(),
        zh: column(&error.zh),
        en: column(&error.en),
    }
}
