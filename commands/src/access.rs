//! The access log: who looked at which personal value in clear, and who took which file away. It is
//! a log of its own, so that nobody grows the business log by asking.
//!
//! **Streams** `access-<event id>`, one event each.
//! **Invariant** a clear value is shown, and a file leaves, only after its record is durable.

mod calls;
mod usage;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use self::calls::Called;
pub use self::usage::Usage;
use jiff::civil::Date;
use kernel::append::{Append, AppendError, Write};
use kernel::{
    DecodeError, EventLog, Ids, Limit, Meta, Micros, Position, ReadError, Revision, StreamName,
};
use serde::{Deserialize, Serialize};
use shared::ArtefactId;
use thiserror::Error;
use uuid::Uuid;

const CATEGORY: &str = "access";
/// What one record holds at most; a larger look becomes several.
const SUBJECTS_MAX: usize = 500;

/// What is stored for ever. Ids and names of fields, never a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "access.looked.v1")]
    Looked(Looked),
    #[serde(rename = "access.exported.v1")]
    Exported(Exported),
    /// How often who called what since the record of calls before.
    #[serde(rename = "access.called.v1")]
    Called { calls: Vec<Called> },
}

kernel::event!(Event);

/// Personal values that were shown in clear by one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// The business function that the reader acted in.
    pub function: String,
    /// The operation, as its document names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Why, as the reader says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The position of the business log that was shown, as a token.
    pub position: String,
    /// Which fields (`person.name`) of which subjects.
    pub subjects: BTreeMap<Uuid, Vec<String>>,
}

/// A file that left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exported {
    pub function: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    pub artefact: ArtefactId,
}

/// Who does it, from where, and on which day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    pub actor: String,
    pub client: Option<String>,
    pub on: Date,
}

/// One record as it is read back.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub id: Uuid,
    pub position: Position,
    pub at: Micros,
    pub actor: String,
    pub client: Option<String>,
    pub event: Event,
}

#[derive(Debug, Error)]
pub enum AccessError {
    #[error("the access log takes no record")]
    NotRecorded(#[source] AppendError),
    #[error("the access log cannot be read")]
    Unreadable(#[from] ReadError),
    #[error("a record of the access log does not have its shape")]
    Shape(#[from] DecodeError),
}

/// The access log of one installation.
#[derive(Clone)]
pub struct Access {
    log: Arc<dyn EventLog>,
    ids: Arc<dyn Ids>,
    calls: Arc<calls::Calls>,
}

impl Access {
    /// `log` is another one than the business log.
    #[must_use]
    pub fn new(log: Arc<dyn EventLog>, ids: Arc<dyn Ids>) -> Self {
        Self { log, ids, calls: Arc::default() }
    }

    #[must_use]
    pub fn log(&self) -> &dyn EventLog {
        &*self.log
    }

    /// Durable on return.
    ///
    /// # Errors
    /// When the record may not be written: what it is about must not be shown.
    pub async fn looked(&self, by: &By, looked: Looked) -> Result<(), AccessError> {
        let Looked { function, operation, purpose, position, subjects } = looked;
        let mut subjects = subjects.into_iter().peekable();
        while subjects.peek().is_some() {
            let piece = Looked {
                function: function.clone(),
                operation: operation.clone(),
                purpose: purpose.clone(),
                position: position.clone(),
                subjects: subjects.by_ref().take(SUBJECTS_MAX).collect(),
            };
            self.record(by, &Event::Looked(piece)).await?;
        }
        Ok(())
    }

    /// Durable on return.
    ///
    /// # Errors
    /// When the record may not be written: the file must not leave.
    pub async fn exported(&self, by: &By, exported: Exported) -> Result<(), AccessError> {
        self.record(by, &Event::Exported(exported)).await
    }

    async fn record(&self, by: &By, event: &Event) -> Result<(), AccessError> {
        let (stream, command) = (StreamName::new(CATEGORY, self.ids.next()), self.ids.next());
        let mut meta = Meta::of(&by.actor, by.on, command);
        meta.client.clone_from(&by.client);
        let mut ids = || self.ids.next();
        let write = Write::new(stream, Revision::NONE, &mut ids, [event]);
        let written = self.log.append(Append::new(meta).write(write)).await;
        written.map(|_| ()).map_err(AccessError::NotRecorded)
    }

    /// Records behind a position, in their order, at most `max`.
    ///
    /// # Errors
    /// When the log cannot be read, or holds what it should not.
    pub async fn records(&self, after: Position, max: usize) -> Result<Vec<Record>, AccessError> {
        let mut records = Vec::new();
        let mut at = after;
        while records.len() < max {
            let page = self.log.read(at, Limit::events(max - records.len())).await?;
            let Some(last) = page.last() else { break };
            at = last.position;
            for recorded in page {
                let meta = recorded.meta()?;
                records.push(Record {
                    id: recorded.id,
                    position: recorded.position,
                    at: recorded.recorded_at,
                    actor: meta.actor,
                    client: meta.client,
                    event: recorded.decode()?,
                });
            }
        }
        Ok(records)
    }
}

#[cfg(test)]
mod tests {
    use kernel::memory::MemoryLog;
    use kernel::ports::{FixedClock, SeededIds};

    use super::*;

    fn access() -> Access {
        let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(7));
        let clock = Arc::new(FixedClock::default());
        Access::new(Arc::new(MemoryLog::new(Uuid::from_u128(1), clock)), ids)
    }

    #[tokio::test]
    async fn who_looked_at_whom_is_read_back_in_order() {
        let access = access();
        let by = By { actor: "li".to_owned(), client: None, on: Date::constant(2026, 1, 2) };
        let subject = Uuid::from_u128(9);
        let looked = Looked {
            function: "disbursement.review".to_owned(),
            operation: Some("Payee".to_owned()),
            purpose: None,
            position: "x:1:5".to_owned(),
            subjects: BTreeMap::from([(subject, vec!["person.name".to_owned()])]),
        };
        access.looked(&by, looked.clone()).await.unwrap();
        let nothing = Looked { subjects: BTreeMap::new(), ..looked.clone() };
        access.looked(&by, nothing).await.unwrap();
        let artefact = ArtefactId::parse(&"ab".repeat(32)).unwrap();
        let exported =
            Exported { function: "audit".to_owned(), purpose: Some("case 7".to_owned()), artefact };
        access.exported(&by, exported.clone()).await.unwrap();
        let records = access.records(Position::START, 10).await.unwrap();
        let events: Vec<Event> = records.iter().map(|record| record.event.clone()).collect();
        assert_eq!(events, [Event::Looked(looked), Event::Exported(exported)]);
        assert_eq!(records[0].actor, "li");
        assert_eq!(access.records(records[0].position, 10).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn calls_are_counted_within_their_time() {
        let clock = Arc::new(FixedClock::at(Micros(100)));
        let log = MemoryLog::new(Uuid::from_u128(1), clock.clone());
        let access = Access::new(Arc::new(log), Arc::new(SeededIds::new(7)));
        let by = |actor: &str| By {
            actor: actor.to_owned(),
            client: None,
            on: Date::constant(2026, 1, 2),
        };
        let looked = |operation: &str, people: u128| Looked {
            function: "review".to_owned(),
            operation: Some(operation.to_owned()),
            purpose: None,
            position: String::new(),
            subjects: (0..people).map(|n| (Uuid::from_u128(n), Vec::new())).collect(),
        };
        access.looked(&by("li"), looked("Payee", 3)).await.unwrap();
        clock.set(Micros(200));
        access.looked(&by("li"), looked("Payee", 2)).await.unwrap();
        access.looked(&by("wu"), looked("Card", 1)).await.unwrap();
        let artefact = ArtefactId::parse(&"ab".repeat(32)).unwrap();
        let exported = Exported { function: "review".to_owned(), purpose: None, artefact };
        access.exported(&by("li"), exported).await.unwrap();
        let told = |usage: Vec<Usage>| -> Vec<(String, Option<String>, u64, u64, u64)> {
            usage
                .into_iter()
                .map(|one| (one.actor, one.operation, one.looks, one.exports, one.subjects))
                .collect()
        };
        let payee = Some("Payee".to_owned());
        let all = told(access.usage(Micros(0), Micros(i64::MAX)).await.unwrap());
        assert_eq!(
            all,
            [
                ("li".to_owned(), None, 0, 1, 0),
                ("li".to_owned(), payee.clone(), 2, 0, 5),
                ("wu".to_owned(), Some("Card".to_owned()), 1, 0, 1),
            ]
        );
        let first = told(access.usage(Micros(0), Micros(150)).await.unwrap());
        assert_eq!(first, [("li".to_owned(), payee.clone(), 1, 0, 3)]);
        // Calls are told with the time at which they were written down.
        for (actor, operation) in [("li", None), ("li", Some("Payee")), ("li", Some("Payee"))] {
            access.called(actor, "review", operation);
        }
        clock.set(Micros(250));
        access.write_calls(Date::constant(2026, 1, 2)).await.unwrap();
        access.write_calls(Date::constant(2026, 1, 2)).await.unwrap();
        let calls: Vec<u64> = access
            .usage(Micros(250), Micros(251))
            .await
            .unwrap()
            .into_iter()
            .map(|one| one.calls)
            .collect();
        assert_eq!(calls, [1, 2], "each once, however often they are written down");
        // Each of a row of looks, told by the instants around it alone.
        for at in 300..340 {
            clock.set(Micros(at));
            access.looked(&by("xu"), looked("Payee", 1)).await.unwrap();
        }
        for at in 300..340 {
            let one = told(access.usage(Micros(at), Micros(at + 1)).await.unwrap());
            assert_eq!(one, [("xu".to_owned(), payee.clone(), 1, 0, 1)]);
        }
        assert!(access.usage(Micros(340), Micros(i64::MAX)).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_large_look_becomes_several_records() {
        let access = access();
        let by = By { actor: "li".to_owned(), client: None, on: Date::constant(2026, 1, 2) };
        let subjects = (0..1_200_u128)
            .map(|n| (Uuid::from_u128(n), vec!["person.name".to_owned()]))
            .collect::<BTreeMap<_, _>>();
        let looked = Looked {
            function: "x".to_owned(),
            operation: None,
            purpose: None,
            position: String::new(),
            subjects,
        };
        access.looked(&by, looked).await.unwrap();
        assert_eq!(access.records(Position::START, 10).await.unwrap().len(), 3);
    }

    /// Every line that was ever released reads for ever, and is written again as it was.
    #[test]
    fn the_history_still_reads() {
        use kernel::Event as _;
        #[derive(serde::Deserialize)]
        struct Line<'a> {
            #[serde(rename = "type")]
            type_name: &'a str,
            #[serde(borrow)]
            data: &'a serde_json::value::RawValue,
        }
        let mut types = BTreeMap::new();
        for line in include_str!("../../tests/history/access.jsonl").lines() {
            let line: Line<'_> = serde_json::from_str(line).unwrap();
            let event = Event::decode(line.type_name, line.data.get()).unwrap();
            let encoded = event.encode();
            assert_eq!(
                (encoded.type_name, encoded.data.as_str()),
                (line.type_name, line.data.get())
            );
            *types.entry(line.type_name).or_insert(0) += 1;
        }
        assert_eq!(
            types.keys().copied().collect::<Vec<_>>(),
            ["access.called.v1", "access.exported.v1", "access.looked.v1"]
        );
    }
}
