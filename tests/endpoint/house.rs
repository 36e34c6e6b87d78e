//! One installation for all of these tests, made once; each test works on a copy of its own.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use kernel::Micros;
use kernel::ports::FixedClock;
use renshe::node::{Databases, Node, World, raise_epoch};
use serde_json::{Value, json};
use shared::Date;
use tempfile::TempDir;
use tower::ServiceExt;
use uuid::Uuid;

/// A city of which January 2026 is paid, with the clock on 3 February.
pub struct House {
    pub node: Node,
    router: Router,
    /// Lives as long as the house.
    _dir: TempDir,
}

/// Who asks, by the headers of demo mode.
pub type Who<'a> = &'a [(&'a str, &'a str)];

pub const CLERK: Who<'static> = &[("x-renshe-actor", "demo.clerk")];

fn base() -> &'static TempDir {
    static BASE: OnceLock<TempDir> = OnceLock::new();
    BASE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let demo = Command::new(env!("CARGO_BIN_EXE_renshe"))
            .env("RENSHE_DATA_DIR", dir.path().join("data"))
            .args(["demo", "--once", "--plain", "--months", "1", "--people", "600", "--seed", "7"])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
        dir
    })
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &there)
        } else {
            fs::copy(&path, &there).map(|_| ()).unwrap()
        }
    }
}

impl House {
    pub async fn new() -> Self {
        Self::opened(Self::copied().await).await
    }

    /// The same city, its log restored from a backup.
    pub async fn restored() -> Self {
        let dir = Self::copied().await;
        raise_epoch(&dir.path().join("data"), &Databases::default()).await.unwrap();
        Self::opened(dir).await
    }

    async fn copied() -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        let from = tokio::task::spawn_blocking(|| base().path().join("data")).await.unwrap();
        copy(&from, &dir.path().join("data"));
        dir
    }

    async fn opened(dir: TempDir) -> Self {
        let clock = Arc::new(FixedClock::default());
        let day = Date::constant(2026, 2, 3);
        let nine = day.at(9, 0, 0, 0).to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)));
        clock.set(Micros(nine.unwrap().timestamp().as_microsecond()));
        let world = World { clock, ..World::real() };
        let node = Node::open(&dir.path().join("data"), world).await.unwrap();
        commands::day::open_days(&node.executor, day).await.unwrap();
        node.caught_up().await.unwrap();
        let router = graphql::router(node.app(true), transport::Limits::default());
        Self { node, router, _dir: dir }
    }

    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        // As a server runs it: on a worker, where whoever yields lets his siblings go first.
        tokio::spawn(self.router.clone().oneshot(request)).await.unwrap().unwrap()
    }

    /// The whole answer to a document.
    pub async fn answer(&self, who: Who<'_>, document: &str, variables: Value) -> Value {
        let mut request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .header(header::ACCEPT_LANGUAGE, "en");
        for (name, value) in who {
            request = request.header(*name, *value);
        }
        let body = json!({ "query": document, "variables": variables }).to_string();
        let response = self.send(request.body(Body::from(body)).unwrap()).await;
        let bytes = to_bytes(response.into_body(), 1 << 24).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    /// The data of an answer without errors.
    ///
    /// # Panics
    /// When it has one.
    pub async fn ask(&self, who: Who<'_>, document: &str) -> Value {
        let answer = self.answer(who, document, Value::Null).await;
        assert!(answer.get("errors").is_none(), "{document}\n{answer:#}");
        answer["data"].clone()
    }

    /// The code of the first error.
    pub async fn fault(&self, who: Who<'_>, document: &str) -> String {
        let answer = self.answer(who, document, Value::Null).await;
        answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("none").to_owned()
    }

    /// One command with an id of its own: the payload, with `more` beside what every payload has.
    pub async fn tell(&self, who: Who<'_>, name: &str, input: Value, more: &str) -> Value {
        self.tell_as(who, fresh(), name, input, more).await
    }

    pub async fn tell_as(
        &self,
        who: Who<'_>,
        command: Uuid,
        name: &str,
        mut input: Value,
        more: &str,
    ) -> Value {
        input["commandId"] = json!(command.to_string());
        let mut of = format!("{name}Input");
        of[..1].make_ascii_uppercase();
        self.tell_with(who, (name, &of), input, more).await
    }

    /// A command whose input is named after several commands.
    pub async fn tell_shared(
        &self,
        who: Who<'_>,
        (name, of): (&str, &str),
        mut input: Value,
    ) -> Value {
        input["commandId"] = json!(fresh().to_string());
        self.tell_with(who, (name, of), input, "").await
    }

    async fn tell_with(
        &self,
        who: Who<'_>,
        (name, of): (&str, &str),
        input: Value,
        more: &str,
    ) -> Value {
        let document = format!(
            "mutation($input: {of}!) {{ it: {name}(input: $input) {{ \
             errors {{ code rule message field action params {{ name value }} }} \
             position replayed planned {{ stream eventType }} {more} }} }}"
        );
        let answer = self.answer(who, &document, json!({ "input": input })).await;
        assert!(answer.get("errors").is_none(), "{name} {input}\n{answer:#}");
        answer["data"]["it"].clone()
    }

    /// A command that is carried out.
    ///
    /// # Panics
    /// When a rule refuses it.
    pub async fn done(&self, who: Who<'_>, name: &str, input: Value, more: &str) -> Value {
        let told = self.tell(who, name, input, more).await;
        assert_eq!(told["errors"], json!([]), "{name}");
        assert!(told["position"].is_string(), "{name}: {told}");
        told
    }

    /// The rule that refuses a command.
    pub async fn refused(&self, who: Who<'_>, name: &str, input: Value) -> String {
        let told = self.tell(who, name, input, "").await;
        assert_eq!(told["position"], Value::Null, "{name}: {told}");
        told["errors"][0]["rule"].as_str().unwrap_or("carried out").to_owned()
    }

    pub async fn get(&self, path: &str, headers: Who<'_>) -> (StatusCode, Vec<u8>) {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.send(request.body(Body::empty()).unwrap()).await;
        let status = response.status();
        (status, to_bytes(response.into_body(), 1 << 24).await.unwrap().to_vec())
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.node.stop();
    }
}

/// Every string below `key`, in the order of the answer.
pub fn all<'a>(answer: &'a Value, key: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    match answer {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if name == key => found.push(text.as_str()),
                    other => found.extend(all(other, key)),
                }
            }
        }
        Value::Array(values) => found.extend(values.iter().flat_map(|value| all(value, key))),
        _ => {}
    }
    found
}

/// The next id of a command.
fn fresh() -> Uuid {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u128(0xE0 << 64 | u128::from(NEXT.fetch_add(1, Ordering::Relaxed)))
}
