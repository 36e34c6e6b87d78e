//! What staff do, from an opened book to a batch that is sent; each step is one append.

use std::collections::BTreeSet;

use disbursement::account::{self, Account, Book};
use disbursement::batch::{self, Attempt, Batch, File};
use disbursement::obligation::{self, Obligation};
use disbursement::part::{self, Hold, Part};
use disbursement::period::{self, Before, Period};
use disbursement::plan::{self, ComposedBatch, PartTotals, Plan};
use disbursement::{Excluded, Ledger, Line, Voucher};
use kernel::Position;
use shared::{BankCode, Money, Month};

use crate::town::{Asked, Town, Unit};
use crate::world::*;

pub fn period_id(month: Month) -> String {
    format!("{}-{month}-{}", item(), area())
}

pub fn plan_id(month: Month, number: u16) -> String {
    format!("{}-{number}", period_id(month))
}

pub fn part_id(plan: &str, number: u16) -> String {
    format!("{plan}-{number}")
}

/// Posts to the only book.
pub fn post(unit: &mut Unit<'_>, voucher: Voucher, settles: Option<String>) -> Asked {
    unit.ask::<Account>(BOOK, account::Command::Post { fund: fund(), voucher, settles })
}

impl Town {
    pub fn open_book(&mut self, cash: Money) -> Asked {
        let book = Book {
            fund: fund(),
            area: area(),
            agency: agency(),
            year: 2026,
            policy: "insurance-expense-on-paid".to_owned(),
            cash: CASH.to_owned(),
        };
        let opening = voucher("opening", &[(Ledger::F, CASH, "3001", cash)]).entries;
        self.unit("ke", |unit| unit.ask::<Account>(BOOK, account::Command::Open { book, opening }))
    }

    pub fn appropriate(&mut self, amount: Money) -> Asked {
        let voucher = voucher("appropriation_received", &[(Ledger::F, CASH, FISCAL, amount)]);
        self.unit("ke", |unit| post(unit, voucher, None))
    }

    pub fn open_period(&mut self, month: Month) -> Asked {
        let (before, exception) = (Before::NeverOpened, None);
        let open = period::Command::Open { item: item(), month, area: area(), before, exception };
        self.unit("hu", |unit| unit.ask::<Period>(&period_id(month), open))
    }

    pub fn open_plan(&mut self, month: Month, number: u16) -> Asked {
        let plan = plan_id(month, number);
        self.unit("hu", |unit| {
            unit.ask::<Plan>(&plan, plan::Command::Open(header(month, number)))?;
            unit.ask::<Period>(&period_id(month), period::Command::AddRun { plan: plan.clone() })
        })
    }

    pub fn freeze(&mut self, plan: &str, grants: u32) -> Asked {
        let (at, digest) = (Position(1), artefact(1).to_string());
        self.unit("hu", |unit| unit.ask::<Plan>(plan, plan::Command::Freeze { at, grants, digest }))
    }

    pub fn calculate(
        &mut self,
        plan: &str,
        part: u16,
        lines: Vec<Line>,
        excluded: Vec<Excluded>,
    ) -> Asked {
        let id = part_id(plan, part);
        let chunk = self.streams.parts.get(&id).map_or(0, |part| part.chunks);
        let calculate = part::Command::Calculate { chunk, lines, excluded };
        self.unit("hu", |unit| unit.ask::<Part>(&id, calculate))
    }

    pub fn seal(&mut self, plan: &str, number: u16) -> Asked {
        let id = part_id(plan, number);
        self.unit("hu", |unit| {
            unit.ask::<Part>(&id, part::Command::Seal)?;
            let part = &unit.streams.parts[&id];
            let (grants, totals, excluded) = (part.grants(), part.totals, part.excluded);
            let record = PartTotals { part: number, grants, totals, excluded };
            unit.ask::<Plan>(plan, plan::Command::RecordPart(record))
        })
    }

    pub fn ask_plan(&mut self, by: &str, plan: &str, command: plan::Command) -> Asked {
        self.unit(by, |unit| unit.ask::<Plan>(plan, command))
    }

    pub fn submit(&mut self, plan: &str, by: &str) -> Asked {
        self.ask_plan(by, plan, plan::Command::Submit { by: by.to_owned() })
    }

    pub fn review(&mut self, plan: &str, role: &str, by: &str) -> Asked {
        let (role, who) = (role.to_owned(), by.to_owned());
        let address_editors = BTreeSet::new();
        self.ask_plan(by, plan, plan::Command::Review { role, by: who, address_editors })
    }

    /// Reserves, posts what is owed, and notes it in the plan.
    pub fn fund(&mut self, plan: &str) -> Asked {
        let amount = self.streams.plans[plan].totals.net();
        self.unit("kuai", |unit| {
            let owed = [(Ledger::M, "M1001", "M2001", amount)];
            post(unit, voucher("plan_approved", &owed), None)?;
            let account = BOOK.to_owned();
            unit.ask::<Plan>(plan, plan::Command::ReserveFunds { account, amount })?;
            let reserve = account::Command::Reserve { fund: fund(), plan: plan.to_owned(), amount };
            unit.ask::<Account>(BOOK, reserve)
        })
    }

    pub fn hold(&mut self, plan: &str, part: u16, place: u32, reason: Hold) -> Asked {
        let (id, header) = (part_id(plan, part), self.streams.plans[plan].header.clone().unwrap());
        let line = self.streams.parts[&id].lines.get(place as usize).cloned();
        let line = line.ok_or("no such line")?;
        let obligation = line.obligation(header.item, header.month).to_string();
        let (amount, by) = (line.net(), "hu".to_owned());
        self.unit("hu", |unit| {
            unit.ask::<Part>(&id, part::Command::Hold { lines: vec![(place, reason)] })?;
            let verify_by = None;
            let hold = obligation::Command::Hold { attempt: 1, reason, amount, by, verify_by };
            unit.ask::<Obligation>(&obligation, hold)
        })
    }

    pub fn release(&mut self, obligation: &str) -> Asked {
        let (by, reason) = ("hu".to_owned(), "the court lifted it".to_owned());
        self.unit("hu", |unit| {
            unit.ask::<Obligation>(
                obligation,
                obligation::Command::Release { by, reason, part: None },
            )
        })
    }

    /// The payable lines of one bank in one part become a batch; its id.
    pub fn compose(&mut self, plan: &str, number: u16, bank: BankCode) -> Result<String, String> {
        let part = part_id(plan, number);
        let month = self.streams.plans[plan].header.as_ref().unwrap().month;
        let attempt = |(place, line): (u32, &Line)| Attempt {
            line: place,
            person: line.person,
            component: line.component,
            month: line.month,
            adjustment: line.adjustment,
            number: 1,
            amount: line.net(),
        };
        let lines = self.streams.parts[&part].payable().filter(|(_, line)| line.bank == bank);
        let attempts: Vec<Attempt> = lines.map(attempt).collect();
        let total: Money = attempts.iter().map(|attempt| attempt.amount).sum();
        let (lines, file) = (attempts.len() as u32, self.next());
        let batch = format!("{part}-{bank}-{file}");
        self.unit("kuai", |unit| {
            let header = batch::Header {
                plan: plan.to_owned(),
                part: number,
                bank,
                item: item(),
                month,
                account: BOOK.to_owned(),
                seen: Position(7),
            };
            unit.ask::<Batch>(&batch, batch::Command::Open(header))?;
            for (chunk, lines) in (0..).zip(attempts.chunks(1)) {
                let lines = lines.to_vec();
                unit.ask::<Batch>(&batch, batch::Command::Compose { chunk, lines })?;
            }
            let file = File {
                artefact: artefact(file),
                name: "pay.txt".to_owned(),
                bytes: 1,
                layout: "neutral".to_owned(),
                layout_digest: String::new(),
            };
            unit.ask::<Batch>(&batch, batch::Command::Seal { lines, total, file })?;
            let instruct = part::Command::Instruct { bank, batch: batch.clone(), lines, total };
            unit.ask::<Part>(&part, instruct)?;
            let record = ComposedBatch { batch: batch.clone(), part: number, bank, lines, total };
            unit.ask::<Plan>(plan, plan::Command::RecordBatch(record))?;
            let (plan, batch, amount) = (plan.to_owned(), batch.clone(), total);
            unit.ask::<Account>(BOOK, account::Command::Split { plan, batch, amount })
        })?;
        Ok(batch)
    }

    /// Every line is in a batch or held: what is held goes back.
    pub fn finish(&mut self, plan: &str) -> Asked {
        let parts = &self.streams.plans[plan].parts;
        let held =
            parts.iter().map(|part| self.streams.parts[&part_id(plan, part.part)].held_totals());
        let (held_lines, held) =
            held.fold((0, Money::ZERO), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        let finish = plan::Command::FinishComposition { held_lines, held, netted_lines: 0 };
        let left = self.streams.accounts[BOOK].reservations[plan].left();
        self.unit("kuai", |unit| {
            unit.ask::<Plan>(plan, finish)?;
            if left.is_zero() {
                return Ok(());
            }
            unit.ask::<Account>(BOOK, account::Command::Release { plan: plan.to_owned() })
        })
    }

    pub fn sign(&mut self, batch: &str, role: &str, by: &str) -> Asked {
        let plan = self.streams.batches[batch].header.clone().unwrap().plan;
        let sign = batch::Command::Sign {
            by: by.to_owned(),
            role: role.to_owned(),
            signature: "3045".to_owned(),
            plan_actors: self.streams.plans[&plan].acted.clone(),
        };
        self.ask_batch(by, batch, sign)
    }

    pub fn send(&mut self, batch: &str, by: &str) -> Asked {
        self.ask_batch(by, batch, batch::Command::Send { by: by.to_owned() })
    }

    pub fn ask_batch(&mut self, by: &str, batch: &str, command: batch::Command) -> Asked {
        self.unit(by, |unit| unit.ask::<Batch>(batch, command))
    }

    /// Rejects or withdraws a batch: plan, part and book have its lines and its money again.
    pub fn free(&mut self, by: &str, batch: &str, command: batch::Command) -> Asked {
        let header = self.streams.batches[batch].header.clone().unwrap();
        self.unit(by, |unit| {
            unit.ask::<Batch>(batch, command)?;
            let of = || batch.to_owned();
            unit.ask::<Account>(BOOK, account::Command::Void { batch: of() })?;
            let part = part_id(&header.plan, header.part);
            unit.ask::<Part>(&part, part::Command::Free { batch: of() })?;
            unit.ask::<Plan>(&header.plan, plan::Command::FreeBatch { batch: of() })
        })
    }
}
