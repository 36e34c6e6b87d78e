//! Every line ever released decodes for ever; every type written today has its line.

use std::fs;
use std::path::Path;

use kernel::{Decider, Event};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The released lines of one context, and which of them its deciders have claimed.
pub struct History {
    lines: Vec<Line>,
    claimed: usize,
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    type_name: String,
    data: Box<RawValue>,
}

impl History {
    /// `tests/history/<context>.jsonl`, seen from the context's own folder.
    ///
    /// # Panics
    /// When the file is not there or a line is no event.
    #[must_use]
    pub fn of(context: &str, folder: &str) -> Self {
        let path = Path::new(folder).join(format!("../../tests/history/{context}.jsonl"));
        let text = fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()));
        let line = |text: &str| {
            serde_json::from_str(text).unwrap_or_else(|error| panic!("no event: {error}: {text}"))
        };
        Self { lines: text.lines().map(line).collect(), claimed: 0 }
    }

    /// Decodes the lines of one decider's events.
    ///
    /// # Panics
    /// When a line does not decode, loses something on the way, or a type has no line.
    #[must_use]
    pub fn decodes<D: Decider>(mut self) -> Self {
        let own = self.lines.iter().filter(|line| D::Event::knows(&line.type_name));
        let own: Vec<&Line> = own.collect();
        for Line { type_name, data } in &own {
            let event = D::Event::decode(type_name, data.get())
                .unwrap_or_else(|error| panic!("{type_name}: {error:?}"));
            // Nothing of a line of today's version is dropped or respelled on the way.
            if D::Event::types().contains(&type_name.as_str()) {
                assert_eq!(event.encode().data, data.get(), "{type_name}");
            }
        }
        for name in D::Event::types() {
            let has = own.iter().any(|line| line.type_name == *name);
            assert!(has, "{name} has no line in tests/history");
        }
        self.claimed += own.len();
        self
    }

    /// # Panics
    /// When a line belongs to no decider.
    pub fn is_whole(self) {
        assert_eq!(self.claimed, self.lines.len(), "a line belongs to no decider");
    }
}

/// The test of one context's history: `laws::history!("cards": Application, Card, Address);`.
#[macro_export]
macro_rules! history {
    ($context:literal: $($decider:ty),+ $(,)?) => {
        #[test]
        fn every_line_of_history_decodes_and_every_type_has_one() {
            $crate::History::of($context, env!("CARGO_MANIFEST_DIR"))
                $(.decodes::<$decider>())+
                .is_whole();
        }
    };
}
