//! A refusal that reaches a caller has its line in the published table of codes.

use std::collections::BTreeSet;

use crate::{CODES, nothing_in, read, texts};

/// `AFTER`, then white space, then the code in quotes.
fn codes_after<'a>(text: &'a str, after: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(after).filter_map(move |(at, _)| {
        let quoted = text[at + after.len()..].trim_start().strip_prefix('"')?;
        let code = &quoted[..quoted.find('"')?];
        let shouts = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        (code.contains('_') && code.chars().all(shouts)).then_some(code)
    })
}

#[test]
fn every_refusal_is_in_the_published_table() {
    let table = read(CODES);
    let published: BTreeSet<&str> =
        table.lines().filter_map(|line| line.split('"').nth(1)).collect();
    let mut missing = Vec::new();
    for (path, text) in texts() {
        let speaks = ["commands/src", "domain/", "graphql/src", "src/"];
        let speaks = speaks.iter().any(|folder| path.starts_with(folder));
        if !speaks || !path.ends_with(".rs") || path.contains("/tests") {
            continue;
        }
        let mut told: BTreeSet<&str> = codes_after(&text, "Refused::new(").collect();
        if text.contains("refusals!") {
            told.extend(codes_after(&text, "= "));
        }
        let unpublished = told.into_iter().filter(|code| !published.contains(code));
        missing.extend(
            unpublished
                .map(|code| format!("{path} refuses with {code}: give it a line in {CODES}")),
        );
    }
    nothing_in(missing);
}
