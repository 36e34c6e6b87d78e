//! A toy context: accounts in counties, and two read models over the same events, so that what one
//! says of the other can be checked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::civil::date;
use kernel::memory::MemoryLog;
use kernel::ports::{FixedClock, SeededIds};
use kernel::{
    Append, EventLog, Ids, Meta, Micros, NewEvent, Position, Revision, StreamName, Write,
};
use projections::engine::{Cached, Failure, FoldError, Happened, Projection, Record, Store, Table};
use projections::{Fact, record};
use serde::{Deserialize, Serialize};
use shared::{DivisionCode, Money};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "toy.credited.v1")]
    Credited { county: DivisionCode, fen: i64 },
    #[serde(rename = "toy.closed.v1")]
    Closed { county: DivisionCode },
    /// Many at once, as chunk events are.
    #[serde(rename = "toy.batch_credited.v1")]
    BatchCredited { county: DivisionCode, lines: Vec<(u32, i64)> },
    /// Something that no fold of this toy accepts.
    #[serde(rename = "toy.cursed.v1")]
    Cursed {},
}

kernel::event!(Event);

record! {
    pub struct BalanceRow in "balance" key(account: String) index("county", "account") {
        pub county: DivisionCode,
        pub balance: Money,
        pub last: Position,
    }
    pub struct CountyRow in "county" key(county: DivisionCode) {
        pub balance: Money,
        pub credits: u64,
    }
    pub struct TimerRow in "timer" key(timer: Uuid) {
        pub due: Option<Micros>,
        pub about: Option<String>,
    }
}

/// Balances by account; small caches, so that rows come and go.
pub struct Balances {
    pub rows: Cached<BalanceRow>,
    pub kept: usize,
    pub version: u32,
    pub wrong_by: i64,
    /// Set: a program that was mended and folds what it refused before.
    pub mended: Arc<AtomicBool>,
}

impl Balances {
    pub fn keeping(kept: usize) -> Self {
        Self { rows: Cached::bounded(kept), kept, version: 1, wrong_by: 0, mended: Arc::default() }
    }

    fn credit(
        &mut self,
        (account, county, fen): (String, DivisionCode, i64),
        position: Position,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let fen = fen + self.wrong_by;
        let first = || BalanceRow {
            account: account.clone(),
            county,
            balance: Money::default(),
            last: position,
        };
        self.rows.update_or(&account, store, first, |row| {
            row.balance = Money::from_fen(row.balance.fen() + fen);
            row.last = position;
        })?;
        Ok(())
    }
}

impl Projection for Balances {
    fn name(&self) -> &'static str {
        "balances"
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![BalanceRow::TABLE]
    }

    fn failure(&self) -> Failure {
        Failure::Stop
    }

    fn categories(&self) -> &'static [&'static str] {
        &["toy"]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        let account = happened.subject().to_owned();
        match happened.decode::<Event>()? {
            Event::Credited { county, fen } => {
                self.credit((account, county, fen), happened.position(), store)?;
                if fen > 900 {
                    happened.signal(store, "large-credit", happened.subject(), fen.to_string())?;
                }
            }
            Event::Closed { .. } => self.rows.remove(&account),
            Event::BatchCredited { county, lines } => {
                let account = |line: u32| format!("{account}-{line}");
                self.rows.ahead(lines.iter().map(|(line, _)| account(*line)), store)?;
                for (line, fen) in lines {
                    self.credit((account(line), county, fen), happened.position(), store)?;
                }
            }
            Event::Cursed {} if self.mended.load(Ordering::SeqCst) => {}
            Event::Cursed {} => return Err(FoldError::refused("the account is cursed")),
        }
        Ok(())
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        Ok(self.rows.flush(store)?)
    }

    fn forget(&mut self) {
        self.rows.forget();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::new(Self { rows: Cached::bounded(self.kept), mended: self.mended.clone(), ..*self })
    }
}

/// Sums by county; parks what it cannot fold.
#[derive(Default)]
pub struct Counties {
    rows: Cached<CountyRow>,
    pub mended: Arc<AtomicBool>,
}

impl Projection for Counties {
    fn name(&self) -> &'static str {
        "counties"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![CountyRow::TABLE]
    }

    fn failure(&self) -> Failure {
        Failure::Park
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        if happened.recorded.stream.category() != "toy" {
            return Ok(());
        }
        let (county, sum, credits) = match happened.decode::<Event>()? {
            Event::Credited { county, fen } => (county, fen, 1),
            Event::BatchCredited { county, lines } => {
                (county, lines.iter().map(|(_, fen)| fen).sum(), lines.len() as u64)
            }
            Event::Closed { .. } => return Ok(()),
            Event::Cursed {} if self.mended.load(Ordering::SeqCst) => (county(0), 0, 0),
            Event::Cursed {} => return Err(FoldError::refused("the account is cursed")),
        };
        let first = || CountyRow { county, balance: Money::default(), credits: 0 };
        self.rows.update_or(&county, store, first, |row| {
            row.balance = Money::from_fen(row.balance.fen() + sum);
            row.credits += credits;
        })?;
        Ok(())
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        Ok(self.rows.flush(store)?)
    }

    fn forget(&mut self) {
        self.rows.forget();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::new(Self { rows: Cached::default(), mended: self.mended.clone() })
    }
}

/// Timers, through the closed list of facts.
#[derive(Default)]
pub struct Timers(Cached<TimerRow>);

impl Projection for Timers {
    fn name(&self) -> &'static str {
        "timers"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![TimerRow::TABLE]
    }

    fn failure(&self) -> Failure {
        Failure::Park
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        use kernel::timer::Event as Timed;
        let Fact::Timer(event) = happened.fact else { return Ok(()) };
        let timer: Uuid = happened.id()?;
        match event {
            Timed::Set { due, about } => {
                self.0.put(TimerRow { timer, due: Some(*due), about: Some(about.clone()) });
            }
            Timed::Cancelled {} | Timed::Fired { .. } => {
                self.0.update(&timer, store, |row| row.due = None)?;
            }
        }
        Ok(())
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        Ok(self.0.flush(store)?)
    }

    fn forget(&mut self) {
        self.0.forget();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::new(Self::default())
    }
}

/// A log in memory and a way to write to it.
pub struct Toy {
    pub log: Arc<MemoryLog>,
    pub clock: Arc<FixedClock>,
    ids: SeededIds,
}

impl Toy {
    pub fn new() -> Self {
        Self::of_log(7)
    }

    pub fn of_log(log: u128) -> Self {
        let clock = Arc::new(FixedClock::at(Micros(1_000_000)));
        let log = Arc::new(MemoryLog::new(Uuid::from_u128(log), clock.clone()));
        Self { log, clock, ids: SeededIds::new(1) }
    }

    /// One append; `events` are accounts and what happens to them.
    pub fn append(&self, events: &[(u32, Event)]) -> Position {
        let meta = Meta::of("system", date(2026, 1, 5), self.ids.next());
        let mut append = Append::new(meta);
        for (account, event) in events {
            let stream = StreamName::new("toy", account);
            let encoded = NewEvent::encoded(self.ids.next(), kernel::Event::encode(event));
            match append.writes.iter_mut().find(|write| write.stream == stream) {
                Some(write) => write.events.push(encoded),
                None => {
                    let expected = self.revision(&stream);
                    append.writes.push(Write { stream, expected, events: vec![encoded] });
                }
            }
        }
        ready(self.log.append(append)).unwrap().position()
    }

    /// An event whose data no decoder reads.
    pub fn garble(&self, account: u32) -> Position {
        let stream = StreamName::new("toy", account);
        let expected = self.revision(&stream);
        let event = NewEvent {
            id: self.ids.next(),
            type_name: "toy.credited.v1".to_owned(),
            data: r#"{"county":7}"#.to_owned(),
        };
        let meta = Meta::of("system", date(2026, 1, 5), self.ids.next());
        let write = Write { stream, expected, events: vec![event] };
        ready(self.log.append(Append::new(meta).write(write))).unwrap().position()
    }

    pub fn append_timer(&self, timer: Uuid, event: &kernel::timer::Event) -> Position {
        let stream = StreamName::new("timer", timer);
        let expected = self.revision(&stream);
        let meta = Meta::of("system", date(2026, 1, 5), self.ids.next());
        let write = Write::new(stream, expected, &mut || self.ids.next(), [event]);
        ready(self.log.append(Append::new(meta).write(write))).unwrap().position()
    }

    fn revision(&self, stream: &StreamName) -> Revision {
        let all = kernel::Limit { events: usize::MAX, bytes: usize::MAX };
        let events = ready(self.log.read_stream(stream, Revision::NONE, all)).unwrap();
        Revision(events.len() as u64)
    }
}

pub fn county(number: u32) -> DivisionCode {
    DivisionCode::parse(&format!("3206{:02}", 1 + number % 5)).unwrap()
}

pub fn credit(account: u32, fen: i64) -> (u32, Event) {
    (account, Event::Credited { county: county(account), fen })
}

/// The memory log answers at once.
pub fn ready<T>(
    future: impl Future<Output = Result<T, impl std::fmt::Debug>>,
) -> Result<T, String> {
    use std::task::{Context, Poll, Waker};
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer.map_err(|error| format!("{error:?}")),
        Poll::Pending => Err("the memory log keeps nobody waiting".to_owned()),
    }
}
