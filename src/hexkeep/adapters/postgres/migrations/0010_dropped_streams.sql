-- A stream whose last version lies behind the horizon does not exist, whether its rows are still there or not. Before,
-- it existed until the last of them went, and a drop that was broken off can leave them for long. The functions are
-- those of 0003, 0005 and 0009 under their names and with their arguments and answers, for nodes of the version before
-- go on calling them.

-- With its owner's rights, for nodes of the version before may have none to the table of horizons. Positions are
-- compared as expressions, so that the planner does not take to the index by position.
CREATE OR REPLACE FUNCTION {schema}.read_stream(
    p_instance text, p_log text, p_type text, p_id text, p_after bigint, p_limit bigint)
RETURNS SETOF {schema}.events LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
SET jit = off
AS $$
DECLARE
    v_horizon bigint := 0;
BEGIN
    IF p_log = 'activity' THEN
        SELECT z.horizon INTO v_horizon FROM {schema}.log_horizons z WHERE z.instance_id = p_instance AND z.log = p_log;
    END IF;
    RETURN QUERY SELECT * FROM {schema}.events e
        WHERE e.instance_id = p_instance AND e.log = p_log AND e.aggregate_type = p_type AND e.aggregate_id = p_id
            AND e.version > p_after AND e.position + 0 > coalesce(v_horizon, 0)
        ORDER BY e.version LIMIT p_limit;
END;
$$;

-- The version of each stream (log, type, id), 0 for one that does not exist, in the order asked.
CREATE OR REPLACE FUNCTION {schema}.stream_versions(p_instance text, p_logs text[], p_types text[], p_ids text[])
RETURNS SETOF bigint LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
SET jit = off
AS $$
DECLARE
    v_horizon bigint := 0;
BEGIN
    IF 'activity' = ANY (p_logs) THEN
        SELECT z.horizon INTO v_horizon FROM {schema}.log_horizons z
            WHERE z.instance_id = p_instance AND z.log = 'activity';
    END IF;
    RETURN QUERY SELECT CASE WHEN w.log <> 'activity' OR e.position > coalesce(v_horizon, 0)
            THEN coalesce(e.version, 0) ELSE 0 END
        FROM unnest(p_logs, p_types, p_ids) WITH ORDINALITY AS w(log, type, id, number)
        LEFT JOIN LATERAL (
            SELECT o.version, o.position FROM {schema}.events o
            WHERE o.instance_id = p_instance AND o.log = w.log AND o.aggregate_type = w.type AND o.aggregate_id = w.id
            ORDER BY o.version DESC LIMIT 1) e ON true
        ORDER BY w.number;
END;
$$;

-- New: a stream stands where its last version in front of the horizon is, and what is left of it behind goes when it
-- begins anew.
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
                SELECT CASE WHEN o.position > coalesce((
                        SELECT z.horizon FROM {schema}.log_horizons z WHERE z.instance_id = w.i AND z.log = w.l), 0)
                    THEN o.version END AS version
                FROM {schema}.events o
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

    DELETE FROM {schema}.events WHERE ctid = ANY (ARRAY( -- what begins anew where rows still wait for their end
        SELECT o.ctid
        FROM json_to_recordset(p_streams) AS w(u integer, i text, l text, t text, d text, v bigint)
        CROSS JOIN LATERAL (
            SELECT z.horizon FROM {schema}.log_horizons z WHERE z.instance_id = w.i AND z.log = w.l OFFSET 0) z
        CROSS JOIN LATERAL (
            SELECT o.ctid FROM {schema}.events o
            WHERE o.instance_id = w.i AND o.log = w.l AND o.aggregate_type = w.t AND o.aggregate_id = w.d
                AND o.position + 0 <= z.horizon OFFSET 0) o
        WHERE w.v = 0 AND w.l = 'activity' AND w.u <> ALL (v_refused)));

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

-- New: where the newest row of a stream is behind the horizon append_units tells what that means.
CREATE OR REPLACE FUNCTION {schema}.append_round(
    p_instances text[], p_logs text[], p_counts bigint[],
    p_ul integer[], p_uf bigint[], p_uz bigint[], p_ui text[],
    p_el integer[], p_eo bigint[], p_ev bigint[], p_er integer[], p_et text[], p_ed text[], p_ey text[], p_ea text[],
    p_ec text[], p_eg bytea[], p_ek bytea[], p_ep bytea[],
    p_sl integer[], p_st text[], p_sd text[], p_sv bigint[],
    p_kk text[], p_kh bytea[], p_kl integer[], p_ko bigint[], p_kc integer[], p_kt text[], p_kd text[],
    p_rl integer[], p_rk text[], p_rh bytea[], p_rt text[], p_rd text[])
RETURNS TABLE (behind bigint, epoch integer, moment timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- As in append_units: the plans are made once and have to stay right.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
SET enable_mergejoin = off SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    v_behind  bigint[];
    v_epochs  integer[];
    v_times   timestamptz[];
    v_head    record;
    v_counted bigint := 0;
    v_written bigint;
BEGIN
    FOR n IN 1 .. cardinality(p_logs) LOOP
        UPDATE {schema}.log_heads h
            SET position = h.position + p_counts[n], created_at = greatest(clock_timestamp(), h.created_at)
            WHERE h.instance_id = p_instances[n] AND h.log = p_logs[n] AND p_counts[n] >= 0
            RETURNING h.position - p_counts[n] AS behind, h.epoch, h.created_at INTO v_head;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the log has no head' USING ERRCODE = 'serialization_failure';
        END IF;
        v_counted := v_counted + p_counts[n];
        v_behind[n] := v_head.behind;
        v_epochs[n] := v_head.epoch;
        v_times[n] := v_head.created_at;
    END LOOP;

    IF cardinality(p_sl) > 0 THEN
        PERFORM FROM unnest(p_sl, p_st, p_sd, p_sv) AS w(l, t, d, v)
            LEFT JOIN LATERAL (
                SELECT o.version, o.position FROM {schema}.events o
                WHERE o.instance_id = p_instances[w.l] AND o.log = p_logs[w.l]
                    AND o.aggregate_type = w.t AND o.aggregate_id = w.d
                ORDER BY o.version DESC LIMIT 1) e ON true
            WHERE coalesce(e.version, 0) <> w.v OR e.position IS NOT NULL AND e.position <= (
                SELECT z.horizon FROM {schema}.log_horizons z
                WHERE z.instance_id = p_instances[w.l] AND z.log = p_logs[w.l]);
        IF FOUND THEN
            RAISE EXCEPTION 'a stream stands elsewhere' USING ERRCODE = 'serialization_failure';
        END IF;
    END IF;

    INSERT INTO {schema}.append_units (first_position, last_position, created_at, kept_since, epoch, instance_id,
            unit_id)
        SELECT v_behind[u.l] + u.f, v_behind[u.l] + u.z, v_times[u.l], v_times[u.l], v_epochs[u.l],
            p_instances[u.l], u.i
        FROM unnest(p_ul, p_uf, p_uz, p_ui) AS u(l, f, z, i);
    INSERT INTO {schema}.events (position, version, created_at, revision, instance_id, log, aggregate_type,
            aggregate_id, event_type, actor, correlation_id, digest, client, payload)
        SELECT v_behind[e.l] + e.o, e.v, v_times[e.l], e.r, p_instances[e.l], p_logs[e.l], e.t,
            e.d, e.y, e.a, e.c, e.g, e.k, e.p
        FROM unnest(p_el, p_eo, p_ev, p_er, p_et, p_ed, p_ey, p_ea, p_ec, p_eg, p_ek, p_ep)
            AS e(l, o, v, r, t, d, y, a, c, g, k, p)
        WHERE e.o BETWEEN 1 AND p_counts[e.l];
    GET DIAGNOSTICS v_written = ROW_COUNT;
    IF v_written <> v_counted OR v_written <> cardinality(p_el) THEN -- each position once, by the primary key: no gap
        RAISE EXCEPTION 'positions would have a gap' USING ERRCODE = 'check_violation';
    END IF;

    IF cardinality(p_rl) > 0 THEN
        DELETE FROM {schema}.unique_keys WHERE ctid = ANY (ARRAY(
            SELECT o.ctid FROM unnest(p_rl, p_rk, p_rh, p_rt, p_rd) AS w(l, k, h, t, d)
            CROSS JOIN LATERAL (
                SELECT o.ctid FROM {schema}.unique_keys o
                WHERE o.instance_id = p_instances[w.l] AND o.kind = w.k AND o.hash = w.h
                    AND o.aggregate_type = w.t AND o.aggregate_id = w.d OFFSET 0) o));
    END IF;
    IF cardinality(p_kl) > 0 THEN
        INSERT INTO {schema}.unique_keys (instance_id, kind, hash, aggregate_type, aggregate_id)
            SELECT p_instances[w.l], w.k, w.h, w.t, w.d
            FROM unnest(p_kl, p_kc, p_kk, p_kh, p_kt, p_kd) AS w(l, c, k, h, t, d) WHERE w.c = 1;
        INSERT INTO {schema}.key_changes
                (position, claimed, instance_id, log, kind, hash, aggregate_type, aggregate_id)
            SELECT v_behind[w.l] + w.o, w.c = 1, p_instances[w.l], p_logs[w.l], w.k, w.h, w.t, w.d
            FROM unnest(p_kl, p_ko, p_kc, p_kk, p_kh, p_kt, p_kd) AS w(l, o, c, k, h, t, d);
    END IF;

    RETURN QUERY SELECT * FROM unnest(v_behind, v_epochs, v_times);
EXCEPTION WHEN unique_violation OR serialization_failure THEN
    RETURN;
END;
$$;
