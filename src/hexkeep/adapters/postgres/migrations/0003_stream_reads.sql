-- Reads of single streams. Until the statistics of a young log are first gathered the planner would rather walk the
-- whole log by position than use the index by stream; the same settings as in append_units leave it no choice, and the
-- plan is made once per connection.

CREATE FUNCTION {schema}.read_stream(
    p_instance text, p_log text, p_type text, p_id text, p_after bigint, p_limit bigint)
RETURNS SETOF {schema}.events LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
SET jit = off
AS $$
BEGIN
    RETURN QUERY SELECT * FROM {schema}.events e
        WHERE e.instance_id = p_instance AND e.log = p_log AND e.aggregate_type = p_type AND e.aggregate_id = p_id
            AND e.version > p_after
        ORDER BY e.version LIMIT p_limit;
END;
$$;

-- The version of each stream (log, type, id), 0 for one that does not exist, in the order asked.
CREATE FUNCTION {schema}.stream_versions(p_instance text, p_logs text[], p_types text[], p_ids text[])
RETURNS SETOF bigint LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
SET jit = off
AS $$
BEGIN
    RETURN QUERY SELECT coalesce(e.version, 0)
        FROM unnest(p_logs, p_types, p_ids) WITH ORDINALITY AS w(log, type, id, number)
        LEFT JOIN LATERAL (
            SELECT o.version FROM {schema}.events o
            WHERE o.instance_id = p_instance AND o.log = w.log AND o.aggregate_type = w.type AND o.aggregate_id = w.id
            ORDER BY o.version DESC LIMIT 1) e ON true
        ORDER BY w.number;
END;
$$;

REVOKE ALL ON FUNCTION {schema}.read_stream(text, text, text, text, bigint, bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION {schema}.stream_versions(text, text[], text[], text[]) FROM PUBLIC;
