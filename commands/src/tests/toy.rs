//! A purse: it never holds less than nothing.

use std::fmt::Display;

use kernel::Decider;
use kernel::process::derived_id;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::{CommandError, Done, Envelope, Executor};

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Purse {
    pub coins: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Put(u32),
    Pay(u32),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "purse.filled.v1")]
    Filled { coins: u32 },
    #[serde(rename = "purse.paid.v1")]
    Paid { coins: u32 },
}

kernel::event!(Event);

#[derive(Debug, Clone, PartialEq, Error)]
pub enum Error {
    #[error("the purse holds {held} coins, not {asked}")]
    TooFew { held: u32, asked: u32 },
}

impl Error {
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooFew { .. } => "TOO_FEW",
        }
    }

    pub fn zh(&self) -> String {
        match self {
            Self::TooFew { held, asked } => format!("只有{held}枚，不足{asked}枚"),
        }
    }
}

crate::refusal!(Error);

impl Decider for Purse {
    const CATEGORY: &'static str = "purse";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Put(0) | Command::Pay(0) => Ok(vec![]),
            Command::Put(coins) => Ok(vec![Event::Filled { coins }]),
            Command::Pay(asked) if asked > self.coins => {
                Err(Error::TooFew { held: self.coins, asked })
            }
            Command::Pay(coins) => Ok(vec![Event::Paid { coins }]),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Filled { coins } => Self { coins: self.coins + coins },
            Event::Paid { coins } => Self { coins: self.coins - coins },
        }
    }
}

/// The envelope of a command that is known by its name.
pub fn envelope(name: &str) -> Envelope {
    Envelope::new(id(name), "tester")
}

pub fn id(name: &str) -> Uuid {
    derived_id("test", &[name.as_bytes()])
}

pub async fn put(
    executor: &Executor,
    envelope: &Envelope,
    purse: impl Display,
    coins: u32,
) -> Result<Done, CommandError> {
    executor.execute::<Purse>(envelope, "put", &coins, purse, |_, _| Ok(Command::Put(coins))).await
}

pub async fn pay(
    executor: &Executor,
    envelope: &Envelope,
    purse: impl Display,
    coins: u32,
) -> Result<Done, CommandError> {
    executor.execute::<Purse>(envelope, "pay", &coins, purse, |_, _| Ok(Command::Pay(coins))).await
}

pub async fn coins(executor: &Executor, purse: &str) -> u32 {
    executor.load::<Purse>(purse).await.unwrap().0.coins
}
