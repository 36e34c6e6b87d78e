//! Facts 1 to 3: who is paid, when, through whom, and what was there before.

use std::collections::BTreeSet;

use anyhow::Result;
use definitions::{Charset, Layout};
use disbursement::obligation::Stage;
use projections::lists::Only;
use projections::payments::{self, PeopleBy};
use projections::{books, runs};
use shared::{Date, RunType};
use simulations::PensionSheet;

use super::Figures;
use super::seen::{Seen, month};
use crate::demo::deeds::opening::old_obligation;
use crate::demo::office::item;

/// DISBURSEMENT 4.1, among 20,000 people.
const PAYEES: [(&str, u32); 11] = [
    ("A1", 2_600),
    ("A2", 330),
    ("A3", 3_200),
    ("A5", 140),
    ("A6", 60),
    ("A7", 18),
    ("C1", 45),
    ("C2", 30),
    ("C3", 14),
    ("C4", 26),
    ("C5", 9),
];
/// Whose items the distinct people draw: the others draw one of these beside.
const FIRST_ITEMS: [&str; 5] = ["A1", "A2", "A3", "A5", "A6"];

pub fn calendars(seen: &Seen<'_>) -> Result<Figures> {
    let mut figures = Figures::default();
    let (from, to) = (month(1)?, month(3)?);
    let sample = u32::try_from(PensionSheet::all().len())?;
    let by_item = payments::people(&seen.session, &seen.scope, from, to, Some(PeopleBy::Item))?;
    for (name, count) in PAYEES {
        let found = by_item.iter().find(|(item, _)| item == name).map_or(0, |(_, people)| *people);
        let expected = seen.scaled(count) + if name == "A1" { sample } else { 0 };
        figures.equal(format!("payees of {name}"), found, expected);
    }
    let items: Vec<Only> = PAYEES
        .iter()
        .map(|(name, _)| Ok(Only::equal("item", &item(name)?)))
        .collect::<Result<_>>()?;
    let quarter = Only::at_most("run_month", &to).and(Only::at_least("run_month", &from));
    let only = Only::Any(items).and(quarter);
    let totals = payments::totals(&seen.session, &seen.scope, &[only])?;
    let people = totals.first().map_or(0, |(_, people, _)| *people);
    let counted = PAYEES.iter().filter(|(name, _)| FIRST_ITEMS.contains(name));
    let expected: u32 = counted.map(|(_, count)| seen.scaled(*count)).sum();
    let doubled = u32::try_from(seen.office.story.double_drawers.len())?;
    figures.equal("distinct people", people, expected + sample - doubled);
    let periods = runs::periods(&seen.session, &seen.scope, None)?;
    let of = |name: &str| -> Result<String> {
        let wanted = item(name)?;
        let months: BTreeSet<String> = periods
            .iter()
            .filter(|period| period.item == wanted)
            .map(|period| period.month.to_string())
            .collect();
        Ok(months.into_iter().collect::<Vec<_>>().join(" "))
    };
    figures.equal("months of A1", of("A1")?, "2026-01 2026-02 2026-03");
    figures.equal("months of C5", of("C5")?, "2026-02");
    for name in ["B1", "B3", "B5"] {
        figures.equal(format!("months of {name}"), of(name)?, "2026-03");
    }
    figures.equal("months of B8", of("B8")?, "");
    Ok(figures)
}

pub fn pay_days(seen: &Seen<'_>) -> Result<Figures> {
    let mut figures = Figures::default();
    let days = [
        ("A1", 1, Date::constant(2026, 1, 15)),
        ("A1", 2, Date::constant(2026, 2, 14)),
        ("A1", 3, Date::constant(2026, 3, 13)),
        ("C5", 2, Date::constant(2026, 2, 6)),
    ];
    for (name, of, day) in days {
        let plans = seen.run(item(name)?, month(of)?, RunType::Normal)?;
        let what = format!("pay day of {name} in {}", month(of)?);
        figures.equal(what, plans.first().map_or_else(String::new, |p| p.pay_day.to_string()), day);
        let mut paid: BTreeSet<Date> = BTreeSet::new();
        for plan in &plans {
            let batches = seen.batches(&plan.plan)?;
            paid.extend(batches.iter().filter_map(|batch| batch.debited_on));
        }
        let paid: Vec<String> = paid.iter().map(ToString::to_string).collect();
        figures.equal(format!("debits of {name} in {}", month(of)?), paid.join(" "), day);
    }
    Ok(figures)
}

pub async fn opening(seen: &Seen<'_>) -> Result<Figures> {
    let mut figures = Figures::default();
    let quarter_end = month(3)?.last_day();
    let rules = seen.office.node.rules.on(quarter_end)?;
    let layouts: Vec<&Layout> = rules.layouts().values().collect();
    let gbk = layouts.iter().filter(|layout| layout.charset == Charset::Gbk).count();
    figures.equal("banks", layouts.len(), 4);
    figures.equal("banks that take GBK only", gbk, 1);
    let books = books::books(&seen.session, &seen.scope, None)?;
    let opened = books.iter().filter(|book| book.opening.is_positive()).count();
    figures.equal("books with an opening balance", opened, books.len());
    let (mut waiting, mut old) = (0, 0);
    for one in &seen.office.story.accounts.old {
        let state = seen.obligation(old_obligation(seen.office, one)?).await?;
        waiting += u32::from(state.stage() == Stage::Returned);
        let age = quarter_end.since(one.month.last_day())?.get_days();
        old += u32::from(age > 90);
    }
    figures.equal("returns of November that wait", waiting, seen.scaled(3));
    figures.equal("of them above 90 days", old, seen.scaled(3));
    Ok(figures)
}
