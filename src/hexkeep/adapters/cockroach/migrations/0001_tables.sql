-- Keys begin with the instance, so tenants lie in ranges of their own and what one writes heats no other's. Within one
-- instance the log's end is one place by design: its head is one row. Indexes over values that only grow, which all
-- instances share, begin with a hash. Text is compared by code point there without being told.

-- One row per log; each append of the log moves it. Tenants spread, one tenant's appends take turns.
CREATE TABLE IF NOT EXISTS {schema}.log_heads (
    instance_id text        NOT NULL,
    log         text        NOT NULL,
    position    int8        NOT NULL,
    epoch       int8        NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (instance_id, log)
);

-- Beside the heads, not in them: whoever drops events holds no writer up.
CREATE TABLE IF NOT EXISTS {schema}.log_horizons (
    instance_id text        NOT NULL,
    log         text        NOT NULL CHECK (log = 'activity'),
    horizon     int8        NOT NULL CHECK (horizon > 0),
    horizon_at  timestamptz NOT NULL,
    PRIMARY KEY (instance_id, log)
);

-- By position, for readers who follow the log; the index by stream is for decisions, and insists on versions.
CREATE TABLE IF NOT EXISTS {schema}.events (
    instance_id    text        NOT NULL,
    log            text        NOT NULL,
    position       int8        NOT NULL,
    version        int8        NOT NULL,
    created_at     timestamptz NOT NULL,
    revision       int8        NOT NULL,
    aggregate_type text        NOT NULL,
    aggregate_id   text        NOT NULL,
    event_type     text        NOT NULL,
    actor          text        NOT NULL,
    correlation_id text        NOT NULL,
    digest         bytea       NOT NULL CHECK (length(digest) = 32),
    client         bytea       NOT NULL,
    payload        bytea       NOT NULL,
    PRIMARY KEY (instance_id, log, position),
    CONSTRAINT events_stream UNIQUE (instance_id, log, aggregate_type, aggregate_id, version)
);

-- A key that was given back stays as a row without an owner until the next sweep: a statement may modify a table once.
CREATE TABLE IF NOT EXISTS {schema}.unique_keys (
    instance_id    text  NOT NULL,
    kind           text  NOT NULL,
    hash           bytea NOT NULL,
    aggregate_type text,
    aggregate_id   text,
    PRIMARY KEY (instance_id, kind, hash)
);
CREATE INDEX IF NOT EXISTS unique_keys_owner ON {schema}.unique_keys (instance_id, aggregate_type, aggregate_id);
CREATE INDEX IF NOT EXISTS unique_keys_free ON {schema}.unique_keys (instance_id, kind, hash)
    WHERE aggregate_type IS NULL;

-- What units do to unique keys, by position; by owner for erasure.
CREATE TABLE IF NOT EXISTS {schema}.key_changes (
    instance_id    text  NOT NULL,
    log            text  NOT NULL,
    position       int8  NOT NULL,
    kind           text  NOT NULL,
    hash           bytea NOT NULL,
    aggregate_type text  NOT NULL,
    aggregate_id   text  NOT NULL,
    claimed        bool  NOT NULL,
    PRIMARY KEY (instance_id, log, position, kind, hash)
);
CREATE INDEX IF NOT EXISTS key_changes_owner ON {schema}.key_changes (instance_id, aggregate_type, aggregate_id);

-- What was appended under a unit id, kept for days, so that a retry learns the first outcome.
CREATE TABLE IF NOT EXISTS {schema}.append_units (
    instance_id    text        NOT NULL,
    unit_id        text        NOT NULL,
    first_position int8        NOT NULL,
    last_position  int8        NOT NULL,
    epoch          int8        NOT NULL,
    created_at     timestamptz NOT NULL,
    kept_since     timestamptz NOT NULL,
    PRIMARY KEY (instance_id, unit_id)
);
CREATE INDEX IF NOT EXISTS append_units_kept_since ON {schema}.append_units (kept_since){spread};

-- Few rows, renewed every few seconds.
CREATE TABLE IF NOT EXISTS {schema}.leases (
    name       text        NOT NULL PRIMARY KEY,
    owner      text        NOT NULL,
    token      int8        NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS {schema}.expiring (
    instance_id text        NOT NULL,
    kind        text        NOT NULL CHECK (kind IN ('claim', 'value')),
    scope       text        NOT NULL,
    key         bytea       NOT NULL,
    value       bytea       NOT NULL,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (instance_id, kind, scope, key)
);
CREATE INDEX IF NOT EXISTS expiring_expires_at ON {schema}.expiring (expires_at){spread};

CREATE TABLE IF NOT EXISTS {schema}.counters (
    instance_id text        NOT NULL,
    bucket      bytea       NOT NULL,
    count       int8        NOT NULL,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (instance_id, bucket)
);
CREATE INDEX IF NOT EXISTS counters_expires_at ON {schema}.counters (expires_at){spread};

-- Wrapped data keys; without bytes: destroyed, for good.
CREATE TABLE IF NOT EXISTS {schema}.keys (
    instance_id text  NOT NULL,
    name        text  NOT NULL,
    version     int8  NOT NULL,
    master      text  NOT NULL,
    wrapped     bytea NOT NULL,
    PRIMARY KEY (instance_id, name, version)
);

-- Signed statements over the log: one row in a few thousand events.
CREATE TABLE IF NOT EXISTS {schema}.seals (
    instance_id    text        NOT NULL,
    log            text        NOT NULL,
    number         int8        NOT NULL,
    epoch          int8        NOT NULL,
    first_position int8        NOT NULL,
    last_position  int8        NOT NULL,
    root           bytea       NOT NULL,
    previous       bytea       NOT NULL,
    leaves         bytea       NOT NULL,
    signature      text        NOT NULL,
    sealed_at      timestamptz NOT NULL,
    PRIMARY KEY (instance_id, log, number),
    CONSTRAINT seals_last_position UNIQUE (instance_id, log, last_position)
);

-- States of aggregates with long streams: a cache.
CREATE TABLE IF NOT EXISTS {schema}.snapshots (
    instance_id    text  NOT NULL,
    aggregate_type text  NOT NULL,
    aggregate_id   text  NOT NULL,
    version        int8  NOT NULL,
    schema         text  NOT NULL,
    state          bytea NOT NULL,
    PRIMARY KEY (instance_id, aggregate_type, aggregate_id)
);
