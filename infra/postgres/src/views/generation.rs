//! One generation, written: its tables, its checkpoint, its parked events.

use std::collections::HashMap;
use std::sync::Arc;

use kernel::Position;
use projections::engine::{
    Checkpoint, Column as _, Columns, Field, Generation, Parked, Row, Store, StoreError, Table,
    Value,
};

use super::catalogue;
use super::statements;
use super::tables::Tables;
use super::transaction::{Broken, Transaction};
use super::transactions::Transactions;
use super::values::Statement;

/// Rows of one statement.
const ROWS_MAX: usize = 4_096;

/// Rows that a scan asks for at a time.
const HEAP_ROWS: usize = 2_000;

pub(super) struct PostgresGeneration {
    all: Arc<Transactions>,
    tables: Arc<Tables>,
    made_of: Vec<&'static Table>,
    committed: Checkpoint,
    pending: Option<Checkpoint>,
    joined: Option<(Arc<Transaction>, u32)>,
    /// The database was away under it: what is committed must be asked for anew.
    away: bool,
    /// Its checkpoint stood elsewhere than expected.
    moved: bool,
    upserts: HashMap<&'static str, String>,
}

impl PostgresGeneration {
    pub(super) fn new(
        all: Arc<Transactions>,
        tables: Arc<Tables>,
        made_of: Vec<&'static Table>,
        committed: Checkpoint,
    ) -> Self {
        Self {
            all,
            tables,
            made_of,
            committed,
            pending: None,
            joined: None,
            away: false,
            moved: false,
            upserts: HashMap::new(),
        }
    }

    fn ask(&mut self, statement: Result<Statement, sqlx::Error>) -> Result<Vec<Row>, StoreError> {
        let asked = match &self.joined {
            Some((transaction, _)) => {
                let asked = statement.map_err(Broken::from);
                asked.and_then(|statement| transaction.ask(&self.all, statement))
            }
            None => Err(Broken::Lost("no transaction was begun".to_owned())),
        };
        asked.map_err(|broken| self.failed(broken))
    }

    fn failed(&mut self, broken: Broken) -> StoreError {
        self.away |= broken.passes();
        self.moved |= matches!(broken, Broken::Moved(_));
        broken.told(&self.tables.view)
    }

    /// In the transaction that is open, or in one of its own that changes nothing.
    fn reading<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.joined.is_some() {
            return read(self);
        }
        self.begin()?;
        let answer = read(self);
        self.rollback();
        answer
    }

    /// What the database says is committed.
    fn ask_anew(&mut self) -> Result<Checkpoint, StoreError> {
        let (schema, view, number) =
            (&self.all.options.schema, &self.tables.view, self.tables.number);
        let rows = self.all.alone(|| Ok(vec![catalogue::list(schema, view, Some(number))?]));
        let rows = rows.map_err(|broken| broken.told(view))?;
        let row =
            rows.first().ok_or_else(|| StoreError::NoGeneration { name: view.clone(), number })?;
        Ok(catalogue::listed(row)?.checkpoint)
    }

    fn of_this(&self) -> [Value; 2] {
        [Value::from(&*self.tables.view), self.tables.number.write()]
    }
}

impl Store for PostgresGeneration {
    fn get(&mut self, table: &'static Table, key: &[Value]) -> Result<Option<Row>, StoreError> {
        let text = statements::select(&self.tables.schema, table);
        Ok(self.ask(Statement::bound(text, key))?.pop())
    }

    fn get_all(&mut self, table: &'static Table, keys: &[Row]) -> Result<Vec<Row>, StoreError> {
        let mut found = Vec::with_capacity(keys.len());
        for slice in keys.chunks(ROWS_MAX) {
            let text = statements::select_all(&self.tables.schema, table);
            let slice: Vec<&Row> = slice.iter().collect();
            found.extend(self.ask(Statement::columns(text, table.key_columns(), &slice))?);
        }
        Ok(found)
    }

    fn is_empty(&mut self, table: &'static Table) -> Result<bool, StoreError> {
        let text = format!("SELECT 1 FROM {}.{} LIMIT 1", self.tables.schema, table.name);
        Ok(self.ask(Statement::bound(text, &[]))?.is_empty())
    }

    fn put(&mut self, table: &'static Table, rows: &[Row]) -> Result<(), StoreError> {
        for slice in rows.chunks(ROWS_MAX) {
            let last = last_of_each(slice, table.key);
            let schema = &self.tables.schema;
            let text = self
                .upserts
                .entry(table.name)
                .or_insert_with(|| statements::upsert(schema, table))
                .clone();
            self.ask(Statement::columns(text, table.columns, &last))?;
        }
        Ok(())
    }

    fn change(
        &mut self,
        table: &'static Table,
        changed: Columns,
        rows: &[Row],
    ) -> Result<(), StoreError> {
        let places: Vec<usize> = (0..table.key).chain(changed.places()).collect();
        let columns: Vec<Field> = places.iter().map(|place| table.columns[*place]).collect();
        if columns.len() == table.key {
            return Ok(());
        }
        let text = statements::update(&self.tables.schema, table, &columns);
        for slice in rows.chunks(ROWS_MAX) {
            let narrow: Vec<Row> = last_of_each(slice, table.key)
                .into_iter()
                .map(|row| places.iter().map(|place| row[*place].clone()).collect())
                .collect();
            let narrow: Vec<&Row> = narrow.iter().collect();
            self.ask(Statement::columns(text.clone(), &columns, &narrow))?;
        }
        Ok(())
    }

    fn delete(&mut self, table: &'static Table, keys: &[Row]) -> Result<(), StoreError> {
        for slice in keys.chunks(ROWS_MAX) {
            let text = statements::delete(&self.tables.schema, table);
            let slice: Vec<&Row> = slice.iter().collect();
            self.ask(Statement::columns(text, table.key_columns(), &slice))?;
        }
        Ok(())
    }

    fn rows(&mut self, sql: &str, binds: &[Value]) -> Result<Vec<Row>, StoreError> {
        // Plain names mean other tables in the transaction of another generation.
        self.ask(Statement::bound(sql, binds).map(Statement::once))
    }

    fn scan(
        &mut self,
        table: &'static Table,
        each: &mut dyn FnMut(&[Value]),
    ) -> Result<(), StoreError> {
        let text = statements::scan(&self.tables.schema, table);
        self.reading(|own| {
            own.ask(Ok(Statement::plain(format!("DECLARE heaps NO SCROLL CURSOR FOR {text}"))))?;
            loop {
                let heap = own.ask(fetch())?;
                if heap.is_empty() {
                    break;
                }
                heap.iter().for_each(|row| each(row));
            }
            own.ask(Ok(Statement::plain("CLOSE heaps")))?;
            Ok(())
        })
    }
}

/// The next rows of the cursor that a scan declares.
pub(super) fn fetch() -> Result<Statement, sqlx::Error> {
    Ok(Statement::bound(format!("FETCH {HEAP_ROWS} FROM heaps"), &[])?.once())
}

/// One statement may touch a row only once: of rows with one key the last counts.
fn last_of_each(rows: &[Row], key: usize) -> Vec<&Row> {
    let ascending = rows.windows(2).all(|pair| pair[0][..key] < pair[1][..key]);
    if ascending {
        return rows.iter().collect();
    }
    let by_key: std::collections::BTreeMap<&[Value], &Row> =
        rows.iter().map(|row| (&row[..key], row)).collect();
    by_key.into_values().collect()
}

impl Generation for PostgresGeneration {
    fn number(&self) -> u32 {
        self.tables.number
    }

    fn checkpoint(&self) -> Checkpoint {
        self.committed
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        self.rollback();
        let joined = self.all.join(&self.tables);
        self.joined = Some(joined.map_err(|broken| self.failed(broken))?);
        Ok(())
    }

    fn advance(&mut self, to: Checkpoint) -> Result<(), StoreError> {
        let moved = match &self.joined {
            Some((transaction, mark)) => transaction.moved(*mark, self.committed.position, to),
            None => Err(Broken::Lost("no transaction was begun".to_owned())),
        };
        moved.map_err(|broken| self.failed(broken))?;
        self.pending = Some(to);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let committed = match self.joined.take() {
            Some((transaction, _)) => transaction.commit(&self.all),
            None => Err(Broken::Lost("no transaction was begun".to_owned())),
        };
        let pending = self.pending.take();
        committed.map_err(|broken| self.failed(broken))?;
        if let Some(to) = pending {
            self.committed = to;
        }
        Ok(())
    }

    fn rollback(&mut self) {
        self.pending = None;
        if let Some((transaction, mark)) = self.joined.take() {
            transaction.roll_back(&self.all, mark);
        }
    }

    fn park(&mut self, parked: &Parked) -> Result<(), StoreError> {
        let text = format!(
            "INSERT INTO {}.parked (name, number, position, event, type, error) \
             VALUES ($1, $2, $3, $4::uuid, $5, $6) \
             ON CONFLICT (name, number, position) DO UPDATE SET error = excluded.error",
            self.all.options.schema
        );
        let [view, number] = self.of_this();
        let binds = [
            view,
            number,
            parked.position.write(),
            parked.event.write(),
            Value::from(&*parked.type_name),
            Value::from(&*parked.error),
        ];
        self.ask(Statement::bound(text, &binds)).map(drop)
    }

    fn unpark(&mut self, position: Position) -> Result<(), StoreError> {
        let text = format!(
            "DELETE FROM {}.parked WHERE name = $1 AND number = $2 AND position = $3",
            self.all.options.schema
        );
        let [view, number] = self.of_this();
        self.ask(Statement::bound(text, &[view, number, position.write()])).map(drop)
    }

    fn parked(&mut self) -> Result<Vec<Parked>, StoreError> {
        let statement = parked(&self.all.options.schema, &self.tables);
        let rows = self.reading(|own| own.ask(statement))?;
        rows.iter().map(|row| parked_of(row)).collect()
    }

    fn filled(&mut self) -> Result<(), StoreError> {
        let schema = &self.tables.schema;
        let create: String =
            self.made_of.iter().map(|table| statements::create_indexes(schema, table)).collect();
        let names: Vec<String> =
            self.made_of.iter().map(|table| format!("{schema}.{}", table.name)).collect();
        // What was filled at one go has no statistics yet.
        let analyze = format!("ANALYZE {}", names.join(", "));
        let made = self.all.alone(|| {
            Ok(vec![Statement::plain(create.clone()), Statement::plain(analyze.clone())])
        });
        made.map(drop).map_err(|broken| self.failed(broken))
    }

    fn tidy(&mut self) -> Result<(), StoreError> {
        // The server's own vacuum does it.
        Ok(())
    }

    fn is_away(&self) -> bool {
        self.away
    }

    fn come_back(&mut self) -> bool {
        self.rollback();
        // The last commit may have gone through although its answer was lost.
        match self.ask_anew() {
            Ok(found) => {
                self.away = false;
                if self.moved && found.position > self.committed.position {
                    // Somebody else folds it: this is no accident of the server.
                    return false;
                }
                (self.committed, self.moved) = (found, false);
            }
            Err(error) => tracing::debug!(view = self.tables.view, %error, "still away"),
        }
        !self.away
    }
}

/// What a generation went past, by position.
pub(super) fn parked(schema: &str, tables: &Tables) -> Result<Statement, sqlx::Error> {
    Statement::bound(
        format!(
            "SELECT position, event::text, type, error FROM {schema}.parked \
             WHERE name = $1 AND number = $2 ORDER BY position"
        ),
        &[Value::from(&*tables.view), tables.number.write()],
    )
}

pub(super) fn parked_of(row: &[Value]) -> Result<Parked, StoreError> {
    let read = || {
        let [position, event, type_name, error] = row else {
            return Err(projections::engine::Unreadable::new("parked event", row));
        };
        Ok(Parked {
            position: Position::read(position)?,
            event: uuid::Uuid::read(event)?,
            type_name: String::read(type_name)?,
            error: String::read(error)?,
        })
    };
    read().map_err(|source| StoreError::Shape { table: "parked", source })
}
