//! The rules about a registered grant, one function per command.

use std::collections::BTreeMap;

use shared::{
    AreaCode, DivisionCode, FundCode, GrantId, ItemId, Month, PayAddressId, Payee, PersonId,
    StopReason,
};

use super::registration::{drawn_by, payable};
use super::{ComponentAmount, EndReason, Error, Event, Missed, Registration};

/// What a population freeze reads from a grant.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub grant: GrantId,
    pub person: PersonId,
    pub arises_from: Option<PersonId>,
    pub item: ItemId,
    pub payee: Payee,
    pub fund: FundCode,
    pub area: AreaCode,
    pub county: DivisionCode,
    pub address: PayAddressId,
    pub from: Month,
    /// The last month, once it is known.
    pub last: Option<Month>,
    /// The last month as it was known before the grant was ended.
    limit: Option<Month>,
    /// Set once the grant was ended, rather than limited from the start.
    pub ended: Option<EndReason>,
    /// Amounts by the month from which they hold; the first is the grant's own.
    amounts: BTreeMap<Month, Vec<ComponentAmount>>,
    stops: Vec<Stop>,
}

/// Months `from` up to `resumed`, which is paid again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    pub from: Month,
    pub reason: StopReason,
    /// `None` while the stop stands.
    pub resumed: Option<Month>,
    owed: bool,
}

impl Record {
    pub(super) fn new(registration: &Registration) -> Self {
        let Registration {
            grant,
            person,
            arises_from,
            item,
            components,
            from,
            to,
            payee,
            fund,
            area,
            county,
            address,
            basis: _,
        } = registration;
        Self {
            grant: *grant,
            person: *person,
            arises_from: *arises_from,
            item: *item,
            payee: *payee,
            fund: *fund,
            area: *area,
            county: *county,
            address: *address,
            from: *from,
            last: *to,
            limit: *to,
            ended: None,
            amounts: BTreeMap::from([(*from, components.clone())]),
            stops: Vec::new(),
        }
    }

    /// The stop that stands, if one does.
    #[must_use]
    pub fn stopped(&self) -> Option<Stop> {
        self.stops.last().copied().filter(|stop| stop.resumed.is_none())
    }

    /// It was stopped at some time and is paid again.
    #[must_use]
    pub fn was_resumed(&self) -> bool {
        self.stops.last().is_some_and(|stop| stop.resumed.is_some())
    }

    pub(super) fn amounts_for(&self, month: Month) -> Option<&[ComponentAmount]> {
        let within = self.within(month).is_ok();
        let kept_back = self.stops.iter().any(|stop| stop.keeps_back(month));
        if within && !kept_back { self.amounts_at(month) } else { None }
    }

    pub(super) fn adjust(
        &self,
        from: Month,
        components: Vec<ComponentAmount>,
        reason: String,
    ) -> Result<Vec<Event>, Error> {
        let reason = given(reason)?;
        self.within(from)?;
        payable(&components)?;
        if self.amounts_at(from) == Some(&components) {
            return Ok(vec![]);
        }
        Ok(vec![Event::Adjusted { from, components, reason }])
    }

    pub(super) fn suspend(&self, from: Month, reason: StopReason) -> Result<Vec<Event>, Error> {
        self.within(from)?;
        match self.stops.last() {
            Some(Stop { from, resumed: None, .. }) => Err(Error::AlreadySuspended { from: *from }),
            Some(Stop { resumed: Some(resumed), .. }) if from < *resumed => {
                Err(Error::SuspensionOverlaps { from, resumed: *resumed })
            }
            Some(_) | None => Ok(vec![Event::Suspended { from, reason }]),
        }
    }

    /// A stop can be lifted after the grant has ended: its months are then owed to the heirs.
    pub(super) fn resume(
        &self,
        from: Month,
        missed: Missed,
        reason: String,
    ) -> Result<Vec<Event>, Error> {
        let reason = given(reason)?;
        let stop = self.stopped().ok_or(Error::NotSuspended)?;
        if from < stop.from {
            return Err(Error::ResumedBeforeStop { from, stopped: stop.from });
        }
        if let Some(last) = self.last.filter(|last| from > last.next()) {
            return Err(Error::AfterEnd { month: from, last });
        }
        let back_pay = match missed {
            Missed::Owed => stop.from.through(from.previous()).collect(),
            Missed::Forfeited => vec![],
        };
        Ok(vec![Event::Resumed { from, back_pay, reason }])
    }

    /// An end may come nearer, as when a death turns out to be earlier, but never moves away.
    pub(super) fn end(&self, last: Month, reason: EndReason) -> Result<Vec<Event>, Error> {
        if last < self.from.previous() {
            return Err(Error::EndsBeforeStart { from: self.from, last });
        }
        match (self.last, self.ended) {
            (Some(now), Some(_)) if last == now => Ok(vec![]),
            (Some(now), Some(_)) if last > now => Err(Error::AlreadyEnded { last: now }),
            (Some(now), None) if last > now => Err(Error::AfterEnd { month: last, last: now }),
            (Some(_) | None, _) => Ok(vec![Event::Ended { last, reason }]),
        }
    }

    /// Only what a death ended: every other end has its own remedy, a new grant.
    pub(super) fn reinstate(&self, reason: String) -> Result<Vec<Event>, Error> {
        let reason = given(reason)?;
        if self.ended != Some(EndReason::Death) {
            return Err(Error::NotEndedByDeath);
        }
        Ok(vec![Event::Reinstated { to: self.limit, reason }])
    }

    /// Months that are planned already keep the payee that they were frozen with.
    pub(super) fn change_payee(
        &self,
        payee: Payee,
        address: PayAddressId,
        basis: String,
    ) -> Result<Vec<Event>, Error> {
        if basis.trim().is_empty() {
            return Err(Error::NoBasis);
        }
        drawn_by(self.person, self.arises_from, payee)?;
        if (payee, address) == (self.payee, self.address) {
            return Ok(vec![]);
        }
        Ok(vec![Event::PayeeChanged { payee, address, basis }])
    }

    pub(super) fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Registered(registration) => return Self::new(registration),
            Event::Adjusted { from, components, .. } => {
                self.amounts.insert(*from, components.clone());
            }
            Event::Suspended { from, reason } => {
                self.stops.push(Stop { from: *from, reason: *reason, resumed: None, owed: false })
            }
            Event::Resumed { from, back_pay, .. } => {
                if let Some(stop) = self.stops.last_mut() {
                    stop.resumed = Some(*from);
                    stop.owed = !back_pay.is_empty();
                }
            }
            Event::Reinstated { to, .. } => {
                self.last = *to;
                self.ended = None;
            }
            Event::CompetingNoted { .. } => {}
            Event::PayeeChanged { payee, address, .. } => {
                (self.payee, self.address) = (*payee, *address);
            }
            Event::Ended { last, reason } => {
                self.last = Some(*last);
                self.ended = Some(*reason);
            }
        }
        self
    }

    pub(super) fn weight(&self) -> usize {
        let amounts: usize = self.amounts.values().map(Vec::len).sum();
        size_of_val(self)
            + amounts * size_of::<ComponentAmount>()
            + self.stops.len() * size_of::<Stop>()
    }

    fn amounts_at(&self, month: Month) -> Option<&[ComponentAmount]> {
        self.amounts.range(..=month).next_back().map(|(_, components)| components.as_slice())
    }

    fn within(&self, month: Month) -> Result<(), Error> {
        if month < self.from {
            return Err(Error::BeforeStart { month, from: self.from });
        }
        match self.last {
            Some(last) if month > last => Err(Error::AfterEnd { month, last }),
            Some(_) | None => Ok(()),
        }
    }
}

impl Stop {
    fn keeps_back(&self, month: Month) -> bool {
        !self.owed && self.from <= month && self.resumed.is_none_or(|resumed| month < resumed)
    }
}

fn given(text: String) -> Result<String, Error> {
    if text.trim().is_empty() { Err(Error::NoReason) } else { Ok(text) }
}
