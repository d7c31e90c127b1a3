-- A wipe that was broken off leaves its instance in the table of wipes, where the triggers let rows of it go. So that
-- this does not last until somebody wipes again, every node that opens goes on with it. It can by these functions alone,
-- which do nothing but what the owner has begun. Who works on an instance holds its row for the transaction: whoever
-- ended the wipe and loads anew waits for that, and finds nobody at it any more.

-- An instance whose wipe was begun and at which no other node is.
CREATE FUNCTION {schema}.begun_wipe() RETURNS text
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT w.instance_id FROM {schema}.wipes w ORDER BY w.instance_id LIMIT 1 FOR UPDATE SKIP LOCKED;
$$;

-- Removes at most p_limit rows of an instance that is being wiped, but for its views, and ends the wipe when none is left.
CREATE FUNCTION {schema}.wipe_more(p_instance text, p_limit bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_table text;
    v_left  bigint := p_limit;
    v_gone  bigint;
BEGIN
    PERFORM FROM {schema}.wipes w WHERE w.instance_id = p_instance FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    FOREACH v_table IN ARRAY ARRAY['events', 'unique_keys', 'key_changes', 'append_units', 'seals', 'snapshots',
        'log_heads', 'log_horizons', 'expiring', 'counters', 'keys']
    LOOP
        EXECUTE format('DELETE FROM %1$s WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$s WHERE instance_id = $1 LIMIT $2))',
            '{schema}.' || v_table) USING p_instance, v_left;
        GET DIAGNOSTICS v_gone = ROW_COUNT;
        v_left := v_left - v_gone;
        IF v_left <= 0 THEN
            RETURN;
        END IF;
    END LOOP;
    DELETE FROM {schema}.wipes w WHERE w.instance_id = p_instance;
END;
$$;

REVOKE ALL ON FUNCTION {schema}.begun_wipe() FROM PUBLIC;
REVOKE ALL ON FUNCTION {schema}.wipe_more(text, bigint) FROM PUBLIC;
