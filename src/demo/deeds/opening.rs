//! The cut-over: what the books held, what was paid before, what had come back and waits.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use commands::disbursement::{BookKey, EnterOpening};
use commands::statistics::{Report, Statistics};
use commands::tags::{Observe, Tags};
use conditions::Subject;
use disbursement::opening::Settled;
use shared::{AreaCode, BankCode, Component, FundCode, ItemId, Money, Month};
use statistics::table;

use crate::demo::banks::Banks;
use crate::demo::calendar::Scheduled;
use crate::demo::office::{Office, agency, owed};

/// What every book held on the day of the cut-over.
const OPENING: Money = Money::from_fen(20_000_000);
/// The national figures of the year before the city's first month.
const FIGURES_SINCE: i32 = -12;
const WATCHED_SINCE: i32 = -6;

/// Opens each book that a run needs, at the bank where most of its payees are.
pub async fn books(office: &Office<'_>, banks: &mut Banks, runs: &[Scheduled]) -> Result<()> {
    let mut payees: BTreeMap<BookKey, BTreeMap<BankCode, u32>> = BTreeMap::new();
    for run in runs {
        let (fund, area, year) = (run.fund, run.area, run.month.year());
        payees.entry(BookKey { fund, area, agency: agency()?, year }).or_default();
    }
    for grant in office.city.grants() {
        let (fund, area) = (grant.fund, office.area(grant)?);
        for (book, banks) in &mut payees {
            if book.fund == fund && book.area == area {
                *banks.entry(office.city.account(grant).bank).or_insert(0) += 1;
            }
        }
    }
    for (book, payees) in payees {
        let most = payees.into_iter().max_by_key(|(_, count)| *count);
        let main = most.map_or_else(|| simulations::banks()[0], |(bank, _)| bank);
        let envelope = office.envelope("accountant", "open-book", book)?;
        office.node.disbursement.open_book(&envelope, book, OPENING).await?;
        banks.open(book, main, OPENING);
    }
    Ok(())
}

/// Cumulative people, payments and money of every item, and returns that nobody has settled.
pub async fn cut_over(office: &Office<'_>, runs: &[Scheduled]) -> Result<()> {
    let pay = &office.node.disbursement;
    let list = commands::ports::put(&*office.node.artefacts, "期初清单\n".as_bytes()).await?;
    let as_of = office.city.plan().month.previous().last_day();
    let purses: BTreeSet<(ItemId, AreaCode, FundCode)> =
        runs.iter().map(|run| (run.item, run.area, run.fund)).collect();
    for (item, area, fund) in purses {
        let mut grants = Vec::new();
        for grant in office.city.grants() {
            let paid = grant.item == item
                && grant.fund == fund
                && grant.from < office.city.plan().month
                && !office.story.withheld.contains(&grant.index);
            if paid && office.area(grant)? == area {
                grants.push(grant);
            }
        }
        if grants.is_empty() {
            continue;
        }
        let money = grants.iter().map(|grant| grant.amount()).sum();
        let people = u32::try_from(grants.len())?;
        let payments = u64::from(people);
        let artefact = list.id;
        let enter = EnterOpening { item, area, as_of, people, payments, money, artefact };
        let of = format!("{item}-{area}");
        pay.enter_opening(&office.envelope("accountant", "opening", &of)?, &enter).await?;
        let mut settled = Vec::new();
        for old in &office.story.accounts.old {
            let grant = office.grant_of(old.who)?;
            if grant.item == item && office.area(grant)? == area {
                settled.push(Settled {
                    person: office.person(old.who),
                    month: old.month,
                    component: Component::whole(),
                    adjustment: 0,
                    amount: old.amount(office.city),
                    returned: Some(old.reason),
                });
            }
        }
        if !settled.is_empty() {
            let envelope = office.envelope("accountant", "opening-settled", &of)?;
            pay.settle_opening(&envelope, item, area, &settled).await?;
        }
        let declared = u32::try_from(settled.len())?;
        let envelope = office.envelope("accountant", "opening-sealed", &of)?;
        pay.seal_opening(&envelope, item, area, declared).await?;
    }
    Ok(())
}

/// The Ministry's fund figures of the last year (DISBURSEMENT 4.15).
pub async fn national_figures(office: &Office<'_>) -> Result<()> {
    let first = office.city.plan().month.plus(FIGURES_SINCE);
    let rows = table::read(table::MONTHLY_FUNDS)
        .map_err(|mistakes| anyhow::anyhow!("{} mistakes in the table", mistakes.len()))?;
    let statistics = Statistics::new(office.node.executor.clone());
    let of_year = |month: Month| month >= first && month < office.city.plan().month;
    let surpluses = surpluses(&rows);
    for row in rows.into_iter().filter(|row| of_year(row.month) && !row.readings.is_empty()) {
        let envelope = office.envelope("analyst", "figures", row.month)?;
        let report = Report {
            publisher: "mohrss".to_owned(),
            month: row.month,
            readings: row.readings,
            source: row.source.unwrap_or_else(|| "人力资源和社会保障统计快报".to_owned()),
        };
        statistics.report(&envelope, &report).await?;
    }
    // The rules of warnings read what is said of a fund itself, a month at a time; the bureau began
    // to watch the national fund in July, after the deficit of January was made up.
    let watched = office.city.plan().month.plus(WATCHED_SINCE);
    let observed: Vec<Observe> = surpluses
        .into_iter()
        .filter(|(month, _)| of_year(*month) && *month >= watched)
        .map(|(month, surplus)| Observe {
            kind: Subject::Fund,
            subject: "unemployment-national".to_owned(),
            fact: "surplus".to_owned(),
            from: month.first_day(),
            value: surplus.to_string(),
            source: "人力资源和社会保障统计快报".to_owned(),
        })
        .collect();
    for one in observed {
        let envelope = office.envelope("analyst", "surplus", one.from)?;
        Tags::new(office.node.executor.clone(), office.node.rules.clone())
            .observe(&envelope, &[one])
            .await?;
    }
    Ok(())
}

/// The unemployment fund's surplus of each month: the table counts from January on, and a month after
/// one that was not published has none of its own.
fn surpluses(rows: &[table::Row]) -> Vec<(Month, Money)> {
    let balance = |row: &table::Row| {
        let mut readings = row.readings.iter();
        let found = readings.find(|one| one.scheme == "unemployment" && one.series == "balance");
        found.map(|one| one.value)
    };
    let known: BTreeMap<Month, i64> =
        rows.iter().filter_map(|row| Some((row.month, balance(row)?))).collect();
    let of_month = |(month, sum): (&Month, &i64)| {
        let before =
            if month.month() == 1 { Some(0) } else { known.get(&month.previous()).copied() };
        Some((*month, Money::from_fen(sum - before?)))
    };
    known.iter().filter_map(of_month).collect()
}

/// The obligation of a return of before the cut-over.
pub fn old_obligation(
    office: &Office<'_>,
    old: &simulations::story::accounts::OldReturn,
) -> Result<shared::ObligationId> {
    let grant = office.grant_of(old.who)?;
    Ok(owed(grant.item, old.month, office.person(old.who)))
}
