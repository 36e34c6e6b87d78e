//! The same for recoveries, openings and feeds.

use shared::{Component, Date, Money, ObligationId, RunType};

use super::{by, fitting, reason};
use crate::city::world::{agency, area, artefact, book, day, fund, item, month, person, yuan};
use crate::feed::{self, Feed};
use crate::opening::{self, Opening};
use crate::recovery::{self, Recovery};
use crate::walk::{Dice, covers};

fn obligation(of: u128) -> ObligationId {
    ObligationId::new(item(0), month(1), Component::whole(), person(of))
}

fn on(dice: &mut Dice<'_>) -> Date {
    Date::constant(2026, 3, 1 + i8::try_from(dice.below(28)).unwrap())
}

#[test]
fn a_recovery_meets_every_case() {
    covers::<Recovery>(next_for_recovery, recovery::Error::code, recovery::Error::CODES);
}

fn next_for_recovery(recovery: &Recovery, dice: &mut Dice<'_>) -> recovery::Command {
    use recovery::{Command, Stage};
    let fits: &[usize] = match recovery.stage {
        Stage::Unopened => &[0],
        Stage::Found => &[1, 1, 3, 7],
        Stage::Demanded => &[2, 2, 3, 3, 4, 4, 5, 6, 7],
        Stage::Settled | Stage::Withdrawn => &[3],
    };
    let owed = recovery.owed();
    let some =
        |dice: &mut Dice<'_>| dice.one_of(&[yuan(10), yuan(10), owed, owed + yuan(1), Money::ZERO]);
    match fitting(dice, fits, 8) {
        0 => {
            let amount = dice.one_of(&[yuan(40), yuan(40), yuan(40), Money::ZERO]);
            Command::Open(recovery::About {
                obligation: obligation(1),
                person: person(1),
                item: item(0),
                month: month(1),
                component: Component::whole(),
                fund: fund(item(0)),
                book: book(fund(item(0))),
                amount,
                reason: "after death".to_owned(),
                found_on: Date::constant(2026, 3, 1),
                carried: false,
            })
        }
        1 => {
            let (on, due) = (on(dice), on(dice));
            Command::Demand { notice: reason(dice), on, due, by: by(dice) }
        }
        2 => {
            let half = Money::from_fen(owed.fen() / 2);
            let parts = match dice.below(6) {
                0 => vec![],
                1 => vec![half, half + yuan(1)],
                2 => vec![Money::ZERO, owed],
                _ => vec![half, owed - half],
            };
            let mut due = Date::constant(2026, 3, 28);
            let instalments = parts.into_iter().map(|amount| {
                due = due.tomorrow().unwrap();
                recovery::Instalment { due, amount }
            });
            Command::Agree {
                agreement: reason(dice),
                on: day(),
                instalments: instalments.collect(),
                by: by(dice),
            }
        }
        3 => Command::Receive {
            serial: dice.one_of(&["s1", "s2", "s3", "s4", "s5", " "]).to_owned(),
            amount: some(dice),
            into: dice.one_of(recovery::Place::ALL),
            on: on(dice),
        },
        4 => Command::Offset {
            against: obligation(dice.one_of(&[2, 2, 2, 1])),
            fund: fund(item(dice.one_of(&[0, 0, 1]))),
            amount: some(dice),
            on: on(dice),
        },
        5 => Command::GoToCourt {
            court: "崇川区法院".to_owned(),
            case: reason(dice),
            on: on(dice),
            by: by(dice),
        },
        6 => Command::WriteOff {
            approval: reason(dice),
            authority: "财政局".to_owned(),
            amount: some(dice),
            on: on(dice),
            by: by(dice),
        },
        _ => Command::Withdraw { reason: reason(dice), on: on(dice), by: by(dice) },
    }
}

#[test]
fn an_opening_meets_every_case() {
    covers::<Opening>(next_for_opening, opening::Error::code, opening::Error::CODES);
}

fn next_for_opening(opening: &Opening, dice: &mut Dice<'_>) -> opening::Command {
    use opening::{Command, Stage};
    let fits: &[usize] = match opening.stage {
        Stage::Unopened => &[0, 0, 0, 3],
        Stage::Entered => &[1, 1, 2, 2, 3],
        Stage::Sealed => &[3, 0, 1, 2],
        Stage::Running => &[0, 1, 2, 3],
    };
    match fitting(dice, fits, 4) {
        0 => Command::Enter(opening::Cumulative {
            item: item(0),
            area: area(),
            as_of: day(),
            people: dice.one_of(&[2, 2, 9]),
            payments: 5,
            money: yuan(100),
            artefact: artefact(1),
            by: by(dice),
        }),
        1 => {
            let settled = opening::Settled {
                person: person(1),
                month: month(1),
                component: Component::whole(),
                adjustment: 0,
                amount: dice.one_of(&[yuan(1), yuan(1), yuan(-1)]),
                returned: None,
            };
            let count = dice.one_of(&[1, 1, 1, 0, opening::CHUNK_OBLIGATIONS_MAX + 1]);
            let chunk = opening.chunks + u32::from(dice.rarely(6));
            Command::Settle { chunk, obligations: vec![settled; count] }
        }
        2 => Command::Seal { declared: opening.settled + u32::from(dice.rarely(3)) },
        _ => Command::BeginRuns,
    }
}

#[test]
fn a_feed_meets_every_case() {
    covers::<Feed>(next_for_feed, feed::Error::code, feed::Error::CODES);
}

fn next_for_feed(feed: &Feed, dice: &mut Dice<'_>) -> feed::Command {
    use feed::Command;
    let fits: &[usize] = match (&feed.about, &feed.running) {
        (None, _) => &[0],
        (Some(_), None) => &[1, 1, 1, 2, 2],
        (Some(_), Some(_)) => &[3, 3, 2, 1],
    };
    let sequence = feed.next + u32::try_from(dice.one_of(&[0, 0, 1, 2, 3])).unwrap();
    match fitting(dice, fits, 4) {
        0 => Command::Open {
            source: reason(dice),
            item: item(0),
            area: area(),
            first: dice.one_of(&[1, 1, 5, 0]),
        },
        1 => {
            let sequence = match dice.below(16) {
                0 | 1 => feed.next.saturating_sub(1),
                2 => dice.one_of(&[feed.next + feed::AHEAD_MAX + 1, u32::MAX]),
                _ => sequence,
            };
            let run = feed::Run {
                sequence,
                artefact: artefact(sequence.saturating_sub(if dice.rarely(6) { 1 } else { 0 })),
                reference: "S".to_owned(),
                month: month(1),
                run: RunType::Normal,
                fund: fund(item(0)),
                agency: agency(),
                paid_on: day(),
                lines: 1,
                total: yuan(10),
                digest: "d".to_owned(),
            };
            let lines = 1 + u32::from(dice.rarely(8));
            let digest = dice.one_of(&["d", "d", "d", "d", "e"]).to_owned();
            Command::Receive { run, lines, total: yuan(10), digest }
        }
        2 if dice.rarely(3) => {
            Command::Begin { sequence: feed.next.saturating_sub(1), plan: "p1".to_owned() }
        }
        2 => Command::Begin { sequence, plan: format!("p{}", dice.one_of(&[1, 1, 2])) },
        _ => {
            let running = feed.running.as_ref().map_or(sequence, |(running, _)| *running);
            Command::Finish { sequence: running }
        }
    }
}
