CREATE TABLE installation (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    log_id BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    schema INTEGER NOT NULL,
    clean INTEGER NOT NULL
) STRICT;

CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL,
    type TEXT NOT NULL,
    id BLOB NOT NULL,
    recorded_at INTEGER NOT NULL,
    meta TEXT NOT NULL,
    data TEXT NOT NULL,
    UNIQUE (stream, revision)
) STRICT;

CREATE UNIQUE INDEX events_by_id ON events (id);

-- The last position of every type name: a condition on types that did not occur costs nothing.
CREATE TABLE types (
    name TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE claims (
    key TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE lookups (
    kind TEXT NOT NULL,
    blind TEXT NOT NULL,
    subject BLOB NOT NULL,
    PRIMARY KEY (kind, blind, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE commands (
    id BLOB PRIMARY KEY,
    digest BLOB NOT NULL,
    result TEXT NOT NULL,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE cursors (
    process TEXT PRIMARY KEY,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
