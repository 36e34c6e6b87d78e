//! Signals become cases, one for each fingerprint; days and people close them.

use std::sync::{Arc, Mutex};

use definitions::Catalogue;
use kernel::log::Answer;
use kernel::{Decider, EventLog, Micros, Position};
use shared::Date;
use uuid::Uuid;
use warnings::case::{About, Act, Assignment};
use warnings::trial::Outcome;
use warnings::{Case, Channel, Handling, Level, Stage, claims};

use super::{Enter, Mute, Raiser, Reminders, Signalled, Tried, WarningFacts, Warnings};
use crate::day::open_days;
use crate::disbursement::{FactsFault, Rules};
use crate::envelope::Envelope;
use crate::fixture::{TODAY, World};
use crate::processes::Runner;

/// Read models that say what the test tells them.
#[derive(Default)]
struct Told {
    signals: Mutex<Vec<(Position, String)>>,
    due: Mutex<Vec<Uuid>>,
}

impl WarningFacts for Told {
    fn signals(
        &self,
        cursor: Position,
        _: usize,
        at_least: Position,
    ) -> Answer<'_, Result<(Vec<(Position, String)>, Position), FactsFault>> {
        let all = self.signals.lock().unwrap().clone();
        let after = all.into_iter().filter(|(position, _)| *position > cursor).collect();
        Box::pin(std::future::ready(Ok((after, at_least))))
    }

    fn due(&self, _: Date, _: Micros, _: Position) -> Answer<'_, Result<Vec<Uuid>, FactsFault>> {
        Box::pin(std::future::ready(Ok(self.due.lock().unwrap().clone())))
    }
}

struct Bundled(Arc<Catalogue>);

impl Rules for Bundled {
    fn on(&self, _: Date) -> Result<Arc<Catalogue>, FactsFault> {
        Ok(self.0.clone())
    }
}

struct House {
    world: World,
    told: Arc<Told>,
    warnings: Warnings,
    raiser: Raiser,
}

impl House {
    async fn new() -> Self {
        let world = World::new();
        open_days(&world.executor, TODAY).await.unwrap();
        let rules = Arc::new(Bundled(Arc::new(Catalogue::bundled().unwrap())));
        let warnings = Warnings::new(world.executor.clone(), rules);
        let told = Arc::new(Told::default());
        let raiser = Raiser::new(warnings.clone(), told.clone());
        Self { world, told, warnings, raiser }
    }

    fn by(&self, actor: &str) -> Envelope {
        Envelope::new(self.world.executor.ids().next(), actor)
    }

    /// An event happens, and a rule notices something at its position.
    async fn noticed(&self, signalled: Signalled) -> Position {
        let suppression = self.world.executor.ids().next();
        let mute = Mute {
            suppression,
            rule: format!("noise-{suppression}"),
            subject: "x".to_owned(),
            reason: "占位".to_owned(),
            until: TODAY,
        };
        let at = self.warnings.mute(&self.by("chen"), &mute).await.unwrap().position;
        let payload = serde_json::to_string(&signalled).unwrap();
        self.told.signals.lock().unwrap().push((at, payload));
        self.raiser.run_until(self.world.log.head()).await.unwrap();
        at
    }

    async fn case(&self, id: Uuid) -> Case {
        Case::clone(&self.world.executor.load::<Case>(id).await.unwrap().0)
    }

    async fn stage(&self, id: Uuid) -> Stage {
        self.case(id).await.record().unwrap().stage
    }

    async fn act(&self, actor: &str, case: Uuid, act: Act) -> Result<(), String> {
        let done = self.warnings.act(&self.by(actor), case, None, act).await;
        done.map(|_| ()).map_err(|error| error.code().to_owned())
    }

    fn raised(&self) -> usize {
        let events = self.world.log.events();
        events.iter().filter(|event| event.type_name == "warning.raised.v1").count()
    }
}

fn returns(bank: &str, level: Option<Level>, value: i64) -> Signalled {
    Signalled {
        rule: "bank-unknown-ageing".to_owned(),
        version: 1,
        digest: "ab12".to_owned(),
        author: "system".to_owned(),
        kind: "bank".to_owned(),
        subject: bank.to_owned(),
        county: None,
        level,
        value,
        threshold: 3,
        period: None,
        evidence: Vec::new(),
    }
}

fn fingerprint(bank: &str) -> Uuid {
    claims::fingerprint("bank-unknown-ageing", ("bank", bank), None)
}

#[tokio::test]
async fn there_is_one_open_warning_for_a_fingerprint_and_a_second_reading_raises_nothing() {
    let house = House::new().await;
    let at = house.noticed(returns("BOC", Some(Level::Yellow), 4)).await;
    let case = claims::case_of(fingerprint("BOC"), at.0);
    house.noticed(returns("BOC", Some(Level::Orange), 8)).await;
    house.noticed(returns("CMB", Some(Level::Yellow), 3)).await;
    assert_eq!(house.raised(), 2);
    let record = house.case(case).await.record().unwrap().clone();
    assert_eq!((record.level, record.signals), (Level::Orange, 2));
    // The cursor is lost: everything is read again, and nothing follows twice.
    let (events, other) = (house.world.log.events().len(), house.world.other_node());
    let again = Raiser::new(Warnings::new(other, house.warnings.rules.clone()), house.told.clone());
    let told = house.told.signals.lock().unwrap().clone();
    for (position, payload) in told {
        let signalled: Signalled = serde_json::from_str(&payload).unwrap();
        again.signal(position, &signalled).await.unwrap();
    }
    assert_eq!(house.world.log.events().len(), events);
}

#[tokio::test]
async fn yellow_clears_with_its_metric_and_orange_waits_for_a_person() {
    let house = House::new().await;
    let yellow = house.noticed(returns("BOC", Some(Level::Yellow), 4)).await;
    let orange = house.noticed(returns("CMB", Some(Level::Orange), 8)).await;
    house.noticed(returns("BOC", None, 0)).await;
    house.noticed(returns("CMB", None, 0)).await;
    let of = |bank, at: Position| claims::case_of(fingerprint(bank), at.0);
    assert_eq!(house.stage(of("BOC", yellow)).await, Stage::Cleared);
    assert_eq!(house.stage(of("CMB", orange)).await, Stage::Raised);
    // Within the cooldown the same case opens again.
    house.noticed(returns("BOC", Some(Level::Yellow), 5)).await;
    assert_eq!(house.stage(of("BOC", yellow)).await, Stage::Raised);
    assert_eq!(house.raised(), 2);
}

#[tokio::test]
async fn a_case_is_worked_through_and_its_key_is_free_again() {
    let house = House::new().await;
    let at = house.noticed(returns("BOC", Some(Level::Orange), 8)).await;
    let case = claims::case_of(fingerprint("BOC"), at.0);
    let to = Assignment {
        role: "county-team".to_owned(),
        division: None,
        organisation: None,
        person: Some("wu".to_owned()),
    };
    let text = |text: &str| text.to_owned();
    let steps = [
        ("chen", Act::Confirm { complaint: None, work_order: Some(text("GD-1")) }),
        ("chen", Act::Dispatch { to }),
        ("wu", Act::Accept),
        ("wu", Act::Verify { finding: text("属实") }),
        ("wu", Act::Handle { how: Handling::Interview, note: text("约谈") }),
        ("wu", Act::GiveFeedback { text: text("已回盘"), done: true }),
    ];
    for (actor, act) in steps {
        house.act(actor, case, act).await.unwrap();
    }
    let done = house.warnings.release_all(&house.by("chen"), &[case], None, "已解决").await;
    assert!(done.is_ok(), "{done:?}");
    let held = house.world.log.claims(&[claims::open(fingerprint("BOC"))]).await.unwrap();
    assert!(held[0].is_none());
    let undo = |_: ()| Act::UndoRelease { reason: text("误操作") };
    assert_eq!(house.act("wu", case, undo(())).await.unwrap_err(), "WARNING_NOT_ITS_RELEASER");
    house.act("chen", case, undo(())).await.unwrap();
    assert_eq!(house.stage(case).await, Stage::FedBack);
}

#[tokio::test]
async fn a_version_that_nobody_tried_raises_nothing_and_says_so() {
    let house = House::new().await;
    let own = |version| Signalled {
        version,
        author: "anna".to_owned(),
        ..returns("BOC", Some(Level::Yellow), 4)
    };
    house.noticed(own(2)).await;
    assert_eq!(house.raised(), 0);
    let refused =
        house.world.log.events().into_iter().find(|one| one.type_name == "inbox.refused.v1");
    assert!(refused.unwrap().data.contains("WARNING_RULE_NOT_TRIED"));
    let outcome = Outcome {
        rule: "bank-unknown-ageing".to_owned(),
        digest: "ab12".to_owned(),
        position: 9,
        levels: vec![("yellow".to_owned(), 300)],
        subjects: 4,
        by: "anna".to_owned(),
    };
    let tried = |accepted| Tried { outcome: outcome.clone(), limit: 200, accepted };
    let over = house.warnings.tried(&house.by("anna"), &tried(false)).await.unwrap_err();
    assert_eq!(over.code(), "WARNING_TRIAL_OVER_LIMIT");
    house.warnings.tried(&house.by("anna"), &tried(true)).await.unwrap();
    house.noticed(own(2)).await;
    assert_eq!(house.raised(), 1);
}

#[tokio::test]
async fn a_muted_rule_keeps_its_signals_in_the_log() {
    let house = House::new().await;
    let mute = Mute {
        suppression: Uuid::from_u128(5),
        rule: "bank-unknown-ageing".to_owned(),
        subject: "BOC".to_owned(),
        reason: "系统切换".to_owned(),
        until: TODAY,
    };
    house.warnings.mute(&house.by("chen"), &mute).await.unwrap();
    house.noticed(returns("BOC", Some(Level::Yellow), 4)).await;
    let kept = house.world.log.events();
    assert!(kept.iter().any(|event| event.type_name == "warning.signal-kept-back.v1"));
    assert_eq!(house.raised(), 0);
    house.warnings.unmute(&house.by("chen"), mute.suppression).await.unwrap();
    house.noticed(returns("BOC", Some(Level::Yellow), 5)).await;
    assert_eq!(house.raised(), 1);
}

#[tokio::test]
async fn every_missed_day_of_a_late_step_is_handled_in_order() {
    let house = House::new().await;
    let warning = Uuid::from_u128(77);
    let enter = Enter {
        warning,
        channel: Channel::Grid,
        rule: "wage-arrears".to_owned(),
        level: Level::Yellow,
        about: About { kind: "employer".to_owned(), id: "e1".to_owned() },
        division: None,
        content: "工人反映未发工资".to_owned(),
    };
    house.warnings.enter(&house.by("grid"), &enter).await.unwrap();
    house.told.due.lock().unwrap().push(warning);
    // Monday 2 March, three working days: due on Thursday the 5th. The node was down until the 9th.
    open_days(&house.world.executor, Date::constant(2026, 3, 9)).await.unwrap();
    let reminders = Box::new(Reminders::new(house.told.clone()));
    let runner = Runner::new(house.world.executor.clone(), vec![reminders]);
    runner.settle().await.unwrap();
    let told: Vec<(Date, String)> = house
        .world
        .log
        .events()
        .into_iter()
        .filter(|event| event.stream.category() == Case::CATEGORY)
        .filter_map(|event| {
            let told: warnings::case::Event = event.decode().unwrap();
            Some((told.on(), event.type_name.strip_prefix("warning.")?.to_owned()))
        })
        .skip(1)
        .collect();
    let day = |day| Date::constant(2026, 3, day);
    let reminded = "reminded.v1".to_owned();
    let escalated = "escalated.v1".to_owned();
    assert_eq!(
        told,
        [
            (day(5), reminded.clone()),
            (day(6), reminded.clone()),
            (day(6), escalated.clone()),
            (day(7), reminded.clone()),
            (day(8), reminded.clone()),
            (day(8), escalated),
            (day(9), reminded),
        ]
    );
}
