//! Working days against the official counts and the pay days of the demo city.

use proptest::prelude::*;
use shared::{Date, DayKind, Month, Unpublished, WorkingDays};

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn every_year_has_its_official_number_of_working_days() {
    let official = [
        249, 251, 250, 250, 250, 249, 250, 250, 249, 250, 249, 250, 250, 249, 250, 249, 249, 251,
        248, 248,
    ];
    for (year, days) in (2007..=2026).zip(official) {
        assert_eq!(WorkingDays::bundled().working_days_in_year(year), Ok(days), "{year}");
    }
}

#[test]
fn a_day_is_what_the_notice_says() {
    let calendar = WorkingDays::bundled();
    for (day, kind) in [
        ("2026-01-01", DayKind::Holiday { name: "元旦" }),
        ("2026-01-04", DayKind::SwapWorkday { name: "元旦" }),
        ("2026-01-05", DayKind::Workday),
        ("2026-01-10", DayKind::Weekend),
        ("2026-02-14", DayKind::SwapWorkday { name: "春节" }),
        ("2026-02-15", DayKind::Holiday { name: "春节" }),
        // Moved by the notice of the following year.
        ("2018-12-29", DayKind::SwapWorkday { name: "元旦" }),
        ("2018-12-31", DayKind::Holiday { name: "元旦" }),
    ] {
        assert_eq!(calendar.kind(date(day)), Ok(kind), "{day}");
    }
}

#[test]
fn a_pay_day_off_moves_earlier() {
    let calendar = WorkingDays::bundled();
    for (month, day, paid) in [
        ("2026-01", 15, "2026-01-15"),
        // A holiday; the Saturday before it is worked.
        ("2026-02", 15, "2026-02-14"),
        ("2026-03", 15, "2026-03-13"),
        // The month has fewer days; its last one is a Saturday.
        ("2026-02", 31, "2026-02-28"),
        ("2025-02", 31, "2025-02-28"),
        // Across the start of the month and of the year.
        ("2026-01", 1, "2025-12-31"),
        ("2025-10", 3, "2025-09-30"),
    ] {
        let month = Month::parse(month).unwrap();
        assert_eq!(calendar.pay_day(month, day), Ok(date(paid)), "{month} {day}");
    }
}

#[test]
fn working_days_count_from_the_next_day() {
    let calendar = WorkingDays::bundled();
    for (from, n, to) in [
        ("2026-01-05", 0, "2026-01-05"),
        ("2026-01-05", 1, "2026-01-06"),
        ("2026-01-09", 1, "2026-01-12"),
        // Over Spring Festival: 14 February is worked, 15 to 23 are off, 28 is worked.
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-13", 2, "2026-02-24"),
        ("2026-02-13", 6, "2026-02-28"),
        ("2026-02-13", 7, "2026-03-02"),
    ] {
        assert_eq!(calendar.add_working_days(date(from), n), Ok(date(to)), "{from} + {n}");
        assert_eq!(calendar.working_days_between(date(from), date(to)), Ok(n), "{from} → {to}");
    }
}

#[test]
fn an_unpublished_year_is_never_guessed() {
    let calendar = WorkingDays::bundled();
    let unpublished = |year| Unpublished { year, first: 2007, last: 2026 };
    assert_eq!(calendar.is_working_day(date("2027-01-01")), Err(unpublished(2027)));
    assert_eq!(calendar.is_working_day(date("2006-12-31")), Err(unpublished(2006)));
    assert_eq!(calendar.working_days_in_year(2027), Err(unpublished(2027)));
    assert_eq!(calendar.add_working_days(date("2026-12-30"), 5), Err(unpublished(2027)));
    // 1 January 2007 is a holiday and the day before it lies outside.
    assert_eq!(calendar.pay_day(Month::new(2007, 1).unwrap(), 1), Err(unpublished(2006)));
    assert_eq!(
        unpublished(2027).to_string(),
        "the working days of 2027 are not published here: the table holds 2007 to 2026"
    );
    assert!(unpublished(2027).zh().starts_with("2027年"));
}

proptest! {
    #[test]
    fn a_pay_day_is_the_last_working_day_up_to_the_nominal_one(
        months in 1..240_i32, day in 1..=31_i8,
    ) {
        let calendar = WorkingDays::bundled();
        let month = Month::new(2007, 1).unwrap().plus(months - 1);
        let nominal = month.first_day().with().day(day.min(month.last_day().day())).build().unwrap();
        if let Ok(paid) = calendar.pay_day(month, day) {
            prop_assert!(paid <= nominal);
            prop_assert_eq!(calendar.is_working_day(paid), Ok(true));
            prop_assert_eq!(calendar.working_days_between(paid, nominal), Ok(0));
        } else {
            prop_assert_eq!(month, Month::new(2007, 1).unwrap());
        }
    }

    #[test]
    fn adding_working_days_adds_up(start in 0..6_000_i32, a in 1..60_u32, b in 1..60_u32) {
        let calendar = WorkingDays::bundled();
        let from = date("2007-01-01").checked_add(jiff::Span::new().days(start)).unwrap();
        let once = calendar.add_working_days(from, a + b).unwrap();
        let twice = calendar.add_working_days(from, a).unwrap();
        prop_assert_eq!(calendar.add_working_days(twice, b), Ok(once));
        prop_assert_eq!(calendar.working_days_between(from, once), Ok(a + b));
        prop_assert_eq!(calendar.is_working_day(once), Ok(true));
    }
}
