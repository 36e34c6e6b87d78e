//! A batch's row: what each event makes of it.

use disbursement::batch::{Answer, Event, Header, KEYS};
use kernel::Position;
use shared::{Date, Money};

use super::BatchRow;

/// An act as the event tells it; who did it only where the event says so itself.
pub(super) struct Act<'a> {
    pub(super) name: &'static str,
    pub(super) by: Option<&'a String>,
    pub(super) role: Option<&'a String>,
    pub(super) reason: Option<&'a String>,
    pub(super) reference: Option<&'a String>,
    pub(super) amount: Option<Money>,
}

impl BatchRow {
    pub(super) fn opened(batch: String, header: &Header) -> Self {
        Self {
            batch,
            plan: header.plan.clone(),
            part: header.part,
            bank: header.bank,
            item: header.item,
            month: header.month,
            account: header.account.clone(),
            stage: "open".to_owned(),
            lines: 0,
            total: Money::ZERO,
            file: None,
            digest: None,
            layout: None,
            signers: Vec::new(),
            reference: None,
            sent_on: None,
            debited: None,
            debited_on: None,
            slip: None,
            paid_lines: 0,
            paid: Money::ZERO,
            returned_lines: 0,
            returned: Money::ZERO,
            duplicates: 0,
            contradictions: 0,
            strangers: 0,
            money_returned: Money::ZERO,
            freed: false,
            revision: 0,
            position: Position::START,
        }
    }

    /// What the bank has not answered yet: nothing of a batch that it refused or never got.
    #[must_use]
    pub fn unreplied_lines(&self) -> u32 {
        if matches!(self.stage.as_str(), "rejected" | "withdrawn") {
            return 0;
        }
        self.lines - self.paid_lines - self.returned_lines
    }

    /// `on`: its business date.
    pub(super) fn apply(&mut self, event: &Event, on: Date) {
        match event {
            Event::Opened(_) | Event::LinesComposed { .. } => {}
            Event::Composed { lines, total, file } => {
                (self.lines, self.total) = (*lines, *total);
                (self.file, self.digest) = (Some(file.name.clone()), Some(file.artefact));
                self.layout = Some(file.layout.clone());
                "composed".clone_into(&mut self.stage);
            }
            Event::Signed { by, .. } => {
                self.signers.push(by.clone());
                if self.signers.len() == KEYS {
                    "signed".clone_into(&mut self.stage);
                }
            }
            Event::Sent { .. } | Event::SentElsewhere { .. } => {
                self.sent_on = Some(on);
                "sent".clone_into(&mut self.stage);
            }
            Event::HandedOver { .. } if self.stage == "outcome_unknown" => {
                "sent".clone_into(&mut self.stage);
            }
            Event::HandoverBegun { .. } | Event::HandedOver { .. } => {}
            Event::Acknowledged { reference } => {
                self.reference = Some(reference.clone());
                "acknowledged".clone_into(&mut self.stage);
            }
            Event::Rejected { .. } => "rejected".clone_into(&mut self.stage),
            Event::Withdrawn { .. } => "withdrawn".clone_into(&mut self.stage),
            Event::OutcomeUnknown { .. } => "outcome_unknown".clone_into(&mut self.stage),
            Event::Debited { slip, amount, on } => {
                (self.debited, self.debited_on) = (Some(*amount), Some(*on));
                self.slip = Some(slip.clone());
                // The slip is the bank's word: the outcome is not unknown any more.
                if self.stage == "outcome_unknown" {
                    "sent".clone_into(&mut self.stage);
                }
            }
            // What is said of one line alone does not change what the replies said.
            Event::ReplyReceived { .. }
            | Event::LinesSettled { .. }
            | Event::StatusQueried { .. }
            | Event::ReturnedLate { .. } => {}
            Event::ReplyApplied { counts, .. } => {
                self.paid_lines += counts.paid_lines;
                self.paid += counts.paid;
                self.returned_lines += counts.returned_lines;
                self.returned += counts.returned;
                self.duplicates += counts.duplicates;
                self.contradictions += counts.contradictions;
                self.strangers += counts.strangers;
            }
            Event::MoneyReturned { amount, .. } => self.money_returned += *amount,
        }
    }

    /// What was done with the batch as a whole; none for what is said of its lines.
    pub(super) fn act(event: &Event) -> Option<Act<'_>> {
        let act = |name| {
            let (by, role, reason, reference, amount) = Default::default();
            Act { name, by, role, reason, reference, amount }
        };
        match event {
            Event::Composed { .. } => Some(act("composed")),
            Event::Signed { by, role, .. } => {
                Some(Act { by: Some(by), role: Some(role), ..act("signed") })
            }
            Event::Sent { by } => Some(Act { by: Some(by), ..act("sent") }),
            Event::SentElsewhere { reference, .. } => {
                Some(Act { reference: Some(reference), ..act("sent") })
            }
            Event::HandedOver { .. } => Some(act("handed_over")),
            Event::Acknowledged { reference } => {
                Some(Act { reference: Some(reference), ..act("acknowledged") })
            }
            Event::Rejected { reason } => Some(Act { reason: Some(reason), ..act("rejected") }),
            Event::Withdrawn { by, reason } => {
                Some(Act { by: Some(by), reason: Some(reason), ..act("withdrawn") })
            }
            Event::OutcomeUnknown { reason } => {
                Some(Act { reason: Some(reason), ..act("outcome_unknown") })
            }
            Event::StatusQueried { by, answer } => {
                let (reason, reference) = match answer {
                    Answer::Received { reference } => (None, Some(reference)),
                    Answer::Refused { reason } => (Some(reason), None),
                    Answer::Unknown => (None, None),
                };
                Some(Act { by: Some(by), reason, reference, ..act("queried") })
            }
            Event::ReturnedLate { reference, amount, .. } => {
                let (reference, amount) = (Some(reference), *amount);
                Some(Act { reference, amount, ..act("returned_late") })
            }
            Event::Debited { slip, amount, .. } => {
                let (reference, amount) = (Some(slip), Some(*amount));
                Some(Act { reference, amount, ..act("debited") })
            }
            Event::Opened(_)
            | Event::LinesComposed { .. }
            | Event::HandoverBegun { .. }
            | Event::ReplyReceived { .. }
            | Event::LinesSettled { .. }
            | Event::ReplyApplied { .. }
            | Event::MoneyReturned { .. } => None,
        }
    }
}
