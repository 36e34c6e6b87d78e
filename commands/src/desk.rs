//! Notes between people, and how each arranges his screens.
//!
//! **Invariant** a note speaks of an indicator or panel that is defined, and so does a layout.

use std::sync::Arc;

use definitions::{Catalogue, Dashboard, Indicator, Span};
use desk::layout::{self, Layout, Placed};
use desk::note::{self, Kind, Note, Of, Written};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::disbursement::Rules;
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::{Done, Executor};
use crate::unit::Unit;

crate::refusal!(desk::note::Error, desk::layout::Error);

/// The write side of notes and layouts. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    executor: Executor,
    rules: Arc<dyn Rules>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    pub note: Uuid,
    pub kind: Kind,
    pub of: Of,
    pub about: String,
    pub period: Option<String>,
    pub to: Option<String>,
    pub text: String,
}

impl Desk {
    #[must_use]
    pub fn new(executor: Executor, rules: Arc<dyn Rules>) -> Self {
        Self { executor, rules }
    }

    /// # Errors
    /// When what it speaks of is not defined, or it is put to nobody.
    pub async fn write(
        &self,
        envelope: &Envelope,
        input: &Write,
    ) -> Result<Done<Uuid>, CommandError> {
        self.executor
            .run(envelope, "desk.write", input, async |unit: Unit| {
                let catalogue = self.catalogue(&unit)?;
                let Write { note, kind, of, about, period, to, text } = input.clone();
                if !is_defined(&catalogue, of, &about) {
                    return Err(unknown("about", of.zh(), of.code(), &about));
                }
                if let Some(period) = &period
                    && period.parse::<Span>().is_err()
                {
                    return Err(unknown("period", "期间", "period", period));
                }
                let (by, on) = (unit.envelope().actor.clone(), unit.business_date());
                let written = Written { kind, of, about, period, to, text, by, on };
                unit.decide::<Note>(note, note::Command::Write(written)).await?;
                Ok(note)
            })
            .await
    }

    /// # Errors
    /// When the note was not put to the acting person, or is over.
    pub async fn answer(
        &self,
        envelope: &Envelope,
        note: Uuid,
        text: &str,
    ) -> Result<Done<Uuid>, CommandError> {
        self.executor
            .run(envelope, "desk.answer", &(note, text), async |unit: Unit| {
                let (by, on) = (unit.envelope().actor.clone(), unit.business_date());
                let answer = note::Command::Answer { by, on, text: text.to_owned() };
                unit.decide::<Note>(note, answer).await?;
                Ok(note)
            })
            .await
    }

    /// # Errors
    /// When somebody else wrote it, or it is over.
    pub async fn withdraw(
        &self,
        envelope: &Envelope,
        note: Uuid,
    ) -> Result<Done<Uuid>, CommandError> {
        self.executor
            .run(envelope, "desk.withdraw", &note, async |unit: Unit| {
                let (by, on) = (unit.envelope().actor.clone(), unit.business_date());
                unit.decide::<Note>(note, note::Command::Withdraw { by, on }).await?;
                Ok(note)
            })
            .await
    }

    /// How the acting person sees a screen; without panels, as it is defined.
    ///
    /// # Errors
    /// When there is no such screen or panel.
    pub async fn arrange(
        &self,
        envelope: &Envelope,
        dashboard: &str,
        panels: Option<Vec<Placed>>,
    ) -> Result<Done, CommandError> {
        let input = (dashboard, &panels);
        self.executor
            .run(envelope, "desk.arrange", &input, async |unit: Unit| {
                let catalogue = self.catalogue(&unit)?;
                let Some(screen) = catalogue.all::<Dashboard>().get(dashboard) else {
                    return Err(unknown("dashboard", "屏", "dashboard", dashboard));
                };
                for placed in panels.iter().flatten() {
                    if !screen.panels.iter().any(|panel| panel.id == placed.panel) {
                        return Err(unknown("panels", "面板", "panel", &placed.panel));
                    }
                }
                let id = layout::stream_id(dashboard, &unit.envelope().actor);
                let on = unit.business_date();
                let command = match panels.clone() {
                    Some(panels) => layout::Command::Arrange { panels, on },
                    None => layout::Command::Reset { on },
                };
                unit.decide::<Layout>(id, command).await?;
                Ok(())
            })
            .await
    }

    fn catalogue(&self, unit: &Unit) -> Result<Arc<Catalogue>, CommandError> {
        self.rules
            .on(unit.business_date())
            .map_err(|fault| CommandError::Unavailable { what: fault.to_string(), retryable: true })
    }
}

fn is_defined(catalogue: &Catalogue, of: Of, about: &str) -> bool {
    match of {
        Of::Indicator => catalogue.all::<Indicator>().contains_key(about),
        Of::Panel => about.split_once('/').is_some_and(|(screen, panel)| {
            let screen = catalogue.all::<Dashboard>().get(screen);
            screen.is_some_and(|screen| screen.panels.iter().any(|one| one.id == panel))
        }),
    }
}

fn unknown(field: &'static str, zh: &str, en: &str, id: &str) -> CommandError {
    let (zh, en) = (format!("没有{zh} {id}"), format!("there is no {en} {id}"));
    Refused::new("DESK_UNKNOWN", zh, en).field(field).into()
}
