//! The story of the demo city has the figures of DISBURSEMENT section 4, and every city has one.

use std::collections::{BTreeMap, BTreeSet};

use shared::{Date, Month, ReturnReason, WorkingDays};
use simulations::story::accounts::{cleared, left_open};
use simulations::story::deaths::{Known, Settling};
use simulations::story::grid::Colour;
use simulations::{City, Plan, Story};

fn city(people: u32) -> City {
    City::new(Plan { people, months: 3, hard_names: true, ..Plan::default() }).unwrap()
}

fn story() -> Story {
    Story::of(&city(20_000)).unwrap()
}

fn counted<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, usize> {
    let mut counts = BTreeMap::new();
    keys.for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

fn month(month: i8) -> Month {
    Month::new(2026, month).unwrap()
}

#[test]
fn the_dead_are_as_many_as_told_and_become_known_as_told() {
    let deaths = story().deaths;
    let of = |of: i8| deaths.iter().filter(|death| month(of).contains(death.died)).count();
    assert_eq!([1, 2, 3].map(of), [18, 20, 17]);
    let known = counted(deaths.iter().map(|death| death.known));
    let found = [Known::InTime, Known::OneMonthLate, Known::TwoMonthsLate, Known::LongAgo];
    assert_eq!(found.map(|how| known[&how]), [47, 5, 3, 1]);
    let settled = counted(deaths.iter().filter_map(|death| death.settling));
    let ways =
        [Settling::AtOnce, Settling::Instalments, Settling::Offset, Settling::DrawnAtCounter];
    assert_eq!(ways.map(|way| settled[&way]), [4, 2, 2, 1]);
    for death in &deaths {
        assert!(death.died < death.reported && death.reported <= death.confirmed, "{death:?}");
    }
}

#[test]
fn returns_are_as_many_as_told_and_two_stay_open() {
    let accounts = story().accounts;
    let of = |of: i8| accounts.returns.iter().filter(|one| one.month == month(of)).count();
    assert_eq!([1, 2, 3].map(of), [24, 36, 27]);
    let reasons = |of: i8| {
        let of = accounts.returns.iter().filter(|one| one.month == month(of));
        counted(of.map(|one| one.reason))
    };
    assert!(reasons(1)[&ReturnReason::CardNotActive] > 12);
    assert_eq!(reasons(2)[&ReturnReason::AccountClosed], 31);
    assert_eq!(accounts.renewals.len() + 31, 60);
    assert_eq!(accounts.returns.iter().filter(|one| one.corrected.is_none()).count(), 2);
    assert_eq!([24, 36, 27].map(cleared), [19, 29, 22]);
    assert_eq!(left_open(27), 2);
    assert_eq!(accounts.old.len(), 3);
}

#[test]
fn the_grid_has_its_quarter() {
    let grid = story().grid;
    let all = counted(grid.iter().map(|case| case.colour));
    let open = counted(grid.iter().filter(|case| case.is_open()).map(|case| case.colour));
    let colours = [Colour::Yellow, Colour::Orange, Colour::Red];
    assert_eq!(colours.map(|colour| all[&colour]), [26, 9, 3]);
    assert_eq!(colours.map(|colour| open[&colour]), [7, 3, 1]);
    assert!(grid.iter().all(|case| case.entered <= Date::constant(2026, 3, 31)));
}

#[test]
fn certifications_and_late_approvals_are_as_told() {
    let story = story();
    let stopped = &story.certification.stopped;
    assert_eq!((story.certification.done.len(), stopped.len()), (140, 20));
    assert_eq!(stopped.iter().filter(|one| one.certified.is_some()).count(), 15);
    assert_eq!(stopped.iter().filter(|one| one.died).count(), 1);
    let behind = story.late_approvals.iter().map(|one| one.from.months_until(month(1)));
    assert_eq!(behind.collect::<Vec<_>>(), [2, 3, 4]);
    assert_eq!(story.double_drawers.len(), 4);
    assert_eq!(story.keyed.wrong.to_string(), "38214.60");
}

#[test]
fn every_city_has_a_story_nobody_plays_two_parts_and_days_are_worked() {
    for people in [500, 600, 2_000, 20_000] {
        let city = city(people);
        let story = Story::of(&city).unwrap();
        assert_eq!(Story::of(&city).unwrap(), story);
        let mut parts: Vec<u32> = story.deaths.iter().map(|death| death.who).collect();
        // One of them is a part of the certification as well.
        parts.pop();
        parts.extend(story.deaths.iter().filter_map(|death| death.heir));
        parts.extend(story.certification.done.iter());
        parts.extend(story.certification.stopped.iter().map(|one| one.who));
        parts.extend(story.accounts.returns.iter().map(|one| one.who));
        parts.extend(story.accounts.renewals.iter().map(|one| one.who));
        parts.extend(story.double_drawers.iter().map(|one| one.who));
        parts.extend(story.late_approvals.iter().map(|one| one.who));
        parts.extend([story.twin.kept, story.twin.given_up, story.false_match.who]);
        parts.extend(story.accounts.shared.iter());
        parts.push(story.accounts.silent);
        let distinct: BTreeSet<u32> = parts.iter().copied().collect();
        assert_eq!(distinct.len(), parts.len(), "{people} people");
        let days = story.deaths.iter().flat_map(|death| [death.reported, death.confirmed]);
        let days = days.chain(story.accounts.returns.iter().filter_map(|one| one.corrected));
        for day in days.chain(story.grid.iter().map(|case| case.entered)) {
            assert!(WorkingDays::bundled().is_working_day(day).unwrap(), "{day}");
        }
    }
}
