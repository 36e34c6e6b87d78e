-- The last lease epoch that was given to any node; it only rises.
ALTER TABLE installation ADD COLUMN fence BIGINT NOT NULL DEFAULT 0;

-- Who may write: a node with this epoch, and only until then.
CREATE TABLE writers (
    node TEXT COLLATE "C" PRIMARY KEY,
    epoch BIGINT NOT NULL,
    until TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 20);
