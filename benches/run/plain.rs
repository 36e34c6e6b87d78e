//! The raw engine: the rows that the run has written, written again by plain rusqlite, one commit
//! for each append, into tables like the log's. Nothing is decided, checked or sealed.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use kernel::Position;
use rusqlite::{Connection, OpenFlags, ToSql};

pub struct Written {
    pub wall: Duration,
    pub events: usize,
    pub bytes: usize,
    pub claims: usize,
    pub commands: usize,
    pub commits: usize,
}

struct Event {
    position: i64,
    stream: String,
    revision: i64,
    type_name: String,
    id: Vec<u8>,
    recorded_at: i64,
    meta: String,
    data: String,
}

/// A claim: key, holder, position. A command: id, digest, result, last position.
type Claim = (String, String, i64);
type Command = (Vec<u8>, Vec<u8>, String, i64);

/// What one append wrote.
struct Group {
    events: Vec<Event>,
    claims: Vec<Claim>,
    commands: Vec<Command>,
}

pub fn write(dir: &Path, after: Position) -> Result<Written> {
    let groups = read(&dir.join("log").join(log::sqlite::FILE), after.0.cast_signed())?;
    let scratch = tempfile::tempdir()?;
    let connection = Connection::open(scratch.path().join("plain.db"))?;
    connection.execute_batch(include_str!("../../infra/log/src/sqlite/schema.sql"))?;
    for (name, value) in
        [("journal_mode", "WAL"), ("synchronous", "FULL"), ("wal_autocheckpoint", "4096")]
    {
        connection.pragma_update(None, name, value)?;
    }
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.set_prepared_statement_cache_capacity(64);
    let began = Instant::now();
    for group in &groups {
        commit(&connection, group)?;
    }
    let wall = began.elapsed();
    let count = |of: fn(&Group) -> usize| groups.iter().map(of).sum();
    Ok(Written {
        wall,
        events: count(|group| group.events.len()),
        bytes: count(|group| group.events.iter().map(|event| event.data.len()).sum()),
        claims: count(|group| group.claims.len()),
        commands: count(|group| group.commands.len()),
        commits: groups.len(),
    })
}

/// Everything after a position, by append: events of one append have one meta.
fn read(path: &Path, after: i64) -> Result<Vec<Group>> {
    let log = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut groups: Vec<Group> = Vec::new();
    let mut events = log.prepare(
        "SELECT position, stream, revision, type, id, recorded_at, meta, data FROM events \
         WHERE position > ? ORDER BY position",
    )?;
    let rows = events.query_map([after], |row| {
        Ok(Event {
            position: row.get(0)?,
            stream: row.get(1)?,
            revision: row.get(2)?,
            type_name: row.get(3)?,
            id: row.get(4)?,
            recorded_at: row.get(5)?,
            meta: row.get(6)?,
            data: row.get(7)?,
        })
    })?;
    for event in rows {
        let event = event?;
        match groups.last_mut() {
            Some(group) if group.events.last().is_some_and(|last| last.meta == event.meta) => {
                group.events.push(event);
            }
            _ => {
                let (claims, commands) = (Vec::new(), Vec::new());
                groups.push(Group { events: vec![event], claims, commands });
            }
        }
    }
    let mut claims =
        log.prepare("SELECT key, holder, position FROM claims WHERE position > ? ORDER BY key")?;
    let rows = claims.query_map([after], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for claim in rows {
        let claim: Claim = claim?;
        if let Some(group) = group_of(&mut groups, claim.2) {
            group.claims.push(claim);
        }
    }
    let mut commands =
        log.prepare("SELECT id, digest, result, last FROM commands WHERE last > ?")?;
    let rows = commands
        .query_map([after], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    for command in rows {
        let command: Command = command?;
        if let Some(group) = group_of(&mut groups, command.3) {
            group.commands.push(command);
        }
    }
    Ok(groups)
}

fn group_of(groups: &mut [Group], position: i64) -> Option<&mut Group> {
    let ends = |group: &Group| group.events.last().map_or(0, |event| event.position);
    let place = groups.partition_point(|group| ends(group) < position);
    groups.get_mut(place)
}

fn commit(connection: &Connection, group: &Group) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let text = "INSERT INTO events (position, stream, revision, type, id, recorded_at, meta, data)";
    insert(connection, text, 8, &group.events, |event, bind| {
        bind(&event.position)?;
        bind(&event.stream)?;
        bind(&event.revision)?;
        bind(&event.type_name)?;
        bind(&event.id)?;
        bind(&event.recorded_at)?;
        bind(&event.meta)?;
        bind(&event.data)
    })?;
    let text = "INSERT INTO claims (key, holder, position)";
    insert(connection, text, 3, &group.claims, |(key, holder, position), bind| {
        bind(key)?;
        bind(holder)?;
        bind(position)
    })?;
    let text = "INSERT INTO commands (id, digest, result, last)";
    insert(connection, text, 4, &group.commands, |(id, digest, result, last), bind| {
        bind(id)?;
        bind(digest)?;
        bind(result)?;
        bind(last)
    })?;
    connection.execute_batch("COMMIT")
}

type Bind<'a> = dyn FnMut(&dyn ToSql) -> rusqlite::Result<()> + 'a;

fn insert<T>(
    connection: &Connection,
    text: &str,
    columns: usize,
    rows: &[T],
    row_of: impl Fn(&T, &mut Bind<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let row = format!("({})", vec!["?"; columns].join(","));
    let mut rest = rows;
    for size in [64, 8, 1] {
        if rest.len() < size {
            continue;
        }
        let values = vec![row.as_str(); size].join(",");
        let mut statement = connection.prepare_cached(&format!("{text} VALUES {values}"))?;
        while rest.len() >= size {
            let (now, later) = rest.split_at(size);
            let mut place = 0;
            for row in now {
                row_of(row, &mut |value| {
                    place += 1;
                    statement.raw_bind_parameter(place, value)
                })?;
            }
            statement.raw_execute()?;
            rest = later;
        }
    }
    Ok(())
}
