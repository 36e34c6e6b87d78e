//! The calendar day by day: what the morning brings, the runs whose day it is, what the banks say and
//! show in the evening; and on the third working day of a month the month before is closed.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use commands::disbursement::BookKey;
use commands::timers::Timers;
use indicatif::ProgressBar;
use shared::{BankCode, Date, Month, RunType, WorkingDays};
use simulations::story::banks::{ANSWERED_LATE, LATE_RECEIPT};

use super::banks::{Banks, Late};
use super::bar;
use super::calendar::{Scheduled, closing, runs};
use super::city::hear;
use super::deeds::{self, opening};
use super::office::{Office, area, fund};
use super::runs::{Run, reply};

/// The demo's months, day by day.
pub struct Quarter<'a> {
    office: &'a Office<'a>,
    banks: Banks,
    months: Vec<Month>,
    scheduled: Vec<Scheduled>,
    runs: Vec<Run>,
    timers: Timers,
    /// Up to when the city's own deaths of the month before are known.
    heard: Date,
    /// Statements, with what their lines are about.
    statements: Vec<Statement>,
    /// The book of the employee pension and the bank of its main account.
    pensions: Option<(BookKey, BankCode)>,
}

struct Statement {
    id: String,
    book: BookKey,
    /// References of its lines.
    of: BTreeSet<String>,
}

impl<'a> Quarter<'a> {
    /// The cut-over: books, openings, grants that are there from the start.
    pub async fn open(office: &'a Office<'a>, months: Vec<Month>, seed: u64) -> Result<Self> {
        let scheduled = runs(office, &months)?;
        let mut banks = Banks::new(office.node, seed)?;
        opening::books(office, &mut banks, &scheduled).await?;
        if !office.plain {
            opening::cut_over(office, &scheduled).await?;
            opening::national_figures(office).await?;
            deeds::pensions::resident_pensions(office).await?;
        }
        let pensions = scheduled.iter().find(|run| run.item.as_str() == "A1");
        let pensions = pensions.map(|run| -> Result<(BookKey, BankCode)> {
            let (fund, area) = (fund("employee-pension")?, area("320000")?);
            let (agency, year) = (super::office::agency()?, run.month.year());
            let book = BookKey { fund, area, agency, year };
            Ok((book, banks.main_of(book)?))
        });
        let pensions = pensions.transpose()?;
        let (runs, statements, timers) = (Vec::new(), Vec::new(), Timers::default());
        let heard = office.day.get();
        Ok(Self { office, banks, months, scheduled, runs, timers, heard, statements, pensions })
    }

    /// Every working day up to the last month's close.
    pub async fn pass(&mut self) -> Result<()> {
        let last = self.months.last().context("a demo has a month")?;
        let (first, last) = (self.office.day.get(), closing(self.office, *last)?);
        let days = WorkingDays::bundled().working_days_between(first, last)?;
        let bar = bar("days", u64::from(days) + 1);
        let mut day = first;
        while day <= last {
            if WorkingDays::bundled().is_working_day(day)? {
                let passed = self.day(day, &bar).await;
                passed.with_context(|| format!("on {day}"))?;
            }
            day = day.tomorrow()?;
        }
        bar.finish();
        Ok(())
    }

    async fn day(&mut self, day: Date, bar: &ProgressBar) -> Result<()> {
        let office = self.office;
        office.open(day).await?;
        self.timers.fire_due(&office.node.executor).await?;
        if Month::of(day) != Month::of(self.heard) {
            hear(office, self.heard).await?;
            self.heard = day;
        }
        office.settle().await?;
        if !office.plain {
            deeds::morning(office).await?;
            if day == LATE_RECEIPT {
                self.reopen().await?;
            }
        }
        self.prepare(day).await?;
        self.fund(day).await?;
        self.send(day).await?;
        self.paid(day).await?;
        self.evening(day).await?;
        for month in self.months.clone() {
            if closing(office, month)? == day {
                self.close(month).await?;
            }
        }
        if !office.plain {
            let head = office.node.log.head();
            office.node.raiser().run_until(head).await?;
        }
        bar.inc(1);
        Ok(())
    }

    async fn prepare(&mut self, day: Date) -> Result<()> {
        for on in self.scheduled.iter().filter(|on| on.prepared == day) {
            let run = Run::prepare(self.office, on).await;
            self.runs.extend(run.with_context(|| on.key())?);
        }
        Ok(())
    }

    async fn fund(&mut self, day: Date) -> Result<()> {
        for run in self.runs.iter().filter(|run| run.on.funded == day) {
            let funded = run.fund(self.office, &mut self.banks).await;
            funded.with_context(|| run.on.key())?;
        }
        Ok(())
    }

    async fn send(&mut self, day: Date) -> Result<()> {
        for run in self.runs.iter_mut().filter(|run| run.on.sent == day) {
            let sent = run.send(self.office).await;
            sent.with_context(|| run.on.key())?;
        }
        Ok(())
    }

    async fn paid(&mut self, day: Date) -> Result<()> {
        for run in self.runs.iter().filter(|run| run.on.paid == day) {
            let paid = run.pay(self.office, &mut self.banks).await;
            paid.with_context(|| run.on.key())?;
        }
        Ok(())
    }

    /// Late answers, money that moves by itself, and the day's statements.
    async fn evening(&mut self, day: Date) -> Result<()> {
        let office = self.office;
        let late = if day == ANSWERED_LATE && !office.plain {
            self.banks.asked(day, true)?
        } else {
            Vec::new()
        };
        for Late { batch, reference, .. } in &late {
            let answer = disbursement::batch::Answer::Received { reference: reference.clone() };
            let envelope = office.envelope("cashier", "asked", batch)?;
            office.node.disbursement.query_batch(&envelope, batch, &answer).await?;
        }
        if !office.plain {
            self.banks.move_by_themselves(day, self.pensions.map(|(book, _)| book))?;
        }
        for (book, bank, name, bytes, of) in self.banks.statements(day)? {
            let envelope =
                office.envelope("accountant", "statement", format!("{bank} {book} {name}"))?;
            let pay = &office.node.disbursement;
            let imported = pay.import_statement(&envelope, bank, book, &name, &bytes).await?;
            self.statements.push(Statement { id: imported.result.statement, book, of });
        }
        if let Some((book, main)) = self.pensions.filter(|_| !office.plain) {
            deeds::strays::evening(office, book, main).await?;
        }
        for Late { bank, batch, name, bytes, .. } in &late {
            reply(office, *bank, batch, (0, name, bytes)).await?;
        }
        office.settle().await
    }

    /// January is opened again for a receipt that came after its close: one person asks, another
    /// one does it (DISBURSEMENT 4.16).
    async fn reopen(&mut self) -> Result<()> {
        let office = self.office;
        let pay = &office.node.disbursement;
        for Late { bank, batch, name, bytes, .. } in self.banks.asked(office.day.get(), false)? {
            let run = self.runs.iter().find(|run| run.batches.iter().any(|one| one.0 == batch));
            let period = run.context("a batch is of a run")?.on.period();
            let envelope = office.envelope("accountant", "ask-reopening", &period)?;
            pay.ask_reopening(&envelope, &period, "关账后收到一笔回单").await?;
            pay.reopen(&office.envelope("director", "reopen", &period)?, &period).await?;
            reply(office, bank, &batch, (1, &name, &bytes)).await?;
            self.certify(&period, "again").await?;
        }
        Ok(())
    }

    /// Every item-period of the month, each on its own certificate.
    async fn close(&mut self, month: Month) -> Result<()> {
        let periods: BTreeMap<String, RunType> = self
            .runs
            .iter()
            .filter(|run| run.on.month == month)
            .map(|run| (run.on.period(), run.on.run))
            .collect();
        for period in periods.keys() {
            self.certify(period, "").await?;
        }
        Ok(())
    }

    async fn certify(&self, period: &str, turn: &str) -> Result<()> {
        let office = self.office;
        let pay = &office.node.disbursement;
        let of_period = |reference: &String| reference.starts_with(&format!("{period}-"));
        let evidence: Vec<String> = self
            .statements
            .iter()
            .filter(|statement| statement.of.iter().any(of_period))
            .map(|statement| statement.id.clone())
            .collect();
        let of = format!("{period}{turn}");
        pay.certify(&office.envelope("accountant", "certify", &of)?, period, &evidence)
            .await
            .with_context(|| format!("item-period {period} has no certificate"))?;
        pay.close(&office.envelope("director", "close", &of)?, period).await?;
        Ok(())
    }

    /// The statements of each book, in the order in which they came.
    pub fn statements(&self) -> BTreeMap<BookKey, Vec<String>> {
        let mut by_book: BTreeMap<BookKey, Vec<String>> = BTreeMap::new();
        for statement in &self.statements {
            by_book.entry(statement.book).or_default().push(statement.id.clone());
        }
        by_book
    }
}
