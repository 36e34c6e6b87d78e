//! How one person sees a screen: its panels in his order, in his sizes, some of them hidden.
//!
//! **Streams** `layout-<dashboard>/<actor>`.
//! **Invariant** a panel stands in a layout once; the last arrangement counts.

use std::collections::BTreeSet;

use kernel::{Decider, refusals};
use serde::{Deserialize, Serialize};
use shared::Date;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// `None`: as it is defined.
    pub panels: Option<Vec<Placed>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    pub panel: String,
    /// `small`, `medium` or `large`; `None`: as it is defined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub hidden: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Arrange { panels: Vec<Placed>, on: Date },
    Reset { on: Date },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "layout.arranged.v1")]
    Arranged { panels: Vec<Placed>, on: Date },
    #[serde(rename = "layout.reset.v1")]
    Reset { on: Date },
}

kernel::event!(Event);

refusals! {
    /// Why a screen is not arranged so.
    Error {
        Twice(panel: String) = "LAYOUT_PANEL_TWICE",
            "panel {0} stands in it twice", "面板 {panel} 重复";
        NoSize(size: String) = "LAYOUT_SIZE",
            "a size is small, medium or large, not {0}", "大小为 small、medium 或 large，不是 {size}";
        NotArranged = "LAYOUT_AS_DEFINED",
            "the screen is seen as it is defined", "该屏未作个人布局";
    }
}

/// The id of the stream of one person's view of a screen.
#[must_use]
pub fn stream_id(dashboard: &str, actor: &str) -> String {
    format!("{dashboard}/{actor}")
}

impl Decider for Layout {
    const CATEGORY: &'static str = "layout";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Arrange { panels, on } => {
                let mut seen = BTreeSet::new();
                for placed in &panels {
                    if !seen.insert(&placed.panel) {
                        return Err(Error::Twice(placed.panel.clone()));
                    }
                    if let Some(size) = &placed.size
                        && !matches!(size.as_str(), "small" | "medium" | "large")
                    {
                        return Err(Error::NoSize(size.clone()));
                    }
                }
                let same = self.panels.as_ref() == Some(&panels);
                Ok(if same { vec![] } else { vec![Event::Arranged { panels, on }] })
            }
            Command::Reset { .. } if self.panels.is_none() => Err(Error::NotArranged),
            Command::Reset { on } => Ok(vec![Event::Reset { on }]),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Arranged { panels, .. } => Self { panels: Some(panels.clone()) },
            Event::Reset { .. } => Self { panels: None },
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
mod tests {
    use ::laws::{Dice, hold};
    use kernel::given;

    use super::*;

    const ON: Date = Date::constant(2026, 2, 3);

    fn placed(panel: &str, size: Option<&str>) -> Placed {
        Placed { panel: panel.to_owned(), size: size.map(str::to_owned), hidden: false }
    }

    #[test]
    fn a_panel_stands_in_a_layout_once() {
        let twice = vec![placed("paid", None), placed("paid", Some("large"))];
        given::<Layout>([])
            .when(Command::Arrange { panels: twice, on: ON })
            .then_refused(Error::Twice("paid".to_owned()));
        let panels = vec![placed("months", Some("large")), placed("paid", None)];
        given::<Layout>([])
            .when(Command::Arrange { panels: panels.clone(), on: ON })
            .then([Event::Arranged { panels: panels.clone(), on: ON }])
            .when(Command::Arrange { panels, on: ON })
            .then_nothing();
    }

    #[test]
    fn the_last_arrangement_counts() {
        fn next(_: &Layout, dice: &mut Dice) -> Command {
            if dice.below(3) == 0 {
                return Command::Reset { on: ON };
            }
            let size = dice.one_of(&[None, Some("small"), Some("large"), Some("huge")]);
            let panels = [dice.one_of(&["a", "b"]), dice.one_of(&["b", "c"])];
            let panels = panels.map(|panel| placed(panel, size)).to_vec();
            Command::Arrange { panels, on: ON }
        }
        fn law(history: &[Event], state: &Layout) {
            let last = history.last().and_then(|event| match event {
                Event::Arranged { panels, .. } => Some(panels),
                Event::Reset { .. } => None,
            });
            assert_eq!(state.panels.as_ref(), last);
        }
        hold::<Layout>(next, law, Error::code, Error::CODES);
    }
}
