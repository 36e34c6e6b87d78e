//! Files to the banks and from them, through their file servers.
//!
//! | what | file |
//! |---|---|
//! | what a server can do | [`server`] |
//! | a file on its way out, so that the bank can take it once | [`parcel`] |
//! | what was sent is brought, and looked for | [`handover`] |
//! | what a bank left is read whole and put away | [`arrivals`] |
//!
//! **Invariant** an exchange may be cut anywhere, repeated, and run twice at the same time: no file
//! goes to a bank twice, none from a bank is read half or counted twice.

mod arrivals;
pub(super) mod handover;
mod parcel;
mod server;

use std::sync::Arc;

use definitions::Catalogue;
use disbursement::account::Account;
use disbursement::statement::Statement;
use kernel::process::{chunk_id, derived_id};
use shared::BankCode;

pub use self::arrivals::{Arrival, Arrivals, Marks, arrivals};
pub use self::handover::Handed;
pub use self::parcel::Parcel;
pub use self::server::{BankServers, FileServer, Listed, ServerFault};
use super::Disbursement;
use super::fund::BookKey;
use super::ports::BankFiles;
use super::reply::ReplyApplied;
use super::statement::StatementMatched;
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::ports::put;

/// Files on their way to one bank that one exchange follows; the rest waits for the next.
const FILES_MAX: usize = 1_000;

/// What one exchange did with one bank.
#[derive(Debug)]
pub struct Exchanged {
    pub bank: BankCode,
    /// Batches that were on their way, and how each stands.
    pub sent: Vec<(String, Result<Handed, CommandError>)>,
    pub taken: Vec<TakenFile>,
    /// Files that are not whole yet, or damaged.
    pub halves: Vec<String>,
    /// Why what the bank left could not be looked at, or not put away.
    pub unreachable: Option<CommandError>,
}

/// A file of a bank that was taken, or refused with a reason beside it.
#[derive(Debug)]
pub struct TakenFile {
    pub name: String,
    pub outcome: Result<Said, CommandError>,
}

/// What a file said.
#[derive(Debug)]
pub enum Said {
    /// Of the lines of a batch; it is applied when the batch is debited.
    Reply { batch: String, before: bool, applied: Option<ReplyApplied> },
    /// Of the movements of an account; nothing new where the day was imported from the same file.
    Statement { statement: String, matched: Option<StatementMatched> },
}

impl Said {
    /// The batch that a reply answers.
    #[must_use]
    pub fn reply_to(&self) -> Option<&str> {
        match self {
            Self::Reply { batch, .. } => Some(batch),
            Self::Statement { .. } => None,
        }
    }

    #[must_use]
    pub fn statement(&self) -> Option<&str> {
        match self {
            Self::Reply { .. } => None,
            Self::Statement { statement, .. } => Some(statement),
        }
    }

    /// Whether it said anything new: the same bytes count once.
    #[must_use]
    pub fn is_new(&self) -> bool {
        match self {
            Self::Reply { before, .. } => !before,
            Self::Statement { matched, .. } => matched.is_some(),
        }
    }
}

impl Disbursement {
    /// Follows what is on its way to the banks, and takes what they left. One bank that cannot be
    /// reached stops no other; a refused file stops no other.
    ///
    /// # Errors
    /// When there are no definitions, or a bank is named that has no layout.
    pub async fn exchange(
        &self,
        envelope: &Envelope,
        only: Option<BankCode>,
    ) -> Result<Vec<Exchanged>, CommandError> {
        let rules = self.rules(self.executor.today()?)?;
        if let Some(bank) = only
            && !rules.layouts().contains_key(&bank)
        {
            return Err(CommandError::NotFound { what: "layout", id: bank.to_string() });
        }
        let banks = rules.layouts().keys().copied();
        let mut all = Vec::new();
        for bank in banks.filter(|bank| only.is_none_or(|only| only == *bank)) {
            let sent = self.follow(envelope, bank).await?;
            let (taken, halves, unreachable) = self.take(envelope, &rules, bank).await;
            all.push(Exchanged { bank, sent, taken, halves, unreachable });
        }
        Ok(all)
    }

    async fn follow(
        &self,
        envelope: &Envelope,
        bank: BankCode,
    ) -> Result<Vec<(String, Result<Handed, CommandError>)>, CommandError> {
        let prefix = handover::bound_for(bank);
        let held = self.executor.log().claims_from(&prefix, "", FILES_MAX).await?;
        let mut all = Vec::with_capacity(held.len());
        for claim in held {
            let batch = claim.key[prefix.len()..].to_owned();
            let handed = self.hand_over(envelope, &batch).await;
            all.push((batch, handed));
        }
        Ok(all)
    }

    async fn take(
        &self,
        envelope: &Envelope,
        rules: &Arc<Catalogue>,
        bank: BankCode,
    ) -> (Vec<TakenFile>, Vec<String>, Option<CommandError>) {
        let server = self.ports.servers.of(bank);
        let marks = LayoutMarks { files: &*self.ports.files, rules, bank };
        let found = match arrivals(&*server, &marks).await {
            Ok(found) => found,
            Err(fault) => return (Vec::new(), Vec::new(), Some(fault.into())),
        };
        let (mut taken, mut unreachable) = (Vec::new(), None);
        for file in found.whole {
            let outcome = self.read(envelope, rules, bank, &file).await;
            let away = match &outcome {
                Ok(_) => file.put_away(&*server, None).await,
                // What moved or came between is decided anew next time.
                Err(CommandError::Moved { .. } | CommandError::Conflict(_)) => Ok(()),
                Err(error) if error.is_refusal() => {
                    let reason = format!("{}: {} / {}\n", error.code(), error.zh(), error.en());
                    file.put_away(&*server, Some(&reason)).await
                }
                // It stays, and is taken next time.
                Err(_) => Ok(()),
            };
            if let Err(fault) = away {
                unreachable = Some(fault.into());
            }
            taken.push(TakenFile { name: file.name, outcome });
        }
        (taken, found.halves, unreachable)
    }

    /// The commands of a file follow from its bytes, so that reading it twice does it once.
    async fn read(
        &self,
        envelope: &Envelope,
        rules: &Arc<Catalogue>,
        bank: BankCode,
        file: &Arrival,
    ) -> Result<Said, CommandError> {
        let folder = file.folder.as_deref().unwrap_or_default();
        let parts = [bank.as_str().as_bytes(), folder.as_bytes(), &file.bytes];
        let step = envelope.step(derived_id("bank-file", &parts));
        let (account, _) = self.executor.load::<Account>(folder).await?;
        match &account.book {
            Some(book) if !folder.is_empty() => {
                let key = BookKey {
                    fund: book.fund,
                    area: book.area,
                    agency: book.agency,
                    year: book.year,
                };
                self.read_statement(&step, rules, bank, key, file).await
            }
            Some(_) | None => self.read_reply(&step, bank, file).await,
        }
    }

    async fn read_reply(
        &self,
        step: &Envelope,
        bank: BankCode,
        file: &Arrival,
    ) -> Result<Said, CommandError> {
        let received = self.receive_reply(step, bank, &file.name, &file.bytes).await?.result;
        let apply = step.step(chunk_id(step.command_id, 1));
        let applied = match self.apply_reply(&apply, &received.batch, received.reply).await {
            Ok(done) => Some(done.result),
            // It is kept, and applied when the debit slip comes.
            Err(CommandError::Refused(refused)) if refused.code == "BATCH_NOT_DEBITED" => None,
            Err(error) => return Err(error),
        };
        Ok(Said::Reply { batch: received.batch, before: received.before, applied })
    }

    async fn read_statement(
        &self,
        step: &Envelope,
        rules: &Arc<Catalogue>,
        bank: BankCode,
        book: BookKey,
        file: &Arrival,
    ) -> Result<Said, CommandError> {
        let Arrival { name, bytes, .. } = file;
        let stored = put(&*self.ports.artefacts, bytes).await.map_err(CommandError::fault)?;
        let parsed = self.ports.files.statement(rules, bank, name, bytes);
        let parsed = parsed.map_err(|rejected| Refused::of_file(&rejected.faults))?;
        let id = format!("{bank}-{book}-{}", parsed.on);
        let (known, _) = self.executor.load::<Statement>(&id).await?;
        if known.header.as_ref().is_some_and(|header| header.artefact == stored.id) {
            return Ok(Said::Statement { statement: id, matched: None });
        }
        let matched = self.import_statement(step, bank, book, name, bytes).await?.result;
        Ok(Said::Statement { statement: id, matched: Some(matched) })
    }
}

/// Marks as the bank's layout has them.
struct LayoutMarks<'a> {
    files: &'a dyn BankFiles,
    rules: &'a Catalogue,
    bank: BankCode,
}

impl Marks for LayoutMarks<'_> {
    fn name(&self, file: &str) -> String {
        // A bank without a layout has no marks: nothing is whole.
        let mark = self.files.ready_mark(self.rules, self.bank, file, &[]);
        mark.map_or_else(|_| file.to_owned(), |(name, _)| name)
    }

    fn is_whole(&self, file: &str, bytes: &[u8], mark: &[u8]) -> bool {
        let wanted = self.files.ready_mark(self.rules, self.bank, file, bytes);
        wanted.is_ok_and(|(_, wanted)| wanted.trim_ascii() == mark.trim_ascii())
    }
}
