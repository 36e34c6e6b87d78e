//! After the log came back from a backup, the banks know more than it does: nothing is sent until each
//! bank has told what it received, and two persons release the sending.
//!
//! **Streams** `restoration-<epoch>`; the first epoch has none, nothing was restored.
//! **Invariant** sending is released once, by another person than who asked for it, when every bank
//! was heard and every file that only a bank knows is accounted for.

mod error;
pub mod event;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use kernel::Decider;
use shared::{ArtefactId, BankCode};

pub use self::error::Error;
pub use self::event::Event;

/// Batches that a bank received and the restored log does not know as sent; a day's files are tens.
pub const LOST_MAX: usize = 1_000;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restoration {
    pub banks: BTreeMap<BankCode, Heard>,
    pub asked: Option<String>,
    pub released: Option<String>,
}

/// What a bank said that it received since the backup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    pub files: u32,
    /// Batches that were sent, and that the restored log knew only as composed.
    pub found: u32,
    /// Batches that the restored log does not have, or has with other bytes.
    pub lost: BTreeSet<String>,
    /// What was done about those of them that will never be made again.
    pub explained: BTreeMap<String, String>,
}

impl Heard {
    /// Lost batches that nobody accounted for.
    pub fn open(&self) -> impl Iterator<Item = &String> {
        self.lost.iter().filter(|batch| !self.explained.contains_key(*batch))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A bank's list, held against the log. A later list of the same bank replaces it.
    Hear {
        bank: BankCode,
        list: ArtefactId,
        files: u32,
        found: u32,
        lost: Vec<String>,
        by: String,
    },
    /// A lost batch is accounted for: booked by hand, called back, or whatever was agreed.
    Explain {
        bank: BankCode,
        batch: String,
        reason: String,
        by: String,
    },
    /// `banks` are all to which files are sent.
    AskRelease {
        banks: Vec<BankCode>,
        by: String,
    },
    Release {
        by: String,
    },
}

impl Restoration {
    fn locked(&self) -> Result<(), Error> {
        if self.released.is_some() { Err(Error::Released) } else { Ok(()) }
    }

    fn ask(&self, banks: &[BankCode], by: String) -> Result<Vec<Event>, Error> {
        let unheard: Vec<_> = banks.iter().filter(|bank| !self.banks.contains_key(bank)).collect();
        if let Some(first) = unheard.first() {
            return Err(Error::Unheard { banks: unheard.len(), first: first.to_string() });
        }
        let mut open = self.banks.values().flat_map(Heard::open);
        if let Some(first) = open.next() {
            return Err(Error::Lost { batches: 1 + open.count(), first: first.clone() });
        }
        Ok(vec![Event::ReleaseAsked { by }])
    }
}

impl Decider for Restoration {
    const CATEGORY: &'static str = "restoration";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        self.locked()?;
        match command {
            Command::Hear { lost, .. } if lost.len() > LOST_MAX => {
                Err(Error::TooMany { batches: lost.len() })
            }
            Command::Hear { bank, list, files, found, lost, by } => {
                Ok(vec![Event::BankHeard { bank, list, files, found, lost, by }])
            }
            Command::Explain { reason, .. } if reason.trim().is_empty() => Err(Error::NoReason),
            Command::Explain { bank, batch, reason, by } => {
                let lost = self.banks.get(&bank).is_some_and(|heard| heard.lost.contains(&batch));
                if !lost {
                    return Err(Error::NotLost { batch });
                }
                Ok(vec![Event::LostExplained { bank, batch, reason, by }])
            }
            Command::AskRelease { banks, by } => self.ask(&banks, by),
            Command::Release { by } => match &self.asked {
                None => Err(Error::NotAsked),
                Some(asked) if *asked == by => Err(Error::SamePerson),
                Some(_) => Ok(vec![Event::Released { by }]),
            },
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::BankHeard { bank, files, found, lost, .. } => {
                // What was found before stays found; what was explained stays explained.
                let before = self.banks.remove(bank).unwrap_or_default();
                let heard = Heard {
                    files: *files,
                    found: before.found + found,
                    lost: lost.iter().cloned().collect(),
                    explained: before.explained,
                };
                self.banks.insert(*bank, heard);
                self.asked = None;
            }
            Event::LostExplained { bank, batch, reason, .. } => {
                if let Some(heard) = self.banks.get_mut(bank) {
                    heard.explained.insert(batch.clone(), reason.clone());
                }
            }
            Event::ReleaseAsked { by } => self.asked = Some(by.clone()),
            Event::Released { by } => self.released = Some(by.clone()),
        }
        self
    }
}
