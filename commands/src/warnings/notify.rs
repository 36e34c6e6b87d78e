//! Who has something to do is told: of a dispatch, on the day a step is due, when it is late, and
//! whoever stands above him when it is escalated. What was sent is recorded and waits to be seen.
//!
//! **Invariant** a message has the id (event, channel): the gateway and the log take it once.

use std::sync::Arc;

use kernel::Decider;
use kernel::log::Answer;
use kernel::process::derived_id;
use serde::{Deserialize, Serialize};
use shared::DivisionCode;
use thiserror::Error;
use uuid::Uuid;
use warnings::case::{Event, Record};
use warnings::message::{Command, Message, Sent};
use warnings::{Case, Level, Notice, Sending};

use super::Warnings;
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::Done;
use crate::processes::{Issued, Process, Reaction};
use crate::unit::Unit;

/// What a gateway is given. Who holds a role, and how he is reached, is the gateway's to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    pub id: Uuid,
    pub sent: Sent,
}

#[derive(Debug, Error)]
#[error("the message gateway does not take messages: {0}")]
pub struct MessageFault(pub String);

/// A gateway of messages.
pub trait Messages: Send + Sync + 'static {
    /// Sends it; one of the same id is not sent again.
    fn send<'a>(&'a self, letter: &'a Letter) -> Answer<'a, Result<(), MessageFault>>;
}

pub struct Notifier {
    messages: Arc<dyn Messages>,
}

impl Notifier {
    #[must_use]
    pub fn new(messages: Arc<dyn Messages>) -> Self {
        Self { messages }
    }

    async fn send(&self, unit: &Unit, letter: Letter) -> Result<(), CommandError> {
        let sent = self.messages.send(&letter).await;
        sent.map_err(|fault| CommandError::Unavailable {
            what: fault.to_string(),
            retryable: true,
        })?;
        unit.decide::<Message>(letter.id, Command::Send(letter.sent)).await?;
        Ok(())
    }
}

impl Process for Notifier {
    fn name(&self) -> &'static str {
        "warning-messages"
    }

    fn interested(&self, type_name: &str) -> bool {
        const TOLD: [&str; 4] = [
            "warning.dispatched.",
            "warning.reassigned.",
            "warning.reminded.",
            "warning.escalated.",
        ];
        TOLD.iter().any(|told| type_name.starts_with(told))
    }

    fn react<'a>(&'a self, reaction: &'a mut Reaction) -> Answer<'a, Result<(), CommandError>> {
        Box::pin(async move {
            let recorded = reaction.event().clone();
            if recorded.stream.category() != Case::CATEGORY {
                return Ok(());
            }
            let warning: Uuid = recorded.stream.id().parse().map_err(CommandError::fault)?;
            let event: Event = recorded.decode()?;
            let (case, _) = reaction.executor().load::<Case>(warning).await?;
            // Read long after, it says nothing of today any more.
            let current = case.record().filter(|record| record.last.on <= event.on());
            let Some(record) = current else { return Ok(()) };
            let Some(to) = addressee(&event, record) else { return Ok(()) };
            for through in channels(record.level) {
                let id = derived_id(
                    "warning-message",
                    &[recorded.id.as_bytes(), through.code().as_bytes()],
                );
                let sent = Sent {
                    warning,
                    through: *through,
                    notice: to.notice,
                    level: record.level,
                    role: to.role.clone(),
                    division: to.division,
                    person: to.person.clone(),
                    text: text(to.notice, record),
                    on: event.on(),
                };
                let letter = Letter { id, sent };
                let _: Issued<()> = reaction
                    .issue("warning.message", &id, async |unit: Unit| {
                        self.send(&unit, letter.clone()).await
                    })
                    .await?;
            }
            Ok(())
        })
    }
}

impl Warnings {
    /// Whoever a message went to has seen it.
    ///
    /// # Errors
    /// When there is no such message, or it was seen already.
    pub async fn see(&self, envelope: &Envelope, message: Uuid) -> Result<Done, CommandError> {
        self.executor
            .run(envelope, "warning.see", &message, async |unit: Unit| {
                let (by, on) = (unit.envelope().actor.clone(), unit.business_date());
                unit.decide::<Message>(message, Command::See { by, on }).await?;
                Ok(())
            })
            .await
    }
}

struct Addressee {
    notice: Notice,
    role: String,
    division: Option<DivisionCode>,
    person: Option<String>,
}

/// Whom an event tells something: who it is assigned to, or the rung of the ladder. Before anybody is
/// assigned a step is the reviewers'.
fn addressee(event: &Event, record: &Record) -> Option<Addressee> {
    let assigned = |notice: Notice| match &record.assignment {
        Some(to) => Addressee {
            notice,
            role: to.role.clone(),
            division: to.division,
            person: to.person.clone(),
        },
        None => {
            Addressee { notice, role: REVIEWER.to_owned(), division: record.division, person: None }
        }
    };
    match event {
        Event::Dispatched { to, .. } | Event::Reassigned { to, .. } => Some(Addressee {
            notice: Notice::Dispatched,
            role: to.role.clone(),
            division: to.division,
            person: to.person.clone(),
        }),
        Event::Reminded { late, .. } => {
            Some(assigned(if *late { Notice::Late } else { Notice::Due }))
        }
        Event::Escalated { to, .. } => Some(Addressee {
            notice: Notice::Escalated,
            role: to.clone(),
            division: record.division,
            person: None,
        }),
        Event::Raised(_)
        | Event::Entered(_)
        | Event::EvidenceAppended { .. }
        | Event::LevelMoved { .. }
        | Event::Confirmed { .. }
        | Event::Rejected { .. }
        | Event::Merged { .. }
        | Event::DispatchReturned { .. }
        | Event::Accepted { .. }
        | Event::SiteVerified { .. }
        | Event::Handled { .. }
        | Event::FeedbackGiven { .. }
        | Event::Released { .. }
        | Event::ReleaseUndone { .. }
        | Event::PreFiled { .. }
        | Event::Cleared { .. }
        | Event::Lifted { .. }
        | Event::Reopened { .. }
        | Event::Archived { .. }
        | Event::ClockStopped { .. }
        | Event::ClockResumed { .. }
        | Event::ClockExtended { .. } => None,
    }
}

/// Who reviews what nobody is assigned to yet.
const REVIEWER: &str = "warning-reviewer";

/// Orange and red ones reach people wherever they are.
const fn channels(level: Level) -> &'static [Sending] {
    match level {
        Level::Notice | Level::Yellow => &[Sending::Mobile],
        Level::Orange | Level::Red => &[Sending::Mobile, Sending::Sms],
    }
}

/// No name and no number: whoever reads it opens the case.
fn text(notice: Notice, record: &Record) -> String {
    let (level, stage) = (record.level.zh(), record.stage.zh());
    format!("【预警】{level}，{stage}：{}", notice.zh())
}
