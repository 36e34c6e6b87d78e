//! From an open period to a file at the bank, as staff go about it, and as they must not.

use std::collections::BTreeSet;

use shared::{BankCode, FundCode, ItemId, Money, Month, PersonId};

use super::world::*;
use super::{City, Fact, Unit};
use crate::account::{self, Account, Book};
use crate::batch::{self, Attempt, Batch, File};
use crate::ledger::{Entry, Ledger};
use crate::line::{Excluded, Exclusion, Line};
use crate::obligation::{self, Obligation};
use crate::part::{self, Hold, Part};
use crate::period::{self, Before, Period};
use crate::plan::{self, ComposedBatch, PartTotals, Plan};
use crate::walk::Dice;

impl City {
    pub(super) fn open_books(&mut self) {
        for fund in [fund(item(0)), fund(item(1))] {
            let own = Book {
                fund,
                area: area(),
                agency: agency(),
                year: 2026,
                policy: "insurance-expense-on-paid".to_owned(),
                cash: CASH.to_owned(),
            };
            let opening = voucher("opening", None, &[(Ledger::F, CASH, "3001", yuan(500))]).entries;
            let open = account::Command::Open { book: own, opening };
            self.unit(|unit| unit.decide::<Account>(&book(fund), open));
        }
    }

    /// At the end of the year, where nothing stands in the way.
    pub(super) fn close_books(&mut self) {
        for which in 0..2 {
            let book = book(fund(item(which)));
            let plans: Vec<String> =
                self.streams.accounts[&book].reservations.keys().cloned().collect();
            for plan in plans {
                self.unit(|unit| unit.decide::<Account>(&book, account::Command::Release { plan }));
            }
            self.unit(|unit| unit.decide::<Account>(&book, account::Command::Close));
        }
    }

    pub(super) fn step(&mut self, dice: &mut Dice<'_>) {
        let (item, month) = (item(dice.below(2)), month(1 + dice.one_of(&[0, 0, 0, 1])));
        match dice.below(32) {
            0 => self.misbook(item, dice),
            1 if dice.rarely(3) => {
                let dead = person(1 + dice.below(PEOPLE as usize) as u128);
                if self.dead.insert(dead) {
                    self.facts.push(Fact::Died(dead));
                }
            }
            2 => self.statement_of_the_day(fund(item), dice),
            3 => self.resolve_difference(dice),
            4 => self.certify(item, month, dice),
            6 => self.order_hold(item, month, dice),
            _ => self.advance(item, month, dice),
        }
    }

    /// A slip of the pen that no book may take.
    fn misbook(&mut self, about: ItemId, dice: &mut Dice<'_>) {
        let mut wrong =
            voucher("correction", Some(about), &[(Ledger::F, SPENT, TRANSIT, yuan(10))]);
        let other = dice.rarely(2);
        if !other {
            wrong.entries.push(Entry { debit: yuan(1), ..wrong.entries[0].clone() });
        }
        let into = if other && about == item(0) {
            item(1)
        } else if other {
            item(0)
        } else {
            about
        };
        let post = account::Command::Post { fund: fund(about), voucher: wrong, settles: None };
        self.unit(|unit| unit.decide::<Account>(&book(fund(into)), post));
    }

    fn advance(&mut self, item: ItemId, month: Month, dice: &mut Dice<'_>) {
        let period_id = format!("{item}-{month}");
        let period = self.streams.periods.get(&period_id).cloned().unwrap_or_default();
        match period.stage {
            period::Stage::Unopened => return self.open_period(&period_id, item, month),
            period::Stage::Closed if dice.rarely(8) => return self.certify(item, month, dice),
            period::Stage::Closed if month.month() < 6 => {
                return self.advance(item, month.next(), dice);
            }
            period::Stage::Closed => return,
            period::Stage::Open => {}
        }
        let current = period.plans.last().map(|id| (id.clone(), self.streams.plans[id].clone()));
        let Some((id, plan)) = current else { return self.open_plan(&period_id, item, month, 1) };
        let number = period.plans.len() as u16 + 1;
        match plan.stage {
            plan::Stage::Unopened => {}
            plan::Stage::Cancelled => self.open_plan(&period_id, item, month, number),
            plan::Stage::Open => {
                let grants = PEOPLE as u32;
                let freeze = plan::Command::Freeze {
                    at: kernel::Position(self.facts.len() as u64),
                    grants,
                    digest: artefact(1).to_string(),
                };
                self.unit(|unit| unit.decide::<Plan>(&id, freeze));
            }
            plan::Stage::Frozen => self.calculate(&id, &plan, item, month, dice),
            plan::Stage::Calculated => self.submit(&id, &plan, item, month, dice),
            plan::Stage::InReview => self.review(&id, &plan, dice),
            plan::Stage::Approved => self.fund(&id, &plan, fund(item), item),
            plan::Stage::Funded => self.compose(&id, &plan, item, month, dice),
            plan::Stage::Composed if dice.rarely(24) && number < 3 => {
                self.open_plan(&period_id, item, month, number);
            }
            plan::Stage::Composed => {
                let batches: Vec<&String> = plan.batches.iter().map(|batch| &batch.batch).collect();
                if let Some(batch) = batches.get(dice.below(batches.len().max(1))) {
                    self.advance_batch(batch, item, dice);
                }
            }
        }
    }

    fn open_period(&mut self, id: &str, item: ItemId, month: Month) {
        let before = self.streams.periods.get(&format!("{item}-{}", month.previous()));
        let before = match before.map(|period| period.stage) {
            None | Some(period::Stage::Unopened) => Before::NeverOpened,
            Some(period::Stage::Open) => Before::Open,
            Some(period::Stage::Closed) => Before::Closed,
        };
        let exception = (before == Before::Open).then(|| "the bank is late".to_owned());
        let open = period::Command::Open { item, month, area: area(), before, exception };
        self.unit(|unit| unit.decide::<Period>(id, open));
    }

    fn open_plan(&mut self, period: &str, item: ItemId, month: Month, number: u16) {
        let plan = format!("{period}-{number}");
        self.unit(|unit| {
            unit.decide::<Plan>(&plan, plan::Command::Open(header(item, month, number)))?;
            unit.decide::<Period>(period, period::Command::AddRun { plan: plan.clone() })
        });
    }

    fn calculate(
        &mut self,
        id: &str,
        plan: &Plan,
        item: ItemId,
        month: Month,
        dice: &mut Dice<'_>,
    ) {
        let Some(number) =
            (0..PARTS).find(|part| plan.parts.iter().all(|known| known.part != *part))
        else {
            if !self.unit(|unit| unit.decide::<Plan>(id, plan::Command::FinishCalculation)) {
                self.cancel(id, item, month);
            }
            return;
        };
        let part_id = format!("{id}-{number}");
        let part = self.streams.parts.get(&part_id).cloned().unwrap_or_default();
        let half = u128::from(number) * (PEOPLE / 2);
        let chunks = [half + 1..half + 3, half + 3..half + 5];
        if let Some(people) = chunks.get(part.chunks as usize).cloned() {
            let (mut lines, mut excluded) = (Vec::new(), Vec::new());
            for number in people {
                let line = line(number);
                let reason = if self.dead.contains(&line.person) {
                    Some(Exclusion::Dead)
                } else if self.claims.contains(&line.obligation(item, month)) {
                    Some(Exclusion::AlreadyClaimed)
                } else {
                    None
                };
                match reason {
                    Some(reason) => {
                        excluded.push(Excluded { grant: line.grant, person: line.person, reason });
                    }
                    None => lines.push(line),
                }
            }
            let claims: Vec<_> = lines.iter().map(|line| line.obligation(item, month)).collect();
            let chunk = part.chunks;
            let calculate = part::Command::Calculate { chunk, lines, excluded };
            if self.unit(|unit| unit.decide::<Part>(&part_id, calculate)) {
                self.claims.extend(claims);
            }
            return;
        }
        if !part.sealed {
            self.unit(|unit| unit.decide::<Part>(&part_id, part::Command::Seal));
            return;
        }
        // Sometimes the excluded are forgotten.
        let excluded = if dice.rarely(12) { 0 } else { part.excluded };
        let (grants, totals) = (part.grants(), part.totals);
        let record = PartTotals { part: number, grants, totals, excluded };
        self.unit(|unit| unit.decide::<Plan>(id, plan::Command::RecordPart(record)));
    }

    fn cancel(&mut self, id: &str, item: ItemId, month: Month) {
        let cancel = plan::Command::Cancel { by: STAFF[0].to_owned(), reason: "wrong".to_owned() };
        if self.unit(|unit| unit.decide::<Plan>(id, cancel)) {
            for part in
                (0..PARTS).filter_map(|part| self.streams.parts.get(&format!("{id}-{part}")))
            {
                for line in &part.lines {
                    self.claims.remove(&line.obligation(item, month));
                }
            }
        }
    }

    fn submit(&mut self, id: &str, plan: &Plan, item: ItemId, month: Month, dice: &mut Dice<'_>) {
        if plan.totals.lines == 0 {
            return self.cancel(id, item, month);
        }
        let by = dice.one_of(&[STAFF[0], STAFF[0], STAFF[5]]).to_owned();
        self.unit(|unit| unit.decide::<Plan>(id, plan::Command::Submit { by }));
    }

    fn review(&mut self, id: &str, plan: &Plan, dice: &mut Dice<'_>) {
        let role = plan.next_role().unwrap_or("checker").to_owned();
        let anyone = dice.one_of(&STAFF);
        let by = if dice.rarely(3) { anyone } else { STAFF[plan.acted.len()] }.to_owned();
        let command = if dice.rarely(12) {
            plan::Command::SendBack { role, by, reason: "look again".to_owned() }
        } else {
            let address_editors = BTreeSet::from([STAFF[6].to_owned()]);
            plan::Command::Review { role, by, address_editors }
        };
        self.unit(|unit| unit.decide::<Plan>(id, command));
    }

    /// Plan and book in one append; where the cash is short, some of it is asked for.
    fn fund(&mut self, id: &str, plan: &Plan, fund: FundCode, item: ItemId) {
        let (amount, account) = (plan.totals.net(), book(fund));
        let funded = self.unit(|unit| {
            let owed = [(Ledger::M, "M1001", "M2001", amount)];
            let voucher = voucher("plan_approved", Some(item), &owed);
            unit.decide::<Account>(
                &account,
                account::Command::Post { fund, voucher, settles: None },
            )?;
            let reserve = plan::Command::ReserveFunds { account: account.clone(), amount };
            unit.decide::<Plan>(id, reserve)?;
            let plan = id.to_owned();
            unit.decide::<Account>(&account, account::Command::Reserve { fund, plan, amount })
        });
        if !funded {
            let sum = [(Ledger::F, CASH, FISCAL, yuan(6_000))];
            let voucher = voucher("appropriation_received", None, &sum);
            let post = account::Command::Post { fund, voucher, settles: None };
            self.unit(|unit| unit.decide::<Account>(&account, post));
        }
    }

    /// Lines of the dead are held first; then one bank's lines of one part become a batch.
    fn compose(&mut self, id: &str, plan: &Plan, item: ItemId, month: Month, dice: &mut Dice<'_>) {
        for number in 0..PARTS {
            let part_id = format!("{id}-{number}");
            let part = self.streams.parts[&part_id].clone();
            let dead: Vec<(u32, Line)> = part
                .uninstructed()
                .filter(|(place, line)| {
                    self.dead.contains(&line.person) && !part.held.contains_key(place)
                })
                .map(|(place, line)| (place, line.clone()))
                .collect();
            if !dead.is_empty() {
                self.unit(|unit| hold(unit, &part_id, item, month, &dead, Hold::DeathConfirmed));
                return;
            }
            // Sometimes a bank whose file lies ready is composed once more.
            let again = dice.rarely(8);
            let open: Vec<BankCode> = if again {
                part.instructed.keys().copied().collect()
            } else {
                part.uninstructed().map(|(_, line)| line.bank).collect()
            };
            if let Some(bank) = open.first() {
                return self.compose_batch(id, number, *bank, item, month);
            }
        }
        let parts: Vec<Part> =
            (0..PARTS).map(|part| self.streams.parts[&format!("{id}-{part}")].clone()).collect();
        let (lines, held) = parts.iter().fold((0, Money::ZERO), |(lines, sum), part| {
            let (more, amount) = part.held_totals();
            (lines + more, sum + amount)
        });
        let finish = plan::Command::FinishComposition { held_lines: lines, held, netted_lines: 0 };
        let header = plan.header.clone().unwrap();
        let account = book(header.fund);
        // What is held goes back, once: a later round of composing finds it gone.
        let left = self.streams.accounts[&account].reservations[id].left();
        self.unit(|unit| {
            unit.decide::<Plan>(id, finish)?;
            if left.is_zero() {
                return Ok(());
            }
            unit.decide::<Account>(&account, account::Command::Release { plan: id.to_owned() })
        });
    }

    fn compose_batch(&mut self, id: &str, number: u16, bank: BankCode, item: ItemId, month: Month) {
        let part_id = format!("{id}-{number}");
        let part = self.streams.parts[&part_id].clone();
        let attempt = |(place, line): (u32, &Line)| Attempt {
            line: place,
            person: line.person,
            component: line.component,
            month: line.month,
            adjustment: line.adjustment,
            number: line.attempt,
            amount: line.net(),
        };
        let attempts: Vec<Attempt> =
            part.payable().filter(|(_, line)| line.bank == bank).map(attempt).collect();
        let total: Money = attempts.iter().map(|attempt| attempt.amount).sum();
        let (lines, file) = (attempts.len() as u32, self.next());
        let batch = format!("{part_id}-{bank}-{file}");
        let account = book(fund(item));
        self.unit(|unit| {
            let header = batch::Header {
                plan: id.to_owned(),
                part: number,
                bank,
                item,
                month,
                account: account.clone(),
                seen: kernel::Position(7),
            };
            unit.decide::<Batch>(&batch, batch::Command::Open(header))?;
            unit.decide::<Batch>(&batch, batch::Command::Compose { chunk: 0, lines: attempts })?;
            let file = File {
                artefact: artefact(file),
                name: "pay.txt".to_owned(),
                bytes: 1,
                layout: "neutral".to_owned(),
                layout_digest: String::new(),
            };
            unit.decide::<Batch>(&batch, batch::Command::Seal { lines, total, file })?;
            let record = ComposedBatch { batch: batch.clone(), part: number, bank, lines, total };
            unit.decide::<Plan>(id, plan::Command::RecordBatch(record))?;
            let instruct = part::Command::Instruct { bank, batch: batch.clone(), lines, total };
            unit.decide::<Part>(&part_id, instruct)?;
            let (plan, amount) = (id.to_owned(), total);
            unit.decide::<Account>(&account, account::Command::Split { plan, batch, amount })
        });
    }

    /// A court's word or a clerk's, at any time; also its end.
    fn order_hold(&mut self, item: ItemId, month: Month, dice: &mut Dice<'_>) {
        let part_id = format!("{item}-{month}-1-{}", dice.below(PARTS as usize));
        let Some(part) = self.streams.parts.get(&part_id).cloned() else { return };
        let place = dice.below(4);
        let Some(line) = part.lines.get(place).cloned() else { return };
        let obligation = line.obligation(item, month).to_string();
        if part.held.contains_key(&(place as u32)) {
            let (by, reason) = (STAFF[0].to_owned(), "the court lifted it".to_owned());
            let release = obligation::Command::Release { by, reason, part: None };
            self.unit(|unit| unit.decide::<Obligation>(&obligation, release));
        } else if dice.rarely(3) {
            let lines = [(place as u32, line)];
            self.unit(|unit| hold(unit, &part_id, item, month, &lines, Hold::Ordered));
        }
    }

    /// Takes a batch back from its plan, part and book, after the bank or a clerk said no.
    pub(super) fn free(unit: &mut Unit, id: &str) -> Result<(), super::Refused> {
        let header = unit.streams.batches[id].header.clone().unwrap();
        let batch = id.to_owned();
        unit.decide::<Plan>(&header.plan, plan::Command::FreeBatch { batch: batch.clone() })?;
        let part = format!("{}-{}", header.plan, header.part);
        unit.decide::<Part>(&part, part::Command::Free { batch: batch.clone() })?;
        unit.decide::<Account>(&header.account, account::Command::Void { batch })
    }

    pub(super) fn names_the_dead(&self, id: &str) -> bool {
        let persons: Vec<PersonId> =
            self.streams.batches[id].lines.iter().map(|line| line.attempt.person).collect();
        persons.iter().any(|person| self.dead.contains(person))
    }
}

fn hold(
    unit: &mut Unit,
    part: &str,
    item: ItemId,
    month: Month,
    lines: &[(u32, Line)],
    reason: Hold,
) -> Result<(), super::Refused> {
    let places = lines.iter().map(|(place, _)| (*place, reason)).collect();
    unit.decide::<Part>(part, part::Command::Hold { lines: places })?;
    for (_, line) in lines {
        let id = line.obligation(item, month).to_string();
        let (amount, by) = (line.net(), STAFF[0].to_owned());
        unit.decide::<Obligation>(
            &id,
            obligation::Command::Hold {
                attempt: line.attempt,
                reason,
                amount,
                by,
                verify_by: None,
            },
        )?;
    }
    Ok(())
}
