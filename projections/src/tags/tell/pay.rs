//! What grants, obligations and batches say of people and banks.

use std::collections::{BTreeMap, BTreeSet};

use conditions::{Subject, Timeline, Value};
use shared::{Date, GrantId, Money, Month, ObligationId, Payee, PersonId};

use super::super::rows::{BatchRow, ChunkRow, GrantRow, Instructed, PendingRow, Unanswered};
use super::{PENDING, Teller};
use crate::engine::{FoldError, StoreError};

impl Teller<'_> {
    pub(super) fn grant(
        &mut self,
        grant: GrantId,
        event: &benefits::grant::Event,
    ) -> Result<(), FoldError> {
        use benefits::grant::Event;
        if let Event::Registered(as_is) = event {
            let row = GrantRow {
                grant_id: grant,
                person: as_is.person,
                item: as_is.item,
                payee: as_is.payee.code().to_owned(),
                from_month: as_is.from,
                to_month: as_is.to,
                stop: None,
            };
            self.drawn(&row, as_is.from, as_is.payee, true)?;
            if let Some(to) = as_is.to {
                self.drawn(&row, to.next(), as_is.payee, false)?;
            }
            self.tags.grants.put(row);
            return Ok(());
        }
        let Some(row) = self.tags.grants.get(&grant, self.store)?.cloned() else {
            return Err(FoldError::refused(format!("grant {grant} was never registered")));
        };
        let person = row.person.to_string();
        let id = person.as_str();
        match event {
            Event::Suspended { from, reason } => {
                let reason = reason.to_string();
                self.edit(Subject::Person, id, "stops", |line, origin| {
                    line.include(from.first_day(), &reason, origin)
                })?;
                self.tags.grants.put(GrantRow { stop: Some(reason), ..row });
            }
            Event::Resumed { from, .. } => {
                if let Some(reason) = row.stop.clone() {
                    self.edit(Subject::Person, id, "stops", |line, origin| {
                        line.exclude(from.first_day(), &reason, origin)
                    })?;
                }
                self.tags.grants.put(GrantRow { stop: None, ..row });
            }
            Event::Ended { last, .. } => {
                let payee = payee_of(&row);
                if let Some(to) = row.to_month {
                    self.drawn(&row, to.next(), payee, true)?;
                }
                let end = last.next().max(row.from_month);
                self.drawn(&row, end, payee, false)?;
                if let Some(reason) = row.stop.clone() {
                    self.edit(Subject::Person, id, "stops", |line, origin| {
                        line.exclude(end.first_day(), &reason, origin)
                    })?;
                }
                self.tags.grants.put(GrantRow { to_month: Some(*last), stop: None, ..row });
            }
            Event::Reinstated { to, .. } => {
                let payee = payee_of(&row);
                if let Some(last) = row.to_month {
                    self.drawn(&row, last.next().max(row.from_month), payee, true)?;
                }
                if let Some(to) = to {
                    self.drawn(&row, to.next(), payee, false)?;
                }
                self.tags.grants.put(GrantRow { to_month: *to, ..row });
            }
            // What others add later says nothing of who draws what.
            _ => {}
        }
        Ok(())
    }

    fn drawn(
        &mut self,
        row: &GrantRow,
        from: Month,
        payee: Payee,
        more: bool,
    ) -> Result<(), StoreError> {
        let (person, item, from) = (row.person.to_string(), row.item.to_string(), from.first_day());
        let of = (Subject::Person, person.as_str());
        self.edit(Subject::Person, &person, "items", |line, origin| {
            if more { line.include(from, &item, origin) } else { line.exclude(from, &item, origin) }
        })?;
        let by = if more { 1 } else { -1 };
        if !matches!(payee, Payee::Person { .. }) {
            self.add(of, "drawn_by_others", from, by)?;
        }
        if matches!(payee, Payee::Guardian { .. }) {
            self.add(of, "guardian_payees", from, by)?;
        }
        Ok(())
    }

    pub(super) fn obligation(
        &mut self,
        id: ObligationId,
        event: &disbursement::obligation::Event,
        today: Date,
    ) -> Result<(), FoldError> {
        use disbursement::obligation::Event;
        let person = id.person.to_string();
        let of = (Subject::Person, person.as_str());
        match event {
            Event::Held { .. } => self.add(of, "holds", today, 1)?,
            Event::Released { .. } => self.add(of, "holds", today, -1)?,
            Event::Returned { reason, .. } => {
                self.add(of, "returns", today, 1)?;
                let code = reason.code();
                self.edit(Subject::Person, &person, "return_reasons", |line, origin| {
                    line.include(today, code, origin)
                })?;
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn batch(
        &mut self,
        id: &str,
        event: &disbursement::batch::Event,
        today: Date,
    ) -> Result<(), FoldError> {
        use disbursement::batch::Event;
        if let Event::Opened(header) = event {
            let (bank, month) = (header.bank, header.month);
            self.tags.batches.put(BatchRow { batch: id.to_owned(), bank, month });
            return Ok(());
        }
        let Some(row) = self.tags.batches.get(&id.to_owned(), self.store)?.cloned() else {
            return Err(FoldError::refused(format!("batch {id} was never opened")));
        };
        match event {
            Event::LinesComposed { chunk, lines } => {
                let mut sums: BTreeMap<(PersonId, Month), Money> = BTreeMap::new();
                for line in lines.iter().filter(|line| line.number == 1) {
                    let month = line.month.unwrap_or(row.month);
                    let sum = sums.entry((line.person, month)).or_insert(Money::ZERO);
                    *sum += line.amount;
                }
                let sums: Vec<Instructed> = sums
                    .into_iter()
                    .map(|((person, month), sum)| Instructed { person, month, sum })
                    .collect();
                self.ahead(&sums)?;
                for Instructed { person, month, sum } in &sums {
                    self.instructed(&person.to_string(), *month, *sum, today)?;
                }
                self.tags.chunks.put(ChunkRow { batch: id.to_owned(), chunk: *chunk, sums });
            }
            Event::Sent { .. } => {
                let sent = Unanswered { batch: id.to_owned(), bank: row.bank, sent_on: today };
                self.pending(|batches| batches.push(sent))?;
                self.waiting(row.bank.as_ref(), today)?;
            }
            Event::LinesSettled { settled, .. } => self.settled(&row, settled)?,
            Event::ReplyApplied { .. } | Event::Rejected { .. } | Event::Withdrawn { .. } => {
                // Refused or taken back, its lines go into another batch and count there.
                let counts = matches!(event, Event::ReplyApplied { .. });
                self.over(id, counts, today)?;
                self.pending(|batches| batches.retain(|batch| batch.batch != id))?;
                self.waiting(row.bank.as_ref(), today)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Forgets what a batch added for people, and takes it away where it does not count.
    fn over(&mut self, batch: &str, counts: bool, today: Date) -> Result<(), StoreError> {
        for chunk in 0.. {
            let key = (batch.to_owned(), chunk);
            let row = self.tags.chunks.get(&key, self.store)?;
            let Some(sums) = row.map(|row| row.sums.clone()) else { break };
            self.tags.chunks.remove(&key);
            if counts {
                continue;
            }
            self.ahead(&sums)?;
            for Instructed { person, month, sum } in sums {
                self.instructed(&person.to_string(), month, -sum, today)?;
            }
        }
        Ok(())
    }

    /// Reads together the persons of a part of a batch.
    fn ahead(&mut self, sums: &[Instructed]) -> Result<(), StoreError> {
        let persons = sums.iter().map(|one| (Subject::Person, one.person.to_string()));
        self.tags.subjects.ahead(persons, self.store)
    }

    /// So much more for a month, or less. Each month stands on its own: equal sums of two months are
    /// two months.
    fn instructed(
        &mut self,
        id: &str,
        month: Month,
        sum: Money,
        today: Date,
    ) -> Result<(), StoreError> {
        let of = (Subject::Person, id);
        let before = in_month(&self.timeline(of.0, id, "instructed")?, month).unwrap_or(0);
        self.edit(of.0, id, "instructed", |line, origin| {
            let sum = Money::from_fen(before) + sum;
            line.put(month.first_day(), Value::Money(sum), origin)
        })?;
        let line = self.timeline(of.0, id, "instructed")?;
        // A sum that comes late changes the step to the month after it as well.
        for month in [month, month.next()] {
            let (before, now) = (in_month(&line, month.previous()), in_month(&line, month));
            let (Some(before @ 1..), Some(now)) = (before, now) else { continue };
            let change = i128::from(now - before) * 10_000 / i128::from(before);
            let change = Value::Number(i64::try_from(change).unwrap_or(i64::MAX));
            self.edit(of.0, id, "instructed_change", |line, origin| {
                line.put(month.first_day(), change, origin)
            })?;
        }
        let died = self.timeline(of.0, id, "died_on")?;
        let died_on = died.steps().last().and_then(|step| match step.value {
            Some(Value::Date(date)) => Some(date),
            _ => None,
        });
        if died_on.is_some() {
            self.after_death(id, died_on, today)?;
        }
        Ok(())
    }

    fn settled(
        &mut self,
        row: &BatchRow,
        settled: &disbursement::batch::Settled,
    ) -> Result<(), StoreError> {
        let bank = row.bank.to_string();
        let count = |lines: usize| i64::try_from(lines).unwrap_or(i64::MAX);
        let returned = count(settled.returned.len());
        let answered = returned + count(settled.paid.len());
        let answered = self.count(&bank, row.month, "answered", answered)?;
        let returned = self.count(&bank, row.month, "returned", returned)?;
        let (against, strange) = (settled.contradictions.len(), settled.strangers.len());
        if against > 0 {
            self.count(&bank, row.month, "contradictions", count(against))?;
        }
        if strange > 0 {
            self.count(&bank, row.month, "strangers", count(strange))?;
        }
        if answered > 0 {
            let rate = Value::Number(returned * 10_000 / answered);
            self.edit(Subject::Bank, &bank, "return_rate", |line, origin| {
                line.put(row.month.first_day(), rate, origin)
            })?;
        }
        Ok(())
    }

    /// Adds to a month's count of a bank, and says what it is now.
    fn count(
        &mut self,
        bank: &str,
        month: Month,
        fact: &'static str,
        more: i64,
    ) -> Result<i64, StoreError> {
        let first = month.first_day();
        let line = self.timeline(Subject::Bank, bank, fact)?;
        let now = in_month(&line, month).unwrap_or(0) + more;
        self.edit(Subject::Bank, bank, fact, |line, origin| {
            line.put(first, Value::Number(now), origin)
        })?;
        Ok(now)
    }

    fn pending(&mut self, change: impl FnOnce(&mut Vec<Unanswered>)) -> Result<(), StoreError> {
        let first = || PendingRow { place: PENDING, batches: Vec::new() };
        self.tags.pending.update_or(&PENDING, self.store, first, |row| change(&mut row.batches))
    }

    /// How many batches of a bank are unanswered, and since when the oldest.
    fn waiting(&mut self, bank: &str, today: Date) -> Result<(), StoreError> {
        let row = self.tags.pending.get(&PENDING, self.store)?;
        let of_bank: Vec<Date> = row
            .map(|row| row.batches.as_slice())
            .unwrap_or_default()
            .iter()
            .filter(|batch| batch.bank.to_string() == bank)
            .map(|batch| batch.sent_on)
            .collect();
        let days = |sent: &Date| sent.until(today).map_or(0, |span| i64::from(span.get_days()));
        let oldest = of_bank.iter().map(days).max().unwrap_or(0);
        let number = i64::try_from(of_bank.len()).unwrap_or(i64::MAX);
        let of = (Subject::Bank, bank);
        self.set(of, "unknown_batches", today, Some(Value::Number(number)))?;
        self.set(of, "unknown_days", today, Some(Value::Number(oldest)))
    }

    pub(super) fn day(&mut self, today: Date) -> Result<(), FoldError> {
        let row = self.tags.pending.get(&PENDING, self.store)?;
        let batches = row.map(|row| row.batches.clone()).unwrap_or_default();
        let banks: BTreeSet<String> = batches.iter().map(|batch| batch.bank.to_string()).collect();
        for bank in banks {
            self.waiting(&bank, today)?;
        }
        Ok(())
    }
}

/// What was put for a month, and not for one before it.
fn in_month(line: &Timeline, month: Month) -> Option<i64> {
    let step = line.at(month.first_day()).filter(|step| step.from == month.first_day())?;
    step.value.as_ref().and_then(Value::amount)
}

fn payee_of(row: &GrantRow) -> Payee {
    let person = row.person;
    match row.payee.as_str() {
        "person" => Payee::Person { person },
        "guardian" => Payee::Guardian { person },
        _ => Payee::Relative { person },
    }
}
