//! What the grid reports in the quarter, and what becomes of each case (DISBURSEMENT 4.14).

use shared::{Date, WorkingDays};

use super::cast::{day, working};
use crate::employer::Employer;

/// How bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Colour {
    Yellow,
    Orange,
    Red,
}

/// How a case goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Course {
    /// Registered, dispatched, visited, the head interviewed, fed back and released.
    Released,
    /// 31 construction workers are unpaid on 3 February and paid on the 12th.
    WagesPaid,
    /// Filed with the inspectors as a case, and released when that is done.
    Filed,
    /// 预立案: it went to the inspectors under a number of its own.
    PreFiled,
    /// A mistake, lifted by whoever entered it.
    Lifted,
    /// Entered in the last days of the quarter, waiting in time.
    Waiting,
    /// Its review was due on the last day but one, and nobody did it.
    Overdue,
    /// Late for so long that the supervisor was told.
    Escalated,
}

/// One entry of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GridCase {
    /// Its place in the quarter.
    pub index: u32,
    pub colour: Colour,
    /// The rule whose clocks it has.
    pub rule: &'static str,
    pub course: Course,
    pub entered: Date,
    /// The employer's place in [`crate::City::employers`].
    pub employer: u32,
}

struct Row {
    count: u32,
    colour: Colour,
    rule: &'static str,
    course: Course,
    /// The first day; each further case comes two working days later.
    from: Date,
}

const fn row(count: u32, colour: Colour, rule: &'static str, course: Course, from: Date) -> Row {
    Row { count, colour, rule, course, from }
}

/// 26 yellow, 9 orange and 3 red; 7, 3 and 1 are open at the end.
const ROWS: &[Row] = &[
    row(1, Colour::Red, "wage-arrears", Course::WagesPaid, day(2, 3)),
    row(1, Colour::Red, "child-labour", Course::Filed, day(3, 4)),
    row(1, Colour::Red, "wage-arrears", Course::PreFiled, day(3, 16)),
    row(6, Colour::Orange, "group-visit", Course::Released, day(1, 8)),
    row(3, Colour::Orange, "wage-arrears", Course::Waiting, day(3, 31)),
    row(1, Colour::Yellow, "no-contract", Course::Lifted, day(2, 5)),
    row(9, Colour::Yellow, "no-contract", Course::Released, day(1, 6)),
    row(9, Colour::Yellow, "overtime", Course::Released, day(1, 12)),
    row(1, Colour::Yellow, "overtime", Course::Overdue, day(3, 25)),
    row(1, Colour::Yellow, "wage-arrears", Course::Escalated, day(3, 23)),
    row(5, Colour::Yellow, "wage-arrears", Course::Waiting, day(3, 30)),
];

/// When the construction workers had their wages.
pub const WAGES_PAID: Date = day(2, 12);
pub const UNPAID_WORKERS: u32 = 31;

pub(super) fn cases(employers: &[Employer]) -> Vec<GridCase> {
    let firms = u32::try_from(employers.len()).unwrap_or(1).max(1);
    let mut cases = Vec::new();
    for row in ROWS {
        for of_row in 0..row.count {
            let index = u32::try_from(cases.len()).unwrap_or(0);
            // Those of the last days come together.
            let later = match row.course {
                Course::Waiting | Course::Overdue | Course::Escalated => 0,
                _ => of_row * 2,
            };
            let entered = WorkingDays::bundled().add_working_days(working(row.from), later);
            cases.push(GridCase {
                index,
                colour: row.colour,
                rule: row.rule,
                course: row.course,
                entered: entered.unwrap_or(row.from),
                employer: (index * 7) % firms,
            });
        }
    }
    cases
}

impl GridCase {
    /// Whether somebody still works on it at the end of March.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(
            self.course,
            Course::PreFiled | Course::Waiting | Course::Overdue | Course::Escalated
        )
    }
}
