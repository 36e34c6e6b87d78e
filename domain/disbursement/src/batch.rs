//! What one bank is told to pay, and what it answers.
//!
//! **Streams** `batch-<part>-<bank>`.
//! **Invariant** a line's amount and person never change; a result once given is never overwritten;
//! the file goes out once, under two keys; money moves on the debit slip, not on the acknowledgement.

pub mod event;

use std::collections::BTreeMap;

use kernel::Decider;
use shared::{ArtefactId, Date, Money, ReplyId, ReturnReason};
use thiserror::Error;

pub use self::event::{
    Attempt, Event, File, Header, Paid, ReplyCounts, Returned, Settled, Stranger,
};

pub const KEYS: usize = 2;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    pub header: Option<Header>,
    pub stage: Stage,
    pub lines: Vec<Sent>,
    pub chunks: u32,
    pub total: Option<Money>,
    pub file: Option<File>,
    pub signers: Vec<String>,
    pub debited: Option<Money>,
    /// Replies by their artefact; the one that is being applied with its counts so far.
    pub replies: Vec<Reply>,
    pub money_returned: Option<Money>,
    pub serials: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub attempt: Attempt,
    pub result: Outcome,
    /// The reply that gave the result.
    pub said_by: Option<ReplyId>,
}

/// Unknown until a bank says otherwise: that is not failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outcome {
    #[default]
    Unknown,
    Paid,
    Returned(ReturnReason),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub id: ReplyId,
    pub artefact: ArtefactId,
    pub chunks: u32,
    pub applied: bool,
    counts: ReplyCounts,
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
    Rejected,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Open(Header),
    Compose { chunk: u32, lines: Vec<Attempt> },
    /// The count and the total that the composer declares must be the lines' own.
    Seal { lines: u32, total: Money, file: File },
    /// `plan_actors` are roles and persons who acted on the plan.
    Sign { by: String, role: String, signature: String, plan_actors: Vec<(String, String)> },
    Send { by: String },
    Acknowledge { reference: String },
    Reject { reason: String },
    LoseOutcome { reason: String },
    Debit { slip: String, amount: Money, on: Date },
    ReceiveReply { reply: ReplyId, artefact: ArtefactId, lines: u32 },
    Settle { reply: ReplyId, chunk: u32, results: Vec<Row> },
    ApplyReply { reply: ReplyId },
    ReturnMoney { serial: String, amount: Money, on: Date },
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

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    #[error("the batch is open already")]
    AlreadyOpen,
    #[error("the batch is {is:?}, this needs {needs:?}")]
    Stage { is: Stage, needs: Stage },
    #[error("the next chunk is {expected}, not {given}")]
    Order { expected: u32, given: u32 },
    #[error("line {line} asks for {amount}: an instruction lies above zero")]
    NotPositive { line: u32, amount: Money },
    #[error("{lines} lines and {total} are declared, {lines_here} and {total_here} composed")]
    DeclaredDiffers { lines: u32, total: Money, lines_here: u32, total_here: Money },
    #[error("{by} signed already: the second key is another person's")]
    SamePerson { by: String },
    #[error("the batch has {has} of {KEYS} keys")]
    Unsigned { has: usize },
    #[error("the batch is debited already")]
    DebitedAlready,
    #[error("the slip says {slip}, the file {file}")]
    WrongDebit { slip: Money, file: Money },
    #[error("the batch is not debited yet: a reply is applied after the debit slip")]
    NotDebited,
    #[error("this reply was received before, as {first}")]
    ReplyAgain { first: ReplyId },
    #[error("there is no reply {0} to apply")]
    NoReply(ReplyId),
    #[error("reply {0} is applied")]
    Applied(ReplyId),
    #[error("{amount} came back, {returned} was returned and {before} of it is back already")]
    TooMuchBack { amount: Money, returned: Money, before: Money },
    #[error("credit {0} is recorded already")]
    CreditAgain(String),
}

impl Batch {
    /// Lines and money by result.
    #[must_use]
    pub fn sum(&self, wanted: impl Fn(Outcome) -> bool) -> (u32, Money) {
        self.lines.iter().filter(|line| wanted(line.result)).fold(
            (0, Money::ZERO),
            |(lines, sum), line| (lines + 1, sum + line.attempt.amount),
        )
    }

    #[must_use]
    pub fn returned(&self) -> (u32, Money) {
        self.sum(|result| matches!(result, Outcome::Returned(_)))
    }

    /// What a reply has said so far.
    #[must_use]
    pub fn counts(&self, reply: ReplyId) -> Option<ReplyCounts> {
        self.replies.iter().find(|known| known.id == reply).map(|known| known.counts)
    }

    /// The line behind a sequence number.
    #[must_use]
    pub fn line(&self, seq: u32) -> Option<&Sent> {
        self.lines.get((seq as usize).checked_sub(1)?)
    }

    /// Sorts the rows of a reply into new, known, contradicting and strange.
    #[must_use]
    pub fn settle(&self, results: &[Row]) -> Settled {
        let mut settled = Settled::default();
        // What this very chunk said so far.
        let mut here: BTreeMap<u32, Outcome> = BTreeMap::new();
        for result in results {
            let Row { row, seq, amount, said } = result;
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
                (Outcome::Paid, Said::Paid { .. }) => settled.duplicates.push(seq),
                (Outcome::Returned(was), Said::Returned { reason }) if was == *reason => {
                    settled.duplicates.push(seq);
                }
                (Outcome::Paid | Outcome::Returned(_), Said::Paid { .. } | Said::Returned { .. }) => {
                    settled.contradictions.push(seq);
                }
            }
        }
        settled
    }

    fn at(&self, needs: Stage) -> Result<(), Error> {
        if self.stage == needs { Ok(()) } else { Err(Error::Stage { is: self.stage, needs }) }
    }

    fn is_out(&self) -> Result<(), Error> {
        match self.stage {
            Stage::Sent | Stage::Acknowledged | Stage::OutcomeUnknown => Ok(()),
            Stage::Unopened | Stage::Open | Stage::Composed | Stage::Signed | Stage::Rejected => {
                Err(Error::Stage { is: self.stage, needs: Stage::Sent })
            }
        }
    }

    fn compose(&self, chunk: u32, lines: Vec<Attempt>) -> Result<Vec<Event>, Error> {
        self.at(Stage::Open)?;
        if chunk != self.chunks {
            return Err(Error::Order { expected: self.chunks, given: chunk });
        }
        match lines.iter().find(|line| !line.amount.is_positive()) {
            Some(line) => Err(Error::NotPositive { line: line.line, amount: line.amount }),
            None => Ok(vec![Event::LinesComposed { chunk, lines }]),
        }
    }

    fn seal(&self, lines: u32, total: Money, file: File) -> Result<Vec<Event>, Error> {
        self.at(Stage::Open)?;
        let (lines_here, total_here) = self.sum(|_| true);
        if (lines, total) != (lines_here, total_here) {
            return Err(Error::DeclaredDiffers { lines, total, lines_here, total_here });
        }
        Ok(vec![Event::Composed { lines, total, file }])
    }

    fn sign(
        &self,
        by: String,
        role: String,
        signature: String,
        plan_actors: &[(String, String)],
    ) -> Result<Vec<Event>, Error> {
        self.at(Stage::Composed)?;
        // Who reviewed the funds may hold the first key in the same role; nobody else may return.
        let acted_otherwise =
            plan_actors.iter().any(|(as_role, who)| *who == by && *as_role != role);
        if self.signers.contains(&by) || acted_otherwise {
            return Err(Error::SamePerson { by });
        }
        Ok(vec![Event::Signed { by, role, signature }])
    }

    fn debit(&self, slip: String, amount: Money, on: Date) -> Result<Vec<Event>, Error> {
        self.is_out()?;
        if self.debited.is_some() {
            return Err(Error::DebitedAlready);
        }
        let file = self.total.unwrap_or(Money::ZERO);
        if amount != file {
            return Err(Error::WrongDebit { slip: amount, file });
        }
        Ok(vec![Event::Debited { slip, amount, on }])
    }

    fn open_reply(&self, id: ReplyId) -> Result<&Reply, Error> {
        let reply = self.replies.iter().find(|reply| reply.id == id).ok_or(Error::NoReply(id))?;
        if reply.applied { Err(Error::Applied(id)) } else { Ok(reply) }
    }

    fn return_money(&self, serial: String, amount: Money, on: Date) -> Result<Vec<Event>, Error> {
        self.is_out()?;
        if self.serials.contains(&serial) {
            return Err(Error::CreditAgain(serial));
        }
        let (_, returned) = self.returned();
        let before = self.money_returned.unwrap_or(Money::ZERO);
        if before + amount > returned || !amount.is_positive() {
            return Err(Error::TooMuchBack { amount, returned, before });
        }
        Ok(vec![Event::MoneyReturned { serial, amount, on }])
    }
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
            Command::Send { .. } if self.stage == Stage::Composed => {
                Err(Error::Unsigned { has: self.signers.len() })
            }
            Command::Send { by } => {
                self.at(Stage::Signed)?;
                Ok(vec![Event::Sent { by }])
            }
            Command::Acknowledge { reference } => match self.stage {
                Stage::Acknowledged => Ok(vec![]),
                _ => self.is_out().map(|()| vec![Event::Acknowledged { reference }]),
            },
            Command::Reject { .. } if self.debited.is_some() => Err(Error::DebitedAlready),
            Command::Reject { reason } => {
                self.is_out().map(|()| vec![Event::Rejected { reason }])
            }
            Command::LoseOutcome { reason } => {
                self.at(Stage::Sent)?;
                Ok(vec![Event::OutcomeUnknown { reason }])
            }
            Command::Debit { slip, amount, on } => self.debit(slip, amount, on),
            Command::ReceiveReply { reply, artefact, lines } => {
                self.is_out()?;
                match self.replies.iter().find(|known| known.artefact == artefact) {
                    Some(known) => Err(Error::ReplyAgain { first: known.id }),
                    None => Ok(vec![Event::ReplyReceived { reply, artefact, lines }]),
                }
            }
            Command::Settle { reply, chunk, results } => {
                let chunks = self.open_reply(reply)?.chunks;
                if self.debited.is_none() {
                    return Err(Error::NotDebited);
                }
                if chunk != chunks {
                    return Err(Error::Order { expected: chunks, given: chunk });
                }
                let settled = self.settle(&results);
                Ok(vec![Event::LinesSettled { reply, chunk, settled }])
            }
            Command::ApplyReply { reply } => {
                let counts = self.open_reply(reply)?.counts;
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
                }));
            }
            Event::Composed { total, file, .. } => {
                self.total = Some(*total);
                self.file = Some(file.clone());
                self.stage = Stage::Composed;
            }
            Event::Signed { by, .. } => {
                self.signers.push(by.clone());
                if self.signers.len() == KEYS {
                    self.stage = Stage::Signed;
                }
            }
            Event::Sent { .. } => self.stage = Stage::Sent,
            Event::Acknowledged { .. } => self.stage = Stage::Acknowledged,
            Event::Rejected { .. } => self.stage = Stage::Rejected,
            Event::OutcomeUnknown { .. } => self.stage = Stage::OutcomeUnknown,
            Event::Debited { amount, .. } => self.debited = Some(*amount),
            Event::ReplyReceived { reply, artefact, .. } => self.replies.push(Reply {
                id: *reply,
                artefact: *artefact,
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
    fn note(&mut self, id: ReplyId, settled: &Settled) {
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
            counts.paid = counts.paid + set(&mut self.lines, paid.seq, Outcome::Paid);
        }
        for returned in &settled.returned {
            counts.returned_lines += 1;
            let result = Outcome::Returned(returned.reason);
            counts.returned = counts.returned + set(&mut self.lines, returned.seq, result);
        }
        let len = |rows: usize| u32::try_from(rows).expect("a chunk is small");
        if let Some(reply) = self.replies.iter_mut().find(|known| known.id == id) {
            reply.chunks += 1;
            let sum = &mut reply.counts;
            sum.paid_lines += counts.paid_lines;
            sum.paid = sum.paid + counts.paid;
            sum.returned_lines += counts.returned_lines;
            sum.returned = sum.returned + counts.returned;
            sum.duplicates += len(settled.duplicates.len());
            sum.contradictions += len(settled.contradictions.len());
            sum.strangers += len(settled.strangers.len());
        }
    }
}
