//! One pay item's month in one pooling area: its runs, its certificate, its close.
//!
//! **Streams** `period-<item>-<month>-<area>`.
//! **Invariant** a closed item-period takes no run, no certificate and no posting; it was certified
//! with every equality holding. One late item never blocks the others. Two persons reopen it; the
//! certificate that it was closed on stays, and the next close needs another one.

mod error;
pub mod event;
#[cfg(test)]
mod tests;

use kernel::Decider;
use shared::{AreaCode, ItemId, Month};

pub use self::error::Error;
pub use self::event::{Event, Signature};
use crate::certificate::Certificate;
use crate::faults::{Fault, planted};

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Period {
    pub stage: Stage,
    pub plans: Vec<String>,
    pub certificates: Vec<Certificate>,
    /// How many runs the last certificate covers.
    pub certified_runs: usize,
    /// Who asked to reopen it, and why, until another person does.
    pub reopening: Option<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    #[default]
    Unopened,
    Open,
    Closed,
}

/// How the item's month before stands, as looked up and guarded by the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    NeverOpened,
    Open,
    Closed,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Open {
        item: ItemId,
        month: Month,
        area: AreaCode,
        before: Before,
        exception: Option<String>,
    },
    AddRun {
        plan: String,
    },
    Certify {
        certificate: Certificate,
    },
    /// The bureau's signature under the last certificate.
    Sign {
        signature: Signature,
    },
    Close {
        by: String,
    },
    AskReopen {
        by: String,
        reason: String,
    },
    /// By another person than the one who asked.
    Reopen {
        by: String,
    },
}

impl Period {
    /// # Errors
    /// [`Error::NotOpen`] and [`Error::Closed`].
    pub fn is_open(&self) -> Result<(), Error> {
        match self.stage {
            Stage::Unopened => Err(Error::NotOpen),
            Stage::Open => Ok(()),
            Stage::Closed => Err(Error::Closed),
        }
    }
}

impl Decider for Period {
    const CATEGORY: &'static str = "period";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Open { .. } if self.stage != Stage::Unopened => Err(Error::AlreadyOpen),
            Command::Open { before: Before::Open, exception: None, .. } => Err(Error::BeforeIsOpen),
            Command::Open { before: Before::Open, exception: Some(reason), .. }
                if reason.trim().is_empty() =>
            {
                Err(Error::BeforeIsOpen)
            }
            Command::Open { item, month, area, exception, .. } => {
                Ok(vec![Event::Opened { item, month, area, exception }])
            }
            Command::AddRun { plan } => {
                self.is_open()?;
                if self.plans.contains(&plan) {
                    return Err(Error::RunAgain(plan));
                }
                Ok(vec![Event::RunAdded { plan }])
            }
            Command::Certify { certificate } => {
                if !planted(Fault::ClosedPeriodAccepts) {
                    self.is_open()?;
                }
                if self.plans.is_empty() {
                    return Err(Error::NoRun);
                }
                if !planted(Fault::CertificateUnchecked) {
                    certificate.check().map_err(Error::Broken)?;
                }
                let number = u32::try_from(self.certificates.len()).expect("few certificates") + 1;
                Ok(vec![Event::Certified { number, certificate }])
            }
            Command::Sign { signature } => {
                self.is_open()?;
                match u32::try_from(self.certificates.len()).expect("few certificates") {
                    number if number > 0 && number == signature.certificate => {
                        Ok(vec![Event::CertificateSigned(signature)])
                    }
                    last => Err(Error::NoCertificate { number: signature.certificate, last }),
                }
            }
            Command::AskReopen { reason, .. } if reason.trim().is_empty() => Err(Error::NoReason),
            Command::AskReopen { by, reason } => match (self.stage, &self.reopening) {
                (Stage::Unopened | Stage::Open, _) => Err(Error::NotClosed),
                (Stage::Closed, Some((asked, _))) => {
                    Err(Error::ReopeningAsked { by: asked.clone() })
                }
                (Stage::Closed, None) => Ok(vec![Event::ReopeningAsked { by, reason }]),
            },
            Command::Reopen { by } => match (self.stage, &self.reopening) {
                (Stage::Unopened | Stage::Open, _) => Err(Error::NotClosed),
                (Stage::Closed, None) => Err(Error::ReopeningUnasked),
                (Stage::Closed, Some((asked, _)))
                    if *asked == by && !planted(Fault::ReopenedByOne) =>
                {
                    Err(Error::ReopeningByOne { by })
                }
                (Stage::Closed, Some((asked_by, reason))) => {
                    let (asked_by, reason) = (asked_by.clone(), reason.clone());
                    Ok(vec![Event::Reopened { by, asked_by, reason }])
                }
            },
            Command::Close { by } => {
                self.is_open()?;
                match u32::try_from(self.certificates.len()).expect("few certificates") {
                    0 => Err(Error::NotCertified),
                    // A run that came after the certificate stands in none of its figures.
                    _ if self.certified_runs != self.plans.len() => Err(Error::NotCertified),
                    certificate => Ok(vec![Event::Closed { by, certificate }]),
                }
            }
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Opened { .. } => self.stage = Stage::Open,
            Event::RunAdded { plan } => self.plans.push(plan.clone()),
            Event::Certified { certificate, .. } => {
                self.certificates.push(certificate.clone());
                self.certified_runs = self.plans.len();
            }
            Event::CertificateSigned(_) => {}
            Event::Closed { .. } => self.stage = Stage::Closed,
            Event::ReopeningAsked { by, reason } => {
                self.reopening = Some((by.clone(), reason.clone()));
            }
            Event::Reopened { .. } => {
                self.stage = Stage::Open;
                self.reopening = None;
                // What it was closed on says nothing about what comes now.
                self.certified_runs = 0;
            }
        }
        self
    }

    fn weight(&self) -> usize {
        size_of_val(self) + 512 * self.certificates.len() + 64 * self.plans.len()
    }
}
