//! Every line ever released decodes for ever; every type written today has its line.

use std::fs;

use kernel::{Decider, Event};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::account::Account;
use crate::batch::Batch;
use crate::obligation::Obligation;
use crate::part::Part;
use crate::period::Period;
use crate::plan::Plan;
use crate::statement::Statement;

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    type_name: &'a str,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// Decodes the lines of `D` and says how many they were.
fn decoded<D: Decider>(lines: &[Line<'_>]) -> usize {
    let own: Vec<_> = lines.iter().filter(|line| D::Event::knows(line.type_name)).collect();
    for line in &own {
        let event = D::Event::decode(line.type_name, line.data.get())
            .unwrap_or_else(|error| panic!("{}: {error:?}", line.type_name));
        // Nothing of a line of today's version is dropped or respelled on the way.
        if D::Event::types().contains(&line.type_name) {
            assert_eq!(event.encode().data, line.data.get(), "{}", line.type_name);
        }
    }
    for name in D::Event::types() {
        let has = own.iter().any(|line| line.type_name == *name);
        assert!(has, "{name} has no line in tests/history");
    }
    own.len()
}

#[test]
fn every_line_of_history_decodes_and_every_type_has_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/history/disbursement.jsonl");
    let text = fs::read_to_string(path).unwrap();
    let lines: Vec<Line<'_>> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let known = [
        decoded::<Plan>(&lines),
        decoded::<Part>(&lines),
        decoded::<Batch>(&lines),
        decoded::<Obligation>(&lines),
        decoded::<Account>(&lines),
        decoded::<Statement>(&lines),
        decoded::<Period>(&lines),
    ];
    assert_eq!(known.iter().sum::<usize>(), lines.len(), "a line belongs to no decider");
}
