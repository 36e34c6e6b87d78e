-- The one row that every append locks: the counter, and what tells one log from another.
CREATE TABLE installation (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    log_id UUID NOT NULL,
    epoch BIGINT NOT NULL,
    schema BIGINT NOT NULL,
    head BIGINT NOT NULL,
    recorded_at BIGINT
) WITH (fillfactor = 10);

CREATE TABLE events (
    position BIGINT PRIMARY KEY,
    stream TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    id UUID NOT NULL,
    recorded_at BIGINT NOT NULL,
    meta TEXT NOT NULL,
    data TEXT NOT NULL,
    UNIQUE (stream, revision)
);

CREATE UNIQUE INDEX events_by_id ON events (id);

-- The last position of every type name: a condition on types that did not occur costs nothing.
CREATE TABLE types (
    name TEXT COLLATE "C" PRIMARY KEY,
    last BIGINT NOT NULL
) WITH (fillfactor = 20);

CREATE TABLE claims (
    key TEXT COLLATE "C" PRIMARY KEY,
    holder TEXT NOT NULL,
    position BIGINT NOT NULL
);

CREATE TABLE lookups (
    kind TEXT COLLATE "C" NOT NULL,
    blind TEXT COLLATE "C" NOT NULL,
    subject UUID NOT NULL,
    PRIMARY KEY (kind, blind, subject)
);

CREATE TABLE commands (
    id UUID PRIMARY KEY,
    digest BYTEA NOT NULL,
    result TEXT NOT NULL,
    last BIGINT NOT NULL
);

CREATE TABLE cursors (
    process TEXT COLLATE "C" PRIMARY KEY,
    position BIGINT NOT NULL
) WITH (fillfactor = 20);
