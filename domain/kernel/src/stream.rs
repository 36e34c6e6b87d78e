//! Names and places in the log.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

/// The global place of an event: 1 for the first, without gaps, in commit order. 0 is "before all".
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub u64);

/// How many events a stream holds: 0 for a stream that does not exist yet.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl Position {
    pub const START: Self = Self(0);
}

impl Revision {
    pub const NONE: Self = Self(0);
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `<category>-<id>`: the category is a decider's and stored for ever.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StreamName(String);

impl StreamName {
    /// # Panics
    /// When the category is empty or holds a `-`: categories are constants of the program.
    #[must_use]
    pub fn new(category: &str, id: impl fmt::Display) -> Self {
        assert!(
            !category.is_empty() && !category.contains('-'),
            "a category is one word: {category:?}"
        );
        Self(format!("{category}-{id}"))
    }

    /// A name as a log stored it.
    #[must_use]
    pub fn stored(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn category(&self) -> &str {
        Self::category_of(&self.0)
    }

    /// The category of a stored name that is only borrowed.
    #[must_use]
    pub fn category_of(name: &str) -> &str {
        name.split_once('-').map_or(name, |(category, _)| category)
    }

    /// What follows the category.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.split_once('-').map_or("", |(_, id)| id)
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which log this is; made once, when the log is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LogId(pub Uuid);

/// How often the log was restored from a backup. Positions of two epochs never compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    pub log_id: LogId,
    pub epoch: Epoch,
}

impl Identity {
    #[must_use]
    pub fn token(self, position: Position) -> Token {
        Token { identity: self, position }
    }
}

/// A position that may leave the process: `<log id>.<epoch>.<position>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token {
    pub identity: Identity,
    pub position: Position,
}

#[derive(Debug, Error, PartialEq, Eq)]
pub enum TokenError {
    #[error("a position token has three parts: log id, epoch and position")]
    Malformed,
    #[error("the token was given by log {given}, this is log {here}")]
    OtherLog { given: Uuid, here: Uuid },
    #[error("the token is of epoch {given}, this log is in epoch {here} since its last restore")]
    OtherEpoch { given: u32, here: u32 },
}

impl Token {
    /// The position, if the token was given by this log in this epoch.
    ///
    /// # Errors
    /// [`TokenError::OtherLog`] and [`TokenError::OtherEpoch`].
    pub fn position_in(self, here: Identity) -> Result<Position, TokenError> {
        if self.identity.log_id != here.log_id {
            return Err(TokenError::OtherLog {
                given: self.identity.log_id.0,
                here: here.log_id.0,
            });
        }
        if self.identity.epoch != here.epoch {
            return Err(TokenError::OtherEpoch {
                given: self.identity.epoch.0,
                here: here.epoch.0,
            });
        }
        Ok(self.position)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Identity { log_id, epoch } = self.identity;
        write!(f, "{}.{}.{}", log_id.0.simple(), epoch.0, self.position)
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let mut parts = text.split('.');
        let (Some(log), Some(epoch), Some(position), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::Malformed);
        };
        Ok(Self {
            identity: Identity {
                log_id: LogId(log.parse().map_err(|_| TokenError::Malformed)?),
                epoch: Epoch(epoch.parse().map_err(|_| TokenError::Malformed)?),
            },
            position: Position(position.parse().map_err(|_| TokenError::Malformed)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_of_another_epoch_is_refused() {
        let here = Identity { log_id: LogId(Uuid::from_u128(7)), epoch: Epoch(2) };
        let then = Identity { epoch: Epoch(1), ..here };
        let token: Token = then.token(Position(9)).to_string().parse().unwrap();
        assert_eq!(token.position_in(here), Err(TokenError::OtherEpoch { given: 1, here: 2 }));
        assert_eq!(here.token(Position(9)).position_in(here), Ok(Position(9)));
        assert_eq!("x.1.2".parse::<Token>(), Err(TokenError::Malformed));
    }

    #[test]
    fn a_stream_name_falls_into_category_and_id() {
        let name = StreamName::new("plan", "A1-2026-01-320600-1");
        assert_eq!((name.category(), name.id()), ("plan", "A1-2026-01-320600-1"));
    }
}
