//! On which stores the journeys run: in the data directory, or, with `JOURNEYS_ON=postgres`, log and
//! read models in a database of their own on a PostgreSQL that the journeys share.
//!
//! That server does not flush: what must outlive a crash of it is the business of the log's own
//! conformance suite, which runs on a server that does.

use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use postgres_server::{Disk, Server};
use renshe::node::{Address, Databases};
use rusqlite::{Connection, OpenFlags, types::Value};

static SERVER: LazyLock<Option<Server>> = LazyLock::new(|| match std::env::var("JOURNEYS_ON") {
    Ok(on) if on == "postgres" => Some(Server::start(Disk::Unflushed)),
    Ok(other) => panic!("JOURNEYS_ON is {other}: it can be postgres"),
    Err(_) => None,
});

static DATABASES: AtomicU32 = AtomicU32::new(1);

/// A server for journeys that are about PostgreSQL, wherever the others run.
pub static ALWAYS: LazyLock<Server> = LazyLock::new(|| Server::start(Disk::Unflushed));

/// Between two columns of psql's answers; no text of ours holds it.
const COLUMN: &str = "\u{1f}";
const ROW: &str = "\u{1e}";

/// A database of one journey; none where its log lies in the data directory.
#[derive(Debug, Clone)]
pub struct Database(Option<String>);

impl Database {
    pub fn new() -> Self {
        Self::made(None)
    }

    /// None, wherever the others run.
    pub fn none() -> Self {
        Self(None)
    }

    /// A copy of another one, that nobody uses any more.
    pub fn like(other: &Self) -> Self {
        Self::made(other.0.as_deref())
    }

    fn made(like: Option<&str>) -> Self {
        let Some(server) = &*SERVER else { return Self(None) };
        let name = format!("journey_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        if let Some(like) = like {
            // The server notices a moment later that a process has ended.
            let end = format!(
                "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity \
                 WHERE datname = '{like}'"
            );
            assert!(server.psql("postgres").args(["-c", &end]).output().unwrap().status.success());
        }
        server.create(&name, like).unwrap();
        Self(Some(name))
    }

    /// Whether the log lies in the data directory.
    pub fn is_embedded(&self) -> bool {
        self.0.is_none()
    }

    pub fn url(&self) -> Option<String> {
        let server = SERVER.as_ref()?;
        self.0.as_ref().map(|name| server.url(name))
    }

    pub fn databases(&self) -> Databases {
        let address = self.url().map(Address::from);
        Databases { log: address.clone(), views: address }
    }

    /// What a statement says of the log's tables, beside the process that writes it; nothing as
    /// long as there are none.
    pub fn ask(&self, data: &Path, sql: &str) -> Vec<Vec<String>> {
        match &self.0 {
            Some(name) => ask_server(name, sql),
            None => ask_file(&data.join("log").join(log::sqlite::FILE), sql).unwrap_or_default(),
        }
    }

    /// Changes the log behind its back.
    pub fn tamper(&self, data: &Path, sql: &str) {
        match &self.0 {
            Some(name) => drop(told(name, sql).unwrap()),
            None => {
                let log = Connection::open(data.join("log").join(log::sqlite::FILE)).unwrap();
                log.execute(sql, []).unwrap();
            }
        }
    }

    /// All that the database holds, as text.
    pub fn dump(&self) -> Option<Vec<u8>> {
        let server = SERVER.as_ref()?;
        self.0.as_ref().map(|name| server.dump(name).unwrap())
    }
}

fn ask_file(path: &Path, sql: &str) -> rusqlite::Result<Vec<Vec<String>>> {
    let log = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut statement = log.prepare(sql)?;
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        (0..columns)
            .map(|column| {
                Ok(match row.get(column)? {
                    Value::Null => String::new(),
                    Value::Integer(number) => number.to_string(),
                    Value::Text(text) => text,
                    other => panic!("{other:?} is not of the log"),
                })
            })
            .collect()
    })?;
    rows.collect()
}

fn ask_server(name: &str, sql: &str) -> Vec<Vec<String>> {
    let answer = told(name, sql).unwrap_or_default();
    let rows = answer.trim_end_matches('\n').split(ROW).filter(|row| !row.is_empty());
    rows.map(|row| row.split(COLUMN).map(str::to_owned).collect()).collect()
}

fn told(name: &str, sql: &str) -> Result<String, String> {
    let server = SERVER.as_ref().expect("a database stands on the server");
    let mut psql = server.psql(name);
    psql.args(["-F", COLUMN, "-R", ROW, "-c", "SET search_path = renshe", "-c", sql]);
    let output = psql.output().unwrap();
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout).unwrap());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}
