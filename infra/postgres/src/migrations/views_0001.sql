-- Whose read models stand here.
CREATE TABLE installation (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    log_id UUID NOT NULL,
    schema BIGINT NOT NULL
);

-- A dropped generation keeps its row: numbers, and so the names of schemas, are never used twice.
CREATE TABLE generations (
    name TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    version BIGINT NOT NULL,
    standing TEXT NOT NULL CHECK (standing IN ('building', 'current', 'old', 'dropped')),
    log_id UUID NOT NULL,
    epoch BIGINT NOT NULL,
    position BIGINT NOT NULL DEFAULT 0,
    recorded_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (name, number)
) WITH (fillfactor = 20);

-- The pointer: one generation of a read model is read.
CREATE UNIQUE INDEX generations_current ON generations (name) WHERE standing = 'current';

CREATE TABLE parked (
    name TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    position BIGINT NOT NULL,
    event UUID NOT NULL,
    type TEXT NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (name, number, position)
);
