//! What happens: everybody is registered, one in five draws a pension and is paid in two months.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use benefits::grant::{ComponentAmount, Event as Granted, Registration as Grant};
use definitions::Catalogue;
use definitions::publication::{Publication, first_start};
use kernel::ports::SeededIds;
use kernel::{Append, Decider, Event, EventLog, Ids, Meta, NewEvent, Revision, StreamName, Write};
use registry::person::{Event as Lived, IdentityKind, IdentityNumber, Registration};
use serde_json::{Value, json};
use shared::{
    AreaCode, Component, Date, DivisionCode, FundCode, GrantId, ItemId, Money, Month, PayAddressId,
    Payee, PersonId, Sealed, Sex,
};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Events of one append.
const APPEND: usize = 1_000;
/// Appends that wait for the log together.
const IN_FLIGHT: usize = 8;
/// Lines of one part of a plan.
const PART: usize = 50_000;
const COUNTIES: [&str; 4] = ["320602", "320612", "320682", "320621"];
const MONTHS: [&str; 2] = ["2026-01", "2026-02"];

pub const DAY: Date = Date::constant(2026, 3, 2);

pub struct Scribe {
    log: Arc<dyn EventLog>,
    ids: SeededIds,
}

pub fn person(number: usize) -> PersonId {
    PersonId::from_uuid(id(1, number))
}

fn id(kind: u128, number: usize) -> Uuid {
    Uuid::from_u128((kind << 64) | (number as u128 + 1))
}

/// Payees are the first fifth.
pub fn payees(people: u32) -> usize {
    people as usize / 5
}

impl Scribe {
    /// Each with a seed of its own: ids are never used twice.
    pub fn new(log: &Arc<dyn EventLog>, seed: u64) -> Self {
        Self { log: Arc::clone(log), ids: SeededIds::new(seed) }
    }

    /// Every bundled definition, as at a first start.
    pub async fn publish(&self) -> Result<()> {
        let catalogue = Catalogue::bundled().map_err(|_| anyhow::anyhow!("bundled definitions"))?;
        let first = Date::constant(2026, 1, 1);
        let mut writes = Vec::new();
        for (stream, command) in first_start(&catalogue, first) {
            let events = Publication::default().decide(command)?;
            writes.push(self.write(stream, Revision::NONE, &events));
        }
        self.append(writes).await
    }

    pub async fn city(&self, people: u32) -> Result<()> {
        let mut waiting = JoinSet::new();
        let numbers: Vec<usize> = (0..people as usize).collect();
        for numbers in numbers.chunks(APPEND) {
            let registered = numbers.iter().map(|number| {
                let stream = StreamName::new("person", person(*number));
                self.write(stream, Revision::NONE, &[born(*number)])
            });
            self.put(&mut waiting, registered.collect()).await?;
        }
        let numbers: Vec<usize> = (0..payees(people)).collect();
        for numbers in numbers.chunks(APPEND) {
            let granted = numbers.iter().map(|number| {
                let stream = StreamName::new("grant", GrantId::from_uuid(id(2, *number)));
                Ok(self.write(stream, Revision::NONE, &[granted(*number)?]))
            });
            self.put(&mut waiting, granted.collect::<Result<_>>()?).await?;
        }
        for month in MONTHS {
            for (part, numbers) in (1..).zip(numbers.chunks(PART)) {
                self.paid(month, part, numbers).await?;
            }
        }
        while let Some(done) = waiting.join_next().await {
            done??;
        }
        Ok(())
    }

    /// One part of a month's plan, from its lines to what the bank says.
    async fn paid(&self, month: &str, part: u32, numbers: &[usize]) -> Result<()> {
        let plan = format!("A1-{month}-320600-1");
        let (part_id, batch) = (format!("{plan}-{part}"), format!("{plan}-{part}-BOC-1"));
        if part == 1 {
            let opened = json!({
                "item": "A1", "month": month, "area": "320600", "run": "normal", "number": 1,
                "fund": "employee-pension", "agency": "NT01", "pay_day": format!("{month}-15"),
                "chain": [], "amount_min": "0.01", "amount_max": "99999.00", "pinned": [],
            });
            self.one("plan", &plan, 0, vec![("plan.opened.v1", opened)]).await?;
        }
        let opened = json!({
            "plan": plan, "part": part, "bank": "BOC", "item": "A1", "month": month,
            "account": "employee-pension-320600-NT01-2026", "seen": 1,
        });
        self.one("batch", &batch, 0, vec![("batch.opened.v1", opened)]).await?;
        let reply = id(7, part as usize);
        for (chunk, numbers) in (0_u32..).zip(numbers.chunks(APPEND)) {
            let first = chunk as usize * APPEND;
            let lines: Vec<Value> = numbers.iter().map(|number| planned(*number)).collect();
            let calculated = json!({ "chunk": chunk, "lines": lines });
            let revision = u64::from(chunk);
            let event = vec![("part.lines-calculated.v1", calculated)];
            self.one("part", &part_id, revision, event).await?;
            let lines: Vec<Value> = (first..).zip(numbers).map(attempt).collect();
            let composed = json!({ "chunk": chunk, "lines": lines });
            let seqs = first + 1..=first + numbers.len();
            let (back, paid): (Vec<usize>, Vec<usize>) = seqs.partition(|seq| seq % 97 == 0);
            let paid: Vec<Value> =
                paid.iter().map(|seq| json!({ "seq": seq, "serial": "x" })).collect();
            let back: Vec<Value> =
                back.iter().map(|seq| json!({ "seq": seq, "reason": "R03" })).collect();
            let settled = json!({
                "reply": reply, "chunk": chunk, "settled": { "paid": paid, "returned": back },
            });
            let events =
                vec![("batch.lines-composed.v1", composed), ("batch.lines-settled.v1", settled)];
            self.one("batch", &batch, 1 + 2 * revision, events).await?;
        }
        Ok(())
    }

    /// A fact of many people, each in a stream of its own, `revision` having been told before.
    pub async fn observed(&self, numbers: &[usize], revision: u64, value: &str) -> Result<()> {
        let mut waiting = JoinSet::new();
        for numbers in numbers.chunks(APPEND) {
            let told = numbers.iter().map(|number| {
                let subject = person(*number);
                let data = json!({
                    "kind": "person", "subject": subject, "fact": "phone_sharers",
                    "from": DAY, "value": value, "source": "bench", "by": "bench",
                });
                let stream =
                    StreamName::new("observation", format!("person/{subject}/phone_sharers"));
                self.raw(stream, revision, vec![("observation.recorded.v1", data)])
            });
            self.put(&mut waiting, told.collect()).await?;
        }
        while let Some(done) = waiting.join_next().await {
            done??;
        }
        Ok(())
    }

    pub async fn one(
        &self,
        category: &str,
        id: &str,
        revision: u64,
        events: Vec<(&str, Value)>,
    ) -> Result<()> {
        self.append(vec![self.raw(StreamName::new(category, id), revision, events)]).await
    }

    pub async fn append(&self, writes: Vec<Write>) -> Result<()> {
        self.log.append(self.appended(writes)).await?;
        Ok(())
    }

    async fn put(&self, waiting: &mut JoinSet<Result<()>>, writes: Vec<Write>) -> Result<()> {
        if waiting.len() == IN_FLIGHT {
            waiting.join_next().await.context("eight are waiting")???;
        }
        let (log, append) = (Arc::clone(&self.log), self.appended(writes));
        waiting.spawn(async move {
            log.append(append).await?;
            Ok(())
        });
        Ok(())
    }

    fn appended(&self, writes: Vec<Write>) -> Append {
        let meta = Meta::of("bench", DAY, self.ids.next());
        writes.into_iter().fold(Append::new(meta), Append::write)
    }

    pub fn write(&self, stream: StreamName, expected: Revision, events: &[impl Event]) -> Write {
        Write::new(stream, expected, &mut || self.ids.next(), events)
    }

    fn raw(&self, stream: StreamName, revision: u64, events: Vec<(&str, Value)>) -> Write {
        let event = |(name, data): (&str, Value)| NewEvent {
            id: self.ids.next(),
            type_name: name.to_owned(),
            data: data.to_string(),
        };
        let events = events.into_iter().map(event).collect();
        Write { stream, expected: Revision(revision), events }
    }
}

fn county(number: usize) -> &'static str {
    COUNTIES[number % COUNTIES.len()]
}

fn born(number: usize) -> Lived {
    let birth = Month::new(1930 + (number % 70) as i16, 1 + (number % 12) as i8);
    Lived::Registered(Registration {
        person: person(number),
        name: Sealed("s/1/name".to_owned()),
        number: IdentityNumber {
            kind: IdentityKind::ResidentId,
            sealed: Sealed("s/1/number".to_owned()),
        },
        sex: if number.is_multiple_of(2) { Sex::Female } else { Sex::Male },
        birth: birth.unwrap_or(Month::MIN),
        county: DivisionCode::parse(county(number)).expect("a county of the city"),
    })
}

fn sum(number: usize) -> Money {
    Money::from_fen(200_000 + (number % 900) as i64 * 100)
}

fn granted(number: usize) -> Result<Granted> {
    let wrong = |what: &str| anyhow::anyhow!("{what}");
    Ok(Granted::Registered(Grant {
        grant: GrantId::from_uuid(id(2, number)),
        person: person(number),
        arises_from: None,
        item: ItemId::parse("A1").map_err(|_| wrong("an item"))?,
        components: vec![ComponentAmount { component: Component::whole(), amount: sum(number) }],
        from: Month::parse("2025-01").map_err(|_| wrong("a month"))?,
        to: None,
        payee: Payee::Person { person: person(number) },
        fund: FundCode::parse("employee-pension").map_err(|_| wrong("a fund"))?,
        area: AreaCode::parse("320000").map_err(|_| wrong("an area"))?,
        county: DivisionCode::parse(county(number)).map_err(|_| wrong("a county"))?,
        address: PayAddressId::from_uuid(id(3, number)),
        basis: "核定表".to_owned(),
    }))
}

fn planned(number: usize) -> Value {
    json!({
        "person": person(number), "grant": id(2, number), "address": id(3, number),
        "address_version": 1, "bank": "BOC", "county": county(number),
        "gross": sum(number).to_string(),
        "workings": { "grant_revision": 1, "amount_from": "2025-01" },
    })
}

fn attempt((place, number): (usize, &usize)) -> Value {
    json!({ "line": place, "person": person(*number), "amount": sum(*number).to_string() })
}
