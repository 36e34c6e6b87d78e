//! Dashboards: screens as lists of panels, each of indicators (DISBURSEMENT section 5).
//!
//! **Invariant** a panel shows indicators that can be grouped as it asks, or names what it awaits.

use serde::Serialize;

use super::account::plain_id;
use super::indicator::{Grain, Grouping, Indicator};
use super::{Critic, Definitions, Kind, Listed};
use crate::block::{Block, Name};
use crate::mistake::Fault;
use crate::word::words;

words! {
    /// How a panel is drawn.
    pub enum Chart {
        Card = "card",
        Column = "column",
        Column3d = "column-3d",
        Line = "line",
        ColumnLine = "column-line",
        Stacked = "stacked",
        Pie = "pie",
        Donut = "donut",
        Funnel = "funnel",
        Histogram = "histogram",
        Bullet = "bullet",
        Map = "map",
        Table = "table",
        List = "list",
    }
}

words! {
    pub enum Size {
        Small = "small",
        Medium = "medium",
        Large = "large",
    }
}

words! {
    /// Of which time a panel speaks, seen from the day that the screen is asked for.
    pub enum Window {
        Day = "day",
        Month = "month",
        Year = "year",
        /// This month and the eleven before it.
        TwelveMonths = "twelve-months",
        /// The last ten years, this one included.
        TenYears = "ten-years",
    }
}

words! {
    pub enum Compared {
        /// 环比
        Previous = "previous",
        /// 同比
        YearBefore = "year-before",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dashboard {
    pub id: String,
    pub name: Name,
    pub source: String,
    /// In the order in which they are shown.
    pub panels: Vec<Panel>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Panel {
    pub id: String,
    pub name: Name,
    pub chart: Chart,
    pub size: Size,
    pub indicators: Vec<String>,
    pub by: Vec<Grouping>,
    /// A course over time, cut so.
    pub steps: Option<Grain>,
    pub window: Window,
    pub compare: Option<Compared>,
    /// What it waits for: a context, or what it needs beside indicators.
    pub awaiting: Option<String>,
}

impl Kind for Dashboard {
    const WORD: &'static str = "dashboard";
    type Id = String;

    fn read(block: &Block<'_>) -> Option<(String, Self)> {
        let (id, name, source) = block.head(plain_id);
        let panels = block.tables("panel", panel);
        let id = id?;
        Some((id.clone(), Self { id, name: name?, source: source?, panels: panels? }))
    }

    fn check(&self, among: &Definitions, critic: &Critic<'_>) {
        for (place, panel) in self.panels.iter().enumerate() {
            if self.panels[..place].iter().any(|before| before.id == panel.id) {
                critic.note("panel", Fault::repeated(&panel.id));
            }
            for indicator in panel.indicators.iter().filter_map(|id| Indicator::list(among).get(id))
            {
                for by in panel.by.iter().filter(|by| !indicator.allows(**by)) {
                    let allowed = indicator.by.iter().map(|by| by.word().to_owned()).collect();
                    critic.note("panel", Fault::unknown_word(by.word(), allowed));
                }
            }
        }
    }
}

fn panel(block: &Block<'_>) -> Option<Panel> {
    let id = block.parsed("id", ("编号", "an id of a panel"), plain_id);
    let name = block.table("name", Name::read);
    let chart = block.word("chart");
    let size = block.word_or("size", Size::Medium);
    let indicators = block.references_if_any("indicators", "indicator");
    let by = block.words_or_none_if_any("by");
    let steps = block.word_if_any("steps");
    let window = block.word_or("window", Window::Month);
    let compare = block.word_if_any("compare");
    let awaiting = block.text_if_any("awaiting");
    let indicators = indicators?;
    if indicators.is_empty() != awaiting.is_some() {
        return block.refuse(
            "indicators",
            Fault::contradiction(
                "面板须列出指标,或以 awaiting 说明等待什么",
                "a panel lists its indicators, or says in awaiting what it waits for",
            ),
        );
    }
    Some(Panel {
        id: id?,
        name: name?,
        chart: chart?,
        size: size?,
        indicators,
        by: by?,
        steps,
        window: window?,
        compare,
        awaiting,
    })
}
