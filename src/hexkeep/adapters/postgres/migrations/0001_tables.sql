-- Text that is compared or indexed has collation "C": by code point, the same on every machine and every version of it.

CREATE TABLE {schema}.log_heads (
    instance_id text COLLATE "C" NOT NULL,
    log         text COLLATE "C" NOT NULL,
    position    bigint      NOT NULL DEFAULT 0,
    epoch       integer     NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (instance_id, log)
) WITH (fillfactor = 20); -- room on the page: every round updates a head, and only in place is that cheap

CREATE TABLE {schema}.events (
    position       bigint      NOT NULL,
    version        bigint      NOT NULL,
    created_at     timestamptz NOT NULL,
    revision       integer     NOT NULL,
    instance_id    text COLLATE "C" NOT NULL,
    log            text COLLATE "C" NOT NULL,
    aggregate_type text COLLATE "C" NOT NULL,
    aggregate_id   text COLLATE "C" NOT NULL,
    event_type     text COLLATE "C" NOT NULL,
    actor          text COLLATE "C" NOT NULL,
    correlation_id text COLLATE "C" NOT NULL,
    digest         bytea       NOT NULL CHECK (octet_length(digest) = 32),
    client         bytea       NOT NULL,
    payload        bytea       NOT NULL,
    PRIMARY KEY (instance_id, log, position),
    CONSTRAINT events_stream UNIQUE (instance_id, log, aggregate_type, aggregate_id, version)
) WITH (autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);

CREATE FUNCTION {schema}.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the event log is append-only' USING ERRCODE = 'insufficient_privilege';
END;
$$;

CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.events
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_change();

CREATE TABLE {schema}.unique_keys (
    instance_id    text COLLATE "C" NOT NULL,
    kind           text COLLATE "C" NOT NULL,
    hash           bytea NOT NULL,
    aggregate_type text COLLATE "C" NOT NULL,
    aggregate_id   text COLLATE "C" NOT NULL,
    PRIMARY KEY (instance_id, kind, hash)
);

-- What was appended under a unit id, kept for days, so that a retry learns the first outcome.
CREATE TABLE {schema}.append_units (
    first_position bigint      NOT NULL,
    last_position  bigint      NOT NULL,
    created_at     timestamptz NOT NULL,
    kept_since     timestamptz NOT NULL,
    epoch          integer     NOT NULL,
    instance_id    text COLLATE "C" NOT NULL,
    unit_id        text COLLATE "C" NOT NULL,
    PRIMARY KEY (instance_id, unit_id)
);
CREATE INDEX append_units_kept_since ON {schema}.append_units USING brin (kept_since);

CREATE TABLE {schema}.leases (
    name       text COLLATE "C" PRIMARY KEY,
    owner      text        NOT NULL,
    token      bigint      NOT NULL,
    expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE {schema}.expiring (
    instance_id text COLLATE "C" NOT NULL,
    kind        text COLLATE "C" NOT NULL CHECK (kind IN ('claim', 'value')),
    scope       text COLLATE "C" NOT NULL,
    key         bytea       NOT NULL,
    value       bytea       NOT NULL,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (instance_id, kind, scope, key)
);
CREATE INDEX expiring_expires_at ON {schema}.expiring (expires_at);

CREATE TABLE {schema}.counters (
    instance_id text COLLATE "C" NOT NULL,
    bucket      bytea       NOT NULL,
    count       bigint      NOT NULL,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (instance_id, bucket)
) WITH (fillfactor = 50);
CREATE INDEX counters_expires_at ON {schema}.counters (expires_at);

CREATE TABLE {schema}.keys (
    instance_id text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    version     integer NOT NULL,
    master      text    NOT NULL,
    wrapped     bytea   NOT NULL, -- empty: destroyed, for good
    PRIMARY KEY (instance_id, name, version)
);

-- How far the projections have come lies beside their rows, in the schema of the views. See adapters/sql/progress.py.

CREATE TABLE {views}.checkpoints (
    projection  text COLLATE "C" NOT NULL,
    version     bigint NOT NULL,
    instance_id text COLLATE "C" NOT NULL,
    log         text COLLATE "C" NOT NULL,
    position    bigint NOT NULL,
    epoch       bigint NOT NULL,
    PRIMARY KEY (projection, version, instance_id, log)
) WITH (fillfactor = 50);

CREATE TABLE {views}.parked (
    projection     text COLLATE "C" NOT NULL,
    version        bigint NOT NULL,
    instance_id    text COLLATE "C" NOT NULL,
    log            text COLLATE "C" NOT NULL,
    aggregate_type text COLLATE "C" NOT NULL,
    aggregate_id   text COLLATE "C" NOT NULL,
    position       bigint NOT NULL,
    error          text COLLATE "C" NOT NULL,
    attempts       bigint NOT NULL,
    parked_at      bigint NOT NULL, -- microseconds since 1970 UTC
    PRIMARY KEY (projection, version, instance_id, log, aggregate_type, aggregate_id)
);
