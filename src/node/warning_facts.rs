//! What the processes of warnings ask the read models, with the position that they ask for.

use commands::disbursement::FactsFault;
use commands::warnings::{Signals, WarningFacts};
use kernel::log::Answer;
use kernel::{Micros, Position};
use projections::engine::{Signals as _, TrainHandle};
use projections::{tags, warnings};
use shared::Date;
use uuid::Uuid;

use super::facts::{session, unavailable};

pub struct ViewSignals {
    train: TrainHandle,
}

impl ViewSignals {
    pub fn new(train: TrainHandle) -> Self {
        Self { train }
    }
}

impl WarningFacts for ViewSignals {
    fn signals(
        &self,
        cursor: Position,
        limit: usize,
        at_least: Position,
    ) -> Answer<'_, Result<(Signals, Position), FactsFault>> {
        Box::pin(async move {
            let session = session(&self.train, &[tags::NAME], at_least).await?;
            let covered = session.position().max(at_least);
            let left = session.after(tags::SIGNAL, cursor, limit).map_err(unavailable)?;
            let left = left.into_iter().map(|signal| (signal.position, signal.payload));
            Ok((left.collect(), covered))
        })
    }

    fn due(
        &self,
        by: Date,
        at: Micros,
        at_least: Position,
    ) -> Answer<'_, Result<Vec<Uuid>, FactsFault>> {
        Box::pin(async move {
            let session = session(&self.train, &[warnings::NAME], at_least).await?;
            let due = warnings::due(&session, by, at).map_err(unavailable)?;
            Ok(due.into_iter().map(|row| row.warning).collect())
        })
    }
}
