//! Every query of the schema, made up from the schema itself and asked over the read models of both
//! stores: whatever a read function says in SQL, it says the same in SQLite and in PostgreSQL.

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use graphql::App;
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// What tells of the stores themselves, or of looks that were taken meanwhile.
const OF_THE_STORE: [&str; 4] = ["status", "accessRecords", "interfaceUsers", "node"];

/// How many subjects of one kind are asked for by their ids.
const EACH: usize = 3;

const SCHEMA: &str = "{ __schema { types { kind name enumValues { name } fields { name args { name \
                      defaultValue type { ...T } } type { ...T } } } } } fragment T on __Type { kind name \
                      ofType { kind name ofType { kind name ofType { kind name } } } }";

pub struct Asker(Router);

impl Asker {
    pub fn of(app: App) -> Self {
        let limits = transport::Limits {
            fields_max: 1_000_000,
            cost_max: 1_000_000_000,
            document_bytes_max: 1_000_000,
            document_tokens_max: 1_000_000,
            document_selections_max: 1_000_000,
            introspection_fields_max: 1_000_000,
            ..transport::Limits::default()
        };
        Self(graphql::router(app, limits))
    }

    async fn ask(&self, document: &str) -> Value {
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .header("x-renshe-actor", "demo.clerk")
            .body(Body::from(json!({ "query": document }).to_string()))
            .unwrap();
        let response = tokio::spawn(self.0.clone().oneshot(request)).await.unwrap().unwrap();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let mut answer: Value = serde_json::from_slice(&bytes).unwrap();
        if let Some(answer) = answer.as_object_mut() {
            // How long it took, and in how many statements.
            answer.remove("extensions");
            for error in
                answer.get_mut("errors").and_then(Value::as_array_mut).into_iter().flatten()
            {
                error["extensions"].as_object_mut().map(|told| told.remove("traceId"));
            }
        }
        answer
    }
}

#[derive(Debug)]
struct Field {
    name: String,
    arguments: Vec<Argument>,
    of: String,
}

#[derive(Debug)]
struct Argument {
    name: String,
    of: String,
    needed: bool,
    list: bool,
}

struct Schema {
    /// By type; none for what has no fields.
    fields: BTreeMap<String, Vec<Field>>,
    /// The values of each enum.
    enums: BTreeMap<String, Vec<String>>,
}

/// What can be put where the schema asks for a value.
#[derive(Default)]
struct Known {
    /// Global ids by the kind in them.
    ids: BTreeMap<String, BTreeSet<String>>,
    /// Codes by the type that has them.
    codes: BTreeMap<String, BTreeSet<String>>,
}

fn innermost(of: &Value) -> String {
    match of["name"].as_str() {
        Some(name) => name.to_owned(),
        None => innermost(&of["ofType"]),
    }
}

impl Schema {
    async fn of(asker: &Asker) -> Self {
        let told = asker.ask(SCHEMA).await;
        let types =
            told["data"]["__schema"]["types"].as_array().unwrap_or_else(|| panic!("{told}"));
        let (mut fields, mut enums) = (BTreeMap::new(), BTreeMap::new());
        let name = |of: &Value| of["name"].as_str().unwrap().to_owned();
        for one in types {
            if let Some(values) = one["enumValues"].as_array() {
                enums.insert(name(one), values.iter().map(name).collect());
            }
            let Some(own) = one["fields"].as_array() else { continue };
            let argument = |told: &Value| Argument {
                name: name(told),
                of: innermost(&told["type"]),
                needed: told["type"]["kind"] == "NON_NULL" && told["defaultValue"].is_null(),
                list: told["type"].to_string().contains("\"LIST\""),
            };
            let field = |told: &Value| Field {
                name: name(told),
                arguments: told["args"].as_array().unwrap().iter().map(argument).collect(),
                of: innermost(&told["type"]),
            };
            fields.insert(name(one), own.iter().map(field).collect());
        }
        Self { fields, enums }
    }

    /// Everything of a type down to so many levels.
    fn selection(&self, of: &str, depth: u32) -> String {
        let mut text = "{ __typename".to_owned();
        for field in &self.fields[of] {
            if field.arguments.iter().any(|argument| argument.needed) {
                continue;
            }
            let pages = field.arguments.iter().any(|argument| argument.name == "first");
            let arguments = if pages { "(first: 2)" } else { "" };
            if !self.fields.contains_key(&field.of) {
                text += &format!(" {}{arguments}", field.name);
            } else if depth > 0 {
                // The frame of a page is no level of its own.
                let frame = field.of.ends_with("Connection") || field.of.ends_with("Edge");
                let below = self.selection(&field.of, depth - u32::from(!frame));
                text += &format!(" {}{arguments} {below}", field.name);
            }
        }
        text + " }"
    }

    /// The values that an argument can take, by what is known so far.
    fn values(&self, root: &Field, argument: &Argument, known: &Known) -> Vec<String> {
        let quoted = |text: &String| format!("\"{text}\"");
        let all = |texts: Option<&BTreeSet<String>>| -> Vec<String> {
            texts.into_iter().flatten().take(EACH).map(quoted).collect()
        };
        if let Some(values) = self.enums.get(&argument.of) {
            return if argument.list {
                vec![format!("[{}]", values.iter().take(4).cloned().collect::<Vec<_>>().join(", "))]
            } else {
                values.clone()
            };
        }
        match (argument.name.as_str(), argument.of.as_str()) {
            ("first", _) => vec!["3".to_owned()],
            ("id", "ID") => all(known.ids.get(&root.of)),
            ("personId" | "ownerId", "ID") => all(known.ids.get("Person")),
            ("bookId", "ID") => all(known.ids.get("Book")),
            ("periodId", "ID") => all(known.ids.get("Period")),
            ("number" | "phone" | "name", _) => vec!["\"13800000000\"".to_owned()],
            ("within" | "below", _) => vec!["\"320600\"".to_owned()],
            ("from", "Date") => vec!["\"2026-01-01\"".to_owned()],
            ("to" | "on", "Date") => vec!["\"2026-03-31\"".to_owned()],
            ("from", _) => vec!["\"2026-01\"".to_owned()],
            ("to" | "month", "YearMonth") => vec!["\"2026-03\"".to_owned()],
            ("period", "String") => vec!["\"2026-01\"".to_owned(), "\"2026\"".to_owned()],
            ("code", "String") if root.name == "indicator" => {
                known.codes.get("IndicatorDefinition").into_iter().flatten().map(quoted).collect()
            }
            ("code", "String") if root.of.starts_with("Indicator") => {
                all(known.codes.get("IndicatorDefinition"))
            }
            ("code", "String") if root.name == "dashboard" => {
                known.codes.get("DashboardName").into_iter().flatten().map(quoted).collect()
            }
            ("kind", "String") => vec!["\"item\"".to_owned(), "\"layout\"".to_owned()],
            ("code", "String") => vec!["\"A1\"".to_owned()],
            ("tag", "String") => {
                known.codes.get("TagInForce").into_iter().flatten().map(quoted).collect()
            }
            ("subject", "String") => all(known.codes.get("TagValue")),
            ("rule", "String") => vec!["\"bank-unknown-ageing\"".to_owned()],
            _ => Vec::new(),
        }
    }

    /// The documents that ask for a root field; none while a value for it is not known.
    fn documents(&self, root: &Field, known: &Known) -> Vec<String> {
        let mut calls = vec![Vec::new()];
        for argument in &root.arguments {
            if !argument.needed && argument.name != "first" {
                continue;
            }
            let values = self.values(root, argument, known);
            let with = |call: &Vec<String>, value: &String| {
                let given = format!("{}: {value}", argument.name);
                call.iter().cloned().chain([given]).collect::<Vec<_>>()
            };
            calls = calls
                .iter()
                .flat_map(|call| values.iter().map(|value| with(call, value)))
                .collect();
        }
        let selection = match self.fields.contains_key(&root.of) {
            true => self.selection(&root.of, 2),
            false => String::new(),
        };
        let document = |call: Vec<String>| match call.as_slice() {
            [] => format!("{{ {} {selection} }}", root.name),
            given => format!("{{ {}({}) {selection} }}", root.name, given.join(", ")),
        };
        calls.into_iter().map(document).collect()
    }
}

impl Known {
    fn learn(&mut self, answer: &Value) {
        match answer {
            Value::Object(fields) => {
                let of = fields.get("__typename").and_then(Value::as_str).unwrap_or_default();
                for (name, value) in fields {
                    let Some(text) = value.as_str() else { continue };
                    let coded = match of {
                        "TagInForce" => "id",
                        "TagValue" => "subject",
                        _ => "code",
                    };
                    if name == coded {
                        self.codes.entry(of.to_owned()).or_default().insert(text.to_owned());
                    }
                    if name == "id" || name.ends_with("Id") {
                        let bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
                        let clear = String::from_utf8(bytes).unwrap_or_default();
                        if let Some((kind, _)) = clear.split_once(':') {
                            self.ids.entry(kind.to_owned()).or_default().insert(text.to_owned());
                        }
                    }
                }
                fields.values().for_each(|value| self.learn(value));
            }
            Value::Array(elements) => elements.iter().for_each(|element| self.learn(element)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

/// Where two answers say different things first.
fn difference(left: &Value, right: &Value, at: &str) -> Option<String> {
    match (left, right) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => one
            .iter()
            .find_map(|(name, value)| difference(value, &other[name], &format!("{at}.{name}"))),
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let mut pairs = one.iter().zip(other).enumerate();
            pairs
                .find_map(|(place, (one, other))| difference(one, other, &format!("{at}[{place}]")))
        }
        _ => (left != right).then(|| format!("{at}: {left} is not {right}")),
    }
}

/// Asks both for everything; how many documents were answered with data, and the root fields for
/// which no document could be made.
pub async fn compare(one: &Asker, other: &Asker) -> (usize, Vec<String>) {
    let schema = Schema::of(one).await;
    let (mut known, mut asked) = (Known::default(), BTreeSet::new());
    let (mut answered, mut tried) = (0, BTreeSet::new());
    // What one round tells is what the next one asks for.
    for _ in 0..3 {
        for root in &schema.fields["Query"] {
            if OF_THE_STORE.contains(&root.name.as_str()) {
                continue;
            }
            for document in schema.documents(root, &known) {
                tried.insert(root.name.clone());
                if !asked.insert(document.clone()) {
                    continue;
                }
                let (left, right) = (one.ask(&document).await, other.ask(&document).await);
                if let Some(differs) = difference(&left, &right, "") {
                    panic!("{document}\n{differs}");
                }
                answered += usize::from(!left["data"][&root.name].is_null());
                known.learn(&left);
            }
        }
    }
    let roots = schema.fields["Query"].iter().map(|root| root.name.clone());
    let of_store = |name: &String| OF_THE_STORE.contains(&name.as_str());
    (answered, roots.filter(|name| !tried.contains(name) && !of_store(name)).collect())
}
