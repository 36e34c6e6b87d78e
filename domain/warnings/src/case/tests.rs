//! The rules about a warning, as sentences.

use kernel::{Micros, given};
use shared::{Date, DivisionCode};

use super::*;
use crate::clock::Term;
use crate::words::{Channel, Handling, Step};

fn moment(day: i8) -> Moment {
    let date = Date::constant(2026, 2, 1);
    let on = Date::constant(2026, 2 + (day - 1) / 28, (day - 1) % 28 + 1);
    let days = i64::from(date.until(on).unwrap().get_days());
    Moment { on, at: Micros((days + 1) * 86_400_000_000) }
}

fn stamp(by: &str, day: i8) -> Stamp {
    Stamp { by: by.to_owned(), now: moment(day) }
}

fn about() -> About {
    About { kind: "bank".to_owned(), id: "BOC".to_owned() }
}

fn terms() -> Terms {
    let days = |level, step, days| Clocks { level, step, term: Term::WorkingDays(days) };
    let hours = |level, step, hours| Clocks { level, step, term: Term::Hours(hours) };
    Terms {
        clocks: vec![
            days(Level::Yellow, Step::Review, 3),
            days(Level::Yellow, Step::Accept, 2),
            days(Level::Yellow, Step::Verify, 5),
            days(Level::Yellow, Step::Feedback, 5),
            days(Level::Orange, Step::Review, 1),
            hours(Level::Red, Step::Review, 2),
            hours(Level::Red, Step::Verify, 24),
        ],
        ladder: vec![
            Rung { after_days: 1, to: "supervisor".to_owned(), effect: Effect::YellowMark },
            Rung { after_days: 3, to: "leader".to_owned(), effect: Effect::RaiseLevel },
        ],
        handling: vec![Handling::Interview, Handling::Other],
        cooldown_days: 10,
    }
}

fn signal(level: Level, day: i8) -> Signal {
    Signal {
        version: 1,
        level,
        value: 210,
        threshold: 150,
        position: 100 + u64::try_from(day).unwrap(),
        period: None,
        evidence: vec![],
        stamp: stamp("process:warnings", day),
    }
}

fn raised(level: Level) -> Event {
    Event::Raised(Raised {
        rule: "return-rate".to_owned(),
        class: "disbursement".to_owned(),
        fingerprint: Uuid::from_u128(7),
        about: about(),
        division: Some(DivisionCode::parse("320602").unwrap()),
        signal: signal(level, 2),
        terms: terms(),
    })
}

fn entered() -> Event {
    Event::Entered(Entered {
        channel: Channel::Grid,
        class: "wage-arrears".to_owned(),
        level: Level::Red,
        about: about(),
        division: None,
        content: "31 名工人反映未发工资".to_owned(),
        terms: terms(),
        stamp: stamp("grid", 2),
    })
}

fn act(by: &str, day: i8, act: Act) -> Command {
    Command { by: Actor { id: by.to_owned(), division: None }, now: moment(day), act }
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn to_town() -> Assignment {
    Assignment {
        role: "town".to_owned(),
        division: Some(DivisionCode::parse("320602").unwrap()),
        organisation: None,
        person: None,
    }
}

fn handled(level: Level) -> Vec<Event> {
    vec![
        raised(level),
        Event::Confirmed { complaint: None, work_order: None, stamp: stamp("chen", 3) },
        Event::Dispatched { to: to_town(), stamp: stamp("chen", 3) },
        Event::Accepted { stamp: stamp("wu", 3) },
        Event::SiteVerified { finding: text("属实"), stamp: stamp("wu", 4) },
        Event::Handled { how: Handling::Interview, note: text("约谈"), stamp: stamp("wu", 4) },
    ]
}

fn released(level: Level) -> Vec<Event> {
    let mut history = handled(level);
    history
        .push(Event::FeedbackGiven { text: text("已发放"), done: true, stamp: stamp("wu", 5) });
    history
        .push(Event::Released { reason: text("已解决"), batch: None, stamp: stamp("chen", 6) });
    history
}

#[test]
fn a_case_goes_from_signal_to_release_step_by_step() {
    let Event::Raised(first) = raised(Level::Orange) else { unreachable!() };
    let confirm = Act::Confirm { complaint: None, work_order: None };
    given::<Case>([])
        .when(act("process:warnings", 2, Act::Raise(first)))
        .then([raised(Level::Orange)])
        .when(act("chen", 3, confirm))
        .then([handled(Level::Orange)[1].clone()])
        .when(act("chen", 3, Act::Dispatch { to: to_town() }))
        .then([handled(Level::Orange)[2].clone()])
        .when(act("wu", 3, Act::Accept))
        .then([handled(Level::Orange)[3].clone()])
        .when(act("wu", 4, Act::Verify { finding: text("属实") }))
        .then([handled(Level::Orange)[4].clone()])
        .when(act("wu", 4, Act::Handle { how: Handling::Interview, note: text("约谈") }))
        .then([handled(Level::Orange)[5].clone()])
        .when(act("wu", 5, Act::GiveFeedback { text: text("已发放"), done: true }))
        .then([released(Level::Orange)[6].clone()])
        .when(act("chen", 6, Act::Release { reason: text("已解决"), batch: None }))
        .then([released(Level::Orange)[7].clone()])
        .when(act("chen", 7, Act::Archive))
        .then([Event::Archived { stamp: stamp("chen", 7) }]);
}

#[test]
fn nothing_is_skipped() {
    let release = |day| act("chen", day, Act::Release { reason: text("好"), batch: None });
    given::<Case>(handled(Level::Orange))
        .when(release(5))
        .then_refused(Error::NotNow { stage: Stage::Handled });
    given::<Case>([raised(Level::Yellow)])
        .when(act("wu", 3, Act::Verify { finding: text("属实") }))
        .then_refused(Error::NotNow { stage: Stage::Raised });
    let not_done =
        Event::FeedbackGiven { text: text("未解决"), done: false, stamp: stamp("wu", 5) };
    let state = given::<Case>(handled(Level::Orange))
        .when(act("wu", 5, Act::GiveFeedback { text: text("未解决"), done: false }))
        .then([not_done])
        .state();
    assert_eq!(state.record().unwrap().stage, Stage::Verified, "it is handled again");
    let patrol = Act::Handle { how: Handling::Patrol, note: String::new() };
    given::<Case>(handled(Level::Orange))
        .when(act("wu", 5, patrol))
        .then_refused(Error::HandlingNotAllowed { how: Handling::Patrol });
}

#[test]
fn only_a_notice_or_a_yellow_warning_clears_by_itself() {
    let clear = || act("process:warnings", 9, Act::Clear { position: 300 });
    let cleared = Event::Cleared { position: 300, stamp: stamp("process:warnings", 9) };
    for level in [Level::Notice, Level::Yellow] {
        given::<Case>([raised(level)]).when(clear()).then([cleared.clone()]);
    }
    for level in [Level::Orange, Level::Red] {
        given::<Case>([raised(level)]).when(clear()).then_refused(Error::NeverByItself { level });
    }
    let down = |from, to| Event::LevelMoved {
        from,
        to,
        why: text("回落"),
        stamp: stamp("process:warnings", 5),
    };
    given::<Case>([raised(Level::Red), down(Level::Red, Level::Yellow)])
        .when(clear())
        .then_refused(Error::NeverByItself { level: Level::Red });
    given::<Case>([raised(Level::Yellow), down(Level::Yellow, Level::Notice)])
        .when(clear())
        .then([cleared]);
}

#[test]
fn a_further_signal_appends_evidence_and_moves_the_level() {
    let red = signal(Level::Red, 4);
    let moved = Event::LevelMoved {
        from: Level::Yellow,
        to: Level::Red,
        why: text("rule version 1 at position 104"),
        stamp: stamp("process:warnings", 4),
    };
    let state = given::<Case>([raised(Level::Yellow)])
        .when(act("process:warnings", 4, Act::Notice(red.clone())))
        .then([Event::EvidenceAppended { signal: red }, moved])
        .state();
    let record = state.record().unwrap();
    assert_eq!((record.level, record.signals), (Level::Red, 2));
    // From the start of the review on, and in hours now.
    assert_eq!(record.clock.unwrap(), Clock::started(Term::Hours(2), moment(2)));
    let same = signal(Level::Red, 5);
    given::<Case>([raised(Level::Red)])
        .when(act("process:warnings", 5, Act::Notice(same.clone())))
        .then([Event::EvidenceAppended { signal: same }]);
}

use crate::clock::Clock;

#[test]
fn the_same_signal_reopens_it_within_the_cooldown_and_not_later() {
    let again = signal(Level::Orange, 16);
    let reopened = Event::Reopened {
        why: text("the same signal within the cooldown"),
        signal: Some(again.clone()),
        stamp: again.stamp.clone(),
    };
    let state = given::<Case>(released(Level::Orange))
        .when(act("process:warnings", 16, Act::Notice(again)))
        .then([reopened])
        .state();
    assert_eq!(state.record().unwrap().stage, Stage::Raised);
    given::<Case>(released(Level::Orange))
        .when(act("process:warnings", 17, Act::Notice(signal(Level::Orange, 17))))
        .then_refused(Error::CooldownOver { until: moment(16).on });
}

#[test]
fn who_released_may_undo_it_and_nobody_else() {
    let undo = |by: &str| act(by, 7, Act::UndoRelease { reason: text("误操作") });
    let undone = Event::ReleaseUndone { reason: text("误操作"), stamp: stamp("chen", 7) };
    let state = given::<Case>(released(Level::Red)).when(undo("chen")).then([undone]).state();
    assert_eq!(state.record().unwrap().stage, Stage::FedBack);
    given::<Case>(released(Level::Red))
        .when(undo("wu"))
        .then_refused(Error::NotReleaser { releaser: text("chen") });
}

#[test]
fn a_mistaken_entry_is_lifted_by_its_initiator() {
    let lift = |by: &str| act(by, 3, Act::Lift { reason: text("录错单位") });
    let lifted = Event::Lifted { reason: text("录错单位"), stamp: stamp("grid", 3) };
    given::<Case>([entered()]).when(lift("grid")).then([lifted]);
    given::<Case>([entered()])
        .when(lift("chen"))
        .then_refused(Error::NotInitiator { initiator: text("grid") });
    given::<Case>([raised(Level::Yellow)]).when(lift("chen")).then_refused(Error::NotEntered);
}

#[test]
fn it_is_dispatched_to_somebody_and_handled_by_those_it_was_dispatched_to() {
    let confirmed = handled(Level::Orange)[..2].to_vec();
    let nobody =
        Assignment { role: text("town"), division: None, organisation: None, person: None };
    given::<Case>(confirmed)
        .when(act("chen", 3, Act::Dispatch { to: nobody }))
        .then_refused(Error::DispatchedToNobody);
    let elsewhere = Command {
        by: Actor { id: text("he"), division: Some(DivisionCode::parse("320612").unwrap()) },
        ..act("he", 4, Act::Accept)
    };
    given::<Case>(handled(Level::Orange)[..3].to_vec())
        .when(elsewhere)
        .then_refused(Error::OutOfScope);
}

#[test]
fn a_late_step_is_reminded_once_a_day_and_climbs_the_ladder() {
    // Raised on Monday 2 February, three working days: due on Thursday the 5th.
    let remind = |day| act("process:reminders", day, Act::Remind);
    let told = |day, late| Event::Reminded {
        step: Step::Review,
        late,
        stamp: stamp("process:reminders", day),
    };
    let climbed = |day, rung, to: &str, effect| Event::Escalated {
        step: Step::Review,
        rung,
        to: text(to),
        effect,
        stamp: stamp("process:reminders", day),
    };
    let state = given::<Case>([raised(Level::Yellow)]);
    let state = state.when(remind(4)).then([]);
    let state = state.when(remind(5)).then([told(5, false)]);
    let state = state.when(remind(5)).then([]);
    let marked = climbed(6, 0, "supervisor", Effect::YellowMark);
    let state = state.when(remind(6)).then([told(6, true), marked]);
    let state = state.when(remind(7)).then([told(7, true)]);
    let moved = Event::LevelMoved {
        from: Level::Yellow,
        to: Level::Orange,
        why: text("late for 3 days"),
        stamp: stamp("process:reminders", 8),
    };
    let raised = climbed(8, 1, "leader", Effect::RaiseLevel);
    state.when(remind(8)).then([told(8, true), raised, moved]);
}

#[test]
fn a_clock_is_stopped_resumed_and_extended_by_somebody_else() {
    let stop = act("wu", 3, Act::StopClock { reason: text("等待鉴定") });
    let stopped =
        Event::ClockStopped {
            step: Step::Review, reason: text("等待鉴定"), stamp: stamp("wu", 3)
        };
    let history = [raised(Level::Yellow), stopped.clone()];
    given::<Case>([raised(Level::Yellow)]).when(stop.clone()).then([stopped]);
    given::<Case>(history.clone()).when(stop).then_refused(Error::ClockStopped);
    given::<Case>(history.clone()).when(act("wu", 9, Act::Remind)).then_nothing();
    let resumed = Event::ClockResumed { step: Step::Review, stamp: stamp("wu", 9) };
    let state = given::<Case>(history).when(act("wu", 9, Act::ResumeClock)).then([resumed]).state();
    let clock = state.record().unwrap().clock.unwrap();
    assert_eq!(clock.due(), crate::Due::On(Date::constant(2026, 2, 11)));
    let extend = |approver: &str| {
        let (approver, reason) = (text(approver), text("取证困难"));
        act("wu", 3, Act::ExtendClock { by: 2, approver, reason })
    };
    given::<Case>([raised(Level::Yellow)])
        .when(extend("wu"))
        .then_refused(Error::ApprovedByHimself);
    let extended = Event::ClockExtended {
        step: Step::Review,
        by: 2,
        approver: text("lead"),
        reason: text("取证困难"),
        stamp: stamp("wu", 3),
    };
    given::<Case>([raised(Level::Yellow)]).when(extend("lead")).then([extended]);
}

#[test]
fn what_is_not_solved_is_pre_filed_and_what_is_wrong_is_rejected() {
    let filed = Event::PreFiled {
        case_number: text("通崇人社监〔2026〕3号"),
        stamp: stamp("wu", 5),
    };
    let pre_file = Act::PreFile { case_number: text("通崇人社监〔2026〕3号") };
    given::<Case>(handled(Level::Red)).when(act("wu", 5, pre_file)).then([filed]);
    let rejected = Event::Rejected { reason: text("数据误报"), stamp: stamp("chen", 3) };
    given::<Case>([raised(Level::Yellow)])
        .when(act("chen", 3, Act::Reject { reason: text("数据误报") }))
        .then([rejected])
        .when(act("chen", 4, Act::Object { reason: text("经查属实") }))
        .then([Event::Reopened {
            why: text("经查属实"), signal: None, stamp: stamp("chen", 4)
        }]);
    given::<Case>([raised(Level::Yellow)])
        .when(act("chen", 3, Act::Merge { case: Uuid::from_u128(1), into: Uuid::from_u128(1) }))
        .then_refused(Error::IntoItself);
}
