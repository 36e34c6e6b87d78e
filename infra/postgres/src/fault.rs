//! Why a group was not written, and what its callers are told.

use kernel::AppendError;
use sqlx::Error;

use crate::trouble::{self, Trouble};

/// Why a group was not written.
#[derive(Debug)]
pub(crate) enum Fault {
    /// A UNIQUE index objected to what was taken on trust.
    Objection(Error),
    /// The database cannot store something in it.
    Unfit(Error),
    /// The connection was lost before COMMIT was sent.
    Gone(String),
    /// It was lost after.
    Uncertain(String),
    Closed(Error),
    Busy(Error),
    /// The lease ran out, nobody took it, and a new one was taken.
    Lapsed {
        held: i64,
        current: i64,
    },
    /// Another process has this node's name.
    Superseded {
        held: i64,
        current: i64,
    },
    /// This is no longer the log that was opened.
    Changed(String),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match trouble::of(&error) {
            Trouble::Gone => Self::Gone(error.to_string()),
            Trouble::Taken => Self::Objection(error),
            Trouble::Unfit => Self::Unfit(error),
            Trouble::Closed => Self::Closed(error),
            Trouble::Busy => Self::Busy(error),
        }
    }
}

impl Fault {
    pub(crate) fn keeps_the_connection(&self) -> bool {
        !matches!(self, Self::Gone(_) | Self::Uncertain(_))
    }

    /// What the callers of a group hear, or why no group will ever be written again.
    pub(crate) fn told(self, node: &str) -> Result<Told, Stop> {
        Ok(match self {
            Self::Gone(reason) => Told::Unavailable(reason),
            Self::Busy(error) => Told::Unavailable(error.to_string()),
            Self::Uncertain(reason) => Told::Uncertain(reason),
            Self::Objection(error) | Self::Unfit(error) | Self::Closed(error) => {
                Told::ReadOnly(error.to_string())
            }
            Self::Lapsed { held, current } => {
                tracing::warn!(held, current, "the lease ran out before the node wrote again");
                Told::Fenced(held.cast_unsigned(), current.cast_unsigned())
            }
            Self::Superseded { held, current } => {
                return Err(Stop {
                    reason: format!("another process writes as node {node}"),
                    fenced: Some((held.cast_unsigned(), current.cast_unsigned())),
                });
            }
            Self::Changed(reason) => return Err(Stop { reason, fenced: None }),
        })
    }
}

/// The writer ends for good: how whoever still asks is answered.
pub(crate) struct Stop {
    pub(crate) reason: String,
    pub(crate) fenced: Option<(u64, u64)>,
}

impl Stop {
    pub(crate) fn error(&self) -> AppendError {
        match self.fenced {
            Some((held, current)) => AppendError::Fenced { held, current },
            None => AppendError::ReadOnly(self.reason.clone()),
        }
    }
}

/// An error that many callers hear.
#[derive(Debug)]
pub(crate) enum Told {
    Unavailable(String),
    Uncertain(String),
    ReadOnly(String),
    Fenced(u64, u64),
}

impl Told {
    pub(crate) fn error(&self) -> AppendError {
        match self {
            Self::Unavailable(reason) => AppendError::Unavailable(reason.clone()),
            Self::Uncertain(reason) => AppendError::Uncertain(reason.clone()),
            Self::ReadOnly(reason) => AppendError::ReadOnly(reason.clone()),
            Self::Fenced(held, current) => AppendError::Fenced { held: *held, current: *current },
        }
    }

    /// What it means for a group of which it is not known whether it is stored.
    pub(crate) fn uncertain(self) -> Self {
        match self {
            Self::Unavailable(reason) | Self::Uncertain(reason) | Self::ReadOnly(reason) => {
                Self::Uncertain(reason)
            }
            Self::Fenced(..) => Self::Uncertain("the lease ran out meanwhile".to_owned()),
        }
    }
}
