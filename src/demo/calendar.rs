//! Which runs a quarter has, and on which days each is prepared, funded, sent and paid.
//!
//! | run | prepared | sent | paid |
//! |---|---|---|---|
//! | the month's own | six working days before | three before | the item's pay day |
//! | back-pay and reissue | the working day before | the same day | their day |

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use commands::disbursement::BackPay;
use definitions::PayDay;
use shared::{AreaCode, Date, FundCode, ItemId, Month, RunType};
use simulations::story::accounts::REISSUES;
use simulations::story::pensions::RISE_ON;
use simulations::{City, Story, calendar};

use super::office::{Office, after, area, before, fund, item};
use crate::node::Node;

/// One run on its days.
#[derive(Debug, Clone)]
pub struct Scheduled {
    pub item: ItemId,
    pub month: Month,
    pub area: AreaCode,
    pub fund: FundCode,
    pub run: RunType,
    pub prepared: Date,
    pub funded: Date,
    pub sent: Date,
    pub paid: Date,
    pub back: BackPay,
}

/// When the money of the ex-officers' unit comes in February (DISBURSEMENT 4.13).
const LATE_MONEY: (&str, Date) = ("C2", Date::constant(2026, 2, 26));
/// The runs that pay what was approved late, released, reinstated or is due to heirs.
const SECOND_RUNS: [(i8, &str, Date); 3] = [
    (1, "A1", Date::constant(2026, 1, 23)),
    (2, "A1", Date::constant(2026, 2, 25)),
    (3, "A1", Date::constant(2026, 3, 25)),
];
/// The rise of the resident pension, for the months that were paid before it.
const RISE_PAID: Date = Date::constant(2026, 3, 18);

impl Scheduled {
    pub fn period(&self) -> String {
        commands::disbursement::ids::period(self.item, self.month, self.area)
    }

    /// What no other run of the demo is called.
    pub fn key(&self) -> String {
        format!("{} {} {}", self.period(), self.run, self.paid)
    }
}

/// Every run of the demo's months.
pub fn runs(office: &Office<'_>, months: &[Month]) -> Result<Vec<Scheduled>> {
    let Office { node, city, story, .. } = *office;
    let mut runs = Vec::new();
    for month in months {
        for ((item, area), fund) in due(node, city, story, *month)? {
            runs.push(normal(node, *month, item, area, fund)?);
        }
        if !office.plain {
            runs.extend(second_runs(city, story, *month)?);
            runs.extend(reissues(node, city, story, *month)?);
        }
    }
    Ok(runs)
}

/// The item-periods of a month, with the fund that pays each.
pub fn due(
    node: &Node,
    city: &City,
    story: &Story,
    month: Month,
) -> Result<BTreeMap<(ItemId, AreaCode), FundCode>> {
    let rules = node.rules.on(month.last_day())?;
    let mut due = BTreeMap::new();
    for grant in city.due(&rules, month)? {
        let area = calendar::pooling_area(rules.fund(grant.fund)?, grant.county);
        due.insert((grant.item, area), grant.fund);
    }
    if story.funerals.iter().any(|funeral| funeral.from == month) {
        due.insert((item("A4")?, area("320000")?), fund("employee-pension")?);
    }
    Ok(due)
}

/// The third working day after a month: it is closed. Where nothing waits, it is the first.
pub fn closing(office: &Office<'_>, month: Month) -> Result<Date> {
    after(month.last_day(), if office.plain { 1 } else { 3 })
}

fn normal(
    node: &Node,
    month: Month,
    item: ItemId,
    area: AreaCode,
    fund: FundCode,
) -> Result<Scheduled> {
    let rules = node.rules.on(month.last_day())?;
    let definition = rules.item(item)?;
    let days = calendar::pay_days(&rules, definition, month)?;
    // What is paid week by week is gathered into the month's last run.
    let pay_day = match definition.pay_day {
        PayDay::DayOfWeek { .. } => days.last(),
        PayDay::DayOfMonth { .. } | PayDay::Dated { .. } => days.first(),
    };
    let pay_day = *pay_day.with_context(|| format!("{item} has no pay day in {month}"))?;
    let (prepared, sent) = (before(pay_day, 6)?, before(pay_day, 3)?);
    let late = item.as_str() == LATE_MONEY.0 && month.contains(LATE_MONEY.1);
    let (funded, sent, paid) = if late {
        (LATE_MONEY.1, LATE_MONEY.1, after(LATE_MONEY.1, 1)?)
    } else {
        (prepared, sent, pay_day)
    };
    let (run, back) = (RunType::Normal, BackPay::default());
    Ok(Scheduled { item, month, area, fund, run, prepared, funded, sent, paid, back })
}

/// Prepared and sent on the working day before.
fn second(
    run: RunType,
    month: Month,
    item: ItemId,
    (area, fund): (AreaCode, FundCode),
    paid: Date,
    back: BackPay,
) -> Result<Scheduled> {
    let sent = before(paid, 1)?;
    Ok(Scheduled { item, month, area, fund, run, prepared: sent, funded: sent, sent, paid, back })
}

fn second_runs(city: &City, story: &Story, month: Month) -> Result<Vec<Scheduled>> {
    let mut runs = Vec::new();
    for (of, name, paid) in SECOND_RUNS {
        if !month.contains(paid) || month.month() != of {
            continue;
        }
        let grant = |place: u32| city.grants()[place as usize].id;
        let certified = story.certification.stopped.iter().filter(|one| one.certified.is_some());
        let (from, only) = match of {
            1 => (
                story.late_approvals.iter().map(|one| one.from).min().unwrap_or(month),
                story.late_approvals.iter().map(|one| grant(one.grant)).collect(),
            ),
            2 => (
                month.previous(),
                story.double_drawers.iter().map(|one| grant(one.grant)).collect(),
            ),
            _ => (month.previous(), certified.map(|one| grant(one.grant)).collect()),
        };
        let back = BackPay { from: Some(from), only };
        let purse = (area("320000")?, fund("employee-pension")?);
        runs.push(second(RunType::BackPay, month, item(name)?, purse, paid, back)?);
    }
    if month.contains(RISE_ON) {
        let (a3, resident) = (item("A3")?, fund("resident-pension")?);
        let counties: BTreeSet<AreaCode> = city
            .grants()
            .iter()
            .filter(|grant| grant.item == a3)
            .map(|grant| AreaCode::from_division(grant.county))
            .collect();
        for county in counties {
            let back = BackPay { from: Some(city.plan().month), only: Vec::new() };
            let purse = (county, resident);
            runs.push(second(RunType::BackPay, month, a3, purse, RISE_PAID, back)?);
        }
    }
    Ok(runs)
}

fn reissues(node: &Node, city: &City, story: &Story, month: Month) -> Result<Vec<Scheduled>> {
    let rules = node.rules.on(month.last_day())?;
    let mut runs = Vec::new();
    for (_, paid) in REISSUES.iter().filter(|(_, paid)| month.contains(*paid)) {
        let mut purses: BTreeMap<(ItemId, AreaCode), FundCode> = BTreeMap::new();
        for one in story.accounts.returns.iter().filter(|one| one.reissued == Some(*paid)) {
            for grant in city.grants().iter().filter(|grant| grant.resident == one.who) {
                let area = calendar::pooling_area(rules.fund(grant.fund)?, grant.county);
                purses.insert((grant.item, area), grant.fund);
            }
        }
        for ((item, area), fund) in purses {
            let purse = (area, fund);
            runs.push(second(RunType::Reissue, month, item, purse, *paid, BackPay::default())?);
        }
    }
    Ok(runs)
}
