//! Facts 14 and 15: warnings, from the grid and from published figures.

use anyhow::Result;
use kernel::Decider as _;
use projections::lists::Only;
use projections::warnings::{WarningRow, steps};
use shared::Date;
use simulations::story::grid::{Course, WAGES_PAID};
use warnings::case::{Case, Event, Record};
use warnings::{Channel, Handling, Level, Stage};

use super::seen::{Seen, month};
use super::{Figures, one};
use crate::demo::deeds::grid::id;

/// DISBURSEMENT 4.14: of the quarter, and open at its end.
const QUARTER: [(Level, usize, usize); 3] =
    [(Level::Yellow, 26, 7), (Level::Orange, 9, 3), (Level::Red, 3, 1)];
const OVERDUE: usize = 2;
const ESCALATED: usize = 1;
/// The rung of the ladder on which the leader is told.
const LEADER: u32 = 2;
const DAY_MICROS: i64 = 24 * 3_600 * 1_000_000;

pub fn grid(seen: &Seen<'_>) -> Result<Figures> {
    let mut figures = Figures::default();
    let rows = seen.warnings(&Only::equal("channel", &Channel::Grid))?;
    let quarter_end = month(3)?.last_day();
    for (level, all, open) in QUARTER {
        let of: Vec<&WarningRow> =
            rows.iter().filter(|row| row.level == level && row.raised_on <= quarter_end).collect();
        figures.equal(format!("{level} of the quarter"), of.len(), all);
        let left = of.iter().filter(|row| row.open).count();
        figures.equal(format!("{level} open at its end"), left, open);
    }
    let mut late = Vec::new();
    for row in rows.iter().filter(|row| row.raised_on <= quarter_end) {
        let case = stood(seen, row, quarter_end)?;
        let overdue = |record: &&Record| record.stage.is_open() && record.late_days > 0;
        late.extend(case.record().filter(overdue).map(|record| record.rung));
    }
    figures.equal("overdue at its end", late.len(), OVERDUE);
    let told = late.iter().filter(|rung| **rung >= LEADER).count();
    figures.equal("of them escalated to the leader", told, ESCALATED);
    let wages = of_course(seen, &rows, Course::WagesPaid)?;
    let steps = steps(&seen.session, &seen.scope, wages.warning)?;
    let at = |what: &str| steps.iter().find(|step| step.what.starts_with(what));
    let entered = one(at("warning.entered."), "the entry of the unpaid wages")?;
    let confirmed = one(at("warning.confirmed."), "its registration")?;
    let event = <Event as kernel::Event>::decode(&confirmed.what, &confirmed.data)?;
    figures.holds("31 unpaid workers: registered", {
        matches!(event, Event::Confirmed { complaint: Some(_), .. })
    });
    let visited = one(at("warning.site-verified."), "its visit")?;
    figures.holds("visited within 24 h", visited.at.0 - entered.at.0 <= DAY_MICROS);
    figures.holds("the head was interviewed", wages.handled.contains(&Handling::Interview));
    figures.equal("released", wages.stage, Stage::Released);
    let closed = wages.closed_on.map_or_else(String::new, |day| day.to_string());
    figures.equal("when the wages were paid", closed, WAGES_PAID);
    let filed = of_course(seen, &rows, Course::Filed)?;
    figures.holds("child labour: filed", filed.handled.contains(&Handling::Filing));
    let stage = |course| of_course(seen, &rows, course).map(|row| row.stage);
    figures.equal("one 预立案", stage(Course::PreFiled)?, Stage::PreFiled);
    figures.equal("a mistaken entry", stage(Course::Lifted)?, Stage::Lifted);
    Ok(figures)
}

/// The case as it stood at the end of a day: the demo goes on into April.
fn stood(seen: &Seen<'_>, row: &WarningRow, day: Date) -> Result<Case> {
    let mut case = Case::default();
    for step in steps(&seen.session, &seen.scope, row.warning)? {
        if step.on_day <= day {
            case = case.evolve(&<Event as kernel::Event>::decode(&step.what, &step.data)?);
        }
    }
    Ok(case)
}

fn of_course<'r>(
    seen: &Seen<'_>,
    rows: &'r [WarningRow],
    course: Course,
) -> Result<&'r WarningRow> {
    let case = seen.office.story.grid.iter().find(|case| case.course == course);
    let case = id(seen.office, one(case, "a case of this course")?);
    one(rows.iter().find(|row| row.warning == case), "its warning")
}

/// What was published of July to December 2025 (DISBURSEMENT 4.15), with what it raises.
const DEFICITS: &str = "notice -4.0, yellow -41.6, yellow -35.1, yellow -12.6, yellow -40.5, \
                        yellow -19.7";
/// Fen of 0.1 亿元.
const TENTH: i64 = 1_000_000_000;

pub fn deficits(seen: &Seen<'_>) -> Result<Figures> {
    let mut figures = Figures::default();
    let raised = seen.raised("fund-deficit")?;
    let of_fund = raised.iter().find(|row| row.about.starts_with("unemployment"));
    let row = one(of_fund, "a warning of the unemployment fund's deficit")?;
    let mut signals = Vec::new();
    for step in steps(&seen.session, &seen.scope, row.warning)? {
        let signal = match <Event as kernel::Event>::decode(&step.what, &step.data)? {
            Event::Raised(raised) => raised.signal,
            Event::EvidenceAppended { signal } => signal,
            _ => continue,
        };
        let (sign, tenths) = (if signal.value < 0 { "-" } else { "" }, signal.value.abs() / TENTH);
        signals.push(format!("{} {sign}{}.{}", signal.level, tenths / 10, tenths % 10));
    }
    figures.equal("July to December 2025, 亿元", signals.join(", "), DEFICITS);
    Ok(figures)
}
