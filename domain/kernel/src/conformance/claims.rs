//! Claims and look-ups.

use super::{Asked, Backend, clock, id, meta, single};
use crate::append::{Append, Claim, ClaimConflict, Held, Lookup};
use crate::log::EventLog;
use crate::stream::Position;

pub fn a_claim_has_one_holder_and_its_position<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    asked.appended(single(1, "a", 0));
    asked.appended(single(2, "a", 1).take("card:1", "card-1").take("card:2", "card-1"));
    let conflicts = asked.conflicts(single(3, "b", 0).take("card:1", "card-2"));
    let held = Held { holder: "card-1".to_owned(), position: Position(2) };
    let contested = ClaimConflict { key: "card:1".to_owned(), held: Some(held.clone()) };
    assert_eq!(conflicts.claims, [contested]);
    // The holder may not take it again either: it would not know that it has it.
    assert_eq!(asked.conflicts(single(3, "b", 0).take("card:1", "card-1")).claims.len(), 1);
    let keys = ["card:2", "card:9", "card:1"].map(str::to_owned);
    let answer = backend.block_on(log.claims(&keys)).expect("the log under test is readable");
    assert_eq!(answer, [Some(held.clone()), None, Some(held)]);
}

pub fn a_key_is_released_and_taken_in_one_append<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    asked.appended(single(1, "a", 0).take("day", "first"));
    asked.appended(single(2, "a", 1).release("day", "first").take("day", "second"));
    assert_eq!(asked.holder("day"), Some(("second".to_owned(), 2)));
    asked.appended(single(3, "a", 2).release("day", "second"));
    assert_eq!(asked.holder("day"), None);
    asked.appended(single(4, "a", 3).take("day", "third"));
    assert_eq!(asked.holder("day"), Some(("third".to_owned(), 4)));
}

pub fn only_the_holder_releases<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    asked.appended(single(1, "a", 0).take("day", "first"));
    let claims = asked.conflicts(single(2, "a", 1).release("day", "other").take("day", "x")).claims;
    assert_eq!(claims.len(), 1, "one key is contested once: {claims:?}");
    assert_eq!(claims[0].held.as_ref().map(|held| held.holder.as_str()), Some("first"));
    let claims = asked.conflicts(single(2, "a", 1).release("night", "first")).claims;
    assert_eq!(claims, [ClaimConflict { key: "night".to_owned(), held: None }]);
    assert_eq!(asked.holder("day"), Some(("first".to_owned(), 1)));
}

pub fn claims_page_by_prefix<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    let keys = ["a:1", "b", "b:1", "b:10", "b:2", "b:中", "b;", "c:1"];
    for (number, key) in (0..).zip(keys.iter().rev()) {
        asked.appended(single(number, "a", number).take(*key, format!("h{number}")));
    }
    let page = |prefix, after, max| -> Vec<String> {
        let claims = backend.block_on(log.claims_from(prefix, after, max));
        let claims = claims.expect("the log under test is readable");
        claims.into_iter().map(|claim| claim.key).collect()
    };
    assert_eq!(page("b:", "", 9), ["b:1", "b:10", "b:2", "b:中"]);
    assert_eq!(page("b:", "", 2), ["b:1", "b:10"]);
    assert_eq!(page("b:", "b:10", 2), ["b:2", "b:中"]);
    assert_eq!(page("b:", "b:中", 2), [""; 0]);
    assert_eq!(page("b:", "z", 2), [""; 0]);
    assert_eq!(page("b:", "a", 1), ["b:1"]);
    assert_eq!(page("b", "b", 2), ["b:1", "b:10"]);
    assert_eq!(page("x", "", 9), [""; 0]);
    assert_eq!(page("", "", 100), keys);
    assert_eq!(page("", "", 0), [""; 0]);
    let claims = backend.block_on(log.claims_from("a", "", 1));
    let claims = claims.expect("the log under test is readable");
    assert_eq!(claims, [Claim { key: "a:1".to_owned(), holder: "h7".to_owned() }]);
}

pub fn look_ups_come_and_go<B: Backend>(backend: &B) {
    let log = backend.open(clock());
    let asked = Asked { backend, log: &log };
    let entry = |kind: &str, blind: &str, subject| Lookup {
        kind: kind.to_owned(),
        blind: blind.to_owned(),
        subject: id("subject", subject),
    };
    let look_up = |kind, blind| {
        let subjects = backend.block_on(log.look_up(kind, blind));
        subjects.expect("the log under test is readable")
    };
    let mut append = Append::new(meta(1));
    append.index = vec![
        entry("name", "n1", 1),
        entry("name", "n1", 2),
        entry("name", "n1", 2),
        entry("name", "n10", 3),
        entry("phone", "n1", 4),
    ];
    asked.appended(append);
    let mut both = vec![id("subject", 1), id("subject", 2)];
    both.sort_unstable();
    assert_eq!(look_up("name", "n1"), both);
    assert_eq!(look_up("name", "n10"), [id("subject", 3)]);
    assert!(look_up("name", "n").is_empty());
    let mut append = Append::new(meta(2));
    // What goes, goes before what comes; what is not there goes silently.
    append.unindex = vec![entry("name", "n1", 1), entry("name", "n1", 9), entry("phone", "n1", 4)];
    append.index = vec![entry("phone", "n1", 4)];
    asked.appended(append);
    assert_eq!(look_up("name", "n1"), [id("subject", 2)]);
    assert_eq!(look_up("phone", "n1"), [id("subject", 4)]);
}
