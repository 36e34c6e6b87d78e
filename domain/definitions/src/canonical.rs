//! One spelling for each definition, so that equal definitions have equal digests.
//!
//! A body is JSON without spaces, its keys in order; a date is written as a text. Comments, the
//! order of keys and the layout of the file do not count.

use serde_json::{Map, Value as Json};
use sm3::{Digest as _, Sm3};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The SM3 digest of a kind and a canonical body, in lower-case hexadecimal.
#[must_use]
pub fn digest(kind: &str, body: &str) -> String {
    let mut sm3 = Sm3::new();
    sm3.update(kind);
    sm3.update("\n");
    sm3.update(body);
    hex::encode(sm3.finalize())
}

/// A canonical body as TOML text that [`crate::Catalogue::load`] reads: what `definitions show`
/// prints. `None` when the body is no JSON object that TOML can hold.
#[must_use]
pub fn to_toml(kind: &str, body: &str) -> Option<String> {
    let table: toml::Table = serde_json::from_str(body).ok()?;
    let listed = toml::Value::Array(vec![toml::Value::Table(table)]);
    toml::to_string(&toml::Table::from_iter([(kind.to_owned(), listed)])).ok()
}

/// The canonical body of a table.
pub(crate) fn body(table: &DeTable<'_>) -> String {
    json_of_table(table).to_string()
}

/// The same body in canonical spelling; `None` when it is no JSON object.
pub(crate) fn respelled(body: &str) -> Option<String> {
    let value: Json = serde_json::from_str(body).ok()?;
    value.is_object().then(|| in_order(value).to_string())
}

fn json_of_table(table: &DeTable<'_>) -> Json {
    let entries = table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value)));
    in_order(Json::Object(entries.collect()))
}

fn json(value: &Spanned<DeValue<'_>>) -> Json {
    match value.get_ref() {
        DeValue::String(text) => Json::String(text.to_string()),
        DeValue::Boolean(flag) => Json::Bool(*flag),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Json::String(number.to_string()), Json::from),
        // No kind takes a float: a catalogue that holds this never comes to be.
        DeValue::Float(number) => Json::String(number.to_string()),
        DeValue::Datetime(date) => Json::String(date.to_string()),
        DeValue::Array(values) => Json::Array(values.iter().map(json).collect()),
        DeValue::Table(table) => json_of_table(table),
    }
}

/// Objects with their keys in order, whatever map serde_json was built with.
fn in_order(value: Json) -> Json {
    match value {
        Json::Object(entries) => {
            let mut entries: Vec<(String, Json)> = entries.into_iter().collect();
            entries.sort_by(|one, other| one.0.cmp(&other.0));
            Json::Object(Map::from_iter(
                entries.into_iter().map(|(key, value)| (key, in_order(value))),
            ))
        }
        Json::Array(values) => Json::Array(values.into_iter().map(in_order).collect()),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => value,
    }
}
