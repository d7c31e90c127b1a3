-- What units do to unique keys, kept by position, so that the holders of all keys at any position are known.

CREATE TABLE {schema}.key_changes (
    position       bigint  NOT NULL,
    claimed        boolean NOT NULL,
    instance_id    text COLLATE "C" NOT NULL,
    log            text COLLATE "C" NOT NULL,
    kind           text COLLATE "C" NOT NULL,
    hash           bytea   NOT NULL,
    aggregate_type text COLLATE "C" NOT NULL,
    aggregate_id   text COLLATE "C" NOT NULL,
    PRIMARY KEY (instance_id, log, position, kind, hash)
);
CREATE INDEX key_changes_owner ON {schema}.key_changes (instance_id, aggregate_type, aggregate_id);

-- The function of 0002 under its name and with its arguments and answers, for nodes of the version before go on calling
-- it while this runs. New: it keeps key changes, and it works with the rights of the schema's owner, so that those who
-- call it need none to the tables, which they did not have to this new one in any case. And whatever it is given,
-- positions have no gap.
CREATE OR REPLACE FUNCTION {schema}.append_units(
    p_logs json, p_units json, p_streams json, p_events json, p_keys json, p_blobs bytea)
RETURNS TABLE (verdict text, unit integer, low bigint, high bigint, epoch integer, moment timestamptz, kind text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- Plans are made once per connection, perhaps while the tables are all but empty, and must stay right when these grow.
-- So each stored row is looked up by a subquery that cannot be merged (LATERAL, OFFSET 0), and the planner has nothing
-- but the index with the wanted order to do it with.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
SET enable_mergejoin = off SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    v_found   record;
    v_refused integer[] := '{{}}';
    v_lost    bigint;
    v_written bigint := 0;
    v_events  bigint := 0;
    v_now     timestamptz;
BEGIN
    FOR v_found IN
        SELECT w.i, w.l FROM json_to_recordset(p_logs) AS w(i text, l text) ORDER BY w.i COLLATE "C", w.l COLLATE "C"
    LOOP
        PERFORM FROM {schema}.log_heads h WHERE h.instance_id = v_found.i AND h.log = v_found.l FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RETURN;
        END IF;
    END LOOP;
    v_now := clock_timestamp();

    FOR v_found IN
        SELECT w.u, 0 AS rank, 0 AS s, o.first_position AS low, o.last_position AS high, o.epoch, o.created_at,
                NULL AS kind
            FROM json_to_recordset(p_units) AS w(u integer, i text, id text)
            CROSS JOIN LATERAL (
                SELECT * FROM {schema}.append_units o WHERE o.instance_id = w.i AND o.unit_id = w.id OFFSET 0) o
        UNION ALL
        SELECT w.u, 1, w.s, w.v, coalesce(e.version, 0), NULL, NULL, NULL
            FROM json_to_recordset(p_streams) AS w(u integer, s integer, i text, l text, t text, d text, v bigint)
            LEFT JOIN LATERAL (
                SELECT o.version FROM {schema}.events o
                WHERE o.instance_id = w.i AND o.log = w.l AND o.aggregate_type = w.t AND o.aggregate_id = w.d
                ORDER BY o.version DESC LIMIT 1) e ON true
            WHERE coalesce(e.version, 0) <> w.v
        UNION ALL
        SELECT w.u, 2, 0, NULL, NULL, NULL, NULL, w.k
            FROM json_to_recordset(p_keys) AS w(u integer, i text, k text, h text, t text, d text, c boolean)
            CROSS JOIN LATERAL (
                SELECT * FROM {schema}.unique_keys o
                WHERE o.instance_id = w.i AND o.kind = w.k AND o.hash = decode(w.h, 'hex') OFFSET 0) o
            WHERE w.c AND (o.aggregate_type, o.aggregate_id) <> (w.t, w.d) AND NOT EXISTS ( -- unless the unit moves it
                SELECT FROM json_to_recordset(p_keys) AS m(u integer, k text, h text, t text, d text, c boolean)
                WHERE NOT m.c AND m.u = w.u AND (m.k, m.h, m.t, m.d) = (w.k, w.h, o.aggregate_type, o.aggregate_id))
        ORDER BY 2, 1, 3
    LOOP
        CONTINUE WHEN v_found.u = ANY (v_refused);
        v_refused := v_refused || v_found.u;
        verdict := (ARRAY['seen', 'stale', 'taken'])[v_found.rank + 1];
        unit := v_found.u;
        low := v_found.low;
        high := v_found.high;
        epoch := v_found.epoch;
        moment := v_found.created_at;
        kind := v_found.kind;
        RETURN NEXT;
    END LOOP;

    IF json_array_length(p_keys) > 0 THEN
        DELETE FROM {schema}.unique_keys WHERE ctid = ANY (ARRAY(
            SELECT o.ctid
            FROM json_to_recordset(p_keys) AS w(u integer, i text, k text, h text, t text, d text, c boolean)
            CROSS JOIN LATERAL (
                SELECT o.ctid FROM {schema}.unique_keys o
                WHERE o.instance_id = w.i AND o.kind = w.k AND o.hash = decode(w.h, 'hex')
                    AND o.aggregate_type = w.t AND o.aggregate_id = w.d OFFSET 0) o
            WHERE NOT w.c AND w.u <> ALL (v_refused)));
        WITH claims AS (
            SELECT w.i, w.k, decode(w.h, 'hex') AS h, w.t, w.d
                FROM json_to_recordset(p_keys) AS w(u integer, i text, k text, h text, t text, d text, c boolean)
                WHERE w.c AND w.u <> ALL (v_refused)
        ), claimed AS (
            INSERT INTO {schema}.unique_keys AS o (instance_id, kind, hash, aggregate_type, aggregate_id)
                SELECT c.i, c.k, c.h, c.t, c.d FROM claims c ORDER BY 1, 2, 3
                ON CONFLICT (instance_id, kind, hash) DO UPDATE SET kind = o.kind
                    WHERE (o.aggregate_type, o.aggregate_id) = (excluded.aggregate_type, excluded.aggregate_id)
                RETURNING 1
        )
        SELECT (SELECT count(*) FROM claims) - (SELECT count(*) FROM claimed) INTO v_lost;
        IF v_lost > 0 THEN -- a unit of the instance's other log, which has another head, was quicker: look again
            RAISE EXCEPTION 'a unique key was taken meanwhile' USING ERRCODE = 'serialization_failure';
        END IF;
    END IF;

    FOR v_found IN
    WITH applied AS MATERIALIZED (
        SELECT w.u, w.i, w.l, w.id, w.a, w.r, substring(p_blobs FROM w.o + 1 FOR w.z) AS client,
                h.position + sum(w.n) OVER (PARTITION BY w.i, w.l ORDER BY w.u) - w.n AS behind, w.n,
                h.epoch, greatest(v_now, h.created_at) AS created_at
            FROM json_to_recordset(p_units)
                AS w(u integer, i text, l text, id text, n integer, a text, r text, o integer, z integer)
            CROSS JOIN LATERAL (
                SELECT * FROM {schema}.log_heads h WHERE h.instance_id = w.i AND h.log = w.l OFFSET 0) h
            WHERE w.u <> ALL (v_refused) AND w.n >= 0
    ), written AS (
        INSERT INTO {schema}.events (position, version, created_at, revision, instance_id, log, aggregate_type,
                aggregate_id, event_type, actor, correlation_id, digest, client, payload)
            SELECT a.behind + e.k, e.v, a.created_at, e.r, a.i, a.l, e.t,
                e.d, e.y, a.a, a.r, substring(p_blobs FROM e.o + 1 FOR 32), a.client,
                substring(p_blobs FROM e.o + 33 FOR e.z - 32)
            FROM json_to_recordset(p_events)
                AS e(u integer, k integer, t text, d text, v bigint, y text, r integer, o integer, z integer)
            JOIN applied a ON a.u = e.u
            WHERE e.k BETWEEN 1 AND a.n
            RETURNING 1
    ), remembered AS (
        INSERT INTO {schema}.append_units (first_position, last_position, created_at, kept_since, epoch, instance_id,
                unit_id)
            SELECT a.behind + 1, a.behind + a.n, a.created_at, v_now, a.epoch, a.i, a.id FROM applied a
    ), changed AS ( -- a key that a unit gives back and takes is taken: one change
        INSERT INTO {schema}.key_changes (position, claimed, instance_id, log, kind, hash, aggregate_type, aggregate_id)
            SELECT a.behind + a.n, w.c, a.i, a.l, w.k, decode(w.h, 'hex'), w.t, w.d
            FROM json_to_recordset(p_keys) AS w(u integer, k text, h text, t text, d text, c boolean)
            JOIN applied a ON a.u = w.u
            WHERE w.c OR NOT EXISTS (
                SELECT FROM json_to_recordset(p_keys) AS m(u integer, k text, h text, c boolean)
                WHERE m.c AND m.u = w.u AND (m.k, m.h) = (w.k, w.h))
            ON CONFLICT (instance_id, log, position, kind, hash) DO UPDATE -- by a unit without events of its own
                SET claimed = excluded.claimed, aggregate_type = excluded.aggregate_type,
                    aggregate_id = excluded.aggregate_id
    )
    SELECT (SELECT count(*) FROM written) AS written, sum(a.n) AS events, a.i, a.l, min(a.u) AS u,
            min(a.behind)::bigint AS behind, max(a.behind + a.n)::bigint AS upto, a.epoch,
            a.created_at
        FROM applied a GROUP BY a.i, a.l, a.epoch, a.created_at
    LOOP
        UPDATE {schema}.log_heads h SET position = v_found.upto, created_at = v_found.created_at
            WHERE h.instance_id = v_found.i AND h.log = v_found.l AND h.position < v_found.upto;
        v_written := v_found.written;
        v_events := v_events + v_found.events;
        verdict := 'log';
        unit := v_found.u;
        low := v_found.behind + 1;
        high := v_found.upto;
        epoch := v_found.epoch;
        moment := v_found.created_at;
        kind := NULL;
        RETURN NEXT;
    END LOOP;
    IF v_written <> v_events THEN -- each position once, by the primary key: no gap
        RAISE EXCEPTION 'positions would have a gap' USING ERRCODE = 'check_violation';
    END IF;
END;
$$;

-- Free every key that an aggregate holds and forget that it ever held one. Every key that is held has its change, so
-- the changes of the owner lead to the keys.
CREATE FUNCTION {schema}.forget_keys(p_instance text, p_type text, p_id text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM {schema}.unique_keys k USING {schema}.key_changes c
        WHERE c.instance_id = p_instance AND c.aggregate_type = p_type AND c.aggregate_id = p_id
            AND k.instance_id = c.instance_id AND k.kind = c.kind AND k.hash = c.hash
            AND k.aggregate_type = p_type AND k.aggregate_id = p_id;
    DELETE FROM {schema}.key_changes c
        WHERE c.instance_id = p_instance AND c.aggregate_type = p_type AND c.aggregate_id = p_id;
END;
$$;

REVOKE ALL ON FUNCTION {schema}.forget_keys(text, text, text) FROM PUBLIC;
