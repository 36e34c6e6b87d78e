//! Read models in PostgreSQL: `<schema>.generations` lists them, each generation's tables stand in
//! a schema of their own, `<schema>_<read model>_g<number>`.
//!
//! **Writing** all read models of the train fold into one transaction, which moves their
//! checkpoints and is committed whole ([`transactions`]); a rebuild has its own. **Reading** is one
//! REPEATABLE READ transaction that also reads the pointer rows, so one answer shows one position,
//! also across a flip ([`reader`]). **Dropping** waits until no session holds the generation.
//!
//! One process folds the read models of a schema: a lock that the server lets go of when the
//! process ends keeps a second one out, and `WHERE position = expected` keeps a process out that
//! lost the lock without knowing.
//!
//! **Invariant** the checkpoint of a generation is committed with what it stands for.

mod catalogue;
mod generation;
mod options;
mod reader;
mod statements;
mod tables;
mod transaction;
mod transactions;
mod values;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use kernel::Position;
use projections::engine::{
    Checkpoint, Column as _, Generation, GenerationInfo, Plan, Reader, Row, Standing, StoreError,
    Stores, Value,
};
use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool};

pub use self::options::ViewOptions;

use self::generation::PostgresGeneration;
use self::reader::{Held, PostgresReader};
use self::tables::{Tables, dropped};
use self::transaction::told;
use self::transactions::{Transactions, lock};
use self::values::Statement;
use crate::connect::{OpenError, connect};
use crate::threads::{self, Threads};
use crate::trouble::{self, Trouble};

/// How many flips may come between the choice of tables and the snapshot that shows them.
const FLIPS_MAX: usize = 100;

pub struct PostgresViews {
    all: Arc<Transactions>,
    writing: PgConnectOptions,
    pool: PgPool,
    /// What is read, by read model; the pointer rows in the database decide.
    current: RwLock<BTreeMap<String, Arc<Tables>>>,
    /// Every generation that somebody holds.
    open: Mutex<HashMap<(String, u32), Weak<Tables>>>,
}

impl PostgresViews {
    /// Opens the read models that stand in the schema, which is made if it is not there, and drops
    /// what a crash left of dropped generations.
    ///
    /// # Errors
    /// [`OpenError`]; [`OpenError::OtherLog`] where they belong to another installation,
    /// [`OpenError::Folded`] where another process has them.
    pub fn open(url: &str, options: ViewOptions) -> Result<Self, OpenError> {
        options.check()?;
        let (writing, reading) = (options.writing(url)?, options.reading(url)?);
        let threads = Arc::new(Threads::start(options.threads.max(1))?);
        let (session, asked) = (writing.clone(), options.clone());
        let opened = threads.wait(async move {
            let mut connection = connect(&session, asked.patience).await?;
            catalogue::prepare(&mut connection, &asked).await?;
            catalogue::guard(&mut connection, &asked).await?;
            let left = catalogue::left_behind(&asked.schema).ask(&mut connection).await?;
            Ok::<_, OpenError>((connection, left))
        });
        let (guard, left) = opened.expect("opening does not panic")?;
        for row in left {
            if let Some(Value::Text(schema)) = row.into_iter().next() {
                threads.handle().spawn(dropped(writing.clone(), schema));
            }
        }
        // The pool starts tasks of its own: it must find the runtime.
        let entered = threads.handle().enter();
        let pool = threads::pool(reading, options.readers.max(1), options.patience);
        drop(entered);
        let all = Arc::new(Transactions::new(threads, writing.clone(), options, guard));
        Ok(Self { all, writing, pool, current: RwLock::default(), open: Mutex::default() })
    }

    fn schema(&self) -> &str {
        &self.all.options.schema
    }

    fn alone(
        &self,
        view: &str,
        statements: impl Fn() -> Result<Vec<Statement>, sqlx::Error>,
    ) -> Result<Vec<Row>, StoreError> {
        self.all.alone(statements).map_err(|broken| broken.told(view))
    }

    fn tables(&self, name: &str, number: u32) -> Arc<Tables> {
        let mut open = lock(&self.open);
        open.retain(|_, tables| tables.strong_count() > 0);
        let key = (name.to_owned(), number);
        if let Some(tables) = open.get(&key).and_then(Weak::upgrade) {
            return tables;
        }
        let schema = catalogue::schema_of(self.schema(), name, number);
        let threads = Arc::clone(&self.all.threads);
        let tables = Arc::new(Tables::new(name, number, schema, threads, self.writing.clone()));
        open.insert(key, Arc::downgrade(&tables));
        tables
    }

    fn listed(&self, name: &str, number: u32) -> Result<catalogue::Listed, StoreError> {
        let rows =
            self.alone(name, || Ok(vec![catalogue::list(self.schema(), name, Some(number))?]))?;
        let missing = || StoreError::NoGeneration { name: name.to_owned(), number };
        catalogue::listed(rows.first().ok_or_else(missing)?)
    }

    fn is_read(&self, tables: Arc<Tables>) {
        // Replaced entry by entry: whole whenever it is seen.
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        current.insert(tables.view.clone(), tables);
    }

    fn generation(
        &self,
        plan: &Plan,
        tables: Arc<Tables>,
        committed: Checkpoint,
    ) -> Box<dyn Generation> {
        let made_of = catalogue::made_of(plan).collect();
        Box::new(PostgresGeneration::new(Arc::clone(&self.all), tables, made_of, committed))
    }

    /// A connection with an open read transaction, and the pointer rows that it sees.
    fn begun(&self, path: &str) -> Result<(PoolConnection<Postgres>, Vec<Row>), StoreError> {
        let text = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = {path}; {}",
            catalogue::current(self.schema())
        );
        let (pool, patience) = (self.pool.clone(), self.all.options.patience);
        // Whoever holds a connection meanwhile may need the caller's thread to give it back.
        let begun = self.all.threads.wait_aside(async move {
            // After a restart of the server every connection of the pool may be dead.
            let mut attempts = pool.options().get_max_connections() + 1;
            loop {
                attempts -= 1;
                let mut connection = pool.acquire().await?;
                match Statement::plain(text.clone()).ask(&mut connection).await {
                    Ok(rows) => return Ok((connection, rows)),
                    Err(error) if attempts > 0 && trouble::of(&error) == Trouble::Gone => {
                        // It is no use to anybody: the pool makes another.
                        drop(connection.detach());
                    }
                    Err(error) => return Err(error),
                }
            }
        });
        let begun = begun.unwrap_or(Err(sqlx::Error::WorkerCrashed));
        begun.map_err(|error| match error {
            sqlx::Error::PoolTimedOut => StoreError::away(
                "the read models",
                format!(
                    "no connection to the database was free within {} ms",
                    patience.as_millis()
                ),
            ),
            other => told("the read models", other),
        })
    }
}

impl Stores for PostgresViews {
    fn generations(&self, name: &str) -> Result<Vec<GenerationInfo>, StoreError> {
        let rows = self.alone(name, || Ok(vec![catalogue::list(self.schema(), name, None)?]))?;
        rows.iter().map(|row| Ok(catalogue::listed(row)?.info)).collect()
    }

    fn create(&self, plan: &Plan) -> Result<Box<dyn Generation>, StoreError> {
        let rows = self.alone(plan.name, || Ok(vec![catalogue::add(self.schema(), plan)?]))?;
        let number = rows.first().and_then(|row| row.first()).unwrap_or(&Value::Null);
        let number = u32::read(number)
            .map_err(|source| StoreError::Shape { table: "generations", source })?;
        let tables = self.tables(plan.name, number);
        let text = catalogue::tables(&tables.schema, plan);
        self.alone(plan.name, || Ok(vec![Statement::plain(text.clone())]))?;
        Ok(self.generation(plan, tables, Checkpoint::default()))
    }

    fn open(&self, plan: &Plan, number: u32) -> Result<Box<dyn Generation>, StoreError> {
        let listed = self.listed(plan.name, number)?;
        let identity = plan.identity;
        if listed.log != identity.log_id.0.to_string() || listed.epoch != identity.epoch.0 {
            return Err(StoreError::OtherLog);
        }
        let tables = self.tables(plan.name, number);
        // A crash may have come between the row and the tables.
        let mut text = catalogue::tables(&tables.schema, plan);
        if listed.info.standing == Standing::Current {
            text.push_str(&catalogue::indexes(&tables.schema, plan));
        }
        self.alone(plan.name, || Ok(vec![Statement::plain(text.clone())]))?;
        if listed.info.standing == Standing::Current {
            self.is_read(Arc::clone(&tables));
        }
        Ok(self.generation(plan, tables, listed.checkpoint))
    }

    fn flip(&self, plan: &Plan, number: u32) -> Result<(), StoreError> {
        self.listed(plan.name, number)?;
        let tables = self.tables(plan.name, number);
        self.alone(plan.name, || {
            Ok(catalogue::flip(self.schema(), plan.name, number)?.into_iter().collect())
        })?;
        self.is_read(tables);
        Ok(())
    }

    fn commit(
        &self,
        generations: Vec<&mut (dyn Generation + 'static)>,
    ) -> Vec<Result<(), StoreError>> {
        // The first commits what all of this thread have folded; the others are told how it went.
        generations.into_iter().map(|generation| generation.commit()).collect()
    }

    fn drop_generation(&self, name: &str, number: u32) -> Result<(), StoreError> {
        if self.listed(name, number)?.info.standing == Standing::Current {
            return Err(StoreError::IsCurrent { name: name.to_owned(), number });
        }
        self.alone(name, || Ok(vec![catalogue::forget(self.schema(), name, number)?]))?;
        // Whoever holds it keeps it: the last one to let go drops the tables.
        self.tables(name, number).doom();
        Ok(())
    }

    fn reader(&self, views: &[&str]) -> Result<Box<dyn Reader>, StoreError> {
        let wanted = |name: &str| views.is_empty() || views.contains(&name);
        for _ in 0..FLIPS_MAX {
            let held: Vec<Arc<Tables>> = {
                let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
                current.values().filter(|tables| wanted(&tables.view)).cloned().collect()
            };
            let path = match held.as_slice() {
                [] => "pg_catalog".to_owned(),
                held => held.iter().map(|tables| &*tables.schema).collect::<Vec<_>>().join(", "),
            };
            let (connection, rows) = self.begun(&path)?;
            let inside = self.all.threads.handle().enter();
            // A flip in between: what is held is not what this snapshot shows.
            let Some(held) = at_one_position(held, &rows)? else {
                drop(connection);
                drop(inside);
                continue;
            };
            drop(inside);
            let threads = Arc::clone(&self.all.threads);
            let schema = self.schema().to_owned();
            return Ok(Box::new(PostgresReader::new(held, schema, threads, connection)));
        }
        let moved = "the list of generations is not the one that this process works with";
        Err(StoreError::database("the read models", moved))
    }
}

/// Each of these with its position, if the pointer rows name all of them.
fn at_one_position(held: Vec<Arc<Tables>>, rows: &[Row]) -> Result<Option<Vec<Held>>, StoreError> {
    let shape = |source| StoreError::Shape { table: "generations", source };
    let mut read = HashMap::new();
    for row in rows {
        if let [name, number, position] = row.as_slice() {
            let name = String::read(name).map_err(shape)?;
            let number = u32::read(number).map_err(shape)?;
            read.insert((name, number), Position::read(position).map_err(shape)?);
        }
    }
    let found = held.into_iter().map(|tables| {
        let position = read.get(&(tables.view.clone(), tables.number)).copied()?;
        Some((tables, position))
    });
    Ok(found.collect())
}
