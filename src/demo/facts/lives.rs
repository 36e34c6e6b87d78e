//! Facts 5 and 6: deaths, when they became known, and what came back.

use std::collections::BTreeMap;

use anyhow::Result;
use disbursement::obligation::Stage;
use disbursement::recovery::{Event, How, Recovery};
use projections::lists::Only;
use projections::payments::LineState;
use registry::person::Person;
use shared::{Date, Month, RunType, WorkingDays};
use simulations::Group;
use simulations::story::deaths::{Death, Known, Settling};
use warnings::{Channel, Level};

use super::seen::{Seen, month};
use super::{Figures, one};
use crate::demo::deeds::recoveries::after_death;
use crate::demo::office::owed;

pub async fn deaths(seen: &Seen<'_>) -> Result<Figures> {
    let mut figures = Figures::default();
    let story = &seen.office.story.deaths;
    let mut confirmed: BTreeMap<(Month, Known), u32> = BTreeMap::new();
    for death in story {
        let person = seen.load::<Person>(seen.office.person(death.who)).await?;
        if let Some(died_on) = person.died_on() {
            *confirmed.entry((Month::of(died_on), death.known)).or_insert(0) += 1;
        }
    }
    let told = |wanted: &dyn Fn(&Death) -> bool| story.iter().filter(|one| wanted(one)).count();
    let sum = |wanted: &dyn Fn(&(Month, Known)) -> bool| -> u32 {
        confirmed.iter().filter(|(key, _)| wanted(key)).map(|(_, count)| count).sum()
    };
    for of in 1..=3 {
        let of = month(of)?;
        let expected = told(&|death| of.contains(death.died));
        figures.equal(format!("deaths in {of}"), sum(&|(month, _)| *month == of), expected);
    }
    for (what, known) in [
        ("known in time", Known::InTime),
        ("a month late", Known::OneMonthLate),
        ("two months late", Known::TwoMonthsLate),
        ("since November", Known::LongAgo),
    ] {
        let expected = told(&|death| death.known == known);
        figures.equal(what, sum(&|(_, of)| *of == known), expected);
    }
    let (mut overpaid, mut in_time) = (0, 0);
    let mut ways: BTreeMap<Settling, usize> = BTreeMap::new();
    for death in story {
        let mut came_back = None;
        for due in after_death(seen.office, death)? {
            let found = seen.obligation(due.obligation).await?.stage() == Stage::Overpaid;
            match death.settling {
                None => in_time += u32::from(found),
                Some(settling) if found => {
                    let recovery = seen.recovery(due.obligation).await?;
                    let settled = recovery.owed().is_zero();
                    let way = match settling {
                        Settling::AtOnce => settled,
                        Settling::Instalments => {
                            !settled && recovery.by(How::Received).is_positive()
                        }
                        Settling::Offset => settled && recovery.by(How::Offset) == due.amount,
                        Settling::DrawnAtCounter => {
                            let events = seen.events::<Recovery>(due.obligation).await?;
                            let sent = |event| matches!(event, &Event::SentToCourt { .. });
                            !settled && events.iter().any(sent)
                        }
                    };
                    came_back = Some(came_back.unwrap_or(true) && way);
                }
                Some(_) => came_back = Some(false),
            }
        }
        if let (Some(came), Some(settling)) = (came_back, death.settling) {
            overpaid += 1;
            *ways.entry(settling).or_insert(0) += usize::from(came);
        }
    }
    figures.equal("overpaid after a death", overpaid, told(&|one| one.settling.is_some()));
    figures.equal("overpaid although known in time", in_time, 0);
    for (what, settling) in [
        ("repaid at once", Settling::AtOnce),
        ("by instalments", Settling::Instalments),
        ("offset against A4 of the same fund", Settling::Offset),
        ("drawn at a counter: to the court", Settling::DrawnAtCounter),
    ] {
        let expected = told(&|death| death.settling == Some(settling));
        figures.equal(what, ways.get(&settling).copied().unwrap_or(0), expected);
    }
    let counter = story.iter().find(|one| one.settling == Some(Settling::DrawnAtCounter));
    let counter = seen.office.person(one(counter, "who drew at a counter")?.who).to_string();
    let entered = seen.warnings(&Only::equal("channel", &Channel::Other))?;
    let red = entered.iter().any(|row| row.about == counter && row.level == Level::Red);
    figures.holds("a red warning of it", red);
    Ok(figures)
}

pub async fn reports(seen: &Seen<'_>) -> Result<Figures> {
    let mut figures = Figures::default();
    let office = seen.office;
    let wrong = &office.story.false_match;
    let grant = office.grant_of(wrong.who)?;
    let line = seen.line(owed(grant.item, month(1)?, grant.person))?;
    let line = one(line, "the line of the false report")?;
    let first = seen.run(grant.item, month(1)?, RunType::Normal)?;
    let plan = seen.plans(Some(grant.item), Some(month(1)?))?;
    let second = plan.iter().find(|plan| plan.plan == line.plan);
    figures.equal(
        "held in the first run",
        first.iter().map(|plan| plan.held_lines).sum::<u32>(),
        {
            // Beside it the one whose bank cannot write his name, and a death before the file.
            let held = office.story.deaths.iter().filter(|death| {
                office.resident(death.who).group == Group::EmployeePensioner
                    && death.reported > Date::constant(2026, 1, 7)
                    && death.reported < Date::constant(2026, 1, 12)
            });
            1 + u32::from(office.story.accounts.rare.is_some()) + u32::try_from(held.count())?
        },
    );
    figures.equal(
        "working days until it was cleared",
        WorkingDays::bundled().working_days_between(wrong.reported, wrong.cleared)?,
        3,
    );
    figures.equal(
        "paid in the second run",
        second.map_or_else(String::new, |plan| format!("{} {}", plan.run, line.state)),
        format!("{} {}", RunType::BackPay, LineState::Paid),
    );
    let later = office.story.deaths.iter().find(|death| death.died == Date::constant(2026, 2, 12));
    let later = one(later, "a death on 12 February")?;
    let grant = office.grant_of(later.who)?;
    let february = owed(grant.item, month(2)?, grant.person);
    let line = one(seen.line(february)?, "February of the one who died on the 12th")?;
    figures.equal("February of the one who died on the 12th", line.state, LineState::Paid);
    figures.equal(
        "of it overpaid",
        u32::from(seen.obligation(february).await?.stage() == Stage::Overpaid),
        0,
    );
    figures.holds("nothing of March is planned for him", {
        seen.line(owed(grant.item, month(3)?, grant.person))?.is_none()
    });
    Ok(figures)
}
