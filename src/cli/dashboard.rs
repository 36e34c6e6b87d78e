//! `renshe dashboard`: a screen in the terminal, and its charts as SVG. The figures are those of the
//! endpoint: one code evaluates both.

mod svg;

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};
use clap::Args;
use definitions::{Dashboard as Screen, Indicator, Panel, Unit};
use projections::Scope;
use projections::indicators::answer::{Answer, Cell, answer, asked_by};
use projections::indicators::read::StoredFacts;
use serde::Serialize;
use shared::Date;

use super::desk::Desk;
use super::failed::Unusable;

/// How wide the longest bar is, in characters.
const BAR: i128 = 40;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  renshe dashboard
  renshe dashboard card-funds --day 2026-03-31
  renshe dashboard national --svg charts")]
pub struct Dashboard {
    /// Which screen; none: the list of them
    id: Option<String>,
    /// The day that it is seen from [default: the business day]
    #[arg(long)]
    day: Option<Date>,
    /// Writes each chart as an SVG file into this folder
    #[arg(long, value_name = "DIR")]
    svg: Option<PathBuf>,
}

/// A panel with its figures, as shown.
#[derive(Debug, Serialize)]
struct Shown {
    id: String,
    zh: String,
    en: String,
    chart: String,
    awaiting: Option<String>,
    answers: Vec<Lines>,
}

/// One indicator of a panel.
#[derive(Debug, Serialize)]
struct Lines {
    indicator: String,
    zh: String,
    unit: String,
    total: Line,
    cells: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Line {
    /// Its period and groups.
    label: String,
    /// As it is shown; null where there is none.
    value: Option<String>,
    missing: Option<String>,
    /// The change against what it is compared with, basis points.
    change: Option<i64>,
    /// In the unit's smallest part: for the length of bars.
    #[serde(skip)]
    size: i64,
    /// Counted in basis points, and read in percent.
    #[serde(skip)]
    ratio: bool,
}

impl Dashboard {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        let node = desk.existing().await?;
        node.caught_up().await?;
        let today = node.executor.business_day().await?;
        let catalogue = node.rules.on(today)?;
        let screens = catalogue.all::<Screen>();
        let Some(id) = self.id else {
            let names: Vec<String> = screens
                .values()
                .map(|one| format!("{}  {}  {}", one.id, one.name.zh, one.name.en))
                .collect();
            return desk.say(&names, || names.join("\n"));
        };
        let Some(screen) = screens.get(&id) else {
            let hint = "`renshe dashboard` lists what there is";
            return Err(anyhow!("no dashboard {id}: {hint}").context(Unusable::Asked));
        };
        let day = self.day.unwrap_or(today);
        let (session, scope) = (node.train.session()?, Scope::everything("operator"));
        let facts = StoredFacts { session: &session, scope: &scope, as_of: None };
        let all = catalogue.all::<Indicator>();
        let mut panels = Vec::with_capacity(screen.panels.len());
        for panel in &screen.panels {
            let asked = asked_by(panel, day);
            let mut answers = Vec::new();
            for indicator in panel.indicators.iter().filter_map(|id| all.get(id)) {
                answers.push(lines(indicator, answer(&facts, indicator, all, &asked)?));
            }
            panels.push(shown(panel, answers));
        }
        if let Some(folder) = &self.svg {
            let folder = desk.file(folder);
            std::fs::create_dir_all(&folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
            for panel in panels.iter().filter(|panel| !panel.answers.is_empty()) {
                let file = folder.join(format!("{id}-{}.svg", panel.id));
                std::fs::write(&file, svg::chart(panel))
                    .with_context(|| format!("cannot write {}", file.display()))?;
            }
        }
        desk.say(&panels, || {
            let mut text = vec![format!("{}  {}  ({day})", screen.name.zh, screen.name.en)];
            text.extend(panels.iter().map(Shown::text));
            text.join("\n\n")
        })
    }
}

fn shown(panel: &Panel, answers: Vec<Lines>) -> Shown {
    Shown {
        id: panel.id.clone(),
        zh: panel.name.zh.clone(),
        en: panel.name.en.clone(),
        chart: panel.chart.word().to_owned(),
        awaiting: panel.awaiting.clone(),
        answers,
    }
}

fn lines(indicator: &Indicator, Answer { cells, total }: Answer) -> Lines {
    let unit = indicator.unit;
    let line = |label: String, cell: &Cell| Line {
        label,
        value: cell.figure.value.map(|value| unit.show(value)),
        missing: cell.figure.missing.as_ref().map(|missing| missing.zh()),
        change: cell.change.as_ref().and_then(|change| change.value),
        size: cell.figure.value.unwrap_or_default(),
        ratio: unit == Unit::BasisPoints,
    };
    let label = |cell: &Cell| {
        let groups = cell.key.iter().map(|group| if group.is_empty() { "—" } else { group });
        let groups: Vec<&str> = groups.collect();
        let period = cell.span.to_string();
        std::iter::once(period.as_str()).chain(groups).collect::<Vec<_>>().join(" ")
    };
    let none = || Line {
        label: String::new(),
        value: None,
        missing: indicator.of_nothing().missing.map(|missing| missing.zh()),
        change: None,
        size: 0,
        ratio: false,
    };
    Lines {
        indicator: indicator.id.clone(),
        zh: indicator.name.zh.clone(),
        unit: unit.zh().to_owned(),
        total: total.map_or_else(none, |cell| line(cell.span.to_string(), &cell)),
        cells: cells.iter().map(|cell| line(label(cell), cell)).collect(),
    }
}

impl Shown {
    fn text(&self) -> String {
        let mut text = vec![format!("■ {}  {}", self.zh, self.en)];
        if let Some(awaiting) = &self.awaiting {
            text.push(format!("  等待 awaiting: {awaiting}"));
        }
        for answer in &self.answers {
            text.push(format!("  {}: {}", answer.zh, answer.total.said(&answer.unit)));
            let longest = answer.cells.iter().map(|line| line.size.unsigned_abs()).max();
            for line in &answer.cells {
                let bar = bar(line.size, longest.unwrap_or_default());
                text.push(format!("    {:<24} {:>20}  {bar}", line.label, line.said("")));
            }
        }
        text.join("\n")
    }
}

impl Line {
    fn said(&self, unit: &str) -> String {
        let value = match &self.value {
            Some(_) if self.ratio => {
                let sign = if self.size < 0 { "-" } else { "" };
                let (whole, part) = (self.size.abs() / 100, self.size.abs() % 100);
                format!("{sign}{whole}.{part:02} %")
            }
            Some(value) => format!("{value} {unit}").trim_end().to_owned(),
            None => format!("—({})", self.missing.as_deref().unwrap_or_default()),
        };
        match self.change {
            Some(change) => {
                let sign = if change < 0 { "-" } else { "+" };
                let (whole, part) = (change.abs() / 100, change.abs() % 100);
                format!("{value} ({sign}{whole}.{part:02}%)")
            }
            None => value,
        }
    }
}

fn bar(size: i64, longest: u64) -> String {
    if longest == 0 {
        return String::new();
    }
    let length = i128::from(size).abs() * BAR / i128::from(longest);
    let mark = if size < 0 { "░" } else { "█" };
    mark.repeat(usize::try_from(length).unwrap_or_default())
}
