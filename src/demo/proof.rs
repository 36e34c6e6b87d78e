//! The same sum from five sources: approved plan events, bank files, replies, statements, the fund
//! ledger. Nothing is taken from a read model, and each source is read for itself.

mod files;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use bank::Said;
use definitions::{Catalogue, Direction, History};
use disbursement::{Ledger, account, batch, plan};
use kernel::{Decider as _, Event as _, EventLog, Limit, Position, Recorded};
use shared::{Date, ItemId, Money, Month};

use self::files::{faults, incoming, instructions, read};

/// One item's sums of one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    pub item: ItemId,
    pub month: Month,
    pub plan: Term,
    pub instruction: Term,
    pub reply: Term,
    pub statement: Term,
    pub ledger: Term,
    /// What is in the reply term.
    pub returned: Term,
    pub unknown: Term,
    /// What was approved and kept out of the bank files, and is in no term.
    pub held: Term,
}

/// Lines and their sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    pub lines: u64,
    pub sum: Money,
}

impl Default for Term {
    fn default() -> Self {
        Self { lines: 0, sum: Money::ZERO }
    }
}

impl Term {
    fn add(&mut self, lines: u64, sum: Money) {
        self.lines += lines;
        self.sum += sum;
    }
}

impl Proof {
    fn empty(item: ItemId, month: Month) -> Self {
        let term = Term::default();
        Self {
            item,
            month,
            plan: term,
            instruction: term,
            reply: term,
            statement: term,
            ledger: term,
            returned: term,
            unknown: term,
            held: term,
        }
    }

    /// The five terms by their names, in the order of the work.
    #[must_use]
    pub fn terms(&self) -> [(&'static str, Term); 5] {
        [
            ("plan", self.plan),
            ("instruction", self.instruction),
            ("reply", self.reply),
            ("statement", self.statement),
            ("ledger", self.ledger),
        ]
    }

    #[must_use]
    pub fn holds(&self) -> bool {
        self.terms().iter().all(|(_, term)| *term == self.plan)
    }

    /// The terms that tell something else than most of the five do: where to look first.
    #[must_use]
    pub fn odd(&self) -> Vec<&'static str> {
        let terms = self.terms();
        let alike = |term: Term| terms.iter().filter(|(_, other)| *other == term).count();
        let most = terms.iter().map(|(_, term)| alike(*term)).max().unwrap_or(0);
        let odd = terms.iter().filter(|(_, term)| alike(*term) < most);
        odd.map(|(name, _)| *name).collect()
    }

    /// All items of all months together.
    #[must_use]
    pub fn total<'a>(proofs: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        proofs.into_iter().fold(None, |total, one| {
            let mut total = total.unwrap_or_else(|| Self::empty(one.item, one.month));
            for (sum, term) in [
                (&mut total.plan, one.plan),
                (&mut total.instruction, one.instruction),
                (&mut total.reply, one.reply),
                (&mut total.statement, one.statement),
                (&mut total.ledger, one.ledger),
                (&mut total.returned, one.returned),
                (&mut total.unknown, one.unknown),
                (&mut total.held, one.held),
            ] {
                sum.add(term.lines, term.sum);
            }
            Some(total)
        })
    }

    /// `plan = instruction = …: <sum> yuan, <n> lines`, or every term where they differ.
    #[must_use]
    pub fn equation(&self) -> String {
        if self.holds() {
            let names: Vec<&str> = self.terms().iter().map(|(name, _)| *name).collect();
            let Term { lines, sum } = self.plan;
            return format!("{}: {sum} yuan, {lines} lines", names.join(" = "));
        }
        let terms = self.terms();
        let terms = terms
            .iter()
            .map(|(name, Term { lines, sum })| format!("{name} {sum} yuan, {lines} lines"));
        format!("DIFFERENT: {}", terms.collect::<Vec<_>>().join("; "))
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}  {}", self.month, self.item, self.equation())?;
        let open = [("held", self.held), ("returned", self.returned), ("unknown", self.unknown)];
        for (what, Term { lines, sum }) in open.into_iter().filter(|(_, term)| term.lines > 0) {
            write!(f, "; {what} {sum} yuan, {lines} lines")?;
        }
        Ok(())
    }
}

/// Reads all five sources of an installation: its log, and the files that lie in its bank folders.
///
/// # Errors
/// When a source cannot be read, or a file is not whole.
pub async fn prove(dir: &Path, log: &dyn EventLog) -> Result<Vec<Proof>> {
    let told = Told::by(log).await?;
    let mut proofs: BTreeMap<(Month, ItemId), Proof> = BTreeMap::new();
    let mut proof = |key: (Month, ItemId), change: &dyn Fn(&mut Proof)| {
        change(proofs.entry(key).or_insert_with(|| Proof::empty(key.1, key.0)));
    };
    for (plan, Approved { lines, net, held_lines, held }) in &told.approved {
        proof(key_of(plan)?, &|proof| {
            proof.plan.add(u64::from(lines - held_lines), *net - *held);
            proof.held.add(u64::from(*held_lines), *held);
        });
    }
    let mut mentioned: HashMap<String, BTreeSet<String>> = HashMap::new();
    for (code, layout) in told.rules.layouts() {
        let root = dir.join("banks").join(code.as_str());
        for (name, bytes, ready) in instructions(&root.join("out"), layout)? {
            let file = bank::parse_instruction(layout, &name, &bytes, Some(&ready));
            let file = file.map_err(|errors| faults(&name, &errors))?;
            let lines = file.lines.len() as u64;
            let sum = file.lines.iter().map(|line| line.amount).sum();
            proof(key_of(&file.header.batch)?, &|proof| proof.instruction.add(lines, sum));
        }
        for path in incoming(&root.join("in"), &layout.reply.record.file)? {
            let (name, bytes) = read(&path)?;
            let reply = bank::parse_reply(layout, &name, &bytes);
            let reply = reply.map_err(|errors| faults(&name, &errors))?;
            let key = key_of(&reply.header.batch)?;
            let seen = mentioned.entry(reply.header.batch.clone()).or_default();
            let asked = told.asked.get(&reply.header.batch);
            let ours: BTreeSet<&str> =
                asked.into_iter().flatten().map(|(attempt, _)| attempt.as_str()).collect();
            // A line that nobody sent moves no money, and of two words the first one counts.
            for row in reply.rows.iter().filter(|row| ours.contains(row.attempt.as_str())) {
                let returned = match &row.said {
                    Said::Paid { .. } => false,
                    Said::Returned { .. } => true,
                    Said::Pending => continue,
                };
                if seen.insert(row.attempt.clone()) {
                    proof(key, &|proof| {
                        proof.reply.add(1, row.amount);
                        if returned {
                            proof.returned.add(1, row.amount);
                        }
                    });
                }
            }
        }
        for path in incoming(&root.join("in"), &layout.statement.record.file)? {
            let (name, bytes) = read(&path)?;
            let day = bank::parse_statement(layout, &name, &bytes);
            let day = day.map_err(|errors| faults(&name, &errors))?;
            for row in &day.rows {
                let batch = row.reference.clone().unwrap_or_default();
                // A statement has sums only; how many lines they are for is what was asked.
                let lines = told.asked.get(&batch).map_or(0, Vec::len) as u64;
                if let Ok(key) = key_of(&batch) {
                    let debit = row.direction == Direction::Debit;
                    proof(key, &|proof| {
                        if debit {
                            proof.statement.add(lines, row.amount)
                        }
                    });
                }
            }
        }
    }
    // What no reply mentions is unknown: the log says what was asked.
    for (batch, attempts) in &told.asked {
        let seen = mentioned.get(batch);
        for (attempt, amount) in attempts {
            if seen.is_none_or(|seen| !seen.contains(attempt)) {
                proof(key_of(batch)?, &|proof| {
                    proof.reply.add(1, *amount);
                    proof.unknown.add(1, *amount);
                });
            }
        }
    }
    for ((month, item), debited) in &told.debited {
        proof((*month, *item), &|proof| proof.ledger.add(debited.lines, debited.sum));
    }
    Ok(proofs.into_values().collect())
}

/// A plan as it was approved, and what of it was held when its files were composed.
struct Approved {
    lines: u32,
    net: Money,
    held_lines: u32,
    held: Money,
}

/// What the log tells of the two terms that it is the source of, and what was asked of the banks.
struct Told {
    approved: BTreeMap<String, Approved>,
    /// Attempts of each batch with their amounts.
    asked: BTreeMap<String, Vec<(String, Money)>>,
    /// What the vouchers of debit slips took out of the cash.
    debited: BTreeMap<(Month, ItemId), Term>,
    rules: Catalogue,
}

impl Told {
    async fn by(log: &dyn EventLog) -> Result<Self> {
        let mut told = Self {
            approved: BTreeMap::new(),
            asked: BTreeMap::new(),
            debited: BTreeMap::new(),
            rules: Catalogue::default(),
        };
        let mut history = History::default();
        let mut batches: HashMap<String, batch::Header> = HashMap::new();
        let mut cash: HashMap<String, String> = HashMap::new();
        let mut position = Position::START;
        loop {
            let page = log.read(position, Limit::PAGE).await?;
            let Some(last) = page.last() else { break };
            position = last.position;
            for event in &page {
                match event.stream.category() {
                    "definition" if definitions::publication::Event::knows(&event.type_name) => {
                        history.apply(&event.decode()?);
                    }
                    plan::Plan::CATEGORY => told.plan(event)?,
                    batch::Batch::CATEGORY => told.batch(event, &mut batches)?,
                    account::Account::CATEGORY => told.account(event, &mut cash)?,
                    _ => {}
                }
            }
        }
        told.rules = history.as_of(Date::constant(2026, 12, 31)).map_err(|mistakes| {
            anyhow!("the published definitions have {} mistakes", mistakes.len())
        })?;
        Ok(told)
    }

    fn plan(&mut self, event: &Recorded) -> Result<()> {
        let id = event.stream.id();
        match event.decode()? {
            plan::Event::Approved { lines, net } => {
                let approved = Approved { lines, net, held_lines: 0, held: Money::ZERO };
                self.approved.insert(id.to_owned(), approved);
            }
            plan::Event::Composed { held_lines, held, .. } => {
                if let Some(approved) = self.approved.get_mut(id) {
                    (approved.held_lines, approved.held) = (held_lines, held);
                }
            }
            plan::Event::Cancelled { .. } => {
                self.approved.remove(id);
            }
            _ => {}
        }
        Ok(())
    }

    fn batch(
        &mut self,
        event: &Recorded,
        headers: &mut HashMap<String, batch::Header>,
    ) -> Result<()> {
        let id = event.stream.id();
        match event.decode()? {
            batch::Event::Opened(header) => {
                headers.insert(id.to_owned(), header);
            }
            batch::Event::LinesComposed { lines, .. } => {
                let header = headers.get(id).context("a batch is opened before it has lines")?;
                let asked = self.asked.entry(id.to_owned()).or_default();
                for line in lines {
                    let obligation = line.obligation(header.item, header.month);
                    asked.push((obligation.attempt(line.number).to_string(), line.amount));
                }
            }
            batch::Event::Rejected { .. } | batch::Event::Withdrawn { .. } => {
                self.asked.remove(id);
            }
            _ => {}
        }
        Ok(())
    }

    fn account(&mut self, event: &Recorded, cash: &mut HashMap<String, String>) -> Result<()> {
        let id = event.stream.id().to_owned();
        match event.decode()? {
            account::Event::Opened { book, .. } => {
                cash.insert(id, book.cash);
            }
            account::Event::Posted { voucher, .. } if voucher.occurrence == "batch_debited" => {
                let cash = cash.get(&id).context("a book is opened before it is posted to")?;
                let taken = voucher
                    .entries
                    .iter()
                    .filter(|entry| entry.ledger == Ledger::F && entry.account == *cash);
                for entry in taken {
                    let batch = entry.batch.as_deref().unwrap_or_default();
                    let lines = self.asked.get(batch).map_or(0, Vec::len) as u64;
                    let item = entry.item.context("a debit names its item")?;
                    let month = entry.month.context("a debit names its month")?;
                    let term = self.debited.entry((month, item)).or_default();
                    term.add(lines, entry.credit);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// `A1-2026-01-…` is of item A1 and January 2026.
fn key_of(id: &str) -> Result<(Month, ItemId)> {
    let (item, rest) = id.split_once('-').with_context(|| format!("{id} names no item"))?;
    let month = rest.get(..7).with_context(|| format!("{id} names no month"))?;
    let month = Month::parse(month).map_err(|fault| anyhow!("{id}: {fault}"))?;
    Ok((month, ItemId::parse(item).map_err(|fault| anyhow!("{id}: {fault}"))?))
}
