//! Where an obligation stands: its line, its plan, and what the bank was told and said.
//!
//! The claim of an obligation is held by the part that planned it, and one that a later run took
//! names that run's part itself: so no read model is asked, and nothing lags.

use disbursement::Line;
use disbursement::batch::{self, Batch, Outcome};
use disbursement::obligation::Obligation;
use disbursement::part::Part;
use disbursement::plan::{Header, Plan, Stage};
use kernel::StreamName;
use shared::ObligationId;

use crate::error::CommandError;
use crate::unit::Unit;

/// A line of a plan, and how far it came.
#[derive(Debug, Clone)]
pub(crate) struct Located {
    pub part_id: String,
    pub place: u32,
    pub line: Line,
    pub header: Header,
    pub plan_stage: Stage,
    pub sealed: bool,
    /// Its bank is told to pay, or this very line.
    pub batch: Option<InBatch>,
    /// The bank's other lines of the part stand in a batch already.
    pub bank_instructed: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct InBatch {
    pub id: String,
    pub seq: u32,
    pub stage: batch::Stage,
    pub result: Outcome,
}

impl InBatch {
    /// The bank has the file, or may have it.
    pub fn is_out(&self) -> bool {
        match self.stage {
            batch::Stage::Sent | batch::Stage::Acknowledged | batch::Stage::OutcomeUnknown => true,
            batch::Stage::Unopened
            | batch::Stage::Open
            | batch::Stage::Composed
            | batch::Stage::Signed
            | batch::Stage::Rejected => false,
        }
    }
}

/// The last line that was made for an obligation; `None` where none ever was.
///
/// # Errors
/// When the log cannot be read.
pub(crate) async fn locate(unit: &Unit, id: ObligationId) -> Result<Option<Located>, CommandError> {
    let (state, _) = unit.load::<Obligation>(id).await?;
    let part_id = match &*state {
        Obligation::Taken { part, .. } => Some(part.clone()),
        Obligation::Overpaid { was, .. } => match was.as_ref() {
            Obligation::Taken { part, .. } => Some(part.clone()),
            Obligation::AsPlanned
            | Obligation::Held { .. }
            | Obligation::Released { .. }
            | Obligation::Returned { .. }
            | Obligation::DueToHeirs { .. }
            | Obligation::Cancelled { .. }
            | Obligation::Overpaid { .. } => None,
        },
        Obligation::AsPlanned
        | Obligation::Held { .. }
        | Obligation::Released { .. }
        | Obligation::Returned { .. }
        | Obligation::DueToHeirs { .. }
        | Obligation::Cancelled { .. } => None,
    };
    let part_id = match part_id {
        Some(part) => part,
        None => {
            let held = unit.log().claims(&[id.claim()]).await?;
            let Some(held) = held.into_iter().flatten().next() else { return Ok(None) };
            let stream = StreamName::stored(held.holder);
            if stream.category() != "part" {
                return Ok(None);
            }
            stream.id().to_owned()
        }
    };
    let Some((plan_id, _)) = part_id.rsplit_once('-') else { return Ok(None) };
    let (plan, _) = unit.load::<Plan>(plan_id).await?;
    let Some(header) = plan.header.clone() else { return Ok(None) };
    let (part, _) = unit.load::<Part>(&part_id).await?;
    let found = (0..).zip(&part.lines).find(|(_, line)| {
        line.person == id.person && line.obligation(header.item, header.month) == id
    });
    let Some((place, line)) = found else { return Ok(None) };
    let bank_instructed = part.instructed.contains_key(&line.bank);
    let batch = match part.instructed.get(&line.bank) {
        Some(batch_id) if !part.held.contains_key(&place) => {
            in_batch(&unit.load::<Batch>(batch_id).await?.0, batch_id, place)
        }
        Some(_) | None => None,
    };
    Ok(Some(Located {
        part_id: part_id.clone(),
        place,
        line: line.clone(),
        plan_stage: plan.stage,
        header,
        sealed: part.sealed,
        batch,
        bank_instructed,
    }))
}

fn in_batch(batch: &Batch, id: &str, place: u32) -> Option<InBatch> {
    // A batch's lines rise by their place in the part.
    let at = batch.lines.binary_search_by_key(&place, |sent| sent.attempt.line).ok()?;
    let seq = u32::try_from(at).ok()? + 1;
    Some(InBatch { id: id.to_owned(), seq, stage: batch.stage, result: batch.lines[at].result })
}
