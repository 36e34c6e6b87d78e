//! A transaction of one thread: who works in it, behind which savepoint, and how it ended.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use kernel::Position;
use projections::engine::{Checkpoint, Row, StoreError, Value};
use sqlx::postgres::PgConnection;

use super::tables::Tables;
use super::transactions::{Transactions, lock, panicked};
use super::values::Statement;
use crate::trouble::{self, Trouble};

/// A transaction of one thread.
pub(super) struct Transaction(Mutex<Stage>);

enum Stage {
    Open(Open),
    Committed,
    /// Nothing of it stands, or nobody knows: why.
    Lost(String),
    Moved(Position),
}

struct Open {
    connection: PgConnection,
    /// Who works in it, by savepoint, in order.
    members: Vec<Member>,
    /// Savepoints made so far.
    marks: u32,
}

struct Member {
    mark: u32,
    tables: Arc<Tables>,
    moved: Option<(Position, Checkpoint)>,
}

/// How a statement ended that was part of a transaction.
#[derive(Debug)]
pub(super) enum Broken {
    /// The transaction is no more, for this reason.
    Lost(String),
    Moved(Position),
    Database(sqlx::Error),
}

impl Broken {
    /// Whether the same may go well when it is tried again.
    pub(super) fn passes(&self) -> bool {
        match self {
            // A crash of the server took the last commits: those before are gone on from.
            Self::Lost(_) | Self::Moved(_) => true,
            Self::Database(error) => trouble::passes(error),
        }
    }

    pub(super) fn told(self, view: &str) -> StoreError {
        match self {
            Self::Lost(why) => StoreError::away(view, why),
            Self::Moved(expected) => StoreError::CheckpointMoved { expected },
            Self::Database(error) => told(view, error),
        }
    }
}

impl From<sqlx::Error> for Broken {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl Transaction {
    pub(super) fn begin_text(tables: &Tables) -> String {
        format!("BEGIN; {}", mark_text(1, tables))
    }

    /// Of one that was begun by [`Self::begin_text`].
    pub(super) fn begun(connection: PgConnection, tables: &Arc<Tables>) -> Self {
        let member = Member { mark: 1, tables: Arc::clone(tables), moved: None };
        Self(Mutex::new(Stage::Open(Open { connection, members: vec![member], marks: 1 })))
    }

    /// The savepoint; none where it has ended.
    pub(super) fn join(
        &self,
        all: &Transactions,
        tables: &Arc<Tables>,
    ) -> Result<Option<u32>, Broken> {
        let mark = match &mut *lock(&self.0) {
            Stage::Open(open) => {
                open.marks += 1;
                open.marks
            }
            Stage::Committed | Stage::Lost(_) | Stage::Moved(_) => return Ok(None),
        };
        self.ask(all, Statement::plain(mark_text(mark, tables)))?;
        if let Stage::Open(open) = &mut *lock(&self.0) {
            open.members.push(Member { mark, tables: Arc::clone(tables), moved: None });
        }
        Ok(Some(mark))
    }

    pub(super) fn ask(&self, all: &Transactions, statement: Statement) -> Result<Vec<Row>, Broken> {
        let mut stage = lock(&self.0);
        let opened = match std::mem::replace(&mut *stage, Stage::Lost("it panicked".to_owned())) {
            Stage::Open(open) => open,
            ended => {
                let broken = ended.broken();
                *stage = ended;
                return Err(broken);
            }
        };
        let Open { mut connection, members, marks } = opened;
        let asked = all.threads.wait(async move {
            let rows = statement.ask(&mut connection).await;
            (connection, rows)
        });
        let (connection, rows) = asked.ok_or_else(panicked)?;
        match rows {
            Err(error) if trouble::of(&error) == Trouble::Gone && !is_shape(&error) => {
                *stage = Stage::Lost(error.to_string());
                drop(stage);
                all.forget(self);
                Err(error.into())
            }
            rows => {
                *stage = Stage::Open(Open { connection, members, marks });
                Ok(rows?)
            }
        }
    }

    /// Notes where the checkpoint of the read model behind this savepoint goes.
    pub(super) fn moved(
        &self,
        mark: u32,
        expected: Position,
        to: Checkpoint,
    ) -> Result<(), Broken> {
        match &mut *lock(&self.0) {
            Stage::Open(open) => {
                for member in open.members.iter_mut().filter(|member| member.mark == mark) {
                    member.moved = Some((expected, to));
                }
                Ok(())
            }
            ended => Err(ended.broken()),
        }
    }

    /// Commits everybody's work, or says how it ended before.
    pub(super) fn commit(&self, all: &Transactions) -> Result<(), Broken> {
        let mut stage = lock(&self.0);
        let unknown = Stage::Lost("it is not known whether it was committed".to_owned());
        let open = match std::mem::replace(&mut *stage, unknown) {
            Stage::Open(open) => open,
            Stage::Committed => {
                *stage = Stage::Committed;
                return Ok(());
            }
            ended => {
                let broken = ended.broken();
                *stage = ended;
                return Err(broken);
            }
        };
        all.forget(self);
        let Open { mut connection, members, .. } = open;
        let moved: Vec<_> = members
            .iter()
            .filter_map(|member| member.moved.map(|(from, to)| (&*member.tables, from, to)))
            .collect();
        let mut names: HashMap<String, Position> =
            moved.iter().map(|(tables, from, _)| (tables.view.clone(), *from)).collect();
        let advance = advance(&all.options.schema, &moved)?;
        let ended = all.threads.wait(async move {
            let rows = advance.ask(&mut connection).await?;
            for row in rows {
                if let Some(Value::Text(name)) = row.first() {
                    names.remove(name);
                }
            }
            if let Some(expected) = names.into_values().next() {
                return Ok((connection, Some(expected)));
            }
            Statement::plain("COMMIT").ask(&mut connection).await?;
            Ok::<_, sqlx::Error>((connection, None))
        });
        match ended.ok_or_else(panicked)? {
            Ok((connection, None)) => {
                *stage = Stage::Committed;
                all.give_back(connection);
                Ok(())
            }
            Ok((connection, Some(expected))) => {
                *stage = Stage::Moved(expected);
                all.roll_back(connection);
                Err(Broken::Moved(expected))
            }
            Err(error) => {
                *stage = Stage::Lost(error.to_string());
                Err(error.into())
            }
        }
    }

    /// Takes one read model's work back; everybody's, where others have worked after it.
    pub(super) fn roll_back(&self, all: &Transactions, mark: u32) {
        let (last, alone) = match &*lock(&self.0) {
            Stage::Open(open) => (
                open.members.last().is_some_and(|member| member.mark == mark),
                open.members.iter().all(|member| member.mark == mark),
            ),
            Stage::Committed | Stage::Lost(_) | Stage::Moved(_) => return,
        };
        if last && !alone {
            let text = format!("ROLLBACK TO SAVEPOINT m{mark}; RELEASE SAVEPOINT m{mark}");
            if self.ask(all, Statement::plain(text)).is_ok() {
                if let Stage::Open(open) = &mut *lock(&self.0) {
                    open.members.retain(|member| member.mark != mark);
                }
                return;
            }
        }
        let mut stage = lock(&self.0);
        let lost = Stage::Lost("it was rolled back with another read model".to_owned());
        if let Stage::Open(open) = std::mem::replace(&mut *stage, lost) {
            all.forget(self);
            all.roll_back(open.connection);
        }
    }
}

impl Stage {
    fn broken(&self) -> Broken {
        match self {
            Self::Moved(expected) => Broken::Moved(*expected),
            Self::Lost(why) => Broken::Lost(why.clone()),
            Self::Open(_) | Self::Committed => Broken::Lost("it has ended".to_owned()),
        }
    }
}

/// What an error of the server means to whoever asked for a read model.
pub(super) fn told(view: &str, error: sqlx::Error) -> StoreError {
    if trouble::passes(&error) {
        StoreError::away(view, error)
    } else {
        StoreError::database(view, error)
    }
}

/// A savepoint, and the tables that plain names mean behind it.
fn mark_text(mark: u32, tables: &Tables) -> String {
    format!("SAVEPOINT m{mark}; SET LOCAL search_path = {}", tables.schema)
}

/// Moves the checkpoints that stand where they are expected, and names them.
fn advance(
    schema: &str,
    moved: &[(&Tables, Position, Checkpoint)],
) -> Result<Statement, sqlx::Error> {
    use projections::engine::{Column as _, Field, Kind};
    const COLUMNS: [Field; 5] = [
        Field { name: "name", kind: Kind::Text, nullable: false },
        Field { name: "number", kind: Kind::Int, nullable: false },
        Field { name: "expected", kind: Kind::Int, nullable: false },
        Field { name: "position", kind: Kind::Int, nullable: false },
        Field { name: "recorded_at", kind: Kind::Int, nullable: false },
    ];
    let rows: Vec<Row> = moved
        .iter()
        .map(|(tables, from, to)| {
            vec![
                Value::from(&*tables.view),
                tables.number.write(),
                from.write(),
                to.position.write(),
                to.recorded_at.write(),
            ]
        })
        .collect();
    let rows: Vec<&Row> = rows.iter().collect();
    let text = format!(
        "UPDATE {schema}.generations held SET position = moved.position, \
             recorded_at = moved.recorded_at \
         FROM UNNEST($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) \
             AS moved (name, number, expected, position, recorded_at) \
         WHERE held.name = moved.name AND held.number = moved.number \
             AND held.position = moved.expected RETURNING held.name"
    );
    Statement::columns(text, &COLUMNS, &rows)
}

/// Whether the answer was at fault, not the connection.
fn is_shape(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Encode(_))
}
