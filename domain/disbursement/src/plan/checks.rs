//! What must hold before a plan takes its next step: levels, persons, counts and totals.

use std::collections::BTreeSet;

use shared::Money;

use super::{Error, Event, Plan, Stage};
use crate::faults::{Fault, planted};
use crate::line::Totals;

impl Plan {
    pub(super) fn review(
        &self,
        role: String,
        by: String,
        editors: &BTreeSet<String>,
    ) -> Result<Vec<Event>, Error> {
        self.at(Stage::InReview)?;
        self.expected(&role)?;
        self.other_person(&by)?;
        if editors.contains(&by) {
            return Err(Error::EditedAddresses { by });
        }
        let last = self.acted.len() == self.levels().count();
        let mut events = vec![Event::Reviewed { role, by }];
        if last {
            events.push(Event::Approved { lines: self.totals.lines, net: self.totals.net() });
        }
        Ok(events)
    }

    pub(super) fn expected(&self, role: &str) -> Result<(), Error> {
        match self.next_role() {
            Some(expected) if expected != role => {
                Err(Error::WrongRole { expected: expected.to_owned(), given: role.to_owned() })
            }
            Some(_) => Ok(()),
            None => Err(Error::NoChain),
        }
    }

    pub(super) fn finish_calculation(&self) -> Result<Vec<Event>, Error> {
        self.at(Stage::Frozen)?;
        let mut totals = Totals::default();
        let (mut calculated, mut excluded) = (0, 0);
        for part in &self.parts {
            totals = totals.plus(part.totals);
            calculated += part.grants;
            excluded += part.excluded;
        }
        let all = calculated + excluded == self.frozen;
        if !all && !planted(Fault::ExcludedNotCounted) {
            return Err(Error::CountDiffers { frozen: self.frozen, calculated, excluded });
        }
        Ok(vec![Event::Calculated { totals, excluded }])
    }

    pub(super) fn finish_composition(
        &self,
        held_lines: u32,
        held: Money,
        netted_lines: u32,
    ) -> Result<Vec<Event>, Error> {
        self.at(Stage::Funded)?;
        let composed: Money = self.batches.iter().map(|batch| batch.total).sum();
        let composed_lines = self.batches.iter().map(|batch| batch.lines).sum();
        let (net, lines) = (self.totals.net(), self.totals.lines);
        if composed + held != net || composed_lines + held_lines + netted_lines != lines {
            return Err(Error::NotWhole {
                composed,
                held,
                net,
                composed_lines,
                held_lines,
                netted_lines,
                lines,
            });
        }
        Ok(vec![Event::Composed {
            instructed_lines: composed_lines,
            instructed: composed,
            held_lines,
            held,
        }])
    }
}
