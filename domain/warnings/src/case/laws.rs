//! What holds for every warning, whatever is asked in whatever order.

use ::laws::{Dice, hold};
use kernel::Micros;
use shared::{Date, DivisionCode};

use super::*;
use crate::clock::Term;
use crate::words::{Channel, Handling, Step};

#[test]
fn a_case_is_closed_by_a_person_and_never_skips_a_step() {
    hold::<Case>(next, law, Error::code, Error::CODES);
}

fn law(history: &[Event], case: &Case) {
    let (mut confirmed, mut dispatched, mut verified, mut handled) = (false, false, false, false);
    let (mut level, mut open, mut last) = (Level::Notice, false, Date::MIN);
    let mut releaser = None;
    let (mut stage, mut before_release) = (Stage::Raised, Stage::Raised);
    for event in history {
        if matches!(event, Event::Released { .. }) {
            before_release = stage;
        }
        stage = event.leads_to(before_release).unwrap_or(stage);
        assert!(last <= event.on(), "{event:?} lies before {last}");
        last = event.on();
        match event {
            Event::Raised(raised) => (level, open) = (raised.signal.level, true),
            Event::Entered(entered) => (level, open) = (entered.level, true),
            Event::LevelMoved { from, to, .. } => {
                assert!(open && *from == level && from != to);
                level = *to;
            }
            Event::Confirmed { .. } => confirmed = true,
            Event::Dispatched { .. } => {
                assert!(confirmed, "dispatched before it was confirmed");
                dispatched = true;
            }
            Event::DispatchReturned { .. } => dispatched = false,
            Event::SiteVerified { .. } => {
                assert!(dispatched, "verified before it was dispatched");
                verified = true;
            }
            Event::Handled { .. } => {
                assert!(verified, "handled before it was verified");
                handled = true;
            }
            Event::Released { stamp, .. } => {
                assert!(handled || level == Level::Notice || verified, "released unhandled");
                (open, releaser) = (false, Some(stamp.by.clone()));
            }
            Event::ReleaseUndone { stamp, .. } => {
                assert_eq!(releaser.as_deref(), Some(stamp.by.as_str()));
                open = true;
            }
            Event::Cleared { .. } => {
                assert!(level <= Level::Yellow, "{level} cleared by itself");
                open = false;
            }
            Event::Rejected { .. } | Event::Merged { .. } | Event::Lifted { .. } => open = false,
            Event::Reopened { signal, .. } => {
                assert!(!open, "reopened while it is open");
                level = signal.as_ref().map_or(level, |signal| signal.level);
                (open, confirmed, dispatched, verified, handled) =
                    (true, false, false, false, false);
            }
            Event::Archived { .. } => assert!(!open, "archived while it is open"),
            Event::EvidenceAppended { .. }
            | Event::Accepted { .. }
            | Event::Reassigned { .. }
            | Event::FeedbackGiven { .. }
            | Event::PreFiled { .. }
            | Event::ClockStopped { .. }
            | Event::ClockResumed { .. }
            | Event::ClockExtended { .. }
            | Event::Reminded { .. }
            | Event::Escalated { .. } => assert!(open, "{event:?} while it is closed"),
        }
    }
    if let Some(record) = case.record() {
        assert_eq!((record.level, record.stage.is_open()), (level, open));
        assert_eq!(record.last.on, last);
    }
    assert!(case.record().is_none_or(|record| record.stage == stage), "{stage:?}");
}

fn terms() -> Terms {
    let clocks = Level::ALL.iter().flat_map(|level| {
        Step::ALL.iter().map(|step| {
            let term = match level {
                Level::Red => Term::Hours(24),
                Level::Notice | Level::Yellow | Level::Orange => Term::WorkingDays(1),
            };
            Clocks { level: *level, step: *step, term }
        })
    });
    Terms {
        clocks: clocks.collect(),
        ladder: vec![
            Rung { after_days: 1, to: "supervisor".to_owned(), effect: Effect::Notify },
            Rung { after_days: 2, to: "leader".to_owned(), effect: Effect::RaiseLevel },
        ],
        handling: vec![Handling::Patrol],
        cooldown_days: 2,
    }
}

fn next(case: &Case, dice: &mut Dice) -> Command {
    let (stage, last) = match case.record() {
        None => {
            let first = dice.one_of(&[Date::constant(2026, 10, 1), Date::constant(2026, 12, 22)]);
            (None, first)
        }
        Some(record) => (Some(record.stage), record.last.on),
    };
    let forward = dice.one_of(&[0, 0, 0, 0, 0, 1, 1, 2, 6, 6, -1]);
    let on = (0..forward).fold(last, |day, _| day.tomorrow().unwrap());
    let on = if forward < 0 { last.yesterday().unwrap() } else { on };
    let since = i64::from(Date::constant(2026, 1, 1).until(on).unwrap().get_days());
    let now = Moment { on, at: Micros(since * 86_400_000_000) };
    let id = dice.one_of(&["chen", "chen", "chen", "wu"]).to_owned();
    let division = dice.one_of(&[None, None, None, Some("320602"), Some("320612")]);
    let division = division.map(|code| DivisionCode::parse(code).unwrap());
    let by = Actor { id: id.clone(), division };
    let stamp = Stamp { by: id, now };
    let fitting: &[usize] = match stage {
        None => &[0, 0, 1, 1, 5],
        Some(Stage::Raised) => {
            &[5, 5, 5, 5, 5, 3, 6, 7, 4, 8, 16, 18, 22, 23, 24, 25, 25, 20, 18, 18, 22, 8, 8]
        }
        Some(Stage::Confirmed) => &[9, 9, 9, 9, 9, 22, 3],
        Some(Stage::Dispatched) => &[11, 11, 11, 11, 10, 12, 25, 22, 23, 24],
        Some(Stage::Accepted) => &[13, 13, 13, 13, 13, 12, 25, 22, 23, 24],
        Some(Stage::Verified) => &[14, 14, 14, 14, 17, 25],
        Some(Stage::Handled) => &[15, 15, 15, 15, 14, 17, 25, 16],
        Some(Stage::FedBack) => &[16, 16, 16, 16, 17, 3],
        Some(Stage::PreFiled) => &[16, 16, 3],
        Some(Stage::Released) => &[19, 19, 19, 3, 3, 3, 3, 20, 21],
        Some(Stage::Cleared) => &[3, 3, 3, 20, 21],
        Some(Stage::Rejected) => &[20, 20, 21],
        Some(Stage::Merged | Stage::Lifted) => &[21, 20, 3],
        Some(Stage::Archived) => &[21, 20, 3, 0],
    };
    let which = if dice.below(10) > 0 { dice.one_of(fitting) } else { dice.below(26) };
    let level = dice.one_of(Level::ALL);
    let reason = dice.one_of(&["原因", "原因", "原因", "原因", " "]).to_owned();
    let about = About { kind: "bank".to_owned(), id: "BOC".to_owned() };
    let division = DivisionCode::parse("320602").unwrap();
    let signal = || Signal {
        version: 1,
        level,
        value: 3,
        threshold: 2,
        position: 9,
        period: None,
        evidence: vec![],
        stamp: stamp.clone(),
    };
    let to = Assignment {
        role: dice.one_of(&["town", "town", "town", "town", ""]).to_owned(),
        division: Some(division),
        organisation: None,
        person: None,
    };
    let act = match which {
        0 => Act::Raise(Raised {
            rule: "r".to_owned(),
            class: "c".to_owned(),
            fingerprint: Uuid::from_u128(7),
            about,
            division: Some(division),
            signal: signal(),
            terms: terms(),
        }),
        1 => Act::Enter(Entered {
            channel: Channel::Grid,
            class: "c".to_owned(),
            level,
            about,
            division: Some(division),
            content: reason,
            terms: terms(),
            stamp: stamp.clone(),
        }),
        2 | 3 => Act::Notice(signal()),
        4 => Act::Clear { position: 10 },
        5 => Act::Confirm { complaint: None, work_order: None },
        6 => Act::Reject { reason },
        7 => {
            let into = Uuid::from_u128(dice.one_of(&[1, 2]));
            Act::Merge { case: Uuid::from_u128(1), into }
        }
        8 => Act::MoveLevel { to: level, reason },
        9 => Act::Dispatch { to },
        10 => Act::ReturnDispatch { reason },
        11 => Act::Accept,
        12 => Act::Reassign { to, reason },
        13 => Act::Verify { finding: reason },
        14 => {
            let how = dice.one_of(&[Handling::Patrol, Handling::Patrol, Handling::Other]);
            Act::Handle { how, note: reason }
        }
        15 => Act::GiveFeedback { text: reason, done: dice.below(4) > 0 },
        16 => Act::Release { reason, batch: None },
        17 => Act::PreFile { case_number: reason },
        18 => Act::Lift { reason },
        19 => Act::UndoRelease { reason },
        20 => Act::Object { reason },
        21 => Act::Archive,
        22 => Act::StopClock { reason },
        23 => Act::ResumeClock,
        24 => {
            let approver = dice.one_of(&["lead", "lead", "chen"]).to_owned();
            Act::ExtendClock { by: 1, approver, reason }
        }
        _ => Act::Remind,
    };
    Command { by, now, act }
}
