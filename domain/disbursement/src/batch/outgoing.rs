//! How a file is composed, gets its keys, and comes to the bank.

use shared::Money;

use super::event::{Attempt, Event, File, Found};
use super::{Batch, CHUNK_LINES_MAX, Error, FINANCE_ROLE, Handover, Stage};
use crate::faults::{Fault, planted};

impl Batch {
    pub(super) fn compose(&self, chunk: u32, lines: Vec<Attempt>) -> Result<Vec<Event>, Error> {
        self.at(Stage::Open)?;
        if chunk != self.chunks {
            return Err(Error::Order { expected: self.chunks, given: chunk });
        }
        if lines.len() > CHUNK_LINES_MAX {
            return Err(Error::TooLarge(lines.len()));
        }
        // Rising places of one part: no line, and so no obligation, stands here twice.
        let mut last = self.lines.last().map(|line| line.attempt.line);
        for Attempt { line, .. } in &lines {
            if last.is_some_and(|last| *line <= last) {
                return Err(Error::Again { line: *line });
            }
            last = Some(*line);
        }
        match lines.iter().find(|line| !line.amount.is_positive()) {
            Some(line) => Err(Error::NotPositive { line: line.line, amount: line.amount }),
            None => Ok(vec![Event::LinesComposed { chunk, lines }]),
        }
    }

    pub(super) fn seal(&self, lines: u32, total: Money, file: File) -> Result<Vec<Event>, Error> {
        self.at(Stage::Open)?;
        if self.lines.is_empty() {
            return Err(Error::Empty);
        }
        let (lines_here, total_here) = self.sum(|_| true);
        if (lines, total) != (lines_here, total_here) {
            return Err(Error::DeclaredDiffers { lines, total, lines_here, total_here });
        }
        Ok(vec![Event::Composed { lines, total, file }])
    }

    pub(super) fn sign(
        &self,
        by: String,
        role: String,
        signature: String,
        plan_actors: &[(String, String)],
    ) -> Result<Vec<Event>, Error> {
        self.at(Stage::Composed)?;
        let one_person = self.signers.iter().any(|known| known.by == by);
        if one_person && !planted(Fault::BothKeysByOnePerson) {
            return Err(Error::SamePerson { by });
        }
        if self.signers.iter().any(|known| known.role == role) {
            return Err(Error::SameRole { role });
        }
        // The roles of the keys differ, so at most one key holder ever acted on the plan.
        let acted = plan_actors
            .iter()
            .find(|(as_role, who)| *who == by && (*as_role != role || role != FINANCE_ROLE));
        if let Some((as_role, _)) = acted {
            return Err(Error::ActedOnPlan { by, role: as_role.clone() });
        }
        Ok(vec![Event::Signed { by, role, signature }])
    }

    pub(super) fn begin_handover(&self, ready: String, token: String) -> Result<Vec<Event>, Error> {
        if self.handover.is_some() {
            return Ok(vec![]);
        }
        self.at(Stage::Sent)?;
        Ok(vec![Event::HandoverBegun { ready, token }])
    }

    pub(super) fn finish_handover(&self, found: Found) -> Result<Vec<Event>, Error> {
        match &self.handover {
            None => Err(Error::NoHandover),
            Some(Handover { found: Some(_), .. }) => Ok(vec![]),
            Some(Handover { found: None, .. }) => {
                self.is_out().map(|()| vec![Event::HandedOver { found }])
            }
        }
    }
}
