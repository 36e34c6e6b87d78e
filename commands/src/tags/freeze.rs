//! A segment frozen: its members as a file, and the record of it.

use serde::{Deserialize, Serialize};
use shared::Date;
use tags::snapshot::{Command, Frozen, Snapshot};
use uuid::Uuid;

use super::Tags;
use crate::artefacts::{Artefact, Command as Receive, Kind, Receipt};
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::Done;
use crate::ports::Artefacts;
use crate::unit::Unit;

/// Ids of some seven million members.
const BYTES_MAX: u64 = 256 * 1024 * 1024;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    pub snapshot: Uuid,
    pub segment: String,
    pub value: String,
    pub version: u32,
    pub valid_on: Date,
    /// The members were read as they were known here.
    pub known_at: u64,
    pub purpose: String,
}

impl Tags {
    /// Stores the members' ids as a file and records it.
    ///
    /// # Errors
    /// When the snapshot was taken already, nobody belongs to it, or the file cannot be stored.
    pub async fn freeze(
        &self,
        envelope: &Envelope,
        artefacts: &dyn Artefacts,
        input: &Freeze,
        members: &[String],
    ) -> Result<Done<Uuid>, CommandError> {
        let mut file = artefacts.begin(BYTES_MAX).await?;
        for some in members.chunks(1_000) {
            let lines: String = some.iter().flat_map(|member| [member.as_str(), "\n"]).collect();
            file.write(lines.as_bytes()).await?;
        }
        let stored = file.finish().await?;
        // Sent again, it finds the same members at a later position.
        let same = (input.snapshot, &input.segment, &input.value, input.valid_on, &input.purpose);
        self.executor
            .run(envelope, "tags.freeze", &same, async |unit: Unit| {
                let by = unit.envelope().actor.clone();
                let Freeze { snapshot, segment, value, version, valid_on, known_at, purpose } =
                    input.clone();
                let frozen = Frozen {
                    segment,
                    value,
                    version,
                    valid_on,
                    known_at,
                    members: members.len() as u64,
                    file: stored.id,
                    purpose,
                    by: by.clone(),
                    on: unit.business_date(),
                };
                unit.decide::<Snapshot>(snapshot, Command::Freeze(frozen)).await?;
                let (id, bytes) = (stored.id, stored.bytes);
                let receipt = Receipt { id, kind: Kind::Export, bytes, name_hint: None, by };
                unit.decide::<Artefact>(id, Receive::Receive(receipt)).await?;
                Ok(snapshot)
            })
            .await
    }
}
