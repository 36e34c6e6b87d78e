//! Every line ever released decodes for ever; every type written today has its line.

use kernel::Event as _;
use serde::Deserialize;

use crate::figures::Event;

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    type_name: &'a str,
    #[serde(borrow)]
    data: &'a serde_json::value::RawValue,
}

#[test]
fn every_line_of_history_decodes_and_every_type_has_one() {
    let text = include_str!("../../../tests/history/statistics.jsonl");
    let lines: Vec<Line<'_>> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &lines {
        let event = Event::decode(line.type_name, line.data.get()).unwrap();
        assert_eq!(event.encode().data, line.data.get(), "{}", line.type_name);
    }
    for name in Event::types() {
        assert!(lines.iter().any(|line| line.type_name == *name), "{name} has no line");
    }
}
