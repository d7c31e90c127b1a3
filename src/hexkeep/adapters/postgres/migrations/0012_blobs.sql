-- Pictures and other opaque bytes. What is in them is compressed already, so they are kept out of line as they are.
CREATE TABLE {schema}.blobs (
    size         bigint      NOT NULL,
    put_at       timestamptz NOT NULL,
    instance_id  text COLLATE "C" NOT NULL,
    owner_type   text COLLATE "C" NOT NULL,
    owner_id     text COLLATE "C" NOT NULL,
    name         text COLLATE "C" NOT NULL,
    content_type text        NOT NULL,
    digest       bytea       NOT NULL,
    content      bytea       NOT NULL,
    PRIMARY KEY (instance_id, owner_type, owner_id, name)
);
ALTER TABLE {schema}.blobs ALTER COLUMN content SET STORAGE EXTERNAL;

-- As before, and the blobs as well. Removes at most p_limit rows of an instance that is being wiped, but for its views, and ends the wipe when none is left.
CREATE OR REPLACE FUNCTION {schema}.wipe_more(p_instance text, p_limit bigint) RETURNS void
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
        'blobs', 'log_heads', 'log_horizons', 'expiring', 'counters', 'keys']
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
