-- Writes a group in one round trip, where nothing has moved since it was judged: log, epoch, fence
-- and head are the ones that its writer knows, and its lease is not over. False: nothing was written.
CREATE FUNCTION write_group(
    judged_log UUID, judged_epoch BIGINT, judged_fence BIGINT, judged_head BIGINT,
    writer TEXT, held BIGINT, lease_millis BIGINT,
    streams TEXT[], revisions BIGINT[], type_names TEXT[], ids UUID[], recorded BIGINT[],
    metas TEXT[], datas TEXT[],
    counted_names TEXT[], counted_lasts BIGINT[],
    taken_keys TEXT[], taken_holders TEXT[], taken_positions BIGINT[],
    command_ids UUID[], digests BYTEA[], results TEXT[], command_lasts BIGINT[],
    new_head BIGINT, new_recorded BIGINT
) RETURNS BOOLEAN LANGUAGE plpgsql AS $$
DECLARE
    stands installation%ROWTYPE;
    lease writers%ROWTYPE;
BEGIN
    SELECT * INTO stands FROM installation WHERE one = 1 FOR UPDATE;
    IF NOT FOUND OR stands.log_id <> judged_log OR stands.epoch <> judged_epoch
        OR stands.fence <> judged_fence OR stands.head <> judged_head THEN
        RETURN FALSE;
    END IF;
    -- A statement of its own sees what was committed while the lock was waited for.
    SELECT * INTO lease FROM writers WHERE node = writer;
    IF NOT FOUND OR lease.epoch <> held OR lease.until <= clock_timestamp() THEN
        RETURN FALSE;
    END IF;
    IF lease.until < clock_timestamp() + lease_millis * 2 / 3 * interval '1 millisecond' THEN
        UPDATE writers SET until = clock_timestamp() + lease_millis * interval '1 millisecond'
        WHERE node = writer;
    END IF;
    INSERT INTO events (position, stream, revision, type, id, recorded_at, meta, data)
        SELECT judged_head + n, e.stream, e.revision, e.type, e.id, e.recorded_at, e.meta, e.data
        FROM UNNEST(streams, revisions, type_names, ids, recorded, metas, datas) WITH ORDINALITY
            AS e (stream, revision, type, id, recorded_at, meta, data, n);
    INSERT INTO types (name, last) SELECT * FROM UNNEST(counted_names, counted_lasts)
        ON CONFLICT (name) DO UPDATE SET last = excluded.last;
    IF cardinality(taken_keys) > 0 THEN
        INSERT INTO claims (key, holder, position)
            SELECT * FROM UNNEST(taken_keys, taken_holders, taken_positions);
    END IF;
    IF cardinality(command_ids) > 0 THEN
        INSERT INTO commands (id, digest, result, last)
            SELECT * FROM UNNEST(command_ids, digests, results, command_lasts);
    END IF;
    UPDATE installation SET head = new_head, recorded_at = new_recorded WHERE one = 1;
    RETURN TRUE;
END $$;
