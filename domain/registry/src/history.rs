//! Every line ever released decodes for ever; every type written today has its line.

use std::fs;

use kernel::{Decider, Event};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::division::Divisions;
use crate::employer::Employer;
use crate::grid::Grids;
use crate::organisation::Organisations;
use crate::person::Person;

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    type_name: &'a str,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// Decodes the lines of `D` and says which they were.
fn decoded<D: Decider>(lines: &[Line<'_>]) -> Vec<String> {
    let own: Vec<_> = lines.iter().filter(|line| D::Event::knows(line.type_name)).collect();
    for line in &own {
        let event = D::Event::decode(line.type_name, line.data.get())
            .unwrap_or_else(|error| panic!("{}: {error:?}", line.type_name));
        // Nothing of a line of today's version is dropped or respelled on the way.
        if D::Event::types().contains(&line.type_name) {
            assert_eq!(event.encode().data, line.data.get(), "{}", line.type_name);
        }
    }
    let names: Vec<String> = own.iter().map(|line| line.type_name.to_owned()).collect();
    for name in D::Event::types() {
        assert!(names.iter().any(|own| own == name), "{name} has no line in tests/history");
    }
    names
}

#[test]
fn every_line_of_history_decodes_and_every_type_has_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/history/registry.jsonl");
    let text = fs::read_to_string(path).unwrap();
    let lines: Vec<Line<'_>> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let known = [
        decoded::<Person>(&lines),
        decoded::<Employer>(&lines),
        decoded::<Organisations>(&lines),
        decoded::<Divisions>(&lines),
        decoded::<Grids>(&lines),
    ];
    assert_eq!(known.concat().len(), lines.len(), "a line belongs to no decider");
}
