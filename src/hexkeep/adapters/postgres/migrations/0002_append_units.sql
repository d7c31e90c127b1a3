-- One round of the group committer as one statement. It holds the head rows of its logs from the first line to the
-- commit behind the last, so nothing that it has checked can change before it writes.
--
-- p_logs     the distinct logs of the round: i(nstance), l(og)
-- p_units    the units: u (its number in the round), i, l, id, n (how many events), a(ctor), r (correlation id),
--            o and z (offset and size of its client data in p_blobs)
-- p_streams  what the units expect: u, s (its number in the unit), i, l, t(ype), d (aggregate id), v(ersion)
-- p_events   u, k (its number in the unit, from 1), t, d, v, y (event type), r(evision), o and z (as above, the digest
--            of 32 bytes first, then the payload)
-- p_keys     u, i, k(ind), h(ash, hexadecimal), t and d (the owner), c (true: claim, false: release)
--
-- Returns nothing at all when a log has no head yet (the caller makes it and comes again); else a row per unit that was
-- not applied ('seen' with the outcome of then, 'stale' with expected and actual version, 'taken' with the key's kind)
-- and a row 'log' per log (unit: its first unit that was applied; low: where its positions begin). The caller knows the
-- rest, because positions follow one another in the order of the units.
CREATE FUNCTION {schema}.append_units(
    p_logs json, p_units json, p_streams json, p_events json, p_keys json, p_blobs bytea)
RETURNS TABLE (verdict text, unit integer, low bigint, high bigint, epoch integer, moment timestamptz, kind text)
LANGUAGE plpgsql VOLATILE
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
            WHERE w.u <> ALL (v_refused)
    ), written AS (
        INSERT INTO {schema}.events (position, version, created_at, revision, instance_id, log, aggregate_type,
                aggregate_id, event_type, actor, correlation_id, digest, client, payload)
            SELECT a.behind + e.k, e.v, a.created_at, e.r, a.i, a.l, e.t,
                e.d, e.y, a.a, a.r, substring(p_blobs FROM e.o + 1 FOR 32), a.client,
                substring(p_blobs FROM e.o + 33 FOR e.z - 32)
            FROM json_to_recordset(p_events)
                AS e(u integer, k integer, t text, d text, v bigint, y text, r integer, o integer, z integer)
            JOIN applied a ON a.u = e.u
    ), remembered AS (
        INSERT INTO {schema}.append_units (first_position, last_position, created_at, kept_since, epoch, instance_id,
                unit_id)
            SELECT a.behind + 1, a.behind + a.n, a.created_at, v_now, a.epoch, a.i, a.id FROM applied a
    )
    SELECT a.i, a.l, min(a.u) AS u, min(a.behind)::bigint AS behind, max(a.behind + a.n)::bigint AS upto, a.epoch,
            a.created_at
        FROM applied a GROUP BY a.i, a.l, a.epoch, a.created_at
    LOOP
        UPDATE {schema}.log_heads h SET position = v_found.upto, created_at = v_found.created_at
            WHERE h.instance_id = v_found.i AND h.log = v_found.l AND h.position < v_found.upto;
        verdict := 'log';
        unit := v_found.u;
        low := v_found.behind + 1;
        high := v_found.upto;
        epoch := v_found.epoch;
        moment := v_found.created_at;
        kind := NULL;
        RETURN NEXT;
    END LOOP;
END;
$$;

REVOKE ALL ON FUNCTION {schema}.append_units(json, json, json, json, json, bytea) FROM PUBLIC;
