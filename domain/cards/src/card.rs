//! A social-security card from the maker's press to its end.
//!
//! **Streams** `card-<id>`.
//! **Invariant** made, delivered, issued, in this order; functions are switched on only in the
//! holder's hands; a replaced or cancelled card stays so. A lost card still takes credits.

mod error;
mod event;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

use kernel::Decider;
use shared::{BankCode, CardId, Date, OrganisationId, PersonId};

pub use error::Error;
pub use event::{Account, Event, Made};

#[derive(Debug, Clone, PartialEq, Default)]
pub enum Card {
    #[default]
    Unknown,
    Living(Record),
    Replaced {
        by: CardId,
        on: Date,
    },
    Cancelled {
        on: Date,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    pub card: CardId,
    pub person: PersonId,
    pub bank: BankCode,
    pub stage: Stage,
    pub social: Function,
    pub financial: Function,
    /// The day of the last event.
    pub since: Date,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Made,
    Delivered,
    Issued,
    /// Issued, and out of the holder's hands since that day.
    Lost(Date),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    Inactive,
    Active,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Make(Made),
    Deliver {
        outlet: OrganisationId,
        on: Date,
    },
    /// `died_on` is the holder's confirmed death.
    Issue {
        on: Date,
        died_on: Option<Date>,
    },
    ActivateSocialFunction {
        on: Date,
    },
    ActivateFinancialAccount {
        on: Date,
    },
    ReportLost {
        on: Date,
    },
    WithdrawLoss {
        on: Date,
    },
    Replace {
        by: CardId,
        account: Account,
        on: Date,
    },
    Cancel {
        on: Date,
        reason: String,
    },
}

impl Card {
    /// Whether a bank credits this card: its financial account is active. A loss does not matter
    /// (DISBURSEMENT.md, rule 2); a replaced or cancelled card takes nothing.
    #[must_use]
    pub fn takes_credits(&self) -> bool {
        match self {
            Self::Living(record) => record.financial == Function::Active,
            Self::Unknown | Self::Replaced { .. } | Self::Cancelled { .. } => false,
        }
    }

    /// Whether the holder can use it at a counter: a loss stops that at once.
    #[must_use]
    pub fn serves(&self) -> bool {
        match self {
            Self::Living(record) => {
                record.stage == Stage::Issued && record.social == Function::Active
            }
            Self::Unknown | Self::Replaced { .. } | Self::Cancelled { .. } => false,
        }
    }

    /// The record of a card that is not gone, on a day not before its last step.
    fn living(&self, on: Date) -> Result<&Record, Error> {
        match self {
            Self::Unknown => Err(Error::Unknown),
            Self::Living(record) if on < record.since => {
                Err(Error::OutOfOrder { on, since: record.since })
            }
            Self::Living(record) => Ok(record),
            Self::Replaced { by, on } => Err(Error::Replaced { by: *by, on: *on }),
            Self::Cancelled { on } => Err(Error::Cancelled { on: *on }),
        }
    }

    /// The record of a card in its holder's hands.
    fn held(&self, on: Date) -> Result<&Record, Error> {
        let record = self.living(on)?;
        match record.stage {
            Stage::Made | Stage::Delivered => Err(Error::NotIssued),
            Stage::Issued => Ok(record),
            Stage::Lost(since) => Err(Error::Lost { since }),
        }
    }

    fn make(&self, made: Made) -> Result<Vec<Event>, Error> {
        if *self != Self::Unknown {
            return Err(Error::AlreadyMade);
        }
        if !(1..=3).contains(&made.generation) {
            return Err(Error::NoSuchGeneration { generation: made.generation });
        }
        Ok(vec![Event::Made(made)])
    }

    fn issue(&self, on: Date, died_on: Option<Date>) -> Result<Vec<Event>, Error> {
        match self.living(on)?.stage {
            Stage::Made => Err(Error::NotDelivered),
            Stage::Issued | Stage::Lost(_) => Err(Error::AlreadyIssued),
            Stage::Delivered => match died_on {
                Some(died_on) => Err(Error::HolderDead { died_on }),
                None => Ok(vec![Event::Issued { on }]),
            },
        }
    }

    fn replace(&self, by: CardId, account: Account, on: Date) -> Result<Vec<Event>, Error> {
        let record = self.living(on)?;
        match record.stage {
            // A card that nobody holds is cancelled, not replaced.
            Stage::Made | Stage::Delivered => Err(Error::NotIssued),
            Stage::Issued | Stage::Lost(_) if by == record.card => Err(Error::ByItself),
            Stage::Issued | Stage::Lost(_) => Ok(vec![Event::Replaced { by, account, on }]),
        }
    }
}

impl Record {
    fn new(made: &Made) -> Self {
        Self {
            card: made.card,
            person: made.person,
            bank: made.bank,
            stage: Stage::Made,
            social: Function::Inactive,
            financial: Function::Inactive,
            since: made.on,
        }
    }

    fn step(&mut self, stage: Stage, on: Date) {
        (self.stage, self.since) = (stage, on);
    }
}

impl Decider for Card {
    const CATEGORY: &'static str = "card";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Make(made) => self.make(made),
            Command::Deliver { outlet, on } => match self.living(on)?.stage {
                Stage::Made => Ok(vec![Event::Delivered { outlet, on }]),
                Stage::Delivered | Stage::Issued | Stage::Lost(_) => Err(Error::AlreadyDelivered),
            },
            Command::Issue { on, died_on } => self.issue(on, died_on),
            Command::ActivateSocialFunction { on } => Ok(match self.held(on)?.social {
                Function::Inactive => vec![Event::SocialFunctionActivated { on }],
                Function::Active => vec![],
            }),
            Command::ActivateFinancialAccount { on } => Ok(match self.held(on)?.financial {
                Function::Inactive => vec![Event::FinancialAccountActivated { on }],
                Function::Active => vec![],
            }),
            Command::ReportLost { on } => {
                self.held(on)?;
                Ok(vec![Event::ReportedLost { on }])
            }
            Command::WithdrawLoss { on } => match self.living(on)?.stage {
                Stage::Lost(_) => Ok(vec![Event::LossWithdrawn { on }]),
                Stage::Made | Stage::Delivered | Stage::Issued => Err(Error::NotLost),
            },
            Command::Replace { by, account, on } => self.replace(by, account, on),
            Command::Cancel { on, reason } => {
                self.living(on)?;
                if reason.trim().is_empty() {
                    return Err(Error::NoReason);
                }
                Ok(vec![Event::Cancelled { on, reason }])
            }
        }
    }

    fn evolve(self, event: &Event) -> Self {
        if let Event::Made(made) = event {
            return Self::Living(Record::new(made));
        }
        let Self::Living(mut record) = self else {
            return self;
        };
        match event {
            Event::Made(_) => {}
            Event::Delivered { on, .. } => record.step(Stage::Delivered, *on),
            Event::Issued { on } | Event::LossWithdrawn { on } => record.step(Stage::Issued, *on),
            Event::ReportedLost { on } => record.step(Stage::Lost(*on), *on),
            Event::SocialFunctionActivated { on } => {
                record.social = Function::Active;
                record.since = *on;
            }
            Event::FinancialAccountActivated { on } => {
                record.financial = Function::Active;
                record.since = *on;
            }
            Event::Replaced { by, on, .. } => return Self::Replaced { by: *by, on: *on },
            Event::Cancelled { on, .. } => return Self::Cancelled { on: *on },
        }
        Self::Living(record)
    }
}
