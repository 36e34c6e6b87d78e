//! The first query that a newcomer copies is answered in the shape that the README shows.

use serde_json::Value;

use crate::house::{CLERK, House};

const README: &str = include_str!("../../README.md");

/// The block of this language between the marks of the first query.
fn block(language: &str) -> &'static str {
    let (_, marked) = README.split_once("<!-- first-query -->").unwrap();
    let (marked, _) = marked.split_once("<!-- /first-query -->").unwrap();
    let (_, from) = marked.split_once(&format!("```{language}\n")).unwrap();
    from.split_once("```").unwrap().0
}

/// The same with its values taken out, and one element for every list.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), shape(value))).collect()
        }
        Value::Array(elements) => elements.iter().take(1).map(shape).collect(),
        Value::String(_) => "text".into(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_query_of_the_readme_is_answered_as_it_says() {
    let house = House::new().await;
    let told: Value = serde_json::from_str(block("json")).unwrap();
    let answered = house.ask(CLERK, block("graphql")).await;
    assert_eq!(shape(&answered), shape(&told["data"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_graphiql_at_first_is_answered() {
    let script = include_str!("../../graphql/transport/assets/boot.js");
    let (_, from) = script.split_once("const first = `").unwrap();
    let (document, _) = from.split_once('`').unwrap();
    // The editor runs the operation at its cursor.
    let (looks, watches) = document.split_once("subscription ").unwrap();
    let house = House::new().await;
    let told = house.ask(CLERK, looks).await;
    assert!(!told["matrix"]["cells"].as_array().unwrap().is_empty(), "{told}");
    let watched = watches.split_once('{').unwrap().1;
    assert!(watched.contains("statusChanged"), "{watched}");
}
