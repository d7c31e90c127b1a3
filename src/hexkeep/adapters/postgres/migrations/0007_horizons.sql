-- Where logs begin: what lies up to and including the horizon was dropped. Only the activity log ever has one.
CREATE TABLE {schema}.log_horizons (
    instance_id text COLLATE "C" NOT NULL,
    log         text COLLATE "C" NOT NULL CHECK (log = 'activity'),
    horizon     bigint      NOT NULL CHECK (horizon > 0),
    horizon_at  timestamptz NOT NULL,
    PRIMARY KEY (instance_id, log)
);

-- Instances that their owner is removing as a whole, to load them anew. See the port storage.Loader.
CREATE TABLE {schema}.wipes (
    instance_id text COLLATE "C" PRIMARY KEY
);

-- Rows of the log go only from behind the horizon, or with their whole instance. This holds for every role.
CREATE FUNCTION {schema}.refuse_deletion() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM gone g
        LEFT JOIN {schema}.log_horizons z ON z.instance_id = g.instance_id AND z.log = g.log
        LEFT JOIN {schema}.wipes w ON w.instance_id = g.instance_id
        WHERE w.instance_id IS NULL AND (g.log <> 'activity' OR g.position > coalesce(z.horizon, 0)))
    THEN
        RAISE EXCEPTION 'the event log is append-only' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END;
$$;

CREATE TRIGGER events_behind_horizon AFTER DELETE ON {schema}.events REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_deletion();

-- Of the trigger events_append_only, which is older than that one and leaves deletions to it from here on.
CREATE OR REPLACE FUNCTION {schema}.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the event log is append-only' USING ERRCODE = 'insufficient_privilege';
END;
$$;

-- Moves the horizon of an instance's activity log and removes the oldest rows behind it, at most p_limit. How many
-- went, or -1 when the log does not reach so far. It is all that the application's role can remove from the log.
CREATE FUNCTION {schema}.drop_events(p_instance text, p_upto bigint, p_limit bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off
AS $$
DECLARE
    v_head bigint;
    v_gone bigint;
BEGIN
    SELECT h.position INTO v_head FROM {schema}.log_heads h WHERE h.instance_id = p_instance AND h.log = 'activity';
    IF p_upto > coalesce(v_head, 0) THEN
        RETURN -1;
    END IF;
    INSERT INTO {schema}.log_horizons AS kept (instance_id, log, horizon, horizon_at)
        SELECT e.instance_id, e.log, e.position, e.created_at FROM {schema}.events e
        WHERE e.instance_id = p_instance AND e.log = 'activity' AND e.position = p_upto
        ON CONFLICT (instance_id, log) DO UPDATE SET horizon = excluded.horizon, horizon_at = excluded.horizon_at
            WHERE kept.horizon < excluded.horizon;
    DELETE FROM {schema}.events WHERE ctid = ANY (ARRAY(
        SELECT e.ctid FROM {schema}.events e
        WHERE e.instance_id = p_instance AND e.log = 'activity' AND e.position <= p_upto
        ORDER BY e.position LIMIT p_limit));
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    RETURN v_gone;
END;
$$;

REVOKE ALL ON FUNCTION {schema}.drop_events(text, bigint, bigint) FROM PUBLIC;
