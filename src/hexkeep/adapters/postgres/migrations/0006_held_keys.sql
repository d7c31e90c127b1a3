-- in autocommit
-- Keys that were claimed before their changes were kept get a change at their owner's first event: since then, at the
-- earliest, they are held. A call of the function as it was before 0005 may still be on its way, so first whatever has
-- locked a head has to end, or a minute to pass, which is more than one statement is given.
DO $$
#variable_conflict use_column
DECLARE
    v_running text[] := ARRAY(
        SELECT l.pid || ' ' || l.virtualtransaction FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE l.locktype = 'virtualxid' AND a.datname = current_database() AND a.usename IS NOT NULL
            AND a.pid <> pg_backend_pid() AND NOT EXISTS ( -- others who want to migrate wait for this to end
                SELECT FROM pg_locks w WHERE w.pid = l.pid AND w.locktype = 'advisory' AND NOT w.granted));
    v_until timestamptz := clock_timestamp() + interval '1 minute';
    v_last record;
    v_instance text := '';
    v_kind text := '';
    v_hash bytea := '';
BEGIN
    IF cardinality(v_running) > 0 THEN
        PERFORM pg_sleep(1); -- for calls that have begun and not locked a head yet
    END IF;
    WHILE clock_timestamp() < v_until AND EXISTS (
        SELECT FROM pg_locks l
        WHERE l.locktype = 'relation' AND l.relation = '{schema}.log_heads'::regclass
            AND l.mode IN ('RowShareLock', 'RowExclusiveLock')
            AND l.pid || ' ' || l.virtualtransaction = ANY (v_running))
    LOOP
        PERFORM pg_sleep(0.02);
    END LOOP;
    LOOP
        WITH held AS MATERIALIZED (
            SELECT * FROM {schema}.unique_keys k
            WHERE (k.instance_id, k.kind, k.hash) > (v_instance, v_kind, v_hash)
            ORDER BY k.instance_id, k.kind, k.hash LIMIT 1000
        ), kept AS (
            INSERT INTO {schema}.key_changes
                (position, claimed, instance_id, log, kind, hash, aggregate_type, aggregate_id)
            SELECT coalesce(f.position, 1), true, k.instance_id, coalesce(f.log, 'durable'), k.kind, k.hash,
                    k.aggregate_type, k.aggregate_id
                FROM held k
                LEFT JOIN LATERAL (
                    SELECT e.log, e.position FROM {schema}.events e
                    WHERE e.instance_id = k.instance_id AND e.log = ANY ('{{durable,activity}}')
                        AND e.aggregate_type = k.aggregate_type AND e.aggregate_id = k.aggregate_id
                    ORDER BY e.version LIMIT 1) f ON true
                WHERE NOT EXISTS (
                    SELECT FROM {schema}.key_changes c
                    WHERE c.instance_id = k.instance_id AND c.aggregate_type = k.aggregate_type
                        AND c.aggregate_id = k.aggregate_id AND (c.kind, c.hash) = (k.kind, k.hash) AND c.claimed)
            ON CONFLICT DO NOTHING
        )
        SELECT k.instance_id, k.kind, k.hash INTO v_last FROM held k
            ORDER BY k.instance_id DESC, k.kind DESC, k.hash DESC LIMIT 1;
        EXIT WHEN NOT FOUND;
        v_instance := v_last.instance_id;
        v_kind := v_last.kind;
        v_hash := v_last.hash;
        COMMIT;
    END LOOP;
END;
$$;
