//! The pay office of the measurements: each step timed, what the banks say prepared outside.

use std::cell::Cell;
use std::fs;

use anyhow::{Context as _, Result, ensure};
use bank::{FileError, Header};
use benches::node::{DiskServers, Node};
use benches::steps::{Took, Watch};
use commands::Envelope;
use commands::disbursement::{BookKey, OpenRun};
use definitions::Catalogue;
use disbursement::batch::Batch;
use disbursement::plan::{Plan, Stage};
use kernel::ports::{FixedClock, SeededIds};
use kernel::{Ids as _, Micros, Position};
use shared::{AgencyCode, AreaCode, BankCode, Date, Money, Month, RunType};
use simulations::bank::{AccountBook, DebitSlip, Habits, Instruction, ReturnCredit, SimulatedBank};

use super::build;

pub const SEED: u64 = 7;
const FLOAT: Money = Money::from_fen(100_000);

/// Sets the clock to an hour of a day in Asia/Shanghai.
pub fn at(clock: &FixedClock, day: Date, hour: i8) {
    let hour = day.at(hour, 0, 0, 0).to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)));
    if let Ok(hour) = hour {
        clock.set(Micros(hour.timestamp().as_microsecond()));
    }
}

pub struct Step {
    pub name: &'static str,
    pub took: Took,
    pub ends: Position,
    /// Before the freeze: shown, and not part of the sum.
    pub counted: bool,
}

pub struct Desk<'a> {
    pub node: &'a Node,
    pub ids: SeededIds,
    pub month: Month,
    pub day: Cell<Date>,
    /// The book of the year is not open yet.
    pub begins_year: bool,
    pub habits: Habits,
    pub steps: Vec<Step>,
}

/// A plan with its money.
pub struct Funded {
    pub plan: String,
    pub book: BookKey,
    pub area: AreaCode,
    pub pay_day: Date,
}

/// One batch on its way, and what its bank says.
pub struct Sent {
    pub batch: String,
    pub bank: BankCode,
    pub slip: DebitSlip,
    pub reference: String,
    pub replies: Vec<(String, Vec<u8>)>,
    /// The money of its returned lines, coming back.
    pub credits: Vec<ReturnCredit>,
}

impl<'a> Desk<'a> {
    pub fn at(node: &'a Node, month: Month, day: Date) -> Self {
        let (ids, steps) = (SeededIds::new(SEED + 1), Vec::new());
        let (day, begins_year) = (Cell::new(day), true);
        Self { node, ids, month, day, begins_year, habits: Habits::default(), steps }
    }
}

impl Desk<'_> {
    pub fn envelope(&self, who: &str) -> Envelope {
        Envelope::new(self.ids.next(), format!("bench.{who}")).on(self.day.get())
    }

    fn step(&mut self, name: &'static str, watch: &Watch) -> Result<()> {
        let (took, ends) = (watch.stop()?, self.node.log.head());
        self.steps.push(Step { name, took, ends, counted: true });
        Ok(())
    }

    pub async fn run(&mut self, clock: &FixedClock, lines: u32) -> Result<()> {
        let funded = self.funded(lines).await?;
        let (sent, accounts) = self.sent(clock, &funded).await?;
        let (node, pay) = (self.node, &self.node.disbursement);
        let Funded { book, area, pay_day, .. } = funded;

        let watch = Watch::start()?;
        for Sent { batch, bank, replies, .. } in &sent {
            for (name, bytes) in replies {
                self.answered(batch, *bank, name, bytes).await?;
            }
        }
        self.step("replies", &watch)?;

        self.reach(clock, back(pay_day)?).await?;
        let rules = node.rules.on(self.month.last_day())?;
        let files = self.statements(&rules, book, &sent, accounts)?;

        let watch = Watch::start()?;
        let mut evidence = Vec::with_capacity(files.len());
        for (bank, name, bytes) in &files {
            let accountant = self.envelope("accountant");
            let matched = pay.import_statement(&accountant, *bank, book, name, bytes).await?;
            evidence.push(matched.result.statement);
        }
        self.step("statements", &watch)?;

        let period = format!("{}-{}-{area}", build::item()?, self.month);
        let watch = Watch::start()?;
        pay.certify(&self.envelope("accountant"), &period, &evidence).await?;
        self.step("certificate", &watch)?;
        let watch = Watch::start()?;
        pay.close(&self.envelope("director"), &period).await?;
        self.step("close", &watch)
    }

    /// A reply is received and applied.
    pub async fn answered(
        &self,
        batch: &str,
        bank: BankCode,
        name: &str,
        bytes: &[u8],
    ) -> Result<()> {
        let pay = &self.node.disbursement;
        let receipt = pay.receive_reply(&self.envelope("cashier"), bank, name, bytes).await?;
        pay.apply_reply(&self.envelope("cashier"), batch, receipt.result.reply).await?;
        Ok(())
    }

    /// Opened, frozen, calculated, reviewed, and its money reserved.
    pub async fn funded(&mut self, lines: u32) -> Result<Funded> {
        let node = self.node;
        let pay = &node.disbursement;
        let (item, month, fund) = (build::item()?, self.month, build::fund()?);
        let (area, agency) = (build::area(node)?, AgencyCode::parse("320600-SI"));
        let agency = agency.map_err(|fault| anyhow::anyhow!("{fault}"))?;
        let banks = simulations::banks();
        let book = BookKey { fund, area, agency, year: month.year() };
        if self.begins_year {
            let opening = FLOAT.checked_mul_int(banks.len().try_into()?).context("a small sum")?;
            pay.open_book(&self.envelope("accountant"), book, opening).await?;
        }
        let (run, pay_day, exception) = (RunType::Normal, None, None);
        let fund = Some(fund);
        let open = OpenRun { item, month, area, run, agency, fund, pay_day, exception };
        let plan = pay.open_run(&self.envelope("handler"), &open).await?.result;
        let watch = Watch::start()?;
        self.step("opened", &watch)?;
        if let Some(step) = self.steps.last_mut() {
            step.counted = false;
        }

        let watch = Watch::start()?;
        pay.freeze(&self.envelope("handler"), &plan).await?;
        self.step("freeze", &watch)?;

        let watch = Watch::start()?;
        let calculated = pay.calculate(&self.envelope("handler"), &plan).await?.result;
        self.step("calculate", &watch)?;
        ensure!(calculated.lines == lines, "{} lines were planned", calculated.lines);

        let watch = Watch::start()?;
        pay.submit(&self.envelope("handler"), &plan).await?;
        let pay_day = loop {
            let (state, _) = node.executor.load::<Plan>(&plan).await?;
            match state.next_role() {
                Some(role) if state.stage == Stage::InReview => {
                    pay.review(&self.envelope(role), &plan, role).await?;
                }
                _ => break state.header.as_ref().context("a plan has a header")?.pay_day,
            }
        };
        self.step("submit and reviews", &watch)?;

        let watch = Watch::start()?;
        let accountant = self.envelope("accountant");
        let reference = format!("BK-{plan}");
        pay.receive_appropriation(&accountant, book, calculated.net, &reference).await?;
        pay.reserve(&self.envelope("accountant"), &plan).await?;
        self.step("appropriation and reserve", &watch)?;
        Ok(Funded { plan, book, area, pay_day })
    }

    /// Composed, signed, sent, acknowledged and debited; with what the banks answer, and their
    /// accounts.
    pub async fn sent(
        &mut self,
        clock: &FixedClock,
        funded: &Funded,
    ) -> Result<(Vec<Sent>, Vec<(BankCode, AccountBook)>)> {
        let pay = &self.node.disbursement;
        let rules = self.node.rules.on(self.month.last_day())?;
        let watch = Watch::start()?;
        let composed = pay.compose(&self.envelope("accountant"), &funded.plan).await?.result;
        self.step("compose", &watch)?;
        ensure!(composed.held_lines == 0, "{} lines are held", composed.held_lines);

        let watch = Watch::start()?;
        for batch in &composed.batches {
            pay.sign(&self.envelope("accountant"), batch, "accountant").await?;
            pay.sign(&self.envelope("cashier"), batch, "cashier").await?;
            pay.send(&self.envelope("cashier"), batch).await?;
        }
        self.step("sign and send", &watch)?;

        self.reach(clock, funded.pay_day).await?;
        let mut accounts: Vec<(BankCode, AccountBook)> = Vec::new();
        let mut sent = Vec::with_capacity(composed.batches.len());
        for batch in &composed.batches {
            sent.push(self.answer(&rules, batch, funded.book, &mut accounts).await?);
        }

        let watch = Watch::start()?;
        for Sent { batch, slip, reference, .. } in &sent {
            pay.acknowledge(&self.envelope("cashier"), batch, reference).await?;
            let accountant = self.envelope("accountant");
            pay.debit(&accountant, batch, &slip.serial, slip.amount, self.day.get()).await?;
        }
        self.step("acknowledge and debit", &watch)?;
        Ok((sent, accounts))
    }

    pub async fn reach(&self, clock: &FixedClock, day: Date) -> Result<()> {
        at(clock, day, 9);
        commands::day::open_days(&self.node.executor, day).await?;
        self.day.set(day);
        Ok(())
    }

    /// What the bank says of one batch, read from the file that lies in its folder.
    async fn answer(
        &self,
        rules: &Catalogue,
        id: &str,
        book: BookKey,
        accounts: &mut Vec<(BankCode, AccountBook)>,
    ) -> Result<Sent> {
        let (state, _) = self.node.executor.load::<Batch>(id).await?;
        let batch_header = state.header.as_ref().context("a composed batch has a header")?;
        let code = batch_header.bank;
        let name = &state.file.as_ref().context("a composed batch has a file")?.name;
        let layout = rules.layout(code)?;
        let folder = DiskServers::outbox(&self.node.dir.join("banks"), code);
        let bytes = fs::read(folder.join(name))?;
        let ready = fs::read(folder.join(format!("{name}{}", layout.ready_mark)))?;
        let read = bank::parse_instruction(layout, name, &bytes, Some(&ready)).map_err(faults)?;
        let header = Header { made_on: Some(self.day.get()), ..read.header.clone() };
        let taken = Instruction::from(&read);
        let simulated = SimulatedBank::new(code, SEED).with_habits(self.habits.clone());
        let reference = simulated.acknowledge(&taken)?.context("a straight bank acknowledges")?;
        let slip = simulated.debit(&taken, self.day.get())?;
        if !accounts.iter().any(|(known, _)| *known == code) {
            // All parts of the plan: what the later ones take is there as well.
            let (plan, _) = self.node.executor.load::<Plan>(&batch_header.plan).await?;
            let taken = plan.batches.iter().filter(|batch| batch.bank == code);
            let opening = FLOAT + taken.map(|batch| batch.total).sum::<Money>();
            accounts.push((code, AccountBook::new(&format!("{book}-{code}"), opening)));
        }
        for (known, account) in accounts {
            if *known == code {
                account.debit(&slip)?;
            }
        }
        let (mut replies, mut credits) = (Vec::new(), Vec::new());
        for reply in simulated.replies(&taken, self.day.get()) {
            credits.extend(simulated.money_back(&reply, back(self.day.get())?));
            let file = bank::write_reply(layout, &header, &reply.to_rows()).map_err(faults)?;
            replies.push((file.name, file.bytes));
        }
        let (batch, reference) = (id.to_owned(), reference.reference);
        Ok(Sent { batch, bank: code, slip, reference, replies, credits })
    }

    /// Returned money comes back; then each account's days that have lines.
    fn statements(
        &self,
        rules: &Catalogue,
        book: BookKey,
        sent: &[Sent],
        mut accounts: Vec<(BankCode, AccountBook)>,
    ) -> Result<Vec<(BankCode, String, Vec<u8>)>> {
        let mut files = Vec::new();
        let paid_on = sent.first().context("a batch was sent")?.slip.on;
        for (code, account) in &mut accounts {
            let layout = rules.layout(*code)?;
            for credit in sent.iter().filter(|one| one.bank == *code).flat_map(|one| &one.credits) {
                account.credit_back(credit)?;
            }
            for day in [paid_on, back(paid_on)?] {
                let statement = account.statement(day);
                if statement.lines.is_empty() {
                    continue;
                }
                let agency = Some(book.agency);
                let header = Header { agency, made_on: Some(day), ..Header::default() };
                let file = bank::write_statement(layout, &header, &statement.to_rows());
                let file = file.map_err(faults)?;
                files.push((*code, file.name, file.bytes));
            }
        }
        Ok(files)
    }
}

/// When returned money is back in the account.
fn back(pay_day: Date) -> Result<Date> {
    Ok(shared::WorkingDays::bundled().add_working_days(pay_day, 2)?)
}

fn faults(errors: Vec<FileError>) -> anyhow::Error {
    let lines: Vec<String> = errors.iter().take(5).map(|error| error.en.clone()).collect();
    anyhow::anyhow!("{}", lines.join("; "))
}
