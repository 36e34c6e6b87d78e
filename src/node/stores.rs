//! Where the log and the read models stand: in the data directory, or in PostgreSQL.
//!
//! A data directory whose log stands in PostgreSQL notes which log it is and under which name it
//! writes, in `log/postgres.json`: another log is refused, whatever the address says.

use std::fmt;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};
use commands::{Clock, Ids};
use files::RandomIds;
use kernel::stream::LogId;
use kernel::{EventLog, Identity};
use log::SqliteLog;
use postgres::views::ViewOptions;
use postgres::{PostgresLog, PostgresViews};
use projections::engine::Stores;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use views::SqliteViews;

/// The databases that are used instead of the data directory.
#[derive(Debug, Clone, Default)]
pub struct Databases {
    pub log: Option<Address>,
    pub views: Option<Address>,
}

/// `postgres://user:password@host:5432/database?schema=name`; it is never shown, for the password.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Address(String);

impl From<&str> for Address {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Address {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address")
    }
}

impl Address {
    /// What the server is told, and the schema if one is named.
    fn parts(&self) -> (String, Option<String>) {
        let Some((address, query)) = self.0.split_once('?') else { return (self.0.clone(), None) };
        let (schema, others): (Vec<&str>, Vec<&str>) =
            query.split('&').partition(|setting| setting.starts_with("schema="));
        let schema = schema.last().map(|schema| schema["schema=".len()..].to_owned());
        let address = match others.as_slice() {
            [] => address.to_owned(),
            others => format!("{address}?{}", others.join("&")),
        };
        (address, schema)
    }
}

/// The log that was opened, and how it tells that it takes no writes any more.
#[derive(Clone)]
pub(super) enum Opened {
    Embedded(Arc<SqliteLog>),
    Server { log: Arc<PostgresLog>, _alone: Arc<File> },
}

impl Opened {
    pub(super) fn log(&self) -> Arc<dyn EventLog> {
        match self {
            Self::Embedded(log) => Arc::clone(log) as Arc<dyn EventLog>,
            Self::Server { log, .. } => Arc::clone(log) as Arc<dyn EventLog>,
        }
    }

    /// Resolves when nothing can be written any more, with the reason.
    pub(super) async fn failed(&self) -> String {
        match self {
            Self::Embedded(log) => log.failed().await,
            Self::Server { log, .. } => log.failed().await,
        }
    }
}

const NOTE: &str = "postgres.json";
const LOCK: &str = "postgres.lock";

/// What the data directory remembers of its log.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Note {
    log_id: Option<Uuid>,
    node: String,
}

/// Opens the log, making it on first use.
pub(super) async fn open_log(
    dir: &Path,
    databases: &Databases,
    clock: Arc<dyn Clock>,
    ids: &dyn Ids,
) -> Result<Opened> {
    let dir = dir.join("log");
    let Some(address) = &databases.log else {
        if dir.join(NOTE).exists() {
            bail!(
                "the log of this installation stands in PostgreSQL: name it with --log, RENSHE_LOG \
                 or `log` in renshe.toml"
            );
        }
        let log = SqliteLog::open_or_create(&dir, || ids.next(), clock, log::Options::default());
        return Ok(Opened::Embedded(Arc::new(log.context("the event log does not open")?)));
    };
    if dir.join(log::sqlite::FILE).exists() {
        bail!(
            "the log of this installation stands in {}: it does not move by naming another one",
            dir.display()
        );
    }
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let alone = alone(&dir)?;
    let note = match read(&dir)? {
        Some(note) => note,
        None => {
            // Keys without a note were brought here: they open what stands in the log already.
            let brought = dir.with_file_name("keys").exists();
            let log_id = (!brought).then(|| ids.next());
            let note = Note { log_id, node: format!("node-{}", RandomIds.next().simple()) };
            write(&dir, &note)?;
            note
        }
    };
    let (url, schema) = address.parts();
    let mut options = postgres::Options::new(note.node.clone());
    options.expected = note.log_id.map(LogId);
    if let Some(schema) = schema {
        options.schema = schema;
    }
    let log = match note.log_id {
        Some(log_id) => PostgresLog::open_or_create(&url, || log_id, options, clock).await,
        None => PostgresLog::connect(&url, options, clock).await,
    };
    let log = log.context("the event log does not open")?;
    let log_id = Some(log.identity().log_id.0);
    if note.log_id != log_id {
        write(&dir, &Note { log_id, ..note })?;
    }
    Ok(Opened::Server { log: Arc::new(log), _alone: Arc::new(alone) })
}

/// Raises the epoch of the log after a restoration, while nobody has it open.
///
/// # Errors
/// When there is no log, or somebody has it open.
pub async fn raise_epoch(dir: &Path, databases: &Databases) -> Result<u32> {
    let dir = dir.join("log");
    let raised = match &databases.log {
        None => log::sqlite::raise_epoch(&dir).context("the event log does not open")?,
        Some(address) => {
            let _alone = alone(&dir)?;
            let Some(note) = read(&dir)? else {
                bail!("there is no installation in {}", dir.display());
            };
            let (url, schema) = address.parts();
            let mut options = postgres::Options::new(note.node);
            options.expected = note.log_id.map(LogId);
            if let Some(schema) = schema {
                options.schema = schema;
            }
            postgres::raise_epoch(&url, &options).await.context("the event log does not open")?
        }
    };
    Ok(raised.0)
}

/// Opens the store of the read models of this log.
pub(super) fn open_views(
    dir: &Path,
    databases: &Databases,
    identity: Identity,
) -> Result<Arc<dyn Stores>> {
    let Some(address) = &databases.views else {
        let views = SqliteViews::open(dir.join("views")).context("the views do not open")?;
        return Ok(Arc::new(views));
    };
    let (url, schema) = address.parts();
    let mut options = ViewOptions::new(identity.log_id);
    if let Some(schema) = schema {
        options.schema = schema;
    }
    let views = PostgresViews::open(&url, options).context("the views do not open")?;
    Ok(Arc::new(views))
}

/// A second process of the same directory would take the first one's lease away.
fn alone(dir: &Path) -> Result<File> {
    let path = dir.join(LOCK);
    let file = File::options().create(true).append(true).open(&path);
    let file = file.with_context(|| format!("cannot open {}", path.display()))?;
    file.try_lock().map_err(|_| {
        anyhow!(
            "another process uses {}: stop it, or start this one with a data directory of its own",
            dir.display()
        )
    })?;
    Ok(file)
}

fn read(dir: &Path) -> Result<Option<Note>> {
    let path = dir.join(NOTE);
    match fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text)
            .map(Some)
            .with_context(|| format!("{} cannot be read", path.display())),
        Err(fault) if fault.kind() == ErrorKind::NotFound => Ok(None),
        Err(fault) => Err(fault).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// Durable before the log is made: a log that no directory knows could not be opened again.
fn write(dir: &Path, note: &Note) -> Result<()> {
    let (part, path) = (dir.join("postgres.part"), dir.join(NOTE));
    let put = || {
        let mut file = File::create(&part)?;
        file.write_all(&serde_json::to_vec_pretty(note)?)?;
        file.sync_all()?;
        fs::rename(&part, &path)?;
        File::open(dir)?.sync_all()
    };
    put().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_ours_and_the_rest_the_drivers() {
        let parts = |text: &str| Address::from(text).parts();
        let plain = "postgres://a@b/c";
        assert_eq!(parts(plain), (plain.to_owned(), None));
        assert_eq!(
            parts("postgres://a@b/c?sslmode=require&schema=city&x=1"),
            ("postgres://a@b/c?sslmode=require&x=1".to_owned(), Some("city".to_owned()))
        );
    }

    #[test]
    fn an_address_does_not_show_its_password() {
        let databases =
            Databases { log: Some(Address::from("postgres://a:s3cret@b/c")), views: None };
        assert!(!format!("{databases:?}").contains("s3cret"));
    }
}
