//! The simulated banks behind folders: they read what lies in `banks/<bank>/out` and leave what they
//! say in `banks/<bank>/in`: a reply in the folder itself, a second one of the same batch in
//! `in/2`, statements in a folder per book.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, bail};
use bank::{FileError, Header};
use commands::disbursement::BookKey;
use definitions::{Catalogue, Direction};
use shared::{BankCode, Date, Money, ReturnReason, RunType};
use simulations::bank::{
    AccountBook, Habits, Instruction, KnownAccounts, Mischief, Reply, SimulatedBank, line,
};
use simulations::story::banks::{STRAYS, mischief};

use super::calendar::Scheduled;
use super::office::{Office, after};
use crate::node::{DiskServers, Node};

pub struct Banks {
    root: PathBuf,
    seed: u64,
    rules: Catalogue,
    accounts: BTreeMap<(BookKey, BankCode), AccountBook>,
    /// The account of each book that held its opening balance.
    main: BTreeMap<BookKey, BankCode>,
    /// Books and banks whose statement of a day is not delivered yet.
    moved: BTreeSet<(Date, BookKey, BankCode)>,
    /// Replies whose returned money is still to come back, with the day on which it does.
    owed: Vec<(Date, BookKey, BankCode, Reply)>,
    /// Batches of which a bank has said nothing, or not everything.
    unheard: Vec<Unheard>,
}

struct Unheard {
    bank: BankCode,
    batch: String,
    book: BookKey,
    taken: Instruction,
    header: Header,
    simulated: SimulatedBank,
    timed_out: bool,
}

/// A statement: book, bank, file name, bytes, and the references of its lines.
pub type Shown = (BookKey, BankCode, String, Vec<u8>, BTreeSet<String>);

/// What a bank says of one batch.
pub struct Answered {
    pub reference: String,
    pub slip: String,
    pub amount: Money,
    /// File names and bytes, in the order in which they come.
    pub replies: Vec<(String, Vec<u8>)>,
}

/// What a bank says when it is asked again.
pub struct Late {
    pub bank: BankCode,
    pub batch: String,
    pub reference: String,
    pub name: String,
    pub bytes: Vec<u8>,
}

impl Banks {
    pub fn new(node: &Node, seed: u64) -> Result<Self> {
        let rules = node.rules.on(Date::constant(2026, 12, 31))?;
        Ok(Self {
            root: node.dir.join("banks"),
            seed,
            rules: Catalogue::clone(&rules),
            accounts: BTreeMap::new(),
            main: BTreeMap::new(),
            moved: BTreeSet::new(),
            owed: Vec::new(),
            unheard: Vec::new(),
        })
    }

    /// A book's main account holds its opening balance; the others begin with nothing.
    pub fn open(&mut self, book: BookKey, main: BankCode, opening: Money) {
        self.main.insert(book, main);
        for bank in simulations::banks() {
            let held = if bank == main { opening } else { Money::ZERO };
            let account = AccountBook::new(&format!("{book}-{bank}"), held);
            self.accounts.insert((book, bank), account);
        }
    }

    pub fn appropriate(
        &mut self,
        book: BookKey,
        bank: BankCode,
        amount: Money,
        reference: &str,
        on: Date,
    ) -> Result<()> {
        let mut credit = line(&format!("F{reference}"), on, Direction::Credit, amount, "拨款");
        reference.clone_into(&mut credit.reference);
        self.account(book, bank)?.post(credit)?;
        self.moved.insert((on, book, bank));
        Ok(())
    }

    /// The bank reads its file, debits it in one sum and replies; nothing where it times out.
    pub fn answer(
        &mut self,
        office: &Office<'_>,
        run: &Scheduled,
        bank: BankCode,
        batch: &str,
        book: BookKey,
    ) -> Result<Option<Answered>> {
        let on = office.day.get();
        let layout = self.rules.layout(bank)?;
        let (name, bytes, ready) = self.taken(bank, batch)?;
        let read = bank::parse_instruction(layout, &name, &bytes, Some(&ready)).map_err(faults)?;
        let header = read.header.clone();
        let taken = Instruction::from(&read);
        let misdeed = match run.run {
            RunType::Normal if !office.plain => {
                mischief(run.item.as_str(), run.month, bank.as_str())
            }
            _ => Mischief::Straight,
        };
        let simulated = SimulatedBank::new(bank, self.seed)
            .with_habits(if office.plain { Habits::default() } else { Habits::NONE })
            .knowing(if office.plain { KnownAccounts::default() } else { known(office, run) })
            .with_mischief(misdeed);
        let batch = batch.to_owned();
        let Some(known) = simulated.acknowledge(&taken)? else {
            let timed_out = true;
            self.unheard.push(Unheard { bank, batch, book, taken, header, simulated, timed_out });
            return Ok(None);
        };
        let slip = simulated.debit(&taken, on)?;
        self.account(book, bank)?.debit(&slip)?;
        self.moved.insert((on, book, bank));
        let mut replies = Vec::new();
        for (place, reply) in (1..).zip(simulated.replies(&taken, on)) {
            let header = Header { made_on: Some(on), ..header.clone() };
            let layout = self.rules.layout(bank)?;
            let file = bank::write_reply(layout, &header, &reply.to_rows()).map_err(faults)?;
            self.leave(bank, &folder(place), &file.name, &file.bytes)?;
            replies.push((file.name, file.bytes));
            // What contradicts the first file moves no money.
            let contradicts = matches!(misdeed, Mischief::Contradicts { .. }) && place > 1;
            let again = misdeed == Mischief::SameTwice && place > 1;
            if !contradicts && !again {
                self.owed.push((after(on, 2)?, book, bank, reply));
            }
        }
        if !simulated.late_reply(&taken, on).rows.is_empty() {
            let timed_out = false;
            self.unheard.push(Unheard { bank, batch, book, taken, header, simulated, timed_out });
        }
        let reference = known.reference;
        Ok(Some(Answered { reference, slip: slip.serial, amount: slip.amount, replies }))
    }

    /// The banks are asked about what they left out: a batch that timed out is debited now.
    pub fn asked(&mut self, on: Date, timed_out: bool) -> Result<Vec<Late>> {
        let (asked, left): (Vec<Unheard>, Vec<Unheard>) = std::mem::take(&mut self.unheard)
            .into_iter()
            .partition(|one| one.timed_out == timed_out);
        self.unheard = left;
        let mut late = Vec::new();
        for Unheard { bank, batch, book, taken, header, simulated, timed_out } in asked {
            if timed_out {
                let slip = simulated.debit(&taken, on)?;
                self.account(book, bank)?.debit(&slip)?;
                self.moved.insert((on, book, bank));
            }
            let reply = simulated.late_reply(&taken, on);
            let header = Header { made_on: Some(on), ..header };
            let layout = self.rules.layout(bank)?;
            let file = bank::write_reply(layout, &header, &reply.to_rows()).map_err(faults)?;
            self.leave(bank, &folder(if timed_out { 1 } else { 2 }), &file.name, &file.bytes)?;
            self.owed.push((after(on, 2)?, book, bank, reply));
            let reference = format!("{bank}Q{}", on.strftime("%Y%m%d"));
            let (name, bytes) = (file.name, file.bytes);
            late.push(Late { bank, batch, reference, name, bytes });
        }
        Ok(late)
    }

    /// The money of returned lines comes back, one credit a batch; and what nobody expects moves.
    pub fn move_by_themselves(&mut self, on: Date, pensions: Option<BookKey>) -> Result<()> {
        let owed = std::mem::take(&mut self.owed);
        for (day, book, bank, reply) in owed {
            if day > on {
                self.owed.push((day, book, bank, reply));
            } else if let Some(credit) = SimulatedBank::new(bank, self.seed).money_back(&reply, on)
            {
                self.account(book, bank)?.credit_back(&credit)?;
                self.moved.insert((on, book, bank));
            }
        }
        let Some(book) = pensions else { return Ok(()) };
        let bank = self.main_of(book)?;
        for stray in STRAYS.iter().filter(|stray| stray.on == on) {
            let moved = line(stray.serial, on, stray.direction, stray.amount(), stray.memo);
            self.account(book, bank)?.post(moved)?;
            self.moved.insert((on, book, bank));
        }
        Ok(())
    }

    pub fn main_of(&self, book: BookKey) -> Result<BankCode> {
        self.main.get(&book).copied().with_context(|| format!("book {book} is not open"))
    }

    /// The statements of a day.
    pub fn statements(&mut self, on: Date) -> Result<Vec<Shown>> {
        let (of_day, later): (BTreeSet<_>, BTreeSet<_>) =
            std::mem::take(&mut self.moved).into_iter().partition(|(day, _, _)| *day <= on);
        self.moved = later;
        let mut files = Vec::new();
        for (day, book, bank) in of_day {
            let layout = self.rules.layout(bank)?;
            let account = self.accounts.get(&(book, bank)).context("a book has its accounts")?;
            let statement = account.statement(day);
            let header =
                Header { agency: Some(book.agency), made_on: Some(day), ..Header::default() };
            let file = bank::write_statement(layout, &header, &statement.to_rows());
            let file = file.map_err(faults)?;
            self.leave(bank, &book.to_string(), &file.name, &file.bytes)?;
            let of = statement.lines.into_iter().map(|line| line.reference).collect();
            files.push((book, bank, file.name, file.bytes, of));
        }
        Ok(files)
    }

    fn account(&mut self, book: BookKey, bank: BankCode) -> Result<&mut AccountBook> {
        let account = self.accounts.get_mut(&(book, bank));
        account.with_context(|| format!("book {book} has no account at {bank}"))
    }

    /// The file of a batch with its ready mark, as the bank finds it.
    fn taken(&self, bank: BankCode, batch: &str) -> Result<(String, Vec<u8>, Vec<u8>)> {
        let dir = DiskServers::outbox(&self.root, bank);
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

    fn leave(&self, bank: BankCode, folder: &str, name: &str, bytes: &[u8]) -> Result<()> {
        let dir = self.root.join(bank.as_str()).join("in").join(folder);
        fs::create_dir_all(&dir)?;
        fs::write(dir.join(name), bytes).with_context(|| format!("cannot leave {name}"))
    }
}

/// The folder of a batch's first, second, … reply.
fn folder(place: u32) -> String {
    if place > 1 { place.to_string() } else { String::new() }
}

/// What the banks know of the payees' accounts on the day that they take a run's files.
fn known(office: &Office<'_>, run: &Scheduled) -> KnownAccounts {
    let on = office.day.get();
    let number = |who: u32| office.resident(who).card.number.as_str().to_owned();
    let wrong: BTreeMap<String, ReturnReason> = office
        .story
        .accounts
        .returns
        .iter()
        .filter(|one| {
            let (from, until) = one.wrong();
            (from..until).contains(&on)
        })
        .map(|one| (number(one.who), one.reason))
        .collect();
    let first = run.month == office.city.plan().month && run.run == RunType::Normal;
    let silent = first.then(|| number(office.story.accounts.silent));
    KnownAccounts { wrong, silent: silent.into_iter().collect() }
}

fn faults(errors: Vec<FileError>) -> anyhow::Error {
    let lines: Vec<String> = errors.iter().map(|error| error.en.clone()).collect();
    anyhow!("{}", lines.join("; "))
}
