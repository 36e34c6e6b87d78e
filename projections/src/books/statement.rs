//! What events of bank statements change: each line from its import to whatever settled it.

use disbursement::statement::{Direction, Event, Header, Line};
use shared::Money;

use super::{Books, StatementLineRow, StatementMatchRow, StatementRow};
use crate::engine::{FoldError, Happened, Store};

/// What a movement belongs to: a batch or a voucher, and how much of it.
type Match<'a> = (Option<&'a String>, Option<u64>, Option<Money>);

impl Books {
    pub(super) fn statement(
        &mut self,
        happened: &Happened<'_>,
        event: &Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let id = happened.subject();
        let on = happened.meta.business_date;
        match event {
            Event::Imported { header, lines } => self.imported(id, header, lines),
            Event::Matched { serial, batch } => {
                self.matched(happened, serial, "batch", &[(Some(batch), None, None)], store)?;
            }
            Event::MatchedToMany { serial, batches } => {
                let shares: Vec<Match<'_>> = batches
                    .iter()
                    .map(|share| (Some(&share.batch), None, Some(share.amount)))
                    .collect();
                self.matched(happened, serial, "batches", &shares, store)?;
            }
            Event::MatchedToVoucher { serial, voucher } => {
                let with = [(None, Some(*voucher), None)];
                self.matched(happened, serial, "voucher", &with, store)?;
            }
            Event::DifferenceFound { serial, owner, reason, .. } => {
                self.line(id, serial, store, |line| {
                    "different".clone_into(&mut line.state);
                    line.owner = Some(owner.clone());
                    line.reason = Some(reason.code().to_owned());
                    line.found_on = Some(on);
                })?;
                self.statements.update(&id.to_owned(), store, |row| row.differences += 1)?;
            }
            Event::DifferenceAssigned { serial, owner, .. } => {
                self.line(id, serial, store, |line| line.owner = Some(owner.clone()))?;
            }
            // It stays open: only the book knows of it.
            Event::DifferenceBooked { serial, voucher } => {
                self.line(id, serial, store, |line| line.booked = Some(*voucher))?;
            }
            Event::DifferenceCleared { serial, by, who } => {
                self.resolved(happened, serial, store, |line| {
                    line.settled = Some("cleared".to_owned());
                    line.resolved_by = Some(who.clone());
                    line.cleared_by = Some(format!("{}/{}", by.statement, by.serial));
                })?;
            }
            Event::DifferenceResolved { serial, by, note } => {
                self.resolved(happened, serial, store, |line| {
                    line.settled = Some("noted".to_owned());
                    line.resolved_by = Some(by.clone());
                    line.note = Some(note.clone());
                })?;
            }
        }
        Ok(())
    }

    fn imported(&mut self, id: &str, header: &Header, lines: &[Line]) {
        let sum = |direction| {
            let of = lines.iter().filter(move |line| line.direction == direction);
            of.map(|line| line.amount).sum()
        };
        self.statements.put(StatementRow {
            statement: id.to_owned(),
            bank: header.bank,
            fund: header.fund,
            book: header.account.clone(),
            posted_on: header.on,
            opening: header.opening,
            closing: header.closing,
            debits: sum(Direction::Debit),
            credits: sum(Direction::Credit),
            lines: u32::try_from(lines.len()).unwrap_or(u32::MAX),
            matched: 0,
            differences: 0,
            digest: header.artefact,
        });
        for line in lines {
            self.lines.put(StatementLineRow {
                statement: id.to_owned(),
                serial: line.serial.clone(),
                bank: header.bank,
                book: header.account.clone(),
                posted_on: header.on,
                direction: line.direction.code().to_owned(),
                amount: line.amount,
                reference: line.reference.clone(),
                balance: line.balance,
                state: "open".to_owned(),
                batch: None,
                owner: None,
                reason: None,
                found_on: None,
                booked: None,
                settled: None,
                settled_on: None,
                note: None,
                resolved_by: None,
                cleared_by: None,
            });
        }
    }

    /// A match that ends a difference comes behind the event that resolves it.
    fn matched(
        &mut self,
        happened: &Happened<'_>,
        serial: &str,
        how: &str,
        with: &[Match<'_>],
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let id = happened.subject();
        let mut whole = Money::ZERO;
        self.line(id, serial, store, |line| {
            "matched".clone_into(&mut line.state);
            line.settled = Some(how.to_owned());
            line.settled_on = Some(happened.meta.business_date);
            if let [(batch, ..)] = with {
                line.batch = batch.cloned();
            }
            whole = line.amount;
        })?;
        for (place, (batch, voucher, amount)) in (0..).zip(with) {
            self.matches.put(StatementMatchRow {
                statement: id.to_owned(),
                serial: serial.to_owned(),
                place,
                batch: batch.cloned(),
                voucher: *voucher,
                amount: amount.unwrap_or(whole),
            });
        }
        self.statements.update(&id.to_owned(), store, |row| row.matched += 1)?;
        Ok(())
    }

    fn resolved(
        &mut self,
        happened: &Happened<'_>,
        serial: &str,
        store: &mut dyn Store,
        how: impl FnOnce(&mut StatementLineRow),
    ) -> Result<(), FoldError> {
        let id = happened.subject();
        self.line(id, serial, store, |line| {
            "resolved".clone_into(&mut line.state);
            line.settled_on = Some(happened.meta.business_date);
            how(line);
        })?;
        self.statements.update(&id.to_owned(), store, |row| row.differences -= 1)?;
        Ok(())
    }

    fn line(
        &mut self,
        statement: &str,
        serial: &str,
        store: &mut dyn Store,
        change: impl FnOnce(&mut StatementLineRow),
    ) -> Result<(), FoldError> {
        let key = (statement.to_owned(), serial.to_owned());
        if self.lines.update(&key, store, change)? {
            return Ok(());
        }
        Err(FoldError::refused(format!("statement {statement} has no line {serial}")))
    }
}
