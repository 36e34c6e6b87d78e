//! Queries are asked on their days, in order, and told what was known when each day was opened.

use std::sync::{Arc, Mutex};

use definitions::Catalogue;
use definitions::kinds::tag::Tag;
use kernel::log::Answer;
use kernel::{EventLog, Position};
use shared::Date;
use tags::query::{Event, Figure};

use super::{Figures, QueryFacts, TagQueries};
use crate::day::open_days;
use crate::disbursement::{FactsFault, Rules};
use crate::fixture::World;
use crate::processes::Runner;

const TAG: &str = "bank-month-over-limit";

struct Bundled(Arc<Catalogue>);

impl Rules for Bundled {
    fn on(&self, _: Date) -> Result<Arc<Catalogue>, FactsFault> {
        Ok(self.0.clone())
    }
}

/// Says the position as BOC's figure, and of CMB only at first.
#[derive(Default)]
struct Told {
    asked: Mutex<Vec<(String, Date, Position)>>,
    /// Nothing is in force before.
    since: Position,
}

impl QueryFacts for Told {
    fn figures<'a>(
        &'a self,
        _: &'a Catalogue,
        tag: &'a Tag,
        due: Date,
        at: Position,
    ) -> Answer<'a, Result<Option<Figures>, FactsFault>> {
        let mut asked = self.asked.lock().unwrap();
        let mut figures = vec![("BOC".to_owned(), i64::try_from(at.0).unwrap())];
        figures.extend(asked.is_empty().then(|| ("CMB".to_owned(), 7)));
        asked.push((tag.id.clone(), due, at));
        let told = (at >= self.since).then_some(figures);
        Box::pin(std::future::ready(Ok(told)))
    }
}

fn processes(world: &World, told: &Arc<Told>) -> Runner {
    let rules = Arc::new(Bundled(Arc::new(Catalogue::bundled().unwrap())));
    let queries = Box::new(TagQueries::new(rules, told.clone()));
    Runner::new(world.executor.clone(), vec![queries])
}

fn runs(world: &World) -> Vec<tags::query::Run> {
    let events = world.log.events().into_iter();
    let of_tag = |event: &kernel::Recorded| {
        event.stream.category() == "tag_query" && event.stream.id() == TAG
    };
    events.filter(of_tag).map(|event| event.decode().unwrap()).map(|Event::Ran(run)| run).collect()
}

fn day(month: i8, day: i8) -> Date {
    Date::constant(2026, month, day)
}

/// Where a day was opened.
fn opened(world: &World, on: Date) -> Position {
    let events = world.log.events();
    let day = events
        .iter()
        .find(|event| event.stream.category() == "day" && event.stream.id() == on.to_string());
    day.unwrap().position
}

#[tokio::test]
async fn every_missed_run_follows_in_order_as_of_its_day() {
    let (world, told) = (World::new(), Arc::new(Told::default()));
    open_days(&world.executor, day(3, 2)).await.unwrap();
    processes(&world, &told).settle().await.unwrap();
    assert!(runs(&world).is_empty(), "it is due on the third working day");
    // The node was down for two months: the third working days of March, April and May.
    open_days(&world.executor, day(5, 20)).await.unwrap();
    processes(&world, &told).settle().await.unwrap();
    let (found, due) = (runs(&world), [day(3, 4), day(4, 3), day(5, 8)]);
    assert_eq!(found.iter().map(|run| run.due).collect::<Vec<_>>(), due);
    for run in &found {
        let at = opened(&world, run.due);
        let boc = run.figures.iter().find(|figure| figure.subject == "BOC").unwrap();
        assert_eq!((run.known_at, boc.value), (at.0, i64::try_from(at.0).ok()));
    }
    assert_eq!((found[0].span.as_str(), found[0].kind.as_str()), ("2026-02", "bank"));
    assert!(!found[0].digest.is_empty() && !found[0].indicator_digest.is_empty());
    let gone = Figure { subject: "CMB".to_owned(), value: None };
    assert!(found[1].figures.contains(&gone) && !found[2].figures.contains(&gone));
    // The cursor is lost: everything is read again, and nothing follows twice.
    world.log.move_cursor("tag-queries", Position::START).await.unwrap();
    processes(&world, &told).settle().await.unwrap();
    assert_eq!(runs(&world), found);
}

#[tokio::test]
async fn what_was_published_later_is_not_asked_of_earlier_days() {
    let world = World::new();
    open_days(&world.executor, day(3, 2)).await.unwrap();
    open_days(&world.executor, day(4, 20)).await.unwrap();
    let since = opened(&world, day(4, 1));
    let told = Arc::new(Told { since, ..Told::default() });
    processes(&world, &told).settle().await.unwrap();
    assert_eq!(runs(&world).iter().map(|run| run.due).collect::<Vec<_>>(), [day(4, 3)]);
}

#[tokio::test]
async fn a_year_without_a_calendar_is_told_once_for_each_period() {
    let (world, told) = (World::new(), Arc::new(Told::default()));
    open_days(&world.executor, Date::constant(2026, 12, 28)).await.unwrap();
    open_days(&world.executor, Date::constant(2027, 2, 10)).await.unwrap();
    processes(&world, &told).settle().await.unwrap();
    assert!(runs(&world).is_empty());
    let refused = world.log.events().into_iter().filter(|event| {
        event.type_name == "inbox.refused.v1" && event.data.contains("TAG_QUERY_DAYS_UNPUBLISHED")
    });
    assert_eq!(refused.filter(|event| event.data.contains(TAG)).count(), 2);
}
