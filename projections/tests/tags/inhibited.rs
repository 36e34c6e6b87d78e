//! A trial of a rule that others inhibit: what a worse case of theirs says already opens nothing.

use definitions::{Catalogue, Source};
use projections::tags::backtest::Backtest;
use projections::tags::try_warning;
use warnings::Level;

use crate::house::{House, day, person};
use crate::{born, draws};

/// A rule on a number of sharers: yellow from 2, orange from 5.
fn rule(id: &str, fact: &str, more: &str) -> String {
    let mut text = format!(
        "[[warning]]\nid = \"{id}\"\nname = {{ zh = \"试\", en = \"{id}\" }}\nsource = \"test\"\n\
         class = \"disbursement\"\nsubject = \"person\"\ncooldown_days = 0\nlimit = 200\n\
         metric = {{ fact = \"{fact}\", window = \"standing\", bad = \"above\" }}\n{more}\n"
    );
    for (level, at) in [("yellow", 2), ("orange", 5)] {
        text += &format!(
            "[[warning.level]]\nlevel = \"{level}\"\nat = \"{at}\"\n\
             [[warning.dispatch]]\nlevel = \"{level}\"\nrole = \"clerk\"\nroute = \"town\"\n\
             [[warning.clock]]\nlevel = \"{level}\"\nunit = \"days\"\nreview = 1\naccept = 1\n\
             verify = 1\nfeedback = 1\n"
        );
    }
    text
}

fn catalogue(inhibitor: &str) -> Catalogue {
    let inhibited = "standing = \"active\"\ninhibited_by = [\"louder\"]";
    let text = [
        rule("quieter", "phone_sharers", inhibited),
        rule("louder", "account_sharers", &format!("standing = \"{inhibitor}\"")),
    ];
    let mut sources = Source::bundled();
    sources.push(Source::new("test.toml", text.join("\n")));
    Catalogue::load(&sources).unwrap()
}

fn tried(house: &House, catalogue: &Catalogue) -> Backtest {
    let mut trial = try_warning(catalogue, "quieter").unwrap();
    house.events().iter().for_each(|event| trial.fold(event).unwrap());
    Backtest::of(&trial)
}

/// Who has each number of sharers, said in this order.
fn story() -> House {
    let house = House::published();
    (1..=4).for_each(|number| born(&house, number));
    draws(&house, 1, 1, "A1", "2026-01");
    let says = |number: u128, fact: &str, value: &str| {
        house.said(("person", &person(number).to_string()), fact, day(1, 1), value);
    };
    // Told already by an orange case: a yellow one is not opened, an orange one is.
    says(1, "account_sharers", "6");
    says(1, "phone_sharers", "3");
    says(1, "phone_sharers", "7");
    // No worse than itself.
    says(2, "account_sharers", "2");
    says(2, "phone_sharers", "3");
    // Opened before.
    says(3, "phone_sharers", "3");
    says(3, "account_sharers", "6");
    says(3, "phone_sharers", "4");
    // The louder one is over, of its own accord only where it may be: orange waits for a person.
    says(4, "account_sharers", "6");
    says(4, "account_sharers", "0");
    says(4, "phone_sharers", "2");
    house
}

#[test]
fn a_trial_opens_nothing_that_a_worse_case_says_already() {
    let house = story();
    let found = tried(&house, &catalogue("active"));
    let cases: Vec<_> =
        found.cases.iter().map(|case| (case.subject.clone(), case.worst, case.signals)).collect();
    let of = |number| person(number).to_string();
    let (yellow, orange) = (Level::Yellow, Level::Orange);
    assert_eq!(cases, [(of(1), orange, 1), (of(2), yellow, 1), (of(3), yellow, 1)]);
    assert_eq!(found.inhibited, 3);
}

#[test]
fn a_draft_inhibits_nothing() {
    let house = story();
    let found = tried(&house, &catalogue("draft"));
    assert_eq!((found.cases.len(), found.inhibited), (4, 0));
}
