//! The rules about a registered pay address.

use shared::{Date, PayAddressId, ReturnReason};

use super::{Account, CardFact, Error, Event, Owner, Record, Verification};

impl Record {
    pub(super) fn new(address: PayAddressId, owner: Owner, account: &Account, on: Date) -> Self {
        Self {
            address,
            owner,
            bank: account.bank,
            card: account.card,
            version: 1,
            verification: Verification::Pending,
            frozen_since: None,
            frozen_for: None,
            since: on,
        }
    }

    /// An account behind a card is as good as the card (INVENTORY.md, C02).
    pub(super) fn credited(&self, fact: CardFact) -> Result<(), Error> {
        match (self.card, fact) {
            (None, _) | (Some(_), CardFact::TakesCredits) => Ok(()),
            (Some(card), CardFact::None | CardFact::TakesNone) => {
                Err(Error::CardTakesNoCredits { card })
            }
        }
    }

    pub(super) fn current(&self, version: u32) -> Result<(), Error> {
        if version == self.version {
            return Ok(());
        }
        Err(Error::StaleVersion { version, current: self.version })
    }

    pub(super) fn verify(
        &self,
        version: u32,
        card: CardFact,
        on: Date,
    ) -> Result<Vec<Event>, Error> {
        self.current(version)?;
        self.credited(card)?;
        Ok(match self.verification {
            Verification::Pending | Verification::Failed(_) => {
                vec![Event::Verified { version, on }]
            }
            Verification::Verified => vec![],
        })
    }

    pub(super) fn fail(
        &self,
        version: u32,
        reason: ReturnReason,
        on: Date,
    ) -> Result<Vec<Event>, Error> {
        self.current(version)?;
        match self.verification {
            Verification::Verified => Err(Error::AlreadyVerified { version }),
            Verification::Failed(earlier) if earlier == reason => Ok(vec![]),
            Verification::Pending | Verification::Failed(_) => {
                Ok(vec![Event::VerificationFailed { version, reason, on }])
            }
        }
    }

    pub(super) fn evolve(mut self, event: &Event) -> Self {
        self.since = match event {
            Event::Registered { on, .. } => *on,
            Event::Verified { on, .. } => {
                self.verification = Verification::Verified;
                *on
            }
            Event::VerificationFailed { reason, on, .. } => {
                self.verification = Verification::Failed(*reason);
                *on
            }
            Event::Changed { version, account, on, .. } => {
                self.version = *version;
                (self.bank, self.card) = (account.bank, account.card);
                self.verification = Verification::Pending;
                *on
            }
            Event::Frozen { reason, on } => {
                (self.frozen_since, self.frozen_for) = (Some(*on), Some(*reason));
                *on
            }
            Event::Unfrozen { on, .. } => {
                (self.frozen_since, self.frozen_for) = (None, None);
                *on
            }
        };
        self
    }
}

pub(super) fn fits(owner: Owner, account: &Account) -> Result<(), Error> {
    match (owner, account.card) {
        (Owner::Employer { .. }, Some(_)) => Err(Error::EmployerHasNoCard),
        (Owner::Employer { .. }, None) | (Owner::Person { .. }, _) => Ok(()),
    }
}
