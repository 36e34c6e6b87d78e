//! An application for a card: made once, accepted or rejected once.
//!
//! **Streams** `application-<id>`.
//! **Invariant** whoever holds a valid card applies only for its replacement.

mod event;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

use kernel::Decider;
use shared::{CardId, Date};

pub use event::{Event, Form};

use kernel::refusals;

#[derive(Debug, Clone, PartialEq, Default)]
pub enum Application {
    #[default]
    Unknown,
    Applied(Form),
    Accepted(Form, Date),
    Rejected(Form, Date),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// `valid` is the card that the person holds, `died_on` his confirmed death, both as of now.
    Apply {
        form: Form,
        valid: Option<CardId>,
        died_on: Option<Date>,
    },
    Accept {
        on: Date,
        died_on: Option<Date>,
    },
    Reject {
        on: Date,
        reason: String,
    },
}

refusals! {
    /// A rule about applications that forbids a command.
    Error {
        Unknown = "APPLICATION_UNKNOWN", "there is no such application", "查无此申请";
        AlreadyApplied = "APPLICATION_ALREADY_MADE",
            "the application was made already", "该申请已提交";
        HasValidCard { card: CardId } = "APPLICATION_HAS_VALID_CARD",
            "the person holds the valid card {card}: apply for its replacement",
            "该人员持有有效社保卡 {card}，请申请换卡";
        ReplacesOther { card: CardId } = "APPLICATION_REPLACES_OTHER",
            "{card} is not the person's valid card", "{card} 不是该人员的有效社保卡";
        Dead { died_on: Date } = "APPLICATION_PERSON_DEAD",
            "the person died on {died_on}", "该人员已于 {died_on} 死亡";
        NoReason = "APPLICATION_REASON_MISSING",
            "a rejection needs a reason", "不予受理须说明原因";
        BeforeApplication { on: Date, applied: Date } = "APPLICATION_DECIDED_BEFORE_MADE",
            "an application of {applied} cannot be decided on {on}",
            "{applied} 的申请不能于 {on} 处理";
        AlreadyAccepted { on: Date } = "APPLICATION_ALREADY_ACCEPTED",
            "the application was accepted on {on}", "该申请已于 {on} 受理";
        AlreadyRejected { on: Date } = "APPLICATION_ALREADY_REJECTED",
            "the application was rejected on {on}", "该申请已于 {on} 不予受理";
    }
}

impl Application {
    fn undecided(&self, on: Date) -> Result<(), Error> {
        match self {
            Self::Unknown => Err(Error::Unknown),
            Self::Applied(form) if on < form.on => {
                Err(Error::BeforeApplication { on, applied: form.on })
            }
            Self::Applied(_) => Ok(()),
            Self::Accepted(_, on) => Err(Error::AlreadyAccepted { on: *on }),
            Self::Rejected(_, on) => Err(Error::AlreadyRejected { on: *on }),
        }
    }

    fn apply(
        &self,
        form: Form,
        valid: Option<CardId>,
        died_on: Option<Date>,
    ) -> Result<Vec<Event>, Error> {
        match self {
            Self::Unknown => {}
            Self::Applied(_) | Self::Accepted(..) | Self::Rejected(..) => {
                return Err(Error::AlreadyApplied);
            }
        }
        alive(died_on)?;
        match (form.replaces, valid) {
            (None, Some(card)) => Err(Error::HasValidCard { card }),
            (Some(card), valid) if valid != Some(card) => Err(Error::ReplacesOther { card }),
            (None, None) | (Some(_), _) => Ok(vec![Event::Applied(form)]),
        }
    }
}

impl Decider for Application {
    const CATEGORY: &'static str = "application";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Apply { form, valid, died_on } => self.apply(form, valid, died_on),
            Command::Accept { on, died_on } => {
                self.undecided(on)?;
                alive(died_on)?;
                Ok(vec![Event::Accepted { on }])
            }
            Command::Reject { on, reason } => {
                self.undecided(on)?;
                if reason.trim().is_empty() {
                    return Err(Error::NoReason);
                }
                Ok(vec![Event::Rejected { on, reason }])
            }
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match (self, event) {
            (_, Event::Applied(form)) => Self::Applied(*form),
            (Self::Applied(form), Event::Accepted { on }) => Self::Accepted(form, *on),
            (Self::Applied(form), Event::Rejected { on, .. }) => Self::Rejected(form, *on),
            (state @ (Self::Unknown | Self::Accepted(..) | Self::Rejected(..)), _) => state,
        }
    }
}

fn alive(died_on: Option<Date>) -> Result<(), Error> {
    died_on.map_or(Ok(()), |died_on| Err(Error::Dead { died_on }))
}
