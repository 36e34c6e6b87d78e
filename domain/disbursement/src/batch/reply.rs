//! What a bank's reply says of a batch, row by row.
//!
//! **Invariant** a row changes a line that is unknown, and nothing else.

use std::collections::BTreeMap;

use shared::{ArtefactId, Money, ReplyId, ReturnReason};

use super::event::{Paid, ReplyCounts, Returned, Settled, Stranger};
use super::{Batch, Outcome, Sent};
use crate::faults::{Fault, planted};

#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub id: ReplyId,
    pub artefact: ArtefactId,
    pub file: String,
    pub chunks: u32,
    pub applied: bool,
    pub(super) counts: ReplyCounts,
}

/// One row of a reply, as the bank wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The row in the file, from 1.
    pub row: u32,
    /// The sequence in our file, if the reply's reference is one of ours.
    pub seq: Option<u32>,
    pub amount: Money,
    pub said: Said,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    Paid { serial: String },
    Returned { reason: ReturnReason },
}

/// A reply that said nothing.
pub const NOTHING: ReplyCounts = ReplyCounts {
    paid_lines: 0,
    paid: Money::ZERO,
    returned_lines: 0,
    returned: Money::ZERO,
    duplicates: 0,
    contradictions: 0,
    strangers: 0,
};

impl Batch {
    /// Sorts the rows of a reply into new, known, contradicting and strange.
    #[must_use]
    pub fn settle(&self, results: &[Row]) -> Settled {
        let mut settled = Settled::default();
        // What this very chunk said so far.
        let mut here: BTreeMap<u32, Outcome> = BTreeMap::new();
        for result in results {
            let Row { row, seq, amount, said } = result;
            let seq = seq.map(|seq| seq + u32::from(planted(Fault::SequenceOffByOne)));
            let ours = seq.and_then(|seq| Some((seq, self.line(seq)?)));
            let Some((seq, line)) = ours.filter(|(_, line)| line.attempt.amount == *amount) else {
                settled.strangers.push(Stranger { row: *row, amount: *amount });
                continue;
            };
            let known = here.get(&seq).copied().unwrap_or(line.result);
            match (known, said) {
                (Outcome::Unknown, Said::Paid { serial }) => {
                    settled.paid.push(Paid { seq, serial: serial.clone() });
                    here.insert(seq, Outcome::Paid);
                }
                (Outcome::Unknown, Said::Returned { reason }) => {
                    settled.returned.push(Returned { seq, reason: *reason });
                    here.insert(seq, Outcome::Returned(*reason));
                }
                (Outcome::Paid, Said::Paid { serial }) if planted(Fault::DuplicateSettles) => {
                    settled.paid.push(Paid { seq, serial: serial.clone() });
                }
                (Outcome::Paid, Said::Returned { reason })
                    if planted(Fault::ContradictionOverwrites) =>
                {
                    settled.returned.push(Returned { seq, reason: *reason });
                }
                (Outcome::Paid, Said::Paid { .. }) => settled.duplicates.push(seq),
                (Outcome::Returned(was), Said::Returned { reason }) if was == *reason => {
                    settled.duplicates.push(seq);
                }
                (
                    Outcome::Paid | Outcome::Returned(_),
                    Said::Paid { .. } | Said::Returned { .. },
                ) => {
                    settled.contradictions.push(seq);
                }
            }
        }
        settled
    }

    pub(super) fn note(&mut self, id: ReplyId, settled: &Settled) {
        let mut counts = NOTHING;
        let set = |lines: &mut Vec<Sent>, seq: u32, result: Outcome| {
            let place = (seq as usize).checked_sub(1);
            let Some(line) = place.and_then(|place| lines.get_mut(place)) else {
                return Money::ZERO;
            };
            line.result = result;
            line.said_by = Some(id);
            line.attempt.amount
        };
        for paid in &settled.paid {
            counts.paid_lines += 1;
            counts.paid += set(&mut self.lines, paid.seq, Outcome::Paid);
        }
        for returned in &settled.returned {
            counts.returned_lines += 1;
            let result = Outcome::Returned(returned.reason);
            counts.returned += set(&mut self.lines, returned.seq, result);
        }
        let len = |rows: usize| u32::try_from(rows).expect("a chunk is small");
        if let Some(reply) = self.replies.iter_mut().find(|known| known.id == id) {
            reply.chunks += 1;
            let sum = &mut reply.counts;
            sum.paid_lines += counts.paid_lines;
            sum.paid += counts.paid;
            sum.returned_lines += counts.returned_lines;
            sum.returned += counts.returned;
            sum.duplicates += len(settled.duplicates.len());
            sum.contradictions += len(settled.contradictions.len());
            sum.strangers += len(settled.strangers.len());
        }
    }
}
