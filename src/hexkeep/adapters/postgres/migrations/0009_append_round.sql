-- The way of a round in which nothing stands against anything, which is nearly every one. Nothing is looked up that the
-- unique indexes find out by themselves, and what comes back is a row per log: behind which position its events lie.
-- When something does stand against it nothing is written, nothing comes back, and append_units tells what it is.
--
-- Everything is in columns, arrays of one length each:
-- p_instances, p_logs, p_counts: the distinct logs of the round in order, and how many events each gets
-- p_u*: the units: l (number of the log), f and z (first and last position, counted from the head), i (unit id)
-- p_e*: the events: l, o (position, counted from the head), v(ersion), r(evision), t(ype) and d (id) of the aggregate,
--       y (event type), a(ctor), c(orrelation id), g (digest), k (client data), p(ayload)
-- p_s*: the streams whose versions have to be looked up: l, t, d, v. Not among them is a new stream of a durable log:
--       its version 1 is nobody else's, or the index of streams finds out
-- p_k*: the key changes in order of key: k(ind), h(ash), l, o (position of the unit's last event, counted from the
--       head), c (1: claimed), t and d (the owner)
-- p_r*: the keys that units give back, those that they also claim included: l, k, h, t, d
CREATE FUNCTION {schema}.append_round(
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
                SELECT o.version FROM {schema}.events o
                WHERE o.instance_id = p_instances[w.l] AND o.log = p_logs[w.l]
                    AND o.aggregate_type = w.t AND o.aggregate_id = w.d
                ORDER BY o.version DESC LIMIT 1) e ON true
            WHERE coalesce(e.version, 0) <> w.v;
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

DO $$ BEGIN
    EXECUTE (SELECT 'REVOKE ALL ON FUNCTION ' || oid::regprocedure || ' FROM PUBLIC'
        FROM pg_proc WHERE pronamespace = '{schema}'::regnamespace AND proname = 'append_round');
END $$;
