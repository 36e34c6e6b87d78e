//! A natural person: registered once, corrected, cared for, reported dead, linked to other ids.
//!
//! **Streams** `person-<id>`.
//! **Invariant** a confirmed death stands unless its withdrawal was approved by somebody else; an id
//! that was merged takes no command but the split.

mod death;
mod error;
mod event;
#[cfg(test)]
mod laws;
mod links;
mod record;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use kernel::Decider;
use shared::{Date, DivisionCode, Month, PersonId, Sex};

pub use error::Error;
pub use event::{
    Contact, Correction, DeathReport, DeathSource, DeathStage, Erasure, Event, GroupId,
    IdentityKind, IdentityNumber, Registration, Retained,
};

#[derive(Debug, Clone, PartialEq, Default)]
pub enum Person {
    #[default]
    Unknown,
    Registered(Record),
    /// Linked to a surviving id. The record stays as it was, for the day of a split.
    Merged {
        record: Record,
        into: PersonId,
        group: GroupId,
    },
}

/// What rules need; sealed fields stay in the events.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub person: PersonId,
    pub kind: IdentityKind,
    pub sex: Sex,
    pub birth: Month,
    pub county: DivisionCode,
    pub life: Life,
    pub guardian: Option<PersonId>,
    /// The group that this id leads, while it has members.
    pub group: Option<GroupId>,
    pub members: BTreeSet<PersonId>,
    /// Its keys are destroyed: it takes no command any more.
    pub erased: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Life {
    Alive,
    /// Held back until verified; not dead in law.
    Reported(DeathReport),
    Dead {
        died_on: Date,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Register(Registration),
    Correct(Correction),
    ChangeContact(Contact),
    /// `died_on` is the guardian's own, as his stream says.
    AssignGuardian {
        guardian: PersonId,
        died_on: Option<Date>,
        from: Date,
        basis: String,
    },
    ReleaseGuardian {
        on: Date,
        reason: String,
    },
    ReportDeath(DeathReport),
    ConfirmDeath {
        died_on: Date,
        confirmed_on: Date,
        source: DeathSource,
    },
    /// A report falls by a reason; a confirmed death also needs an approver.
    WithdrawDeath {
        on: Date,
        reason: String,
        by: String,
        approver: Option<String>,
    },
    /// To the id that is given up. `died_on` is the surviving id's confirmed death, if any.
    Merge {
        into: PersonId,
        group: GroupId,
        died_on: Option<Date>,
        reason: String,
    },
    /// To the id that stays, in the same append.
    Absorb {
        person: PersonId,
        group: GroupId,
    },
    /// To the id that was given up.
    Split {
        reason: String,
    },
    /// To the id that stayed, in the same append.
    Separate {
        person: PersonId,
    },
    /// To every id of the group, in one append.
    Erase {
        erasure: Erasure,
        retained: Retained,
    },
}

impl Person {
    /// The confirmed death, of this id or of the one it is merged into as of the merge.
    #[must_use]
    pub fn died_on(&self) -> Option<Date> {
        match self {
            Self::Unknown => None,
            Self::Registered(record) | Self::Merged { record, .. } => record.died_on(),
        }
    }

    fn registered(&self) -> Result<&Record, Error> {
        match self {
            Self::Unknown => Err(Error::Unknown),
            Self::Registered(record) if record.erased => Err(Error::Erased),
            Self::Registered(record) => Ok(record),
            Self::Merged { into, .. } => Err(Error::Merged { into: *into }),
        }
    }

    fn erase(&self, erasure: Erasure, retained: Retained) -> Result<Vec<Event>, Error> {
        let record = match self {
            Self::Unknown => return Err(Error::Unknown),
            Self::Registered(record) | Self::Merged { record, .. } => record,
        };
        if record.erased {
            return Err(Error::Erased);
        }
        let Retained { grants, pay_lines, cards, pay_addresses } = retained;
        if retained != Retained::default() {
            return Err(Error::Retained { grants, pay_lines, cards, pay_addresses });
        }
        let missing = |member: &&PersonId| !erasure.people.contains(member);
        if let Some(member) = record.members.iter().chain([&record.person]).find(missing) {
            return Err(Error::GroupIncomplete { member: *member });
        }
        let Erasure { people, reason, basis } = erasure;
        Ok(vec![Event::Erased(Erasure { people, reason: given(reason)?, basis: given(basis)? })])
    }

    fn split(&self, reason: String) -> Result<Vec<Event>, Error> {
        let reason = given(reason)?;
        match self {
            Self::Unknown => Err(Error::Unknown),
            Self::Registered(_) => Err(Error::NotMerged),
            Self::Merged { record, .. } if record.erased => Err(Error::Erased),
            Self::Merged { into, group, .. } => {
                Ok(vec![Event::Split { from: *into, group: *group, reason }])
            }
        }
    }
}

impl Decider for Person {
    const CATEGORY: &'static str = "person";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Register(registration) => match self {
                Self::Unknown => Ok(vec![Event::Registered(registration)]),
                Self::Registered(_) | Self::Merged { .. } => Err(Error::AlreadyRegistered),
            },
            Command::Correct(correction) => self.registered()?.correct(correction),
            Command::ChangeContact(contact) => self.registered()?.change_contact(contact),
            Command::AssignGuardian { guardian, died_on, from, basis } => {
                self.registered()?.assign_guardian(guardian, died_on, from, basis)
            }
            Command::ReleaseGuardian { on, reason } => {
                let guardian = self.registered()?.guardian.ok_or(Error::NoGuardian)?;
                Ok(vec![Event::GuardianReleased { guardian, on, reason: given(reason)? }])
            }
            Command::ReportDeath(report) => self.registered()?.report_death(report),
            Command::ConfirmDeath { died_on, confirmed_on, source } => {
                self.registered()?.confirm_death(died_on, confirmed_on, source)
            }
            Command::WithdrawDeath { on, reason, by, approver } => {
                self.registered()?.withdraw_death(on, reason, by, approver)
            }
            Command::Merge { into, group, died_on, reason } => {
                self.registered()?.merge(into, group, died_on, reason)
            }
            Command::Absorb { person, group } => self.registered()?.absorb(person, group),
            Command::Split { reason } => self.split(reason),
            Command::Separate { person } => self.registered()?.separate(person),
            Command::Erase { erasure, retained } => self.erase(erasure, retained),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match (self, event) {
            (_, Event::Registered(registration)) => Self::Registered(Record::new(registration)),
            (Self::Registered(record), Event::Merged { into, group, .. }) => {
                Self::Merged { record, into: *into, group: *group }
            }
            (Self::Merged { record, .. }, Event::Split { .. }) => Self::Registered(record),
            (Self::Merged { record, into, group }, Event::Erased(_)) => {
                Self::Merged { record: Record { erased: true, ..record }, into, group }
            }
            (Self::Registered(record), event) => Self::Registered(record.evolve(event)),
            (state @ (Self::Unknown | Self::Merged { .. }), _) => state,
        }
    }

    fn weight(&self) -> usize {
        let members = match self {
            Self::Unknown => 0,
            Self::Registered(record) | Self::Merged { record, .. } => record.members.len(),
        };
        size_of_val(self) + members * size_of::<PersonId>()
    }
}

/// A reason or basis, which is not blank.
fn given(text: String) -> Result<String, Error> {
    if text.trim().is_empty() { Err(Error::NoReason) } else { Ok(text) }
}
