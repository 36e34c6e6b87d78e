//! How the events of plans, parts, batches and obligations move lines through the matrix.
//!
//! **Invariant** every move changes a line and its cell together: a cell is the sum of its lines.

use disbursement::{batch, obligation, part};
use shared::ObligationId;

use super::{AttemptRow, CellRow, CountRow, ExcludedRow, LineRow, LineState, Payments, RunRow};
use crate::engine::{FoldError, Happened, Record, Store, StoreError, Value};

/// How many lines of a cancelled plan are in memory at once.
const CANCELLED_AT_ONCE: usize = 50_000;

impl Payments {
    /// The lines of a cancelled plan are owed by no run: they leave the register and the matrix,
    /// and the next run takes their obligations.
    pub(super) fn cancelled(&mut self, plan: &str, store: &mut dyn Store) -> Result<(), FoldError> {
        let sql = format!(
            "SELECT {} FROM line WHERE plan = $1 ORDER BY part, place LIMIT {CANCELLED_AT_ONCE}",
            LineRow::TABLE.column_list()
        );
        loop {
            // A statement sees what was flushed.
            self.lines.flush(store)?;
            let rows = store.rows(&sql, &[Value::from(plan)])?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in &rows {
                let line = LineRow::read(row)
                    .map_err(|source| StoreError::Shape { table: LineRow::TABLE.name, source })?;
                self.dropped(&line, store)?;
            }
        }
    }

    fn dropped(&mut self, line: &LineRow, store: &mut dyn Store) -> Result<(), FoldError> {
        let (key, mut left) = (CellRow::key_of(line), 0);
        self.cells.update(&key, store, |cell| {
            cell.remove(line);
            left = cell.planned_lines;
        })?;
        if left == 0 {
            self.cells.remove(&key);
        }
        self.lines.remove(&line.obligation);
        Ok(())
    }

    pub(super) fn part(
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
            | part::Event::LinesReleased { .. }
            | part::Event::Instructed { .. } => {}
            part::Event::Freed { batch, .. } => {
                let lines = self.counted(&format!("batch-{batch}"), store)?;
                for obligation in self.obligations(batch, 1..=lines, store)? {
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

    pub(super) fn batch(
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
                let obligation = |line: &batch::Attempt| line.obligation(run.item, run.month);
                self.lines.ahead(lines.iter().map(obligation), store)?;
                for (seq, attempt) in (before + 1..).zip(lines) {
                    let obligation = obligation(attempt);
                    let (batch, number) = (id.to_owned(), attempt.number);
                    self.attempts.put(AttemptRow { batch, seq, obligation, number });
                    self.moved(&obligation, store, LineState::Instructed, |line| {
                        (line.batch, line.seq) = (Some(id.to_owned()), Some(seq));
                        (line.reason, line.serial) = (None, None);
                    })?;
                }
            }
            batch::Event::LinesSettled { settled, .. } => {
                let paid = settled.paid.iter().map(|line| line.seq);
                let returned = settled.returned.iter().map(|line| line.seq);
                let obligations = self.obligations(id, paid.chain(returned), store)?;
                let (of_paid, of_returned) = obligations.split_at(settled.paid.len());
                for (paid, obligation) in settled.paid.iter().zip(of_paid) {
                    self.moved(obligation, store, LineState::Paid, |line| {
                        line.serial = Some(paid.serial.clone());
                    })?;
                }
                for (returned, obligation) in settled.returned.iter().zip(of_returned) {
                    self.moved(obligation, store, LineState::Returned, |line| {
                        line.reason = Some(returned.reason.code().to_owned());
                    })?;
                }
            }
            batch::Event::ReturnedLate { seq, reason, .. } => {
                let obligation = self.attempt(id, *seq, store)?;
                self.moved(&obligation, store, LineState::Returned, |line| {
                    line.reason = Some(reason.code().to_owned());
                })?;
            }
            batch::Event::Opened(_)
            | batch::Event::StatusQueried { .. }
            | batch::Event::Composed { .. }
            | batch::Event::Signed { .. }
            | batch::Event::Sent { .. }
            | batch::Event::SentElsewhere { .. }
            | batch::Event::HandoverBegun { .. }
            | batch::Event::HandedOver { .. }
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

    pub(super) fn obligation(
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
            // A hold may outlast the run that it was made in; the line of a later run is not held.
            obligation::Event::Released { .. } => {
                let line = self.lines.get(&obligation, store)?;
                if line.is_none_or(|line| line.state != LineState::Held) {
                    return Ok(());
                }
                self.moved(&obligation, store, LineState::Planned, |line| line.reason = None)
            }
            // The batch's own event says so with its sequence.
            obligation::Event::Returned { .. }
            | obligation::Event::Taken { .. }
            | obligation::Event::Freed { .. }
            | obligation::Event::DueToHeirs { .. }
            | obligation::Event::Cancelled { .. }
            | obligation::Event::Reinstated { .. }
            | obligation::Event::Overpaid(_)
            | obligation::Event::OverpaymentWithdrawn { .. }
            | obligation::Event::Ordered { .. }
            | obligation::Event::DuplicateFound { .. } => Ok(()),
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
        self.cells.update_or(&CellRow::key_of(line), store, || CellRow::empty(line), change)
    }

    fn run(&mut self, plan: &str, store: &mut dyn Store) -> Result<RunRow, FoldError> {
        let run = self.runs.get(&plan.to_owned(), store)?;
        run.cloned().ok_or_else(|| FoldError::refused(format!("plan {plan} was never opened")))
    }

    /// The obligations of several lines of a batch, read together with their lines.
    fn obligations(
        &mut self,
        batch: &str,
        seqs: impl Iterator<Item = u32> + Clone,
        store: &mut dyn Store,
    ) -> Result<Vec<ObligationId>, FoldError> {
        self.attempts.ahead(seqs.clone().map(|seq| (batch.to_owned(), seq)), store)?;
        let obligations: Vec<ObligationId> =
            seqs.map(|seq| self.attempt(batch, seq, store)).collect::<Result<_, _>>()?;
        self.lines.ahead(obligations.iter().copied(), store)?;
        Ok(obligations)
    }

    fn attempt(
        &mut self,
        batch: &str,
        seq: u32,
        store: &mut dyn Store,
    ) -> Result<ObligationId, FoldError> {
        let attempt = self.attempts.get(&(batch.to_owned(), seq), store)?;
        attempt
            .map(|attempt| attempt.obligation)
            .ok_or_else(|| FoldError::refused(format!("batch {batch} has no line {seq}")))
    }

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

    fn counted(&mut self, stream: &str, store: &mut dyn Store) -> Result<u32, FoldError> {
        Ok(self.counts.get(&stream.to_owned(), store)?.map_or(0, |count| count.lines))
    }
}

/// `A1-2026-01-320600-1-2` is part 2 of plan `A1-2026-01-320600-1`.
pub(crate) fn plan_of_part(part: &str) -> Result<(&str, u16), FoldError> {
    part.rsplit_once('-')
        .and_then(|(plan, number)| Some((plan, number.parse().ok()?)))
        .ok_or_else(|| FoldError::refused(format!("{part} does not name a part")))
}

/// `A1-2026-01-320600-1-2-BOC-1` is the first batch of part 2 for one bank.
pub(crate) fn plan_of_batch(batch: &str) -> Result<&str, FoldError> {
    let part = batch.rsplitn(3, '-').nth(2).unwrap_or("");
    plan_of_part(part).map(|(plan, _)| plan)
}
