//! Tables on their way in: asked for by a person, carried on by the node until every row is told.

use imports::import::{Asked, Command, Counts, Fault, Format, Import, Kind};
use kernel::process::derived_id;
use serde::{Deserialize, Serialize};
use shared::ArtefactId;
use uuid::Uuid;

use crate::artefacts::{self, Artefact};
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::{Done, Executor};
use crate::ports::Artefacts;
use crate::unit::Unit;

crate::refusal!(imports::import::Error);

/// The process in whose name an import is carried on.
const PROCESS: &str = "process:imports";

/// The write side of imports. Cheap to clone.
#[derive(Clone)]
pub struct Imports {
    executor: Executor,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartImport {
    pub kind: Kind,
    pub format: Format,
    /// As `POST /files` told it.
    pub file: ArtefactId,
}

impl Imports {
    #[must_use]
    pub fn new(executor: Executor) -> Self {
        Self { executor }
    }

    /// Takes the order; its id follows from the command's.
    ///
    /// # Errors
    /// [`CommandError::NotFound`] for a file that was not uploaded.
    pub async fn start(
        &self,
        envelope: &Envelope,
        artefacts: &dyn Artefacts,
        input: &StartImport,
    ) -> Result<Done<Uuid>, CommandError> {
        let bytes = artefacts.size(input.file).await?;
        let bytes = bytes.ok_or_else(|| CommandError::NotFound {
            what: "artefact",
            id: input.file.to_string(),
        })?;
        self.executor
            .run(envelope, "imports.start", input, async |unit: Unit| {
                let import = unit.new_id("import", 0);
                let by = unit.envelope().actor.clone();
                let receipt = artefacts::Receipt {
                    id: input.file,
                    kind: artefacts::Kind::Upload,
                    bytes,
                    name_hint: None,
                    by: by.clone(),
                };
                unit.decide::<Artefact>(input.file, artefacts::Command::Receive(receipt)).await?;
                let &StartImport { kind, format, file } = input;
                let asked = Asked { kind, format, file, by, on: unit.business_date() };
                unit.decide::<Import>(import, Command::Start(asked)).await?;
                Ok(import)
            })
            .await
    }

    /// What is asked of an import; the same envelope each time, so that rows that were taken before
    /// a restart answer what they answered first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn asked(&self, import: Uuid) -> Result<Option<(Asked, Envelope)>, CommandError> {
        let (state, _) = self.executor.load::<Import>(import).await?;
        Ok(state.asked.clone().map(|asked| {
            let rows = derived_id("import rows", &[import.as_bytes()]);
            let envelope = Envelope::new(rows, &asked.by).on(asked.on);
            (asked, envelope)
        }))
    }

    /// # Errors
    /// Counts that do not add up, or an import that is over.
    pub async fn advance(&self, import: Uuid, counts: Counts) -> Result<(), CommandError> {
        let which = counts.rows.to_be_bytes();
        self.carry(import, &which, Command::Advance(counts)).await
    }

    /// # Errors
    /// As [`Imports::advance`].
    pub async fn finish(
        &self,
        import: Uuid,
        counts: Counts,
        report: ArtefactId,
        broken: Option<Fault>,
    ) -> Result<(), CommandError> {
        self.carry(import, b"finish", Command::Finish { counts, report, broken }).await
    }

    /// # Errors
    /// As [`Imports::advance`].
    pub async fn refuse(&self, import: Uuid, faults: Vec<Fault>) -> Result<(), CommandError> {
        self.carry(import, b"refuse", Command::Refuse(faults)).await
    }

    async fn carry(
        &self,
        import: Uuid,
        which: &[u8],
        command: Command,
    ) -> Result<(), CommandError> {
        let id = derived_id("import step", &[import.as_bytes(), which]);
        let envelope = Envelope::new(id, PROCESS);
        self.executor
            .run(&envelope, "imports.carry", &import, async |unit: Unit| {
                unit.decide::<Import>(import, command.clone()).await?;
                Ok(())
            })
            .await?;
        Ok(())
    }
}
