//! The simulated banks behind folders: they read what lies in `banks/<bank>/out` and leave what they
//! say in `banks/<bank>/in`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, bail};
use bank::{FileError, Header};
use commands::disbursement::BookKey;
use definitions::Catalogue;
use shared::{BankCode, Date, Money};
use simulations::bank::{AccountBook, Instruction, Reply, SimulatedBank};

use super::month::FLOAT;
use crate::node::{Folders, Node};

pub struct Banks {
    root: PathBuf,
    seed: u64,
    rules: Catalogue,
    accounts: BTreeMap<(BookKey, BankCode), AccountBook>,
    /// Days on which something moved.
    days: BTreeSet<Date>,
    /// Replies whose returned money is still to come back.
    owed: Vec<(BookKey, BankCode, Reply)>,
}

/// What a bank says of one batch.
pub struct Answered {
    pub reference: String,
    pub slip: String,
    pub amount: Money,
    /// File names and bytes, in the order in which they come.
    pub replies: Vec<(String, Vec<u8>)>,
}

impl Banks {
    pub fn new(node: &Node, seed: u64) -> Result<Self> {
        let rules = node.rules.on(Date::constant(2026, 12, 31))?;
        Ok(Self {
            root: node.dir.join("banks"),
            seed,
            rules: Catalogue::clone(&rules),
            accounts: BTreeMap::new(),
            days: BTreeSet::new(),
            owed: Vec::new(),
        })
    }

    /// A month begins: each account opens with what it held, its float at first, and with what
    /// its batches of the month will take, which the appropriations brought before.
    pub fn begin(&mut self, funding: &BTreeMap<(BookKey, BankCode), Money>) -> Result<()> {
        self.days.clear();
        for (&(book, bank), amount) in funding {
            let held = self.accounts.get(&(book, bank)).map_or(FLOAT, AccountBook::balance);
            let opening = held.checked_add(*amount).context("a sum beyond what a bank holds")?;
            let account = AccountBook::new(&format!("{book}-{bank}"), opening);
            self.accounts.insert((book, bank), account);
        }
        Ok(())
    }

    /// The bank reads its file, debits it in one sum and replies.
    pub fn answer(
        &mut self,
        bank: BankCode,
        batch: &str,
        book: BookKey,
        on: Date,
    ) -> Result<Answered> {
        let layout = self.rules.layout(bank)?;
        let (name, bytes, ready) = self.taken(bank, batch)?;
        let read = bank::parse_instruction(layout, &name, &bytes, Some(&ready)).map_err(faults)?;
        let header = read.header.clone();
        let taken = Instruction::from(&read);
        let simulated = SimulatedBank::new(bank, self.seed);
        let reference = simulated.acknowledge(&taken)?.map(|known| known.reference);
        let slip = simulated.debit(&taken, on)?;
        self.days.insert(on);
        self.account(book, bank)?.debit(&slip)?;
        let mut replies = Vec::new();
        for reply in simulated.replies(&taken, on) {
            let header = Header { made_on: Some(on), ..header.clone() };
            let layout = self.rules.layout(bank)?;
            let file = bank::write_reply(layout, &header, &reply.to_rows()).map_err(faults)?;
            self.leave(bank, "", &file.name, &file.bytes)?;
            replies.push((file.name, file.bytes));
            self.owed.push((book, bank, reply));
        }
        let reference = reference.context("a straight bank acknowledges")?;
        Ok(Answered { reference, slip: slip.serial, amount: slip.amount, replies })
    }

    /// The money of returned lines comes back, one credit a batch.
    pub fn money_back(&mut self, on: Date) -> Result<()> {
        for (book, bank, reply) in std::mem::take(&mut self.owed) {
            if let Some(credit) = SimulatedBank::new(bank, self.seed).money_back(&reply, on) {
                self.days.insert(on);
                self.account(book, bank)?.credit_back(&credit)?;
            }
        }
        Ok(())
    }

    /// The statements of a book's accounts: bank, file name and bytes, day by day.
    pub fn statements(&self, book: BookKey) -> Result<Vec<(BankCode, String, Vec<u8>)>> {
        let mut files = Vec::new();
        for ((of, bank), account) in &self.accounts {
            if *of != book {
                continue;
            }
            let layout = self.rules.layout(*bank)?;
            for &day in &self.days {
                let statement = account.statement(day);
                if statement.lines.is_empty() {
                    continue;
                }
                let header =
                    Header { agency: Some(book.agency), made_on: Some(day), ..Header::default() };
                let file = bank::write_statement(layout, &header, &statement.to_rows());
                let file = file.map_err(faults)?;
                self.leave(*bank, &book.to_string(), &file.name, &file.bytes)?;
                files.push((*bank, file.name, file.bytes));
            }
        }
        Ok(files)
    }

    fn account(&mut self, book: BookKey, bank: BankCode) -> Result<&mut AccountBook> {
        let account = self.accounts.get_mut(&(book, bank));
        account.with_context(|| format!("book {book} has no account at {bank}"))
    }

    /// The file of a batch with its ready mark, as the bank finds it.
    fn taken(&self, bank: BankCode, batch: &str) -> Result<(String, Vec<u8>, Vec<u8>)> {
        let dir = Folders::outbox(&self.root, bank);
        let layout = self.rules.layout(bank)?;
        for entry in fs::read_dir(&dir).with_context(|| dir.display().to_string())? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            // A hidden file is one that is being written.
            let hidden = name.starts_with('.');
            if hidden || !name.contains(batch) || name.ends_with(&layout.ready_mark) {
                continue;
            }
            let ready = fs::read(dir.join(format!("{name}{}", layout.ready_mark)))?;
            return Ok((name.to_owned(), fs::read(&path)?, ready));
        }
        bail!("bank {bank} finds no file of batch {batch}")
    }

    fn leave(&self, bank: BankCode, book: &str, name: &str, bytes: &[u8]) -> Result<()> {
        let dir = self.root.join(bank.as_str()).join("in").join(book);
        fs::create_dir_all(&dir)?;
        fs::write(dir.join(name), bytes).with_context(|| format!("cannot leave {name}"))
    }
}

fn faults(errors: Vec<FileError>) -> anyhow::Error {
    let lines: Vec<String> = errors.iter().map(|error| error.en.clone()).collect();
    anyhow!("{}", lines.join("; "))
}
