//! One month: every due item opens, is reviewed, funded, instructed, answered, matched, certified
//! and closed, each step by the person whose step it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use anyhow::{Context as _, Result, bail};
use commands::Envelope;
use commands::disbursement::{BookKey, OpenRun};
use disbursement::batch::Batch;
use disbursement::plan::Plan;
use kernel::ports::FixedClock;
use kernel::process::derived_id;
use shared::{AgencyCode, AreaCode, BankCode, Date, FundCode, ItemId, Money, Month, RunType};
use simulations::{City, calendar, uuid};

use super::banks::{Answered, Banks};
use super::city::{Addresses, hear};
use super::{at, bar};
use crate::node::Node;

/// The agency whose books these are.
pub const AGENCY: &str = "320600-SI";
/// What every bank account of a book holds before the month begins.
pub const FLOAT: Money = Money::from_fen(100_000);

/// Who does what. No person takes two steps of one plan.
const PEOPLE: [(&str, &str); 8] = [
    ("handler", "demo.handler"),
    ("checker", "demo.checker"),
    ("approver", "demo.approver"),
    ("section-head", "demo.section-head"),
    ("deputy-director", "demo.deputy-director"),
    ("director", "demo.director"),
    ("accountant", "demo.accountant"),
    ("cashier", "demo.cashier"),
];

fn person(role: &str) -> Result<&'static str> {
    let found = PEOPLE.iter().find(|(known, _)| *known == role);
    found.map(|(_, who)| *who).with_context(|| format!("nobody in the demo is {role}"))
}

/// Command ids follow from the city's plan and what the command is for, whatever was done before:
/// the same demo is the same commands, also when it goes on after it was cut.
struct Desk<'a> {
    node: &'a Node,
    city: &'a City,
    day: std::cell::Cell<Date>,
}

impl Desk<'_> {
    /// `what` happens to `of` once in a demo.
    fn envelope(&self, role: &str, what: &str, of: impl Display) -> Result<Envelope> {
        let city = uuid(self.city.plan(), "months", 0);
        let parts = [city.as_bytes(), what.as_bytes(), &of.to_string().into_bytes()[..]];
        let id = derived_id("demo", &parts);
        Ok(Envelope::new(id, person(role)?).on(self.day.get()))
    }
}

/// Pays everything that is due in `month`.
pub async fn pay(
    node: &Node,
    city: &City,
    addresses: &Addresses,
    clock: &FixedClock,
    banks: &mut Banks,
    month: Month,
) -> Result<()> {
    let rules = node.rules.on(month.last_day())?;
    let mut due: BTreeMap<(ItemId, AreaCode), FundCode> = BTreeMap::new();
    for grant in city.due(&rules, month)? {
        let fund = rules.fund(grant.fund)?;
        let area = calendar::pooling_area(fund, grant.county);
        due.insert((grant.item, area), grant.fund);
    }
    let desk = Desk { node, city, day: std::cell::Cell::new(month.first_day().tomorrow()?) };
    let opened = open_day(node, clock, desk.day.get()).await;
    opened.context("the first business day does not open")?;
    if month > city.plan().month {
        let before = month.previous().first_day().tomorrow()?;
        hear(node, city, addresses, before, desk.day.get()).await?;
    }
    let books = open_books(&desk, month, &due).await?;
    let bar = bar(&format!("pay {month}"), due.len() as u64 * 4);
    let mut runs: Vec<Run> = Vec::new();
    for (&(item, area), &fund) in &due {
        runs.push(prepare(&desk, item, month, area, fund).await?);
        bar.inc(1);
    }
    for run in &mut runs {
        instruct(&desk, run).await?;
        bar.inc(1);
    }
    let mut funding: BTreeMap<(BookKey, BankCode), Money> = BTreeMap::new();
    for run in &runs {
        for (_, bank, amount) in &run.batches {
            *funding.entry((run.book, *bank)).or_insert(Money::ZERO) += *amount;
        }
    }
    banks.begin(&funding)?;
    // Each item on its own pay day; the banks answer the same evening.
    runs.sort_by_key(|run| (run.pay_day, run.plan.clone()));
    for run in &mut runs {
        reach(&desk, clock, run.pay_day).await?;
        settle(&desk, banks, run).await?;
        bar.inc(1);
    }
    let last = runs.iter().map(|run| run.pay_day).max().unwrap_or_else(|| month.last_day());
    let statements = statements(&desk, clock, banks, &books, last).await?;
    for run in &runs {
        certify(&desk, run, &statements).await?;
        bar.inc(1);
    }
    bar.finish();
    Ok(())
}

/// A run on its way.
struct Run {
    period: String,
    plan: String,
    book: BookKey,
    pay_day: Date,
    net: Money,
    batches: Vec<(String, BankCode, Money)>,
}

async fn open_day(node: &Node, clock: &FixedClock, day: Date) -> Result<()> {
    at(clock, day, 9);
    commands::day::open_days(&node.executor, day).await?;
    Ok(())
}

async fn reach(desk: &Desk<'_>, clock: &FixedClock, day: Date) -> Result<()> {
    if day > desk.day.get() {
        open_day(desk.node, clock, day).await?;
        desk.day.set(day);
    }
    Ok(())
}

fn agency() -> Result<AgencyCode> {
    AgencyCode::parse(AGENCY).map_err(|fault| anyhow::anyhow!("{fault}"))
}

/// Every book that the month's items need, opened once a year with what its accounts hold.
async fn open_books(
    desk: &Desk<'_>,
    month: Month,
    due: &BTreeMap<(ItemId, AreaCode), FundCode>,
) -> Result<BTreeSet<BookKey>> {
    let mut books = BTreeSet::new();
    for (&(_, area), &fund) in due {
        let key = BookKey { fund, area, agency: agency()?, year: month.year() };
        if !books.insert(key) {
            continue;
        }
        let (book, _) = desk.node.executor.load::<disbursement::account::Account>(key).await?;
        if book.book.is_none() {
            let opening = FLOAT.checked_mul_int(simulations::banks().len().try_into()?);
            let opening = opening.context("the opening balance is small")?;
            let envelope = desk.envelope("accountant", "open-book", key)?;
            desk.node.disbursement.open_book(&envelope, key, opening).await?;
        }
    }
    Ok(books)
}

/// From opening to approval and funds.
async fn prepare(
    desk: &Desk<'_>,
    item: ItemId,
    month: Month,
    area: AreaCode,
    paid_by: FundCode,
) -> Result<Run> {
    let pay = &desk.node.disbursement;
    let agency = agency()?;
    let (run, pay_day, exception) = (RunType::Normal, None, None);
    let fund = Some(paid_by);
    let open = OpenRun { item, month, area, run, agency, fund, pay_day, exception };
    let period = format!("{item}-{month}-{area}");
    let handler = |what| desk.envelope("handler", what, &period);
    let plan = pay.open_run(&handler("open")?, &open).await?.result;
    pay.freeze(&handler("freeze")?, &plan).await?;
    let calculated = pay.calculate(&handler("calculate")?, &plan).await?.result;
    pay.submit(&handler("submit")?, &plan).await?;
    let pay_day = loop {
        let (state, _) = desk.node.executor.load::<Plan>(&plan).await?;
        match state.next_role() {
            Some(role) if state.stage == disbursement::plan::Stage::InReview => {
                pay.review(&desk.envelope(role, "review", format!("{plan} {role}"))?, &plan, role)
                    .await?;
            }
            _ => {
                let header = state.header.as_ref().context("an opened plan has a header")?;
                break header.pay_day;
            }
        }
    };
    let book = BookKey { fund: paid_by, area, agency, year: month.year() };
    let reference = format!("BK-{plan}");
    let accountant = |what| desk.envelope("accountant", what, &plan);
    pay.receive_appropriation(&accountant("appropriate")?, book, calculated.net, &reference)
        .await?;
    pay.reserve(&accountant("reserve")?, &plan).await?;
    Ok(Run { period, plan, book, pay_day, net: calculated.net, batches: Vec::new() })
}

/// Bank files, two keys, and out.
async fn instruct(desk: &Desk<'_>, run: &mut Run) -> Result<()> {
    let pay = &desk.node.disbursement;
    let composed =
        pay.compose(&desk.envelope("accountant", "compose", &run.plan)?, &run.plan).await?.result;
    if composed.instructed + composed.held != run.net {
        bail!("plan {} is not composed whole", run.plan);
    }
    for batch in composed.batches {
        for role in ["accountant", "cashier"] {
            pay.sign(&desk.envelope(role, "sign", format!("{batch} {role}"))?, &batch, role)
                .await?;
        }
        pay.send(&desk.envelope("cashier", "send", &batch)?, &batch).await?;
        let (state, _) = desk.node.executor.load::<Batch>(&batch).await?;
        let header = state.header.as_ref().context("a composed batch has a header")?;
        run.batches.push((batch, header.bank, state.total.unwrap_or(Money::ZERO)));
    }
    Ok(())
}

/// The banks take the files, debit them and reply.
async fn settle(desk: &Desk<'_>, banks: &mut Banks, run: &mut Run) -> Result<()> {
    let pay = &desk.node.disbursement;
    let day = desk.day.get();
    for (batch, bank, _) in &run.batches {
        let Answered { reference, slip, amount, replies } =
            banks.answer(*bank, batch, run.book, day)?;
        let cashier = |what| desk.envelope("cashier", what, batch);
        pay.acknowledge(&cashier("acknowledge")?, batch, &reference).await?;
        let accountant = desk.envelope("accountant", "debit", batch)?;
        pay.debit(&accountant, batch, &slip, amount, day).await?;
        for (name, bytes) in replies {
            let envelope = desk.envelope("cashier", "receive", format!("{batch} {name}"))?;
            let receipt = pay.receive_reply(&envelope, *bank, &name, &bytes).await?.result;
            let envelope = desk.envelope("cashier", "apply", format!("{batch} {name}"))?;
            pay.apply_reply(&envelope, batch, receipt.reply).await?;
        }
    }
    Ok(())
}

/// The statements of the month, imported on the day after the last credit came.
async fn statements(
    desk: &Desk<'_>,
    clock: &FixedClock,
    banks: &mut Banks,
    books: &BTreeSet<BookKey>,
    last: Date,
) -> Result<BTreeMap<BookKey, Vec<String>>> {
    let back = shared::WorkingDays::bundled().add_working_days(last, 2)?;
    reach(desk, clock, back).await?;
    banks.money_back(back)?;
    let mut imported: BTreeMap<BookKey, Vec<String>> = BTreeMap::new();
    for book in books {
        for (bank, name, bytes) in banks.statements(*book)? {
            let of = format!("{bank} {book} {name}");
            let envelope = desk.envelope("accountant", "statement", of)?;
            let pay = &desk.node.disbursement;
            let matched = pay.import_statement(&envelope, bank, *book, &name, &bytes).await?;
            imported.entry(*book).or_default().push(matched.result.statement);
        }
    }
    Ok(imported)
}

async fn certify(
    desk: &Desk<'_>,
    run: &Run,
    statements: &BTreeMap<BookKey, Vec<String>>,
) -> Result<()> {
    let pay = &desk.node.disbursement;
    let evidence = statements.get(&run.book).map_or(&[][..], Vec::as_slice);
    pay.certify(&desk.envelope("accountant", "certify", &run.period)?, &run.period, evidence)
        .await
        .with_context(|| format!("item-period {} has no certificate", run.period))?;
    pay.close(&desk.envelope("director", "close", &run.period)?, &run.period).await?;
    Ok(())
}
