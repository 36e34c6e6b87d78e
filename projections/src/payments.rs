//! The line register 发放明细 and the payment matrix 发放矩阵: who is owed what, and how far it got.
//!
//! A line is one obligation in the run that planned it; an attempt is what one bank was told. The
//! matrix counts payments (人次) and money; people (人数) are counted from the lines, because one
//! person stands in several items and months.

use std::str::FromStr;

use disbursement::{batch, obligation, part, plan};
use shared::{
    BankCode, Component, DivisionCode, FundCode, GrantId, ItemId, Money, Month, ObligationId,
    PayAddressId, PersonId,
};

use crate::engine::{
    Cached, Failure, FoldError, Happened, Projection, ReadSession, Record, Store, StoreError, Table,
    Value, ViewError,
};
use crate::facts::Fact;
use crate::scope::{Filter, Scope};
use crate::{record, text_column};

pub const NAME: &str = "payments";

/// How far a line got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineState {
    /// In a plan; the plan says whether it is reviewed and funded.
    Planned,
    /// Taken out of the bank file 暂扣.
    Held,
    /// In a bank file; unknown until the bank says otherwise.
    Instructed,
    Paid,
    Returned,
}

impl LineState {
    pub const ALL: [Self; 5] =
        [Self::Planned, Self::Held, Self::Instructed, Self::Paid, Self::Returned];

    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Held => "held",
            Self::Instructed => "instructed",
            Self::Paid => "paid",
            Self::Returned => "returned",
        }
    }
}

impl std::fmt::Display for LineState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for LineState {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.code() == text).ok_or(())
    }
}

text_column!(LineState);

record! {
    /// One obligation in the run that planned it.
    pub struct LineRow in "line" key(obligation: ObligationId)
        index("plan", "part", "place") index("person", "run_month") index("state", "run_month")
        index("run_month", "item", "bank", "county")
    {
        pub item: ItemId,
        /// The month it is owed for.
        pub month: Month,
        /// The month whose plan pays it.
        pub run_month: Month,
        pub plan: String,
        pub part: u16,
        /// Its place in the part, from 0.
        pub place: u32,
        pub person: PersonId,
        pub component: Component,
        pub grant_id: GrantId,
        pub grant_revision: u64,
        pub amount_from: Month,
        pub payee: Option<shared::Payee>,
        pub address: PayAddressId,
        pub address_version: u32,
        pub bank: BankCode,
        pub county: DivisionCode,
        pub fund: FundCode,
        pub gross: Money,
        pub deductions: Money,
        pub net: Money,
        pub state: LineState,
        /// Why it is held, or why the bank returned it.
        pub reason: Option<String>,
        pub batch: Option<String>,
        /// Its number in the bank file, from 1.
        pub seq: Option<u32>,
        /// The bank's serial, once paid.
        pub serial: Option<String>,
    }

    /// What one bank was told: the way from a row of a file to its obligation.
    pub struct AttemptRow in "attempt" key(batch: String, seq: u32) index("obligation") {
        pub obligation: ObligationId,
        pub number: u16,
    }

    /// Sums of lines by month, item, fund, bank and county.
    pub struct CellRow in "cell"
        key(month: Month, item: ItemId, fund: FundCode, bank: BankCode, county: DivisionCode)
    {
        pub planned_lines: u32,
        pub gross: Money,
        pub deductions: Money,
        pub held_lines: u32,
        pub held: Money,
        pub instructed_lines: u32,
        pub instructed: Money,
        pub paid_lines: u32,
        pub paid: Money,
        pub returned_lines: u32,
        pub returned: Money,
    }

    /// How many lines a part or a batch has so far: the next one's place follows from it.
    pub struct CountRow in "payment_count" key(of: String) {
        pub lines: u32,
    }

    /// What the lines of a plan need to know of it.
    pub struct RunRow in "payment_run" key(plan: String) {
        pub item: ItemId,
        pub month: Month,
        pub fund: FundCode,
    }

    /// A grant of a frozen population that got no line.
    pub struct ExcludedRow in "excluded" key(plan: String, grant_id: GrantId) index("person") {
        pub person: PersonId,
        pub reason: String,
    }
}

#[derive(Default)]
pub struct Payments {
    lines: Cached<LineRow>,
    attempts: Cached<AttemptRow>,
    cells: Cached<CellRow>,
    runs: Cached<RunRow>,
    excluded: Cached<ExcludedRow>,
    counts: Cached<CountRow>,
}

impl Projection for Payments {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![
            LineRow::TABLE,
            AttemptRow::TABLE,
            CellRow::TABLE,
            RunRow::TABLE,
            ExcludedRow::TABLE,
            CountRow::TABLE,
        ]
    }

    fn failure(&self) -> Failure {
        Failure::Stop
    }

    fn categories(&self) -> &'static [&'static str] {
        &["plan", "part", "batch", "obligation"]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        match happened.fact {
            Fact::Plan(plan::Event::Opened(header)) => {
                self.runs.put(RunRow {
                    plan: happened.subject().to_owned(),
                    item: header.item,
                    month: header.month,
                    fund: header.fund,
                });
                Ok(())
            }
            Fact::Part(event) => self.part(happened, event, store),
            Fact::Batch(event) => self.batch(happened, event, store),
            Fact::Obligation(event) => self.obligation(happened, event, store),
            _ => Ok(()),
        }
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        self.lines.flush(store)?;
        self.attempts.flush(store)?;
        self.cells.flush(store)?;
        self.runs.flush(store)?;
        self.excluded.flush(store)?;
        self.counts.flush(store)?;
        Ok(())
    }

    fn forget(&mut self) {
        *self = Self::default();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::<Self>::default()
    }
}

impl Payments {
    fn part(
        &mut self,
        happened: &Happened<'_>,
        event: &part::Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let (plan, number) = plan_of_part(happened.subject())?;
        match event {
            part::Event::LinesCalculated { lines, .. } => {
                let run = self.run(plan, store)?;
                let first = self.count(happened.recorded.stream.as_str(), lines.len(), store)?;
                for (place, line) in (first..).zip(lines) {
                    self.planned(&run, number, place, line, store)?;
                }
            }
            part::Event::GrantsExcluded { excluded, .. } => {
                for one in excluded {
                    self.excluded.put(ExcludedRow {
                        plan: plan.to_owned(),
                        grant_id: one.grant,
                        person: one.person,
                        reason: one.reason.code().to_owned(),
                    });
                }
            }
            // The holds themselves are events of the obligations.
            part::Event::Sealed { .. }
            | part::Event::LinesHeld { .. }
            | part::Event::Instructed { .. } => {}
            part::Event::Freed { batch, .. } => {
                for seq in 1..=self.counted(&format!("batch-{batch}"), store)? {
                    let obligation = self.attempt(batch, seq, store)?;
                    self.moved(&obligation, store, LineState::Planned, |line| {
                        (line.batch, line.seq) = (None, None);
                    })?;
                }
            }
        }
        Ok(())
    }

    fn planned(
        &mut self,
        run: &RunRow,
        part: u16,
        place: u32,
        line: &disbursement::Line,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let obligation = line.obligation(run.item, run.month);
        let row = LineRow {
            obligation,
            item: run.item,
            month: obligation.month,
            run_month: run.month,
            plan: run.plan.clone(),
            part,
            place,
            person: line.person,
            component: line.component,
            grant_id: line.grant,
            grant_revision: line.workings.grant_revision,
            amount_from: line.workings.amount_from,
            payee: line.payee,
            address: line.address,
            address_version: line.address_version,
            bank: line.bank,
            county: line.county,
            fund: run.fund,
            gross: line.gross,
            deductions: line.deductions,
            net: line.net(),
            state: LineState::Planned,
            reason: None,
            batch: None,
            seq: None,
            serial: None,
        };
        self.cell(&row, store, |cell| {
            cell.planned_lines += 1;
            cell.gross += line.gross;
            cell.deductions += line.deductions;
        })?;
        self.lines.put(row);
        Ok(())
    }

    fn batch(
        &mut self,
        happened: &Happened<'_>,
        event: &batch::Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let id = happened.subject();
        match event {
            batch::Event::LinesComposed { lines, .. } => {
                let plan = plan_of_batch(id)?;
                let run = self.run(plan, store)?;
                let before = self.count(happened.recorded.stream.as_str(), lines.len(), store)?;
                for (seq, attempt) in (before + 1..).zip(lines) {
                    let obligation = attempt.obligation(run.item, run.month);
                    let (batch, number) = (id.to_owned(), attempt.number);
                    self.attempts.put(AttemptRow { batch, seq, obligation, number });
                    self.moved(&obligation, store, LineState::Instructed, |line| {
                        (line.batch, line.seq) = (Some(id.to_owned()), Some(seq));
                        (line.reason, line.serial) = (None, None);
                    })?;
                }
            }
            batch::Event::LinesSettled { settled, .. } => {
                for paid in &settled.paid {
                    let obligation = self.attempt(id, paid.seq, store)?;
                    self.moved(&obligation, store, LineState::Paid, |line| {
                        line.serial = Some(paid.serial.clone());
                    })?;
                }
                for returned in &settled.returned {
                    let obligation = self.attempt(id, returned.seq, store)?;
                    self.moved(&obligation, store, LineState::Returned, |line| {
                        line.reason = Some(returned.reason.code().to_owned());
                    })?;
                }
            }
            batch::Event::Opened(_)
            | batch::Event::Composed { .. }
            | batch::Event::Signed { .. }
            | batch::Event::Sent { .. }
            | batch::Event::Acknowledged { .. }
            | batch::Event::Rejected { .. }
            | batch::Event::Withdrawn { .. }
            | batch::Event::OutcomeUnknown { .. }
            | batch::Event::Debited { .. }
            | batch::Event::ReplyReceived { .. }
            | batch::Event::ReplyApplied { .. }
            | batch::Event::MoneyReturned { .. } => {}
        }
        Ok(())
    }

    fn obligation(
        &mut self,
        happened: &Happened<'_>,
        event: &obligation::Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let obligation: ObligationId = happened.id()?;
        match event {
            obligation::Event::Held { reason, .. } => {
                self.moved(&obligation, store, LineState::Held, |line| {
                    line.reason = Some(reason.code().to_owned());
                })
            }
            obligation::Event::Released { .. } => {
                self.moved(&obligation, store, LineState::Planned, |line| line.reason = None)
            }
            // The batch's own event says so with its sequence.
            obligation::Event::Returned { .. } => Ok(()),
        }
    }

    /// Takes a line from one state to another, in the register and in the matrix.
    fn moved(
        &mut self,
        obligation: &ObligationId,
        store: &mut dyn Store,
        to: LineState,
        change: impl FnOnce(&mut LineRow),
    ) -> Result<(), FoldError> {
        let Some(line) = self.lines.get(obligation, store)? else { return Ok(()) };
        let (from, mut line) = (line.state, line.clone());
        line.state = to;
        change(&mut line);
        self.cell(&line, store, |cell| {
            cell.leave(from, to, line.net);
            cell.enter(to, line.net);
        })?;
        self.lines.put(line);
        Ok(())
    }

    fn cell(
        &mut self,
        line: &LineRow,
        store: &mut dyn Store,
        change: impl FnOnce(&mut CellRow),
    ) -> Result<(), StoreError> {
        let key = (line.run_month, line.item, line.fund, line.bank, line.county);
        self.cells.update_or(&key, store, || CellRow::empty(line), change)
    }

    fn run(&mut self, plan: &str, store: &mut dyn Store) -> Result<RunRow, FoldError> {
        let run = self.runs.get(&plan.to_owned(), store)?;
        run.cloned().ok_or_else(|| FoldError::refused(format!("plan {plan} was never opened")))
    }

    fn attempt(
        &mut self,
        batch: &str,
        seq: u32,
        store: &mut dyn Store,
    ) -> Result<ObligationId, FoldError> {
        let attempt = self.attempts.get(&(batch.to_owned(), seq), store)?;
        attempt.map(|attempt| attempt.obligation).ok_or_else(|| {
            FoldError::refused(format!("batch {batch} has no line {seq}"))
        })
    }
}

impl Payments {
    /// Counts lines into a part or a batch, and says how many it had.
    fn count(
        &mut self,
        stream: &str,
        lines: usize,
        store: &mut dyn Store,
    ) -> Result<u32, FoldError> {
        let more = u32::try_from(lines)
            .map_err(|_| FoldError::refused("a chunk has more lines than a stream may hold"))?;
        let (of, mut before) = (stream.to_owned(), 0);
        let first = || CountRow { of: stream.to_owned(), lines: 0 };
        self.counts.update_or(&of, store, first, |count| {
            before = count.lines;
            count.lines += more;
        })?;
        Ok(before)
    }
}

impl Payments {
    fn counted(&mut self, stream: &str, store: &mut dyn Store) -> Result<u32, FoldError> {
        Ok(self.counts.get(&stream.to_owned(), store)?.map_or(0, |count| count.lines))
    }
}

impl CellRow {
    fn empty(line: &LineRow) -> Self {
        Self {
            month: line.run_month,
            item: line.item,
            fund: line.fund,
            bank: line.bank,
            county: line.county,
            planned_lines: 0,
            gross: Money::ZERO,
            deductions: Money::ZERO,
            held_lines: 0,
            held: Money::ZERO,
            instructed_lines: 0,
            instructed: Money::ZERO,
            paid_lines: 0,
            paid: Money::ZERO,
            returned_lines: 0,
            returned: Money::ZERO,
        }
    }

    /// What was instructed stays instructed: paid, returned and unreplied are parts of it.
    fn enter(&mut self, state: LineState, net: Money) {
        let (lines, sum) = match state {
            LineState::Planned => return,
            LineState::Held => (&mut self.held_lines, &mut self.held),
            LineState::Instructed => (&mut self.instructed_lines, &mut self.instructed),
            LineState::Paid => (&mut self.paid_lines, &mut self.paid),
            LineState::Returned => (&mut self.returned_lines, &mut self.returned),
        };
        *lines += 1;
        *sum += net;
    }

    fn leave(&mut self, from: LineState, to: LineState, net: Money) {
        let (lines, sum) = match (from, to) {
            (LineState::Held, _) => (&mut self.held_lines, &mut self.held),
            // Its batch was refused or withdrawn.
            (LineState::Instructed, LineState::Planned) => {
                (&mut self.instructed_lines, &mut self.instructed)
            }
            _ => return,
        };
        *lines -= 1;
        *sum -= net;
    }
}

/// `A1-2026-01-320600-1-2` is part 2 of plan `A1-2026-01-320600-1`.
fn plan_of_part(part: &str) -> Result<(&str, u16), FoldError> {
    part.rsplit_once('-')
        .and_then(|(plan, number)| Some((plan, number.parse().ok()?)))
        .ok_or_else(|| FoldError::refused(format!("{part} does not name a part")))
}

/// `A1-2026-01-320600-1-2-BOC-1` is the first batch of part 2 for one bank.
fn plan_of_batch(batch: &str) -> Result<&str, FoldError> {
    let part = batch.rsplitn(3, '-').nth(2).unwrap_or("");
    plan_of_part(part).map(|(plan, _)| plan)
}

/// Which lines are asked for; what is absent does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineFilter {
    pub plan: Option<String>,
    pub batch: Option<String>,
    pub person: Option<PersonId>,
    pub item: Option<ItemId>,
    pub month: Option<Month>,
    pub bank: Option<BankCode>,
    pub county: Option<DivisionCode>,
    pub state: Option<LineState>,
}

impl LineFilter {
    fn filter(&self, scope: &Scope) -> Filter {
        Filter::new()
            .divisions(scope, "county")
            .and_if("plan =", self.plan.clone())
            .and_if("batch =", self.batch.clone())
            .and_if("person =", self.person)
            .and_if("item =", self.item)
            .and_if("run_month =", self.month)
            .and_if("bank =", self.bank)
            .and_if("county =", self.county)
            .and_if("state =", self.state.map(|state| state.code().to_owned()))
    }
}

/// Lines after `after`, by obligation.
///
/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn lines(
    session: &ReadSession,
    scope: &Scope,
    filter: &LineFilter,
    after: Option<ObligationId>,
    limit: u32,
) -> Result<Vec<LineRow>, ViewError> {
    let filter = filter.filter(scope).and_if("obligation >", after);
    let tail = filter.tail(&format!("ORDER BY obligation LIMIT {limit}"));
    session.query(&tail, filter.binds())
}

/// How many lines, how many people, and their net sum.
pub fn line_totals(
    session: &ReadSession,
    scope: &Scope,
    filter: &LineFilter,
) -> Result<(u64, u64, Money), ViewError> {
    let filter = filter.filter(scope);
    let sql = filter.tail("");
    let sql = format!(
        "SELECT COUNT(*), COUNT(DISTINCT person), CAST(COALESCE(SUM(net), 0) AS BIGINT) \
         FROM line {sql}"
    );
    let rows = session.rows(NAME, &sql, filter.binds())?;
    let value = |place: usize| {
        rows.first().and_then(|row| row.get(place)).cloned().unwrap_or(Value::Int(0))
    };
    Ok((value(0).to()?, value(1).to()?, value(2).to()?))
}

pub fn line(
    session: &ReadSession,
    scope: &Scope,
    obligation: ObligationId,
) -> Result<Option<LineRow>, ViewError> {
    let line: Option<LineRow> = session.get(&obligation)?;
    Ok(line.filter(|line| scope.covers(line.county)))
}

/// Cells of the months asked for, whichever county may be seen.
pub fn cells(
    session: &ReadSession,
    scope: &Scope,
    from: Month,
    to: Month,
) -> Result<Vec<CellRow>, ViewError> {
    let filter =
        Filter::new().divisions(scope, "county").and("month >=", from).and("month <=", to);
    session.query(&filter.tail("ORDER BY month, item, fund, bank, county"), filter.binds())
}

/// Distinct people among the lines of these months, by one column of the line register or in all.
pub fn people(
    session: &ReadSession,
    scope: &Scope,
    from: Month,
    to: Month,
    by: Option<PeopleBy>,
) -> Result<Vec<(String, u64)>, ViewError> {
    let filter = Filter::new()
        .divisions(scope, "county")
        .and("run_month >=", from)
        .and("run_month <=", to);
    let (column, group) = match by {
        Some(by) => (by.column(), format!("GROUP BY {0} ORDER BY {0}", by.column())),
        None => ("'all'", String::new()),
    };
    let tail = filter.tail(&group);
    let sql = format!("SELECT {column}, COUNT(DISTINCT person) FROM line {tail}");
    let rows = session.rows(NAME, &sql, filter.binds())?;
    rows.iter()
        .map(|row| match row.as_slice() {
            [key, count] => Ok((key.to()?, count.to()?)),
            _ => Ok((String::new(), 0)),
        })
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleBy {
    Month,
    Item,
    Fund,
    Bank,
    County,
}

impl PeopleBy {
    fn column(self) -> &'static str {
        match self {
            Self::Month => "run_month",
            Self::Item => "item",
            Self::Fund => "fund",
            Self::Bank => "bank",
            Self::County => "county",
        }
    }
}

/// Grants that a plan left out, after `after`, by grant.
pub fn excluded(
    session: &ReadSession,
    plan: &str,
    after: Option<GrantId>,
    limit: u32,
) -> Result<Vec<ExcludedRow>, ViewError> {
    let filter = Filter::new().and("plan =", plan).and_if("grant_id >", after);
    session.query(&filter.tail(&format!("ORDER BY grant_id LIMIT {limit}")), filter.binds())
}
