//! Where the read models of a test lie. A law that holds on one store holds on the other, and both
//! hold the same rows: whoever tells a law takes every store of [`On::BOTH`].

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use kernel::EventLog as _;
use kernel::memory::MemoryLog;
use postgres::PostgresViews;
use postgres::views::ViewOptions;
use postgres_server::{Disk, Server};
use projections::engine::{ReadSession, Stores};
use tempfile::TempDir;
use views::SqliteViews;

/// Not flushed: read models may lose their last commits in any case.
static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start(Disk::Unflushed));

static SCHEMAS: AtomicU64 = AtomicU64::new(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Sqlite,
    Postgres,
}

/// A folder, or a schema on the server that the tests share.
pub struct Place {
    pub stores: Arc<dyn Stores>,
    _dir: Option<TempDir>,
}

impl On {
    pub const BOTH: [Self; 2] = [Self::Sqlite, Self::Postgres];

    pub fn place(self, log: &MemoryLog) -> Place {
        match self {
            Self::Sqlite => {
                let dir = tempfile::tempdir().unwrap();
                let stores = Arc::new(SqliteViews::open(dir.path()).unwrap());
                Place { stores, _dir: Some(dir) }
            }
            Self::Postgres => {
                let schema = format!("laws{}", SCHEMAS.fetch_add(1, Ordering::Relaxed));
                let options = ViewOptions::new(log.identity().log_id).schema(schema);
                let url = SERVER.url("postgres");
                let stores = Arc::new(PostgresViews::open(&url, options).unwrap());
                Place { stores, _dir: None }
            }
        }
    }
}

/// What a law left in each store is the same, read model by read model.
#[track_caller]
pub fn same(names: &[&str], sessions: [ReadSession; 2]) {
    let [one, other] = &sessions;
    assert_eq!(one.position(), other.position());
    for name in names {
        let (one, other) = (one.content_hash(name).unwrap(), other.content_hash(name).unwrap());
        assert_eq!(one, other, "{name} differs between the stores");
    }
}
