//! The same history told plainly: the whole state first, then a list of facts from it.

use std::collections::BTreeMap;

use definitions::indicator::plain::{PlainFact, PlainFacts};
use definitions::{Dimension as D, FactKind, Number as N};
use shared::Date;

use crate::happenings::{BANKS, COUNTIES, ITEMS, Line, Op, STEPS, person};

struct Human {
    county: usize,
    female: bool,
    birth: i16,
    on: Date,
    died: Option<Date>,
    merged: bool,
}

struct Run {
    item: usize,
    run: &'static str,
    pay_day: Date,
    lines: Vec<Line>,
    instructed: bool,
    outcome: BTreeMap<u32, bool>,
    cancelled: bool,
}

pub fn facts(ops: &[Op]) -> PlainFacts {
    let mut facts = Vec::new();
    let mut people: BTreeMap<u8, Human> = BTreeMap::new();
    let mut runs: BTreeMap<u8, Run> = BTreeMap::new();
    let mut cards: BTreeMap<u8, (u8, Option<usize>, usize, bool)> = BTreeMap::new();
    for op in ops {
        match op {
            Op::Item(_) | Op::Day(_) => {}
            Op::Registered { person, county, female, birth, on } => {
                let (died, merged) = (None, false);
                let (county, female, birth, on) = (*county, *female, *birth, *on);
                people.insert(*person, Human { county, female, birth, on, died, merged });
            }
            Op::Corrected { person, county } => people.get_mut(person).unwrap().county = *county,
            Op::Died { person, on } => people.get_mut(person).unwrap().died = Some(*on),
            Op::DeathWithdrawn { person } => people.get_mut(person).unwrap().died = None,
            Op::Merged { person } => people.get_mut(person).unwrap().merged = true,
            Op::Split { person } => people.get_mut(person).unwrap().merged = false,
            Op::CardMade { card, person, bank, on } => {
                let county = people.get(person).map(|human| human.county);
                cards.insert(*card, (*person, county, *bank, false));
                facts.push(step(cards[card], "made", *on, 0));
            }
            Op::CardStep { card, step: which, on } => {
                let holder = cards.get_mut(card).unwrap();
                let change = match (STEPS[*which].0, holder.3) {
                    ("issued", false) => 1,
                    ("replaced" | "cancelled", true) => -1,
                    _ => 0,
                };
                holder.3 = if change == 0 { holder.3 } else { change > 0 };
                facts.push(step(*holder, STEPS[*which].0, *on, change));
            }
            Op::PlanOpened { plan, item, run, pay_day } => {
                let (item, run, pay_day) = (*item, *run, *pay_day);
                let (lines, instructed, outcome) = (Vec::new(), false, BTreeMap::new());
                let cancelled = false;
                let run = Run { item, run, pay_day, lines, instructed, outcome, cancelled };
                runs.insert(*plan, run);
            }
            Op::Planned { plan, lines, .. } => {
                runs.get_mut(plan).unwrap().lines.clone_from(lines);
            }
            Op::Composed { plan, .. } => runs.get_mut(plan).unwrap().instructed = true,
            Op::Settled { plan, paid, returned } => {
                let outcome = &mut runs.get_mut(plan).unwrap().outcome;
                outcome.extend(paid.iter().map(|seq| (*seq, true)));
                outcome.extend(returned.iter().map(|seq| (*seq, false)));
            }
            Op::ReturnedLate { plan, seq, .. } => {
                runs.get_mut(plan).unwrap().outcome.insert(*seq, false);
            }
            Op::Freed { plan } => runs.get_mut(plan).unwrap().instructed = false,
            Op::Cancelled { plan } => runs.get_mut(plan).unwrap().cancelled = true,
            Op::BookOpened { cash } => {
                let on = Date::constant(2026, 1, 1);
                facts.push(entry("opening_balance", on, "F", "1004", *cash, *cash));
                facts.push(entry("opening_balance", on, "F", "3001", -cash, 0));
            }
            Op::Posted { occurrence, on, cash, .. } => {
                facts.push(entry(occurrence, *on, "F", "1004", *cash, *cash));
                facts.push(entry(occurrence, *on, "F", "1003", -cash, 0));
                facts.push(entry(occurrence, *on, "M", "1004", *cash, 0));
                facts.push(entry(occurrence, *on, "M", "M1", -cash, 0));
            }
        }
    }
    for human in people.values().filter(|human| !human.merged) {
        let of = |kind, day| PlainFact {
            kind,
            day,
            subject: None,
            dimensions: BTreeMap::from([
                (D::County, COUNTIES[human.county].to_owned()),
                (D::Sex, if human.female { "female" } else { "male" }.to_owned()),
                (D::BirthYear, human.birth.to_string()),
            ]),
            numbers: BTreeMap::new(),
        };
        facts.push(of(FactKind::Person, human.on));
        facts.extend(human.died.map(|day| of(FactKind::Death, day)));
    }
    for run in runs.values().filter(|run| !run.cancelled) {
        for (line, seq) in run.lines.iter().zip(1..) {
            facts.push(run.line(line, "planned"));
            if run.instructed {
                facts.push(run.line(line, "instructed"));
            }
            match run.outcome.get(&seq) {
                Some(true) => facts.push(run.line(line, "paid")),
                Some(false) => facts.push(run.line(line, "returned")),
                None => {}
            }
        }
    }
    PlainFacts(facts)
}

impl Run {
    fn line(&self, line: &Line, step: &str) -> PlainFact {
        let (item, class, fund) = ITEMS[self.item];
        let reason = if step == "returned" { "R03" } else { "" };
        let dimensions = [
            (D::County, COUNTIES[line.county]),
            (D::Item, item),
            (D::Class, class),
            (D::Fund, fund),
            (D::Bank, BANKS[line.bank]),
            (D::Run, self.run),
            (D::Step, step),
            (D::Reason, reason),
        ];
        PlainFact {
            kind: FactKind::PayLine,
            day: self.pay_day,
            subject: Some(person(line.person).to_string()),
            dimensions: dimensions.map(|(of, value)| (of, value.to_owned())).into(),
            numbers: BTreeMap::from([(N::Amount, line.amount)]),
        }
    }
}

fn step(
    (holder, county, bank, _): (u8, Option<usize>, usize, bool),
    step: &str,
    day: Date,
    change: i64,
) -> PlainFact {
    let dimensions = [
        (D::County, county.map_or("", |county| COUNTIES[county])),
        (D::Bank, BANKS[bank]),
        (D::Generation, "3"),
        (D::Step, step),
    ];
    PlainFact {
        kind: FactKind::CardStep,
        day,
        subject: Some(person(holder).to_string()),
        dimensions: dimensions.map(|(of, value)| (of, value.to_owned())).into(),
        numbers: BTreeMap::from([(N::Change, change)]),
    }
}

fn entry(
    occurrence: &str,
    day: Date,
    ledger: &str,
    account: &str,
    debit: i64,
    cash: i64,
) -> PlainFact {
    let dimensions = [
        (D::County, "320600"),
        (D::Fund, "employee-pension"),
        (D::Agency, "NT01"),
        (D::Ledger, ledger),
        (D::Account, account),
        (D::Occurrence, occurrence),
    ];
    let numbers = [(N::Debit, debit.max(0)), (N::Credit, (-debit).max(0)), (N::Cash, cash)];
    PlainFact {
        kind: FactKind::BookEntry,
        day,
        subject: None,
        dimensions: dimensions.map(|(of, value)| (of, value.to_owned())).into(),
        numbers: numbers.into(),
    }
}
