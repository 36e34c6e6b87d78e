//! One month's plan of one pay item in one pooling area: population, totals, reviews, funds.
//!
//! **Streams** `plan-<item>-<month>-<area>-<n>`.
//! **Invariant** nothing is composed that was not reviewed at every level, each by another person,
//! and funded in full; frozen = calculated + excluded.

mod checks;
mod error;
pub mod event;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use kernel::{Decider, Position};
use shared::{BankCode, Money};

pub use self::error::Error;
pub use self::event::{Event, Header, Pinned, Step};
use crate::line::Totals;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    pub header: Option<Header>,
    pub stage: Stage,
    pub frozen_at: Position,
    pub frozen: u32,
    /// The artefact that lists the frozen grants.
    pub population: String,
    pub parts: Vec<PartTotals>,
    pub totals: Totals,
    pub excluded: u32,
    /// Who acted in the running round of review.
    pub acted: Vec<(String, String)>,
    /// The system that paid it, where that is not this one.
    pub origin: Option<String>,
    pub reserved: Option<Money>,
    pub batches: Vec<ComposedBatch>,
    /// Batches whose lines are free again: refused by the bank, or withdrawn.
    pub freed: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    #[default]
    Unopened,
    Open,
    Frozen,
    Calculated,
    InReview,
    Approved,
    Funded,
    Composed,
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartTotals {
    pub part: u16,
    /// Grants that got at least one line.
    pub grants: u32,
    pub totals: Totals,
    /// Grants that got none.
    pub excluded: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposedBatch {
    pub batch: String,
    pub part: u16,
    pub bank: BankCode,
    pub lines: u32,
    pub total: Money,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Open(Header),
    Freeze {
        at: Position,
        grants: u32,
        digest: String,
    },
    RecordPart(PartTotals),
    FinishCalculation,
    Submit {
        by: String,
    },
    /// `address_editors` are those who changed a pay address in this period.
    Review {
        role: String,
        by: String,
        address_editors: BTreeSet<String>,
    },
    SendBack {
        role: String,
        by: String,
        reason: String,
    },
    /// Another system reviewed it and paid it: there is no review here.
    ApproveElsewhere {
        origin: String,
        reference: String,
    },
    ReserveFunds {
        account: String,
        amount: Money,
    },
    RecordBatch(ComposedBatch),
    /// A batch was refused by its bank or withdrawn: composing goes on with its lines.
    FreeBatch {
        batch: String,
    },
    FinishComposition {
        held_lines: u32,
        held: Money,
        netted_lines: u32,
    },
    Cancel {
        by: String,
        reason: String,
    },
}

impl Plan {
    /// The role whose turn it is, once the plan is submitted.
    #[must_use]
    pub fn next_role(&self) -> Option<&str> {
        let acted = self.acted.len().checked_sub(1)?;
        self.levels().nth(acted)
    }

    fn levels(&self) -> impl Iterator<Item = &str> {
        let net = self.totals.net();
        let chain = self.header.as_ref().map_or(&[][..], |header| &header.chain);
        chain
            .iter()
            .filter(move |step| step.above.is_none_or(|above| net > above))
            .map(|step| step.role.as_str())
    }

    fn at(&self, needs: Stage) -> Result<(), Error> {
        if self.stage == needs { Ok(()) } else { Err(Error::Stage { is: self.stage, needs }) }
    }

    fn other_person(&self, by: &str) -> Result<(), Error> {
        if self.acted.iter().any(|(_, who)| who == by) {
            return Err(Error::SamePerson { by: by.to_owned() });
        }
        Ok(())
    }
}

impl Decider for Plan {
    const CATEGORY: &'static str = "plan";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Open(_) if self.stage != Stage::Unopened => Err(Error::AlreadyOpen),
            Command::Open(header) if header.chain.iter().all(|step| step.above.is_some()) => {
                Err(Error::NoChain)
            }
            Command::Open(header) => Ok(vec![Event::Opened(header)]),
            Command::Freeze { at, grants, digest } => {
                self.at(Stage::Open)?;
                Ok(vec![Event::PopulationFrozen { at, grants, digest }])
            }
            Command::RecordPart(PartTotals { part, grants, totals, excluded }) => {
                self.at(Stage::Frozen)?;
                if self.parts.iter().any(|known| known.part == part) {
                    return Err(Error::PartAgain(part));
                }
                Ok(vec![Event::PartCalculated { part, grants, totals, excluded }])
            }
            Command::FinishCalculation => self.finish_calculation(),
            Command::Submit { by } => {
                self.at(Stage::Calculated)?;
                // A month in which everybody is excluded has nothing to review or fund.
                if !self.totals.net().is_positive() {
                    return Err(Error::NothingToPay);
                }
                Ok(vec![Event::Submitted { by }])
            }
            Command::Review { role, by, address_editors } => {
                self.review(role, by, &address_editors)
            }
            Command::SendBack { reason, .. } if reason.trim().is_empty() => Err(Error::NoReason),
            Command::SendBack { role, by, reason } => {
                self.at(Stage::InReview)?;
                self.expected(&role)?;
                self.other_person(&by)?;
                Ok(vec![Event::SentBack { role, by, reason }])
            }
            Command::ApproveElsewhere { origin, reference } => {
                self.at(Stage::Calculated)?;
                if origin.trim().is_empty() || reference.trim().is_empty() {
                    return Err(Error::NoReason);
                }
                if !self.totals.net().is_positive() {
                    return Err(Error::NothingToPay);
                }
                let (lines, net) = (self.totals.lines, self.totals.net());
                Ok(vec![Event::ApprovedElsewhere { origin, reference, lines, net }])
            }
            Command::ReserveFunds { account, amount } => {
                self.at(Stage::Approved)?;
                let net = self.totals.net();
                if amount != net {
                    return Err(Error::WrongAmount { amount, net });
                }
                Ok(vec![Event::FundsReserved { account, amount }])
            }
            Command::RecordBatch(batch) => {
                self.at(Stage::Funded)?;
                if self
                    .batches
                    .iter()
                    .map(|known| &known.batch)
                    .chain(&self.freed)
                    .any(|known| *known == batch.batch)
                {
                    return Err(Error::BatchAgain(batch.batch));
                }
                if self.parts.iter().all(|known| known.part != batch.part) {
                    return Err(Error::NoPart(batch.part));
                }
                let ComposedBatch { batch, part, bank, lines, total } = batch;
                Ok(vec![Event::BatchComposed { batch, part, bank, lines, total }])
            }
            Command::FreeBatch { batch } => {
                if self.batches.iter().all(|known| known.batch != batch) {
                    return Err(Error::NoBatch(batch));
                }
                Ok(vec![Event::BatchFreed { batch }])
            }
            Command::FinishComposition { held_lines, held, netted_lines } => {
                self.finish_composition(held_lines, held, netted_lines)
            }
            Command::Cancel { reason, .. } if reason.trim().is_empty() => Err(Error::NoReason),
            Command::Cancel { .. } if !self.batches.is_empty() => {
                Err(Error::Instructed(self.batches.len()))
            }
            Command::Cancel { by, reason } => match self.stage {
                Stage::Unopened | Stage::Composed | Stage::Cancelled => {
                    Err(Error::Stage { is: self.stage, needs: Stage::Open })
                }
                Stage::Open
                | Stage::Frozen
                | Stage::Calculated
                | Stage::InReview
                | Stage::Approved
                | Stage::Funded => Ok(vec![Event::Cancelled { by, reason }]),
            },
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Opened(header) => {
                self.header = Some(header.clone());
                self.stage = Stage::Open;
            }
            Event::PopulationFrozen { at, grants, digest } => {
                (self.frozen_at, self.frozen, self.stage) = (*at, *grants, Stage::Frozen);
                self.population.clone_from(digest);
            }
            Event::PartCalculated { part, grants, totals, excluded } => {
                self.parts.push(PartTotals {
                    part: *part,
                    grants: *grants,
                    totals: *totals,
                    excluded: *excluded,
                });
            }
            Event::Calculated { totals, excluded } => {
                (self.totals, self.excluded, self.stage) = (*totals, *excluded, Stage::Calculated);
            }
            Event::Submitted { by } => {
                self.acted = vec![("handler".to_owned(), by.clone())];
                self.stage = Stage::InReview;
            }
            Event::Reviewed { role, by } => self.acted.push((role.clone(), by.clone())),
            Event::SentBack { .. } => {
                self.acted.clear();
                self.stage = Stage::Calculated;
            }
            Event::ApprovedElsewhere { origin, .. } => {
                self.origin = Some(origin.clone());
                self.stage = Stage::Approved;
            }
            Event::Approved { .. } => self.stage = Stage::Approved,
            Event::FundsReserved { amount, .. } => {
                self.reserved = Some(*amount);
                self.stage = Stage::Funded;
            }
            Event::BatchComposed { batch, part, bank, lines, total } => {
                self.batches.push(ComposedBatch {
                    batch: batch.clone(),
                    part: *part,
                    bank: *bank,
                    lines: *lines,
                    total: *total,
                });
            }
            Event::BatchFreed { batch } => {
                self.batches.retain(|known| known.batch != *batch);
                self.freed.push(batch.clone());
                self.stage = Stage::Funded;
            }
            Event::Composed { .. } => self.stage = Stage::Composed,
            Event::Cancelled { .. } => self.stage = Stage::Cancelled,
        }
        self
    }

    fn weight(&self) -> usize {
        size_of_val(self) + 128 * (self.parts.len() + self.batches.len() + self.acted.len())
    }
}
