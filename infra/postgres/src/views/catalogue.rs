//! The list of generations: which there are, which are read, and how far each has folded.

use kernel::{Micros, Position};
use projections::engine::{
    Checkpoint, GenerationInfo, Plan, Record as _, Signal, Standing, StoreError, Table, Value,
};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Error, Row as _};

use super::options::ViewOptions;
use super::statements::{create_indexes, create_table};
use super::values::Statement;
use crate::connect::{OpenError, refused};

/// Forward only: what once ran anywhere is never edited, a change is one more line.
const MIGRATIONS: [&str; 1] = [include_str!("../migrations/views_0001.sql")];

const SCHEMA: i64 = MIGRATIONS.len() as i64;

/// The tables of this schema, whatever its version.
const TABLES: [&str; 3] = ["installation", "generations", "parked"];

/// Makes the schema or brings it up to date, and checks whose it is.
pub(super) async fn prepare(
    connection: &mut PgConnection,
    options: &ViewOptions,
) -> Result<(), OpenError> {
    let schema = &options.schema;
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('renshe-views:' || $1, 0))")
        .bind(schema)
        .execute(&mut *transaction)
        .await?;
    let version = match installed(&mut transaction, schema).await? {
        Some(version) => version,
        None => {
            run(&mut transaction, format!("CREATE SCHEMA IF NOT EXISTS {schema}")).await?;
            0
        }
    };
    if version > SCHEMA {
        return Err(OpenError::NewerSchema { found: version, known: SCHEMA });
    }
    run(&mut transaction, format!("SET LOCAL search_path = {schema}")).await?;
    for (place, text) in MIGRATIONS.iter().enumerate().skip(usize::try_from(version).unwrap_or(0)) {
        run(&mut transaction, (*text).to_owned()).await?;
        sqlx::query(
            "INSERT INTO installation (one, log_id, schema) VALUES (1, $1, $2) \
             ON CONFLICT (one) DO UPDATE SET schema = excluded.schema",
        )
        .bind(options.log.0)
        .bind(place as i64 + 1)
        .execute(&mut *transaction)
        .await
        .map_err(refused)?;
    }
    let found = sqlx::query("SELECT log_id FROM installation").fetch_one(&mut *transaction).await?;
    let (found, expected) = (found.try_get(0)?, options.log.0);
    if found != expected {
        return Err(OpenError::OtherLog { schema: schema.clone(), expected, found });
    }
    transaction.commit().await.map_err(refused)
}

/// The version of the tables that stand in the schema, if they are ours.
async fn installed(connection: &mut PgConnection, schema: &str) -> Result<Option<i64>, OpenError> {
    let names = sqlx::query(
        "SELECT c.relname::text FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = $1 AND c.relname = ANY($2) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') \
         ORDER BY c.relname",
    )
    .bind(schema)
    .bind(TABLES.as_slice())
    .fetch_all(&mut *connection)
    .await?;
    let names: Vec<String> = names.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let Some(first) = names.first() else { return Ok(None) };
    let foreign =
        |table: &str| OpenError::Foreign { schema: schema.to_owned(), table: table.to_owned() };
    // A log has an installation too, and no generations.
    if names.len() < TABLES.len() {
        return Err(foreign(first));
    }
    let text =
        format!("SELECT schema FROM {schema}.installation WHERE log_id IS NOT NULL AND one = 1");
    match sqlx::query(AssertSqlSafe(text)).fetch_optional(connection).await {
        Ok(Some(row)) => row.try_get(0).map(Some).map_err(|_| foreign("installation")),
        Ok(None) | Err(Error::Database(_)) => Err(foreign("installation")),
        Err(error) => Err(error.into()),
    }
}

async fn run(connection: &mut PgConnection, text: String) -> Result<(), OpenError> {
    sqlx::raw_sql(AssertSqlSafe(text)).execute(connection).await.map(drop).map_err(refused)
}

/// Holds the right to fold the read models of this schema for as long as the connection stands.
///
/// # Errors
/// [`OpenError::Folded`] where another process has it and keeps it.
pub(super) async fn guard(
    connection: &mut PgConnection,
    options: &ViewOptions,
) -> Result<(), OpenError> {
    const LOCK: &str = "SELECT pg_advisory_lock(hashtextextended('renshe-train:' || $1, 0))";
    const HOLDER: &str = "SELECT a.application_name || ', process ' || a.pid || ' of the server, from ' \
             || COALESCE(a.client_addr::text, 'this machine') \
         FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid) \
         CROSS JOIN (SELECT hashtextextended('renshe-train:' || $1, 0) AS key) k \
         WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 \
             AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) \
             AND l.classid::bigint = (k.key >> 32) & 4294967295 \
             AND l.objid::bigint = k.key & 4294967295";
    // A process that was killed lets go a moment later.
    let patience = options.patience.as_millis();
    run(connection, format!("SET lock_timeout = {patience}")).await?;
    let locked = sqlx::query(LOCK).bind(&options.schema).execute(&mut *connection).await;
    let Err(error) = locked else { return Ok(()) };
    let timed_out = error.as_database_error().and_then(|error| error.code());
    if timed_out.as_deref() != Some("55P03") {
        return Err(error.into());
    }
    let holder = sqlx::query(HOLDER).bind(&options.schema).fetch_optional(connection).await?;
    let holder = holder.map(|row| row.try_get(0)).transpose()?;
    let holder = holder.unwrap_or_else(|| "it has ended just now".to_owned());
    Err(OpenError::Folded { schema: options.schema.clone(), holder })
}

/// The schema of one generation's tables.
pub(super) fn schema_of(schema: &str, name: &str, number: u32) -> String {
    format!("{schema}_{name}_g{number}")
}

/// Creates what is missing of a generation.
pub(super) fn tables(schema: &str, plan: &Plan) -> String {
    let mut text = format!("CREATE SCHEMA IF NOT EXISTS {schema};");
    for table in made_of(plan) {
        text.push_str(&create_table(schema, table));
    }
    text
}

/// What only readers need: made when a generation is filled.
pub(super) fn indexes(schema: &str, plan: &Plan) -> String {
    made_of(plan).map(|table| create_indexes(schema, table)).collect()
}

pub(super) fn made_of(plan: &Plan) -> impl Iterator<Item = &'static Table> {
    plan.tables.iter().copied().chain([Signal::TABLE])
}

/// What every generation of a read model is, by number; of one, where a number is named.
pub(super) fn list(schema: &str, name: &str, number: Option<u32>) -> Result<Statement, Error> {
    let one = number.map_or(Value::Int(-1), Value::from);
    Statement::bound(
        format!(
            "SELECT number, version, standing, position, recorded_at, log_id::text, epoch \
             FROM {schema}.generations WHERE name = $1 AND ($2 = -1 OR number = $2) \
             AND standing <> 'dropped' ORDER BY number"
        ),
        &[name.into(), one],
    )
}

/// One row of [`list`].
pub(super) struct Listed {
    pub(super) info: GenerationInfo,
    pub(super) checkpoint: Checkpoint,
    /// The log and the epoch that it was filled from.
    pub(super) log: String,
    pub(super) epoch: u32,
}

pub(super) fn listed(row: &[Value]) -> Result<Listed, StoreError> {
    use projections::engine::Column as _;
    let read = || {
        let [number, version, standing, position, recorded_at, log, epoch] = row else {
            return Err(projections::engine::Unreadable::new("generation", row));
        };
        let standing = match String::read(standing)?.as_str() {
            "building" => Standing::Building,
            "current" => Standing::Current,
            _ => Standing::Old,
        };
        let checkpoint = Checkpoint {
            position: Position::read(position)?,
            recorded_at: Micros::read(recorded_at)?,
        };
        let info =
            GenerationInfo { number: u32::read(number)?, version: u32::read(version)?, standing };
        Ok(Listed { info, checkpoint, log: String::read(log)?, epoch: u32::read(epoch)? })
    };
    read().map_err(|source| StoreError::Shape { table: "generations", source })
}

/// A new generation, being built; gives its number.
pub(super) fn add(schema: &str, plan: &Plan) -> Result<Statement, Error> {
    Statement::bound(
        format!(
            "INSERT INTO {schema}.generations (name, number, version, standing, log_id, epoch) \
             SELECT $1, COALESCE(MAX(number), 0) + 1, $2, 'building', $3::uuid, $4 \
             FROM {schema}.generations WHERE name = $1 RETURNING number"
        ),
        &[
            plan.name.into(),
            plan.version.into(),
            Value::Text(plan.identity.log_id.0.to_string()),
            plan.identity.epoch.0.into(),
        ],
    )
}

/// Both in one transaction: for one instant nothing would be read.
pub(super) fn flip(schema: &str, name: &str, number: u32) -> Result<[Statement; 2], Error> {
    Ok([
        Statement::bound(
            format!(
                "UPDATE {schema}.generations SET standing = 'old' \
                 WHERE name = $1 AND standing = 'current' AND number <> $2"
            ),
            &[name.into(), number.into()],
        )?,
        Statement::bound(
            format!(
                "UPDATE {schema}.generations SET standing = 'current' \
                 WHERE name = $1 AND number = $2"
            ),
            &[name.into(), number.into()],
        )?,
    ])
}

pub(super) fn forget(schema: &str, name: &str, number: u32) -> Result<Statement, Error> {
    Statement::bound(
        format!(
            "UPDATE {schema}.generations SET standing = 'dropped' WHERE name = $1 AND number = $2"
        ),
        &[name.into(), number.into()],
    )
}

/// The schemas that dropped generations have left behind: what a crash left of a drop.
pub(super) fn left_behind(schema: &str) -> Statement {
    Statement::plain(format!(
        "SELECT n.nspname::text FROM {schema}.generations g JOIN pg_catalog.pg_namespace n \
         ON n.nspname = '{schema}_' || g.name || '_g' || g.number WHERE g.standing = 'dropped'"
    ))
}

/// The pointer: what is read now, by name.
pub(super) fn current(schema: &str) -> String {
    format!(
        "SELECT name, number, position FROM {schema}.generations WHERE standing = 'current' \
         ORDER BY name"
    )
}
