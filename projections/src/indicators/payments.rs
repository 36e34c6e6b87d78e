//! What events of plans, parts and batches tell: one fact for each step of a line, on the pay day of
//! its plan, named `<plan>|<obligation>|<step>`.

use definitions::{Dimension, FactKind, Number};
use disbursement::{batch, part, plan};

use super::Known;
use super::keeper::{Teller, Told};
use super::rows::{AttemptRow, BatchRow, FactRow, PlanRow};
use crate::engine::{FoldError, Store};
use crate::payments::{plan_of_batch, plan_of_part};

const LINE: FactKind = FactKind::PayLine;

pub(super) fn plan(
    teller: &mut Teller<'_>,
    known: &mut Known,
    event: &plan::Event,
) -> Result<(), FoldError> {
    let plan = teller.happened.subject();
    match event {
        plan::Event::Opened(header) => known.plans.put(PlanRow {
            plan: plan.to_owned(),
            item: header.item,
            month: header.month,
            fund: header.fund,
            run: header.run,
            pay_day: header.pay_day,
        }),
        // Its lines are owed by no run.
        plan::Event::Cancelled { .. } => teller.withdraw_all(LINE, &format!("{plan}|"))?,
        // The other steps of a plan move no line.
        _ => {}
    }
    Ok(())
}

pub(super) fn part(
    teller: &mut Teller<'_>,
    known: &mut Known,
    event: &part::Event,
) -> Result<(), FoldError> {
    let plan = plan_of_part(teller.happened.subject())?.0.to_owned();
    match event {
        part::Event::LinesCalculated { lines, .. } => {
            let run = known.run(&plan, teller.store)?;
            let class = known.class(run.item, teller.store)?;
            let addresses = lines.iter().map(|line| (line.address, line.address_version));
            known.addresses.ahead(addresses, teller.store)?;
            for line in lines {
                let obligation = line.obligation(run.item, run.month);
                let address = (line.address, line.address_version);
                let address = known.addresses.get(&address, teller.store)?;
                let to_card = address.is_some_and(|address| address.is_card);
                let told = run
                    .told(&obligation.to_string(), "planned", &class)
                    .of(line.person)
                    .with(Dimension::County, line.county)
                    .with(Dimension::Bank, line.bank)
                    .number(Number::Amount, line.net().fen())
                    .number(Number::ToCard, i64::from(to_card));
                teller.tell(told)?;
            }
        }
        part::Event::GrantsExcluded { excluded, .. } => {
            let run = known.run(&plan, teller.store)?;
            let class = known.class(run.item, teller.store)?;
            known.grants.ahead(excluded.iter().map(|one| one.grant), teller.store)?;
            for one in excluded {
                let grant = known.grants.get(&one.grant, teller.store)?;
                let county = grant.map_or_else(String::new, |grant| grant.county.to_string());
                let told = run
                    .told(&one.grant.to_string(), "excluded", &class)
                    .of(one.person)
                    .with(Dimension::County, county)
                    .with(Dimension::Reason, one.reason.code());
                teller.tell(told)?;
            }
        }
        // The batch's lines stand in no bank file any more.
        part::Event::Freed { batch, .. } => {
            let lines = known.batches.get(batch, teller.store)?.map_or(0, |row| row.lines);
            for obligation in known.obligations(batch, 1..=lines, teller.store)? {
                teller.withdraw(LINE, format!("{plan}|{obligation}|instructed|{batch}"))?;
            }
        }
        // The other events move no line, or the batch's own events say so.
        _ => {}
    }
    Ok(())
}

pub(super) fn batch(
    teller: &mut Teller<'_>,
    known: &mut Known,
    event: &batch::Event,
) -> Result<(), FoldError> {
    let batch = teller.happened.subject().to_owned();
    match event {
        batch::Event::LinesComposed { lines, .. } => {
            let plan = plan_of_batch(&batch)?;
            let run = known.run(plan, teller.store)?;
            let before = known.batches.get(&batch, teller.store)?.map_or(0, |row| row.lines);
            let obligations: Vec<String> = lines
                .iter()
                .map(|attempt| attempt.obligation(run.item, run.month).to_string())
                .collect();
            planned_ahead(teller, plan, &obligations)?;
            let mut seq = before;
            for obligation in obligations {
                seq += 1;
                if let Some(line) = planned(teller, plan, &obligation)? {
                    let name = format!("{plan}|{obligation}|instructed|{batch}");
                    teller.tell(line.step(name, "instructed", ""))?;
                }
                known.attempts.put(AttemptRow { batch: batch.clone(), seq, obligation });
            }
            known.batches.put(BatchRow { batch, lines: seq });
        }
        batch::Event::LinesSettled { settled, .. } => {
            let plan = plan_of_batch(&batch)?;
            let paid = settled.paid.iter().map(|line| line.seq);
            let returned = settled.returned.iter().map(|line| line.seq);
            let obligations = known.obligations(&batch, paid.chain(returned), teller.store)?;
            planned_ahead(teller, plan, &obligations)?;
            let (of_paid, of_returned) = obligations.split_at(settled.paid.len());
            for obligation in of_paid {
                if let Some(line) = planned(teller, plan, obligation)? {
                    let name = format!("{plan}|{obligation}|paid|{batch}");
                    teller.tell(line.step(name, "paid", ""))?;
                }
            }
            for (returned, obligation) in settled.returned.iter().zip(of_returned) {
                if let Some(line) = planned(teller, plan, obligation)? {
                    let name = format!("{plan}|{obligation}|returned|{batch}");
                    teller.tell(line.step(name, "returned", returned.reason.code()))?;
                }
            }
        }
        // It was paid and is not any more: one line has one outcome.
        batch::Event::ReturnedLate { seq, reason, .. } => {
            let plan = plan_of_batch(&batch)?;
            let obligation = known.attempt(&batch, *seq, teller.store)?;
            teller.withdraw(LINE, format!("{plan}|{obligation}|paid|{batch}"))?;
            if let Some(line) = planned(teller, plan, &obligation)? {
                let name = format!("{plan}|{obligation}|returned|{batch}");
                teller.tell(line.step(name, "returned", reason.code()))?;
            }
        }
        // The other steps of a batch move no line.
        _ => {}
    }
    Ok(())
}

/// The line as it was planned; none where the plan was cancelled meanwhile.
fn planned(
    teller: &mut Teller<'_>,
    plan: &str,
    obligation: &str,
) -> Result<Option<FactRow>, FoldError> {
    teller.held(LINE, format!("{plan}|{obligation}|planned"))
}

/// Reads together what [`planned`] is asked for next.
fn planned_ahead(
    teller: &mut Teller<'_>,
    plan: &str,
    obligations: &[String],
) -> Result<(), FoldError> {
    let names = obligations.iter().map(|obligation| format!("{plan}|{obligation}|planned"));
    teller.ahead(LINE, names)
}

impl FactRow {
    /// The same line at another step.
    fn step(&self, name: String, step: &str, reason: &str) -> Told {
        let of = |dimension| match LINE.place(dimension) {
            Some(0) => self.d1.as_str(),
            Some(1) => &self.d2,
            Some(2) => &self.d3,
            Some(3) => &self.d4,
            Some(4) => &self.d5,
            Some(5) => &self.d6,
            Some(6) => &self.d7,
            Some(7) => &self.d8,
            _ => "",
        };
        let mut told = Told::new(LINE, name, self.day).of(&self.subject);
        for dimension in LINE.shape().dimensions {
            told = match dimension {
                Dimension::Step => told.with(Dimension::Step, step),
                Dimension::Reason => told.with(Dimension::Reason, reason),
                kept => told.with(*kept, of(*kept)),
            };
        }
        told.number(Number::Amount, self.n1).number(Number::ToCard, self.n2)
    }
}

impl PlanRow {
    fn told(&self, of: &str, step: &str, class: &str) -> Told {
        Told::new(LINE, format!("{}|{of}|{step}", self.plan), self.pay_day)
            .with(Dimension::Item, self.item)
            .with(Dimension::Class, class)
            .with(Dimension::Fund, self.fund)
            .with(Dimension::Run, self.run)
            .with(Dimension::Step, step)
    }
}

impl Known {
    fn run(&mut self, plan: &str, store: &mut dyn Store) -> Result<PlanRow, FoldError> {
        let row = self.plans.get(&plan.to_owned(), store)?.cloned();
        row.ok_or_else(|| FoldError::refused(format!("plan {plan} was never opened")))
    }

    pub(super) fn class(
        &mut self,
        item: shared::ItemId,
        store: &mut dyn Store,
    ) -> Result<String, FoldError> {
        Ok(self.items.get(&item, store)?.map_or_else(String::new, |row| row.class.clone()))
    }

    /// The obligations of several lines of a batch, read together.
    fn obligations(
        &mut self,
        batch: &str,
        seqs: impl Iterator<Item = u32> + Clone,
        store: &mut dyn Store,
    ) -> Result<Vec<String>, FoldError> {
        self.attempts.ahead(seqs.clone().map(|seq| (batch.to_owned(), seq)), store)?;
        seqs.map(|seq| self.attempt(batch, seq, store)).collect()
    }

    fn attempt(
        &mut self,
        batch: &str,
        seq: u32,
        store: &mut dyn Store,
    ) -> Result<String, FoldError> {
        let row = self.attempts.get(&(batch.to_owned(), seq), store)?;
        row.map(|row| row.obligation.clone())
            .ok_or_else(|| FoldError::refused(format!("batch {batch} has no line {seq}")))
    }
}
