//! Who dies, and when it becomes known (DISBURSEMENT 4.5, 4.6).

use shared::{Date, GrantId, Money, Month};

use super::cast::{Cast, day, month, spread, working};
use crate::group::Group;
use crate::{StoryError, amounts, ids};

/// Who told of a death.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Family,
    Police,
    Crematorium,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Death {
    /// By place in [`crate::City::residents`], as everywhere in the story.
    pub who: u32,
    pub died: Date,
    /// When it is reported; confirmed on the same day, or on `confirmed`.
    pub reported: Date,
    pub confirmed: Date,
    pub source: Source,
    pub known: Known,
    /// Who draws what was still owed.
    pub heir: Option<u32>,
    pub settling: Option<Settling>,
}

/// How late a death became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    InTime,
    OneMonthLate,
    TwoMonthsLate,
    /// Since before the city's first month.
    LongAgo,
}

/// How what was paid after a death comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Settling {
    AtOnce,
    Instalments,
    /// Kept back from the funeral grant, which the same fund pays.
    Offset,
    /// Drawn at a counter after the death: to the police and the court.
    DrawnAtCounter,
}

/// A funeral grant A4, drawn by the heir.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funeral {
    pub grant: GrantId,
    pub relative: u32,
    pub deceased: u32,
    pub from: Month,
    pub registered: Date,
    pub amount: Money,
}

/// A report about somebody who lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FalseMatch {
    pub who: u32,
    pub reported: Date,
    /// Three working days later.
    pub cleared: Date,
}

/// Deaths of one kind.
struct Row {
    /// Among 20,000 people.
    count: u32,
    group: Group,
    /// The first day, and over how many days they spread.
    died: (Date, u32),
    reported: (Date, u32),
    /// After the report.
    confirmed_days: u32,
    known: Known,
    heir: bool,
    settling: Option<Settling>,
}

const fn row(count: u32, group: Group, died: (Date, u32), reported: (Date, u32)) -> Row {
    let (known, settling) = (Known::InTime, None);
    Row { count, group, died, reported, confirmed_days: 0, known, heir: false, settling }
}

const fn late(
    count: u32,
    known: Known,
    died: (Date, u32),
    reported: Date,
    settling: Settling,
) -> Row {
    let of = row(count, Group::EmployeePensioner, died, (reported, 1));
    Row { known, heir: matches!(settling, Settling::Offset), settling: Some(settling), ..of }
}

const fn heir(of: Row) -> Row {
    Row { heir: true, ..of }
}

/// 18, 20 and 17 in three months: 47 known in time, 5 a month late, 3 two months; and one since
/// November. Files go out on 12 January, 11 February and 10 March.
const ROWS: &[Row] = &[
    // Known before the month is frozen, or before its file: that month is the heirs'.
    heir(row(2, Group::EmployeePensioner, (day(1, 4), 2), (day(1, 6), 1))),
    Row {
        confirmed_days: 1,
        ..heir(row(1, Group::EmployeePensioner, (day(1, 8), 1), (day(1, 9), 1)))
    },
    row(3, Group::EmployeePensioner, (day(1, 16), 9), (day(1, 21), 6)),
    row(5, Group::ResidentPensioner, (day(1, 17), 9), (day(1, 22), 7)),
    row(1, Group::InstitutionPensioner, (day(1, 20), 1), (day(1, 23), 1)),
    late(2, Known::OneMonthLate, (day(1, 19), 5), day(2, 25), Settling::AtOnce),
    late(1, Known::OneMonthLate, (day(1, 22), 1), day(2, 24), Settling::Offset),
    late(1, Known::TwoMonthsLate, (day(1, 17), 1), day(3, 17), Settling::AtOnce),
    late(1, Known::TwoMonthsLate, (day(1, 21), 1), day(3, 17), Settling::Instalments),
    late(1, Known::TwoMonthsLate, (day(1, 25), 1), day(3, 17), Settling::Offset),
    heir(row(2, Group::EmployeePensioner, (day(2, 2), 2), (day(2, 4), 1))),
    // After the file was sent: February is due, and nothing else.
    row(1, Group::EmployeePensioner, (day(2, 12), 1), (day(2, 24), 1)),
    row(6, Group::EmployeePensioner, (day(2, 14), 10), (day(2, 25), 6)),
    row(8, Group::ResidentPensioner, (day(2, 13), 12), (day(2, 24), 4)),
    row(1, Group::InstitutionPensioner, (day(2, 20), 1), (day(2, 26), 1)),
    late(1, Known::OneMonthLate, (day(2, 18), 1), day(3, 18), Settling::AtOnce),
    late(1, Known::OneMonthLate, (day(2, 20), 1), day(3, 18), Settling::Instalments),
    heir(row(2, Group::EmployeePensioner, (day(3, 1), 2), (day(3, 3), 1))),
    row(6, Group::EmployeePensioner, (day(3, 14), 10), (day(3, 25), 5)),
    row(7, Group::ResidentPensioner, (day(3, 14), 11), (day(3, 26), 5)),
    row(1, Group::InstitutionPensioner, (day(3, 19), 1), (day(3, 23), 1)),
    Row {
        known: Known::LongAgo,
        ..late(
            1,
            Known::LongAgo,
            (Date::constant(2025, 11, 20), 1),
            day(3, 17),
            Settling::DrawnAtCounter,
        )
    },
];

/// One of those whom nobody certified had died; he is the seventeenth of March.
pub(super) fn uncertified(who: u32) -> Death {
    let reported = day(3, 20);
    Death {
        who,
        died: day(3, 16),
        reported,
        confirmed: reported,
        source: Source::Police,
        known: Known::InTime,
        heir: None,
        settling: None,
    }
}

pub(super) fn deaths(cast: &mut Cast<'_>) -> Result<Vec<Death>, StoryError> {
    let mut deaths = Vec::new();
    for row in ROWS {
        let count = match row.known {
            Known::LongAgo => 1,
            Known::InTime | Known::OneMonthLate | Known::TwoMonthsLate => cast.scaled(row.count),
        };
        let people = cast.payees(row.group, count)?;
        cast.take(&people);
        let heirs = if row.heir { cast.relatives(count)? } else { Vec::new() };
        cast.take(&heirs);
        for (index, who) in (0..).zip(people) {
            let died = row.died.0.saturating_add(days(index % row.died.1));
            let reported = spread(row.reported.0, row.reported.1, index)
                .max(working(died.saturating_add(days(1))));
            let confirmed = working(reported.saturating_add(days(row.confirmed_days)));
            let source = match row.known {
                Known::LongAgo => Source::Crematorium,
                Known::InTime => Source::Family,
                Known::OneMonthLate | Known::TwoMonthsLate => Source::Police,
            };
            let (known, settling) = (row.known, row.settling);
            let heir = heirs.get(index as usize).copied();
            deaths.push(Death { who, died, reported, confirmed, source, known, heir, settling });
        }
    }
    Ok(deaths)
}

/// Whoever inherits buries, too. The grants that recoveries are kept back from are paid in March.
pub(super) fn funerals(cast: &Cast<'_>, deaths: &[Death]) -> Vec<Funeral> {
    let plan = cast.city.plan();
    let mut funerals = Vec::new();
    for (index, death) in (0..).zip(deaths.iter()) {
        let Some(relative) = death.heir else { continue };
        let registered = working(death.confirmed.saturating_add(days(1)));
        let from = match death.settling {
            Some(_) => month(3),
            None => Month::of(registered),
        };
        let mut dice = crate::Dice::new(plan.seed, "funeral", index);
        let case = amounts::Case { age: 0, lesser: false };
        let amount = amounts::components(&mut dice, "A4", case).iter().map(|(_, sum)| *sum).sum();
        let grant = GrantId::from_uuid(ids::uuid(plan, "funeral-grant", index));
        let deceased = death.who;
        funerals.push(Funeral { grant, relative, deceased, from, registered, amount });
    }
    funerals
}

pub(super) fn false_match(cast: &mut Cast<'_>) -> Result<FalseMatch, StoryError> {
    let people = cast.payees(Group::EmployeePensioner, 1)?;
    cast.take(&people);
    Ok(FalseMatch { who: people[0], reported: day(1, 9), cleared: day(1, 14) })
}

fn days(days: u32) -> jiff::Span {
    jiff::Span::new().days(i64::from(days))
}
