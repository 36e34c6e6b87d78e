//! What drafts would say: an indicator row by row beside the version in force, a tag of everybody, a
//! warning rule over the whole log.

use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use commands::warnings::{Tried, Warnings};
use definitions::indicator::evaluate::Figure;
use definitions::kinds::tag::Tag;
use definitions::kinds::warning::Warning;
use definitions::{Alteration, Catalogue, Indicator, Span};
use projections::Scope;
use projections::indicators::read::StoredFacts;
use projections::indicators::simulate::{compare, groupings};
use projections::tags::asked::asked_now;
use projections::tags::backtest::Backtest;
use projections::tags::{HIDE_BELOW, try_tag, try_warning};
use serde::Serialize;
use shared::{Date, Month};

use super::super::Unusable;
use super::super::desk::Desk;
use crate::node::Node;

/// Months of an indicator that are compared unless all are wanted.
const SAMPLE: i32 = 12;
/// No fact is older.
const YEARS: i32 = 20;

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Simulated {
    Indicator { id: String, rows: u64, differ: u64, rows_per_second: u64, listed: Vec<Row> },
    Tag { id: String, on: Date, position: u64, values: Vec<(String, Option<u64>)> },
    Warning(Tested),
}

/// A row in which the draft differs.
#[derive(Debug, Serialize)]
struct Row {
    label: String,
    now: Option<String>,
    draft: Option<String>,
}

#[derive(Debug, Serialize)]
struct Tested {
    id: String,
    position: u64,
    warnings: usize,
    subjects: usize,
    inhibited: u64,
    limit: i64,
    levels: Vec<(String, u64)>,
    months: Vec<(String, String, u64)>,
    listed: Vec<String>,
}

/// Everything that a draft adds or changes, each in its own way.
pub async fn simulate(
    desk: &Desk,
    (now, draft): (&Catalogue, &Catalogue),
    all: bool,
    first: usize,
) -> Result<()> {
    let node = desk.existing().await?;
    node.caught_up().await?;
    let day = match desk.common.on {
        Some(day) => day,
        None => node.executor.business_day().await?,
    };
    let mut found = Vec::new();
    for change in now.diff(draft) {
        if change.alteration == Alteration::Removed {
            continue;
        }
        let id = change.id.as_str();
        match change.kind.as_str() {
            "indicator" => {
                let months = months(day, all);
                found.push(indicator(desk, &node, (now, draft), id, (&months, first))?);
            }
            "tag" => found.push(tag(&node, draft, id, day).await?),
            "warning" => {
                let (rule, test) = backtest(&node, draft, id).await?;
                found.push(Simulated::Warning(tested(rule, &test, first)));
            }
            // Screens, items and layouts are looked at, not simulated.
            _ => {}
        }
    }
    desk.say(&found, || {
        if found.is_empty() {
            return "no indicator, tag or warning rule differs".to_owned();
        }
        found.iter().map(Simulated::text).collect::<Vec<_>>().join("\n\n")
    })
}

/// Tries the version in force and records what it found.
pub async fn record(desk: &Desk, rule: &str, accepted: bool) -> Result<()> {
    let node = desk.existing().await?;
    node.caught_up().await?;
    let today = node.executor.business_day().await?;
    let catalogue = node.rules.on(desk.common.on.unwrap_or(today))?;
    let Some(defined) = catalogue.definition("warning", rule) else {
        return Err(anyhow!("no warning rule {rule} is published").context(Unusable::Asked));
    };
    let (of, test) = backtest(&node, &catalogue, rule).await?;
    let envelope = desk.envelope();
    let outcome = test.outcome(rule, &defined.digest, &envelope.actor);
    let limit = u32::try_from(of.limit).unwrap_or(u32::MAX);
    let warnings = Warnings::new(node.executor.clone(), node.rules.clone());
    let done = warnings.tried(&envelope, &Tried { outcome, limit, accepted }).await?;
    desk.done(&done, |()| Simulated::Warning(tested(of, &test, 0)).text())
}

fn months(day: Date, all: bool) -> Vec<Month> {
    let last = Month::of(day);
    let back = if all { YEARS * 12 } else { SAMPLE };
    (0..back).rev().map(|months| last.plus(-months)).collect()
}

fn indicator(
    desk: &Desk,
    node: &Node,
    (now, draft): (&Catalogue, &Catalogue),
    id: &str,
    (months, first): (&[Month], usize),
) -> Result<Simulated> {
    let (session, scope) = (node.train.session()?, Scope::everything("operator"));
    let facts = StoredFacts { session: &session, scope: &scope, as_of: None };
    let unit = draft.all::<Indicator>().get(id).context("a draft that differs is there")?.unit;
    let begun = Instant::now();
    let (mut rows, mut differ, mut listed) = (0, 0, Vec::new());
    for (done, month) in (1_u32..).zip(months) {
        for by in groupings(now, draft, id) {
            let compared = compare(&facts, (now, draft), id, Span::month(*month), by)?;
            rows += compared.rows;
            differ += compared.differs.len() as u64;
            let shown = |figure: Option<Figure>| {
                figure.map(|figure| figure.value.map_or("—".to_owned(), |value| unit.show(value)))
            };
            let room = first.saturating_sub(listed.len());
            listed.extend(compared.differs.into_iter().take(room).map(|row| Row {
                label: format!("{} {}", row.span, row.key.join(" ")).trim_end().to_owned(),
                now: shown(row.now),
                draft: shown(row.draft),
            }));
        }
        desk.step(rows)?;
        let left =
            begun.elapsed() * u32::try_from(months.len()).unwrap_or(done).abs_diff(done) / done;
        if done % 12 == 0 && left.as_secs() > 1 {
            desk.err(&format!("{id}: {rows} rows, about {} s left", left.as_secs()))?;
        }
    }
    let micros = begun.elapsed().as_micros().max(1);
    let rows_per_second = u64::try_from(u128::from(rows) * 1_000_000 / micros).unwrap_or(u64::MAX);
    Ok(Simulated::Indicator { id: id.to_owned(), rows, differ, rows_per_second, listed })
}

async fn tag(node: &Node, draft: &Catalogue, id: &str, on: Date) -> Result<Simulated> {
    let asking = draft.all::<Tag>().get(id);
    let (population, position) = match asking.filter(|tag| tag.query().is_some()) {
        Some(tag) => {
            let session = node.train.session()?;
            (asked_now(&session, draft, tag, on)?, session.position().0)
        }
        None => {
            let trial = try_tag(draft, id)?.over(&*node.log).await;
            let trial = trial.context("the trial did not end")?;
            (trial.population(on, &Scope::everything("operator")), trial.reached().0)
        }
    };
    let seen = |number: u64| i64::try_from(number).is_ok_and(|number| number >= HIDE_BELOW);
    let values = population.values.into_iter();
    let values = values.map(|(value, number)| (value, seen(number).then_some(number)));
    Ok(Simulated::Tag { id: id.to_owned(), on, position, values: values.collect() })
}

async fn backtest<'a>(
    node: &Node,
    catalogue: &'a Catalogue,
    id: &str,
) -> Result<(&'a Warning, Backtest)> {
    let trial = try_warning(catalogue, id)?.over(&*node.log).await;
    let trial = trial.context("the trial did not end")?;
    let rule = catalogue.all::<Warning>().get(id).context("a rule that was tried is there")?;
    Ok((rule, Backtest::of(&trial)))
}

fn tested(rule: &Warning, test: &Backtest, first: usize) -> Tested {
    let months = test.months().into_iter();
    let mut worst: Vec<_> = test.cases.iter().collect();
    worst.sort_by_key(|case| std::cmp::Reverse(case.worst));
    let listed = worst.into_iter().take(first).map(|case| {
        let (level, kind, subject) = (case.worst, case.kind, &case.subject);
        format!("{}  {level}  {kind} {subject}  {} (from {})", case.on, case.value, case.threshold)
    });
    Tested {
        id: rule.id.clone(),
        position: test.position.0,
        warnings: test.cases.len(),
        subjects: test.subjects(),
        inhibited: test.inhibited,
        limit: rule.limit,
        levels: test.levels().into_iter().map(|(of, n)| (of.code().to_owned(), n)).collect(),
        months: months.map(|((month, of), n)| (month.to_string(), of.to_string(), n)).collect(),
        listed: listed.collect(),
    }
}

impl Simulated {
    fn text(&self) -> String {
        let mut lines = Vec::new();
        match self {
            Self::Indicator { id, rows, differ, rows_per_second, listed } => {
                lines.push(format!("indicator {id}: {differ} of {rows} rows differ"));
                lines.push(format!("  {rows_per_second} rows a second"));
                let said = |value: &Option<String>| value.clone().unwrap_or("no row".to_owned());
                lines.extend(listed.iter().map(|row| {
                    format!("  {:<32} {} -> {}", row.label, said(&row.now), said(&row.draft))
                }));
            }
            Self::Tag { id, on, position, values } => {
                lines.push(format!("tag {id} on {on}, at position {position}"));
                lines.extend(values.iter().map(|(value, number)| {
                    let number = number.map_or("few".to_owned(), |number| number.to_string());
                    format!("  {value:<24} {number:>12}")
                }));
            }
            Self::Warning(test) => {
                let Tested { id, position, warnings, subjects, limit, .. } = test;
                lines.push(format!("warning {id}, at position {position}"));
                let over = i64::try_from(*warnings).is_ok_and(|number| number > *limit);
                let over = if over { ", more than" } else { " of" };
                lines.push(format!(
                    "  {warnings} warnings on {subjects}{over} its limit of {limit}"
                ));
                if test.inhibited > 0 {
                    lines.push(format!("  {} signals said already by worse cases", test.inhibited));
                }
                lines.extend(test.levels.iter().map(|(of, n)| format!("  {of:<24} {n:>12}")));
                lines.extend(
                    test.months.iter().map(|(month, of, n)| format!("  {month} {of:<16} {n:>12}")),
                );
                lines.extend(test.listed.iter().map(|one| format!("  {one}")));
            }
        }
        lines.join("\n")
    }
}
