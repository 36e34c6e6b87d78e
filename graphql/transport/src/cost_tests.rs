//! The counting of cost, and the documents that are refused by it.

use async_graphql::parser::parse_query;

use super::*;

fn checked(text: &str, variables: &str) -> Result<(Cost, bool), &'static str> {
    let document = parse_query(text).unwrap();
    let (_, operation) = document.operations.iter().next().unwrap();
    let variables: Variables = serde_json::from_str(variables).unwrap();
    check(&document, &operation.node, &variables, &Limits::default())
        .map_err(|fault| fault.row.code)
}

#[test]
fn a_list_size_multiplies_what_stands_below_it() {
    for (text, variables, requested) in [
        ("{ a b { c } }", "{}", 3),
        ("{ a(first: 10) { b c } }", "{}", 21),
        ("{ a(last: 10) { b(first: 10) { c } } }", "{}", 1 + 10 * 11),
        ("query ($n: Int) { a(first: $n) { b } }", r#"{"n": 7}"#, 8),
        ("query ($n: Int = 5) { a(first: $n) { b } }", "{}", 6),
        ("query ($n: Int) { a(first: $n) { b } }", "{}", 2),
        ("{ a(first: -3) { b } }", "{}", 2),
        ("{ a(ids: [1, 2, 3]) { b } }", "{}", 4),
        ("query ($i: [ID!]!) { a(ids: $i) { b } }", r#"{"i": ["x", "y"]}"#, 3),
        // 1 + 20 × (edges 1 + node 1 + b 1) + pageInfo 1 + hasNextPage 1 + totalCount 10
        (
            "{ a(first: 20) { edges { node { b } } pageInfo { hasNextPage } totalCount } }",
            "{}",
            1 + 20 * 3 + 2 + 10,
        ),
        (
            "{ a(first: 20) { ...P } } fragment P on C { edges { node { ...N } } } fragment N on X { b c }",
            "{}",
            1 + 20 * 4,
        ),
        ("{ __schema { types { name } } a }", "{}", 1),
    ] {
        let (cost, _) = checked(text, variables).unwrap();
        assert_eq!((cost.requested, cost.available), (requested, 20_000), "{text}");
    }
}

#[test]
fn what_is_too_much_is_refused_by_its_own_code() {
    let nested =
        |levels: usize| format!("{{{}a{}}}", "a{".repeat(levels - 1), "}".repeat(levels - 1));
    let introspection = |levels: usize| {
        format!("{{__schema{{{}a{}}}}}", "a{".repeat(levels - 2), "}".repeat(levels - 2))
    };
    for (text, refused) in [
        (nested(12), None),
        (nested(13), Some("TOO_DEEP")),
        (introspection(15), None),
        (introspection(16), Some("TOO_DEEP")),
        (format!("{{{}}}", "a ".repeat(500)), None),
        (format!("{{{}}}", "a ".repeat(501)), Some("TOO_MANY_FIELDS")),
        (format!("{{__type{{{}}}}}", "a ".repeat(500)), Some("TOO_MANY_FIELDS")),
        (format!("{{{}}}", "b:a ".repeat(30)), None),
        (format!("{{{}}}", "b:a ".repeat(31)), Some("TOO_MANY_ALIASES")),
        (format!("{{a {}}}", "@b".repeat(5)), None),
        (format!("{{a {}}}", "@b".repeat(6)), Some("TOO_MANY_DIRECTIVES")),
        (format!("query {} {{a}}", "@b".repeat(6)), Some("TOO_MANY_DIRECTIVES")),
        (
            "{ a(first: 100) { b(first: 100) { c(first: 100) { d } } } }".into(),
            Some("QUERY_TOO_COSTLY"),
        ),
        (
            "{ a(first: 9223372036854775807) { b(first: 9223372036854775807) { c } } }".into(),
            Some("QUERY_TOO_COSTLY"),
        ),
        (
            "{ ...A } fragment A on Q { ...B } fragment B on Q { a ...A }".into(),
            Some("FRAGMENT_CYCLE"),
        ),
        ("{ a } fragment A on Q { ...A }".into(), Some("FRAGMENT_CYCLE")),
        ("{ ...Missing ...Missing }".into(), None),
    ] {
        assert_eq!(checked(&text, "{}").err(), refused, "{text:.80}");
    }
}

/// Were it not memoised, forty doublings would take longer than anyone waits.
#[test]
fn doubling_fragments_are_refused_at_once() {
    for (levels, root, leaf) in [
        (20, "{ ...F0 }", "a"),
        (40, "{ ...F0 }", "a"),
        (40, "{ a }", "a"),
        (40, "{ ...F0 }", "...Missing"),
        (40, "query A { a } query B { ...F0 }", "a"),
    ] {
        let mut text = root.to_owned();
        for level in 0..levels {
            let next = level + 1;
            text.push_str(&format!(" fragment F{level} on Q {{ ...F{next} ...F{next} }}"));
        }
        text.push_str(&format!(" fragment F{levels} on Q {{ {leaf} }}"));
        assert_eq!(checked(&text, "{}").err(), Some("TOO_MANY_FIELDS"), "{levels} {root} {leaf}");
    }
}

#[test]
fn a_long_chain_of_fragments_does_not_exhaust_the_stack() {
    let mut text = "{ ...F0 }".to_owned();
    for level in 0..1_000 {
        text.push_str(&format!(" fragment F{level} on Q {{ ...F{} }}", level + 1));
    }
    text.push_str(" fragment F1000 on Q { a }");
    assert_eq!(checked(&text, "{}").err(), Some("TOO_DEEP"));
}
