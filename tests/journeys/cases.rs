//! A clerk works off what banks gave back, from the command line.

use serde_json::Value;

use crate::place::Place;

/// A list that a command answers with.
pub fn json(place: &Place, words: &[&str]) -> Vec<Value> {
    let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
    let answer: Value = serde_json::from_str(&place.ends(0, &words).out).unwrap();
    answer.as_array().unwrap().clone()
}

#[test]
fn returns_are_summed_up_listed_notified_and_not_recovered() {
    let place = Place::new();
    place
        .ends(0, &["demo", "--once", "--plain", "--months", "1", "--people", "600", "--seed", "7"]);
    let cells = json(&place, &["return", "summary", "--day", "2026-12-31"]);
    let open = json(&place, &["return", "list"]);
    let sum: u64 = cells.iter().map(|cell| cell["cases"].as_u64().unwrap()).sum();
    assert_eq!(sum, open.len() as u64);
    assert!(sum > 2 && cells.iter().all(|cell| cell["age"] == ">90"), "{cells:?}");
    // A page goes on where the one before ended.
    let first = json(&place, &["return", "list", "--limit", "1"]);
    let attempt = first[0]["attempt"].as_str().unwrap();
    let rest = json(&place, &["return", "list", "--after", attempt]);
    assert_eq!([first.clone(), rest].concat(), open);

    let notify = |channel: &str, code| {
        place.ends(code, &["return", "notify", attempt, "--channel", channel])
    };
    notify("sms", 0);
    let told = json(&place, &["return", "list", "--limit", "1"]);
    assert_eq!(told[0]["stage"], "notified");
    let refused = notify(" ", 1);
    assert!(refused.err.contains("RETURN_CHANNEL_MISSING"), "{}", refused.err);

    // What came back was not overpaid, and no reason may be made up.
    let (obligation, _) = attempt.split_once('#').unwrap();
    let find = |reason: &str, code| {
        place.ends(code, &["recovery", "find", obligation, "--reason", reason])
    };
    assert!(find("mistake", 1).err.contains("OVERPAYMENT_NOT_PAID"));
    find("greed", 2);
    assert_eq!(json(&place, &["recovery", "list"]), Vec::<Value>::new());
    assert_eq!(json(&place, &["hold", "list", "--overdue"]), Vec::<Value>::new());
}
