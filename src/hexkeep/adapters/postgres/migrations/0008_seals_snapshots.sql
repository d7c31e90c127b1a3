-- Signed statements over the log. They are added, and go only with their whole instance; this holds for every role.
CREATE TABLE {schema}.seals (
    number         bigint      NOT NULL,
    first_position bigint      NOT NULL,
    last_position  bigint      NOT NULL,
    sealed_at      timestamptz NOT NULL,
    epoch          integer     NOT NULL,
    instance_id    text COLLATE "C" NOT NULL,
    log            text COLLATE "C" NOT NULL,
    root           bytea       NOT NULL,
    previous       bytea       NOT NULL,
    leaves         bytea       NOT NULL,
    signature      text        NOT NULL,
    PRIMARY KEY (instance_id, log, number)
);
CREATE UNIQUE INDEX seals_last_position ON {schema}.seals (instance_id, log, last_position);

CREATE FUNCTION {schema}.refuse_seal_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'seals are never changed' USING ERRCODE = 'insufficient_privilege';
END;
$$;

CREATE FUNCTION {schema}.refuse_seal_deletion() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM {schema}.wipes w WHERE w.instance_id = OLD.instance_id) THEN
        RAISE EXCEPTION 'seals are never removed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END;
$$;

CREATE TRIGGER seals_unchanged BEFORE UPDATE OR TRUNCATE ON {schema}.seals
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_seal_change();
CREATE TRIGGER seals_kept BEFORE DELETE ON {schema}.seals
    FOR EACH ROW EXECUTE FUNCTION {schema}.refuse_seal_deletion();

-- States of aggregates with long streams: a cache.
CREATE TABLE {schema}.snapshots (
    version        bigint NOT NULL,
    instance_id    text COLLATE "C" NOT NULL,
    aggregate_type text COLLATE "C" NOT NULL,
    aggregate_id   text COLLATE "C" NOT NULL,
    schema         text   NOT NULL,
    state          bytea  NOT NULL,
    PRIMARY KEY (instance_id, aggregate_type, aggregate_id)
);
