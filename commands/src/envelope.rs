//! What stands around a request: who asks, under which id, for which day.

use jiff::civil::Date;
use kernel::{Meta, Recorded, Revision};
use uuid::Uuid;

/// The language in which the caller reads messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    #[default]
    Zh,
    En,
}

/// Everything about a command but its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Made by the caller, kept when the caller asks again.
    pub command_id: Uuid,
    /// The user, or `process:<name>`, or `system`.
    pub actor: String,
    pub organisation: Option<String>,
    /// The client's network address.
    pub client: Option<String>,
    /// The day on which it is true; absent: the open calendar day, else today in Asia/Shanghai.
    pub business_date: Option<Date>,
    /// The first command of the chain; absent: this one.
    pub correlation: Option<Uuid>,
    /// The event that this command answers.
    pub causation: Option<Uuid>,
    /// The revision that the caller saw of the stream decided upon first. Given: nothing is
    /// decided anew behind the caller's back.
    pub if_revision: Option<Revision>,
    /// Decide, and append nothing.
    pub dry_run: bool,
    pub language: Language,
}

impl Envelope {
    #[must_use]
    pub fn new(command_id: Uuid, actor: impl Into<String>) -> Self {
        Self {
            command_id,
            actor: actor.into(),
            organisation: None,
            client: None,
            business_date: None,
            correlation: None,
            causation: None,
            if_revision: None,
            dry_run: false,
            language: Language::default(),
        }
    }

    /// A command that `actor` issues because of `event`: its chain goes on, its business date is
    /// the open day and not the event's, because that is when the reaction is true.
    #[must_use]
    pub fn answering(event: &Recorded, command_id: Uuid, actor: impl Into<String>) -> Self {
        let correlation = event.meta().map_or(event.id, |meta| meta.correlation);
        Self {
            correlation: Some(correlation),
            causation: Some(event.id),
            ..Self::new(command_id, actor)
        }
    }

    #[must_use]
    pub fn on(mut self, business_date: Date) -> Self {
        self.business_date = Some(business_date);
        self
    }

    #[must_use]
    pub fn if_revision(mut self, revision: Revision) -> Self {
        self.if_revision = Some(revision);
        self
    }

    #[must_use]
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// The same caller and chain under another command id: one step of a larger work.
    #[must_use]
    pub fn step(&self, command_id: Uuid) -> Self {
        Self {
            command_id,
            correlation: Some(self.correlation.unwrap_or(self.command_id)),
            if_revision: None,
            ..self.clone()
        }
    }

    pub(crate) fn meta(&self, business_date: Date) -> Meta {
        Meta {
            business_date,
            actor: self.actor.clone(),
            organisation: self.organisation.clone(),
            client: self.client.clone(),
            command: self.command_id,
            correlation: self.correlation.unwrap_or(self.command_id),
            causation: self.causation,
        }
    }
}
