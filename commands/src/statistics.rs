//! Figures that authorities publish are taken, month by month.

use kernel::Decider;
use serde::{Deserialize, Serialize};
use shared::Month;
use statistics::{Command, Event, Figures, Reading};

use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::{Done, Executor};
use crate::unit::Unit;

crate::refusal!(statistics::Refused);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Whose figures they are, like `mohrss`.
    pub publisher: String,
    pub month: Month,
    pub readings: Vec<Reading>,
    /// The address or document that says so.
    pub source: String,
}

/// What a report changed: how many series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Taken {
    pub new: usize,
    pub corrected: usize,
}

/// The write side of published figures. Cheap to clone.
#[derive(Clone)]
pub struct Statistics {
    executor: Executor,
}

impl Statistics {
    #[must_use]
    pub fn new(executor: Executor) -> Self {
        Self { executor }
    }

    /// Takes what is new, and corrects what is said otherwise now.
    ///
    /// # Errors
    /// A report without figures or source, or with a series twice.
    pub async fn report(
        &self,
        envelope: &Envelope,
        input: &Report,
    ) -> Result<Done<Taken>, CommandError> {
        self.executor
            .run(envelope, "statistics.report", input, async |unit: Unit| {
                let stream = statistics::figures::stream(&input.publisher, input.month);
                let command = Command::Report {
                    publisher: input.publisher.clone(),
                    month: input.month,
                    readings: input.readings.clone(),
                    source: input.source.clone(),
                };
                // What it changes is decided upon the state that the append is judged against.
                let (state, _) = unit.guard_stream::<Figures>(&stream).await?;
                let mut taken = Taken::default();
                for event in state.decide(command.clone()).iter().flatten() {
                    match event {
                        Event::Reported { readings, .. } => taken.new += readings.len(),
                        Event::Corrected { readings, .. } => taken.corrected += readings.len(),
                    }
                }
                drop(state);
                unit.decide_stream::<Figures>(&stream, command).await?;
                Ok(taken)
            })
            .await
    }
}
