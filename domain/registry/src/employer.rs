//! An employing unit (单位), real or virtual, until it is merged or deregistered.
//!
//! **Streams** `employer-<id>`.
//! **Invariant** a real unit has a credit code, a virtual one never; what is merged or deregistered
//! changes no more.

mod error;
mod event;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use kernel::Decider;
use shared::{CreditCode, Date, EmployerId};

pub use error::Error;
pub use event::{Details, Event, Kind};

#[derive(Debug, Clone, PartialEq, Default)]
pub enum Employer {
    #[default]
    Unknown,
    Open(Record),
    Merged {
        into: EmployerId,
        on: Date,
    },
    Deregistered {
        on: Date,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub employer: EmployerId,
    /// `None` for a virtual unit.
    pub code: Option<CreditCode>,
    pub details: Details,
    pub absorbed: BTreeSet<EmployerId>,
    /// The day of the last change.
    pub since: Date,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Register {
        employer: EmployerId,
        code: CreditCode,
        details: Details,
        on: Date,
    },
    RegisterVirtual {
        employer: EmployerId,
        details: Details,
        purpose: String,
        on: Date,
    },
    Change {
        code: Option<CreditCode>,
        details: Details,
        on: Date,
    },
    /// To the unit that is given up.
    Merge {
        into: EmployerId,
        on: Date,
        reason: String,
    },
    /// To the unit that stays, in the same append.
    Absorb {
        employer: EmployerId,
        on: Date,
    },
    Deregister {
        on: Date,
        reason: String,
    },
}

impl Employer {
    /// The open record, on a day that does not lie before what happened last.
    fn open(&self, on: Date) -> Result<&Record, Error> {
        match self {
            Self::Unknown => Err(Error::Unknown),
            Self::Open(record) if on < record.since => {
                Err(Error::BeforeLastChange { on, since: record.since })
            }
            Self::Open(record) => Ok(record),
            Self::Merged { into, on } => Err(Error::Merged { into: *into, on: *on }),
            Self::Deregistered { on } => Err(Error::Deregistered { on: *on }),
        }
    }

    fn unknown(&self) -> Result<(), Error> {
        match self {
            Self::Unknown => Ok(()),
            Self::Open(_) | Self::Merged { .. } | Self::Deregistered { .. } => {
                Err(Error::AlreadyRegistered)
            }
        }
    }
}

impl Record {
    fn change(
        &self,
        code: Option<CreditCode>,
        details: Details,
        on: Date,
    ) -> Result<Vec<Event>, Error> {
        if code.is_some() && self.code.is_none() {
            return Err(Error::VirtualHasNoCode);
        }
        let details = named(details)?;
        let code = code.filter(|code| Some(*code) != self.code);
        if code.is_none() && details == self.details {
            return Ok(vec![]);
        }
        Ok(vec![Event::Changed { code, details, on }])
    }

    fn other(&self, employer: EmployerId) -> Result<EmployerId, Error> {
        if employer == self.employer { Err(Error::IntoItself) } else { Ok(employer) }
    }
}

impl Decider for Employer {
    const CATEGORY: &'static str = "employer";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Register { employer, code, details, on } => {
                self.unknown()?;
                Ok(vec![Event::Registered { employer, code, details: named(details)?, on }])
            }
            Command::RegisterVirtual { employer, details, purpose, on } => {
                self.unknown()?;
                let (details, purpose) = (named(details)?, given(purpose)?);
                Ok(vec![Event::VirtualRegistered { employer, details, purpose, on }])
            }
            Command::Change { code, details, on } => self.open(on)?.change(code, details, on),
            Command::Merge { into, on, reason } => {
                let into = self.open(on)?.other(into)?;
                Ok(vec![Event::Merged { into, on, reason: given(reason)? }])
            }
            Command::Absorb { employer, on } => {
                let record = self.open(on)?;
                let employer = record.other(employer)?;
                if record.absorbed.contains(&employer) {
                    return Err(Error::AlreadyAbsorbed { employer });
                }
                Ok(vec![Event::Absorbed { employer, on }])
            }
            Command::Deregister { on, reason } => {
                self.open(on)?;
                Ok(vec![Event::Deregistered { on, reason: given(reason)? }])
            }
        }
    }

    fn evolve(self, event: &Event) -> Self {
        let record = |employer: &EmployerId, code, details: &Details, on: &Date| Record {
            employer: *employer,
            code,
            details: details.clone(),
            absorbed: BTreeSet::new(),
            since: *on,
        };
        match (self, event) {
            (_, Event::Registered { employer, code, details, on }) => {
                Self::Open(record(employer, Some(*code), details, on))
            }
            (_, Event::VirtualRegistered { employer, details, purpose: _, on }) => {
                Self::Open(record(employer, None, details, on))
            }
            (Self::Open(mut record), Event::Changed { code, details, on }) => {
                record.code = code.or(record.code);
                record.details = details.clone();
                record.since = *on;
                Self::Open(record)
            }
            (Self::Open(mut record), Event::Absorbed { employer, on }) => {
                record.absorbed.insert(*employer);
                record.since = *on;
                Self::Open(record)
            }
            (Self::Open(_), Event::Merged { into, on, .. }) => {
                Self::Merged { into: *into, on: *on }
            }
            (Self::Open(_), Event::Deregistered { on, .. }) => Self::Deregistered { on: *on },
            (state @ (Self::Unknown | Self::Merged { .. } | Self::Deregistered { .. }), _) => state,
        }
    }
}

fn named(details: Details) -> Result<Details, Error> {
    if details.name.trim().is_empty() { Err(Error::NoName) } else { Ok(details) }
}

fn given(text: String) -> Result<String, Error> {
    if text.trim().is_empty() { Err(Error::NoReason) } else { Ok(text) }
}
