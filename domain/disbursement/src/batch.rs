//! What one bank is told to pay, and what it answers.
//!
//! **Streams** `batch-<part>-<bank>`.
//! **Invariant** a line's amount and person never change; a result once given is never overwritten;
//! the file goes out once, under two keys; money moves on the debit slip, not on the acknowledgement.

mod error;
pub mod event;
mod outgoing;
mod reply;
mod steps;
#[cfg(test)]
mod tests;

use kernel::Decider;
use shared::{ArtefactId, Date, Money, ReplyId, ReturnReason};

pub use self::error::Error;
pub use self::event::{
    Answer, Attempt, Event, File, Found, Header, Paid, ReplyCounts, Returned, Settled, Stranger,
};
pub use self::reply::{NOTHING, Reply, Row, Said};

pub const KEYS: usize = 2;
pub const CHUNK_LINES_MAX: usize = 1_000;
/// Who passed the finance review of the plan may hold one key, in this role and no other.
pub const FINANCE_ROLE: &str = "accountant";

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    pub header: Option<Header>,
    pub stage: Stage,
    pub lines: Vec<Sent>,
    pub chunks: u32,
    pub total: Option<Money>,
    pub file: Option<File>,
    pub signers: Vec<Signer>,
    /// How its file is handed to the bank, once all of it lies there.
    pub handover: Option<Handover>,
    pub debited: Option<Money>,
    /// Replies by their artefact; the one that is being applied with its counts so far.
    pub replies: Vec<Reply>,
    pub money_returned: Option<Money>,
    pub serials: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    pub by: String,
    pub role: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// The name of the ready mark.
    pub ready: String,
    /// What tells the names of this try from those of any other.
    pub token: String,
    pub found: Option<Found>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub attempt: Attempt,
    pub result: Outcome,
    /// The reply that gave the result.
    pub said_by: Option<ReplyId>,
    /// It was paid, and came back afterwards.
    pub late: bool,
}

/// Unknown until a bank says otherwise: that is not failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outcome {
    #[default]
    Unknown,
    Paid,
    Returned(ReturnReason),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    #[default]
    Unopened,
    Open,
    Composed,
    Signed,
    Sent,
    Acknowledged,
    OutcomeUnknown,
    /// Refused by the bank, or withdrawn before it went out: nothing was paid, its lines are free.
    Rejected,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Open(Header),
    Compose {
        chunk: u32,
        lines: Vec<Attempt>,
    },
    /// The count and the total that the composer declares must be the lines' own.
    Seal {
        lines: u32,
        total: Money,
        file: File,
    },
    /// `plan_actors` are roles and persons who acted on the plan.
    Sign {
        by: String,
        role: String,
        signature: String,
        plan_actors: Vec<(String, String)>,
    },
    /// Before it goes out: a death came in, or a key holder found a fault.
    Withdraw {
        by: String,
        reason: String,
    },
    Send {
        by: String,
    },
    /// Another system told the bank: no keys are turned here.
    SendElsewhere {
        origin: String,
        reference: String,
    },
    /// A bank has it although the restored log does not know that it went out.
    FoundAtBank {
        origin: String,
        reference: String,
    },
    /// All of the file lies at the bank's server under the names of `token`. Of two tries the first
    /// one counts.
    BeginHandover {
        ready: String,
        token: String,
    },
    FinishHandover {
        found: Found,
    },
    Acknowledge {
        reference: String,
    },
    Reject {
        reason: String,
    },
    LoseOutcome {
        reason: String,
    },
    /// What the bank says when it is asked for the status: a file is never sent again blindly.
    Query {
        by: String,
        answer: Answer,
    },
    /// A paid line comes back after all, by the bank's notice of this reference.
    ReturnLate {
        seq: u32,
        reason: ReturnReason,
        reference: String,
        on: Date,
    },
    Debit {
        slip: String,
        amount: Money,
        on: Date,
    },
    ReceiveReply {
        reply: ReplyId,
        artefact: ArtefactId,
        /// The name that the bank gave it.
        file: String,
        lines: u32,
    },
    Settle {
        reply: ReplyId,
        chunk: u32,
        results: Vec<Row>,
    },
    ApplyReply {
        reply: ReplyId,
    },
    ReturnMoney {
        serial: String,
        amount: Money,
        on: Date,
    },
}

impl Decider for Batch {
    const CATEGORY: &'static str = "batch";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Open(_) if self.stage != Stage::Unopened => Err(Error::AlreadyOpen),
            Command::Open(header) => Ok(vec![Event::Opened(header)]),
            Command::Compose { chunk, lines } => self.compose(chunk, lines),
            Command::Seal { lines, total, file } => self.seal(lines, total, file),
            Command::Sign { by, role, signature, plan_actors } => {
                self.sign(by, role, signature, &plan_actors)
            }
            Command::Reject { reason }
            | Command::LoseOutcome { reason }
            | Command::Withdraw { reason, .. }
                if reason.trim().is_empty() =>
            {
                Err(Error::NoReason)
            }
            Command::Withdraw { .. } if !matches!(self.stage, Stage::Composed | Stage::Signed) => {
                Err(Error::Stage { is: self.stage, needs: Stage::Composed })
            }
            Command::Withdraw { by, reason } => Ok(vec![Event::Withdrawn { by, reason }]),
            Command::Send { .. } if self.stage == Stage::Composed => {
                Err(Error::Unsigned { has: self.signers.len() })
            }
            Command::Send { by } => {
                self.at(Stage::Signed)?;
                Ok(vec![Event::Sent { by }])
            }
            Command::SendElsewhere { origin, reference } => {
                self.at(Stage::Composed)?;
                if origin.trim().is_empty() || !self.signers.is_empty() {
                    return Err(Error::NoReason);
                }
                Ok(vec![Event::SentElsewhere { origin, reference }])
            }
            Command::FoundAtBank { origin, reference } => match self.stage {
                Stage::Composed | Stage::Signed => {
                    Ok(vec![Event::SentElsewhere { origin, reference }])
                }
                Stage::Unopened
                | Stage::Open
                | Stage::Sent
                | Stage::Acknowledged
                | Stage::OutcomeUnknown
                | Stage::Rejected => Err(Error::Stage { is: self.stage, needs: Stage::Composed }),
            },
            Command::BeginHandover { ready, token } => self.begin_handover(ready, token),
            Command::FinishHandover { found } => self.finish_handover(found),
            Command::Acknowledge { reference } => match self.stage {
                Stage::Acknowledged => Ok(vec![]),
                Stage::Unopened
                | Stage::Open
                | Stage::Composed
                | Stage::Signed
                | Stage::Sent
                | Stage::OutcomeUnknown
                | Stage::Rejected => {
                    self.is_out().map(|()| vec![Event::Acknowledged { reference }])
                }
            },
            Command::Reject { .. } if self.debited.is_some() => Err(Error::DebitedAlready),
            Command::Reject { reason } => self.is_out().map(|()| vec![Event::Rejected { reason }]),
            Command::LoseOutcome { .. } if self.debited.is_some() => Err(Error::DebitedAlready),
            Command::LoseOutcome { reason } => {
                self.at(Stage::Sent)?;
                Ok(vec![Event::OutcomeUnknown { reason }])
            }
            Command::Query { by, answer } => self.query(by, answer),
            Command::ReturnLate { seq, reason, reference, on } => {
                self.return_late(seq, reason, reference, on)
            }
            Command::Debit { slip, amount, on } => self.debit(slip, amount, on),
            Command::ReceiveReply { reply, artefact, file, lines } => {
                self.is_out()?;
                let again = |known: &&Reply| known.artefact == artefact || known.id == reply;
                match self.replies.iter().find(again) {
                    Some(known) => Err(Error::ReplyAgain { first: known.id }),
                    None => Ok(vec![Event::ReplyReceived { reply, artefact, file, lines }]),
                }
            }
            Command::Settle { reply, chunk, results } => {
                let chunks = self.open_reply(reply)?.chunks;
                self.is_debited()?;
                if results.len() > CHUNK_LINES_MAX {
                    return Err(Error::TooLarge(results.len()));
                }
                if chunk != chunks {
                    return Err(Error::Order { expected: chunks, given: chunk });
                }
                let settled = self.settle(&results);
                Ok(vec![Event::LinesSettled { reply, chunk, settled }])
            }
            Command::ApplyReply { reply } => {
                let counts = self.open_reply(reply)?.counts;
                self.is_debited()?;
                Ok(vec![Event::ReplyApplied { reply, counts }])
            }
            Command::ReturnMoney { serial, amount, on } => self.return_money(serial, amount, on),
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Opened(header) => {
                self.header = Some(header.clone());
                self.stage = Stage::Open;
            }
            Event::LinesComposed { lines, .. } => {
                self.chunks += 1;
                self.lines.extend(lines.iter().map(|attempt| Sent {
                    attempt: attempt.clone(),
                    result: Outcome::Unknown,
                    said_by: None,
                    late: false,
                }));
            }
            Event::Composed { total, file, .. } => {
                self.total = Some(*total);
                self.file = Some(file.clone());
                self.stage = Stage::Composed;
            }
            Event::Signed { by, role, .. } => {
                self.signers.push(Signer { by: by.clone(), role: role.clone() });
                if self.signers.len() == KEYS {
                    self.stage = Stage::Signed;
                }
            }
            Event::Sent { .. } | Event::SentElsewhere { .. } => self.stage = Stage::Sent,
            Event::HandoverBegun { ready, token } => {
                let (ready, token) = (ready.clone(), token.clone());
                self.handover = Some(Handover { ready, token, found: None });
            }
            Event::HandedOver { found } => {
                if let Some(handover) = &mut self.handover {
                    handover.found = Some(*found);
                }
                // It was looked for and is there.
                if self.stage == Stage::OutcomeUnknown {
                    self.stage = Stage::Sent;
                }
            }
            Event::Acknowledged { .. } => self.stage = Stage::Acknowledged,
            Event::Rejected { .. } | Event::Withdrawn { .. } => self.stage = Stage::Rejected,
            Event::OutcomeUnknown { .. } => self.stage = Stage::OutcomeUnknown,
            Event::Debited { amount, .. } => {
                self.debited = Some(*amount);
                // The slip is the bank's word: the outcome is not unknown any more.
                if self.stage == Stage::OutcomeUnknown {
                    self.stage = Stage::Sent;
                }
            }
            Event::ReplyReceived { reply, artefact, file, .. } => self.replies.push(Reply {
                id: *reply,
                artefact: *artefact,
                file: file.clone(),
                chunks: 0,
                applied: false,
                counts: NOTHING,
            }),
            Event::LinesSettled { reply, settled, .. } => self.note(*reply, settled),
            Event::ReplyApplied { reply, .. } => {
                if let Some(reply) = self.replies.iter_mut().find(|known| known.id == *reply) {
                    reply.applied = true;
                }
            }
            // What follows from the answer is an event of its own.
            Event::StatusQueried { .. } => {}
            Event::ReturnedLate { seq, reason, .. } => {
                let place = (*seq as usize).checked_sub(1);
                if let Some(line) = place.and_then(|place| self.lines.get_mut(place)) {
                    (line.result, line.late) = (Outcome::Returned(*reason), true);
                }
            }
            Event::MoneyReturned { serial, amount, .. } => {
                let before = self.money_returned.unwrap_or(Money::ZERO);
                self.money_returned = Some(before + *amount);
                self.serials.push(serial.clone());
            }
        }
        self
    }

    fn weight(&self) -> usize {
        size_of_val(self) + self.lines.len() * size_of::<Sent>() + self.replies.len() * 128
    }
}
