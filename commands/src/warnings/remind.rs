//! On the day that a step is due, and on every day that it is late: after downtime each missed day in
//! order, because each was opened by an event of its own.

use std::sync::Arc;

use kernel::log::Answer;
use kernel::timer::Event as Fired;
use kernel::{Decider, StreamName};
use shared::Date;
use uuid::Uuid;
use warnings::case::Act;
use warnings::{Case, Moment};

use super::WarningFacts;
use super::case::step_at;
use crate::day;
use crate::error::CommandError;
use crate::processes::{Issued, Process, Reaction};
use crate::unit::Unit;

pub struct Reminders {
    facts: Arc<dyn WarningFacts>,
}

impl Reminders {
    #[must_use]
    pub fn new(facts: Arc<dyn WarningFacts>) -> Self {
        Self { facts }
    }

    async fn remind(
        &self,
        reaction: &mut Reaction,
        warning: Uuid,
        now: Moment,
    ) -> Result<(), CommandError> {
        let _: Issued<()> = reaction
            .issue("warning.remind", &(warning, now), async |unit: Unit| {
                let (case, _) = unit.guard::<Case>(warning).await?;
                let before = case.record().is_some_and(|record| record.last.on > now.on);
                drop(case);
                // Somebody worked on it after that day: it is judged on the day he did.
                if before {
                    return Ok(());
                }
                step_at(&unit, warning, None, now, Act::Remind).await
            })
            .await?;
        Ok(())
    }
}

impl Process for Reminders {
    fn name(&self) -> &'static str {
        "warning-reminders"
    }

    fn interested(&self, type_name: &str) -> bool {
        type_name.starts_with("calendar.day_opened.") || type_name.starts_with("timer.fired.")
    }

    fn react<'a>(&'a self, reaction: &'a mut Reaction) -> Answer<'a, Result<(), CommandError>> {
        Box::pin(async move {
            let event = reaction.event().clone();
            let at = event.recorded_at;
            if event.type_name.starts_with("timer.") {
                let Fired::Fired { about, .. } = event.decode()? else { return Ok(()) };
                let about = StreamName::stored(about);
                if about.category() == Case::CATEGORY
                    && let Ok(warning) = about.id().parse()
                {
                    let on: Date = event.meta()?.business_date;
                    self.remind(reaction, warning, Moment { on, at }).await?;
                }
                return Ok(());
            }
            let day::Event::Opened { date, .. } = event.decode()?;
            for warning in self.facts.due(date, at, event.position).await? {
                self.remind(reaction, warning, Moment { on: date, at }).await?;
            }
            Ok(())
        })
    }
}
