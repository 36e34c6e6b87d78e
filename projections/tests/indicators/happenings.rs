//! What can happen, as events of the log, and random histories of it.

use serde_json::{Value as Json, json};
use shared::{Date, Month};
use uuid::Uuid;

use crate::house::House;

pub const COUNTIES: [&str; 4] = ["320602", "320612", "320682", "310101"];
pub const BANKS: [&str; 2] = ["BOC", "JSBANK"];
pub const STEPS: [(&str, &str); 8] = [
    ("delivered", "card.delivered.v1"),
    ("issued", "card.issued.v1"),
    ("social-activated", "card.social-function-activated.v1"),
    ("account-activated", "card.financial-account-activated.v1"),
    ("lost", "card.reported-lost.v1"),
    ("found", "card.loss-withdrawn.v1"),
    ("replaced", "card.replaced.v1"),
    ("cancelled", "card.cancelled.v1"),
];
pub const ITEMS: [(&str, &str, &str); 2] = [
    ("A1", "social_insurance", "employee-pension"),
    ("B4", "employment_subsidy", "employment-subsidy"),
];

#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    Item(usize),
    Day(Date),
    Registered { person: u8, county: usize, female: bool, birth: i16, on: Date },
    Corrected { person: u8, county: usize },
    Died { person: u8, on: Date },
    DeathWithdrawn { person: u8 },
    Merged { person: u8 },
    Split { person: u8 },
    CardMade { card: u8, person: u8, bank: usize, on: Date },
    CardStep { card: u8, step: usize, on: Date },
    PlanOpened { plan: u8, item: usize, run: &'static str, pay_day: Date },
    Planned { plan: u8, chunk: u8, lines: Vec<Line> },
    Composed { plan: u8, lines: Vec<Line> },
    Settled { plan: u8, paid: Vec<u32>, returned: Vec<u32> },
    ReturnedLate { plan: u8, seq: u32, on: Date },
    Freed { plan: u8 },
    Cancelled { plan: u8 },
    BookOpened { cash: i64 },
    Posted { number: u32, occurrence: &'static str, on: Date, cash: i64 },
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    pub person: u8,
    pub amount: i64,
    pub county: usize,
    pub bank: usize,
}

pub fn id(kind: u128, number: u8) -> Uuid {
    Uuid::from_u128((kind << 64) | (u128::from(number) + 1))
}

pub fn person(number: u8) -> Uuid {
    id(1, number)
}

pub fn plan(number: u8) -> String {
    format!("A1-2026-01-320600-{number}")
}

pub fn yuan(fen: i64) -> String {
    shared::Money::from_fen(fen).to_string()
}

fn batch(number: u8) -> String {
    format!("{}-1-BOC-1", plan(number))
}

impl Op {
    /// Writes it as the event that tells it.
    pub fn write(&self, house: &mut House) {
        let (stream, type_name, data, on) = self.event();
        house.happened(&stream, type_name, &data, on.unwrap_or(Date::constant(2026, 1, 5)));
    }

    fn event(&self) -> (String, &'static str, Json, Option<Date>) {
        let of = |number: &u8| format!("person-{}", person(*number));
        match self {
            Self::Item(item) => {
                let (id, class, _) = ITEMS[*item];
                let data = json!({
                    "kind": "item", "id": id, "version": 1, "digest": "", "from": "1900-01-01",
                    "body": json!({ "class": class, "id": id }).to_string(),
                    "author": "system", "approver": "system",
                });
                (format!("definition-item-{id}"), "definition.published.v1", data, None)
            }
            Self::Day(day) => {
                let data = json!({ "date": day, "kind": "working" });
                (format!("day-{day}"), "calendar.day_opened.v1", data, Some(*day))
            }
            Self::Registered { person: number, county, female, birth, on } => {
                let data = json!({
                    "person": person(*number), "name": "s/1/name",
                    "number": { "kind": "resident_id", "sealed": "s/1/number" },
                    "sex": if *female { "female" } else { "male" },
                    "birth": format!("{birth}-03"), "county": COUNTIES[*county],
                });
                (of(number), "person.registered.v1", data, Some(*on))
            }
            Self::Corrected { person, county } => {
                let data = json!({ "county": COUNTIES[*county], "reason": "迁居", "by": "chen" });
                (of(person), "person.details-corrected.v1", data, None)
            }
            Self::Died { person, on } => {
                let data = json!({ "died_on": on, "confirmed_on": on, "source": "police" });
                (of(person), "death.confirmed.v1", data, None)
            }
            Self::DeathWithdrawn { person } => {
                let data = json!({
                    "died_on": "2026-01-09", "withdrawn_on": "2026-01-25", "stage": "confirmed",
                    "reason": "误报", "approver": "wang",
                });
                (of(person), "death.report-withdrawn.v1", data, None)
            }
            Self::Merged { person: number } => {
                let other = person(200);
                let data = json!({ "into": other, "group": other, "reason": "重复" });
                (of(number), "person.merged.v1", data, None)
            }
            Self::Split { person: number } => {
                let other = person(200);
                let data = json!({ "from": other, "group": other, "reason": "误并" });
                (of(number), "person.split.v1", data, None)
            }
            Self::CardMade { card, person: holder, bank, on } => {
                let data = json!({
                    "card": id(2, *card), "application": id(3, *card), "person": person(*holder),
                    "bank": BANKS[*bank], "number": "s/1/number", "generation": 3, "on": on,
                });
                (format!("card-{}", id(2, *card)), "card.made.v1", data, None)
            }
            Self::CardStep { card, step, on } => {
                let data = match STEPS[*step].0 {
                    "delivered" => json!({ "outlet": id(4, 0), "on": on }),
                    "replaced" => json!({ "by": id(2, 250), "account": "kept", "on": on }),
                    "cancelled" => json!({ "on": on, "reason": "注销" }),
                    _ => json!({ "on": on }),
                };
                (format!("card-{}", id(2, *card)), STEPS[*step].1, data, None)
            }
            Self::PlanOpened { plan: number, item, run, pay_day } => {
                let data = json!({
                    "item": ITEMS[*item].0, "month": "2026-01", "area": "320600", "run": run,
                    "number": 1, "fund": ITEMS[*item].2, "agency": "NT01", "pay_day": pay_day,
                    "chain": [], "amount_min": "0.01", "amount_max": "99999.00", "pinned": [],
                });
                (format!("plan-{}", plan(*number)), "plan.opened.v1", data, None)
            }
            Self::Planned { plan: number, chunk, lines } => {
                let lines: Vec<Json> = lines
                    .iter()
                    .map(|line| {
                        json!({
                            "person": person(line.person), "grant": id(5, line.person),
                            "adjustment": chunk,
                            "address": id(6, line.person), "address_version": 1,
                            "bank": BANKS[line.bank], "county": COUNTIES[line.county],
                            "gross": yuan(line.amount),
                            "workings": { "grant_revision": 1, "amount_from": "2026-01" },
                        })
                    })
                    .collect();
                let data = json!({ "chunk": chunk, "lines": lines });
                (format!("part-{}-1", plan(*number)), "part.lines-calculated.v1", data, None)
            }
            Self::Composed { plan: number, lines } => {
                let lines: Vec<Json> = lines
                    .iter()
                    .zip(0..)
                    .map(|(line, place): (&Line, u32)| {
                        json!({
                            "line": place, "person": person(line.person),
                            "amount": yuan(line.amount),
                        })
                    })
                    .collect();
                let data = json!({ "chunk": 0, "lines": lines });
                (format!("batch-{}", batch(*number)), "batch.lines-composed.v1", data, None)
            }
            Self::Settled { plan: number, paid, returned } => {
                let paid: Vec<Json> =
                    paid.iter().map(|seq| json!({ "seq": seq, "serial": "x" })).collect();
                let returned: Vec<Json> =
                    returned.iter().map(|seq| json!({ "seq": seq, "reason": "R03" })).collect();
                let data = json!({
                    "reply": id(7, *number), "chunk": 0,
                    "settled": { "paid": paid, "returned": returned },
                });
                (format!("batch-{}", batch(*number)), "batch.lines-settled.v1", data, None)
            }
            Self::ReturnedLate { plan: number, seq, on } => {
                let data = json!({ "seq": seq, "reason": "R03", "reference": "TH-7", "on": on });
                (format!("batch-{}", batch(*number)), "batch.line-returned-late.v1", data, None)
            }
            Self::Freed { plan: number } => {
                let data = json!({ "bank": "BOC", "batch": batch(*number) });
                (format!("part-{}-1", plan(*number)), "part.freed.v1", data, None)
            }
            Self::Cancelled { plan: number } => {
                let data = json!({ "by": "hu", "reason": "wrong" });
                (format!("plan-{}", plan(*number)), "plan.cancelled.v1", data, None)
            }
            Self::BookOpened { cash } => {
                let data = json!({
                    "book": {
                        "fund": "employee-pension", "area": "320600", "agency": "NT01",
                        "year": 2026, "policy": "p", "cash": "1004",
                    },
                    "opening": [
                        { "ledger": "F", "account": "1004", "debit": yuan(*cash) },
                        { "ledger": "F", "account": "3001", "credit": yuan(*cash) },
                    ],
                });
                ("account-book".to_owned(), "account.opened.v1", data, None)
            }
            Self::Posted { number, occurrence, on, cash } => {
                let (side, other) =
                    if *cash > 0 { ("debit", "credit") } else { ("credit", "debit") };
                let amount = yuan(cash.abs());
                let data = json!({ "number": number, "voucher": {
                    "occurrence": occurrence, "reference": "", "on": on,
                    "entries": [
                        { "ledger": "F", "account": "1004", side: amount },
                        { "ledger": "F", "account": "1003", other: amount },
                        { "ledger": "M", "account": "1004", side: amount },
                        { "ledger": "M", "account": "M1", other: amount },
                    ],
                }});
                ("account-book".to_owned(), "account.posted.v1", data, None)
            }
        }
    }
}

/// A history made of rolls; what a roll cannot do yet is left out.
/// Lines planned, composed and still unsettled, paid; and whether it is cancelled.
type Drawn = (Vec<Line>, u32, Vec<u32>, Vec<u32>, bool);

#[derive(Default)]
pub struct Random {
    pub ops: Vec<Op>,
    people: [bool; 8],
    cards: [bool; 4],
    plans: [Option<Drawn>; 4],
    posted: u32,
    opened: bool,
}

fn day(roll: u8) -> Date {
    // Months on both sides of a year's end, so that facts come late and early.
    let month = Month::new(2025, 11).unwrap().plus(i32::from(roll % 5));
    month.first_day().checked_add(jiff::Span::new().days(i64::from(roll / 9))).unwrap()
}

impl Random {
    pub fn roll(&mut self, which: u8, roll: [u8; 4]) {
        let [a, b, c, d] = roll;
        let (county, on) = (usize::from(b) % COUNTIES.len(), day(c));
        let ops = &mut self.ops;
        match which {
            0 => ops.push(Op::Day(on)),
            1 | 2 => {
                let person = a % 8;
                let known = &mut self.people[usize::from(person)];
                ops.push(match (*known, d % 6) {
                    (false, _) => {
                        *known = true;
                        let birth = 1940 + i16::from(d % 60);
                        Op::Registered { person, county, female: d % 2 == 0, birth, on }
                    }
                    (true, 0 | 1) => Op::Corrected { person, county },
                    (true, 2) => Op::Died { person, on },
                    (true, 3) => Op::DeathWithdrawn { person },
                    (true, 4) => Op::Merged { person },
                    (true, _) => Op::Split { person },
                });
            }
            3 => {
                let card = a % 4;
                let known = &mut self.cards[usize::from(card)];
                ops.push(if *known {
                    Op::CardStep { card, step: usize::from(b) % STEPS.len(), on }
                } else {
                    *known = true;
                    Op::CardMade { card, person: d % 8, bank: usize::from(b) % 2, on }
                });
            }
            4 => {
                if !std::mem::replace(&mut self.opened, true) {
                    ops.push(Op::BookOpened { cash: i64::from(a) * 100 });
                }
                self.posted += 1;
                let occurrence =
                    if d % 2 == 0 { "appropriation_received" } else { "batch_debited" };
                let cash = i64::from(a) * 977 + 1;
                let cash = if d % 2 == 0 { cash } else { -cash };
                ops.push(Op::Posted { number: self.posted, occurrence, on, cash });
            }
            _ => self.pay(roll),
        }
    }

    fn pay(&mut self, [a, b, c, d]: [u8; 4]) {
        let (plan, ops) = (a % 4, &mut self.ops);
        let Some((lines, composed, open, paid, cancelled)) = &mut self.plans[usize::from(plan)]
        else {
            self.plans[usize::from(plan)] = Some(Default::default());
            let (item, run) = (usize::from(b) % 2, ["normal", "reissue"][usize::from(c) % 2]);
            return ops.push(Op::PlanOpened { plan, item, run, pay_day: day(d) });
        };
        if *cancelled {
            return;
        }
        match b % 8 {
            0..=2 if lines.is_empty() => {
                *lines = (0..1 + c % 6)
                    .map(|place| Line {
                        person: d.wrapping_add(place) % 8,
                        amount: i64::from(c) * 101 + i64::from(place) * 13 + 1,
                        county: usize::from(d.wrapping_add(place)) % COUNTIES.len(),
                        bank: usize::from(place) % 2,
                    })
                    .collect();
                ops.push(Op::Planned { plan, chunk: 0, lines: lines.clone() });
            }
            _ if lines.is_empty() => {}
            7 if *composed == 0 && d % 4 == 0 => {
                *cancelled = true;
                ops.push(Op::Cancelled { plan });
            }
            _ if *composed == 0 => {
                *composed = u32::try_from(lines.len()).unwrap();
                *open = (1..=*composed).collect();
                ops.push(Op::Composed { plan, lines: lines.clone() });
            }
            6 if paid.is_empty() && open.len() == lines.len() => {
                *cancelled = true;
                ops.push(Op::Freed { plan });
            }
            5 if !paid.is_empty() => {
                let seq = paid.remove(usize::from(c) % paid.len());
                ops.push(Op::ReturnedLate { plan, seq, on: day(d) });
            }
            _ if !open.is_empty() => {
                let some: Vec<u32> = open.drain(..1 + usize::from(c) % open.len()).collect();
                let (good, bad): (Vec<u32>, Vec<u32>) =
                    some.into_iter().partition(|seq| (seq + u32::from(d)) % 4 != 0);
                paid.extend(&good);
                ops.push(Op::Settled { plan, paid: good, returned: bad });
            }
            _ => {}
        }
    }
}
