"""Tables: what the migrations make, in the steps in which it came about. What has been released is never edited."""

LOG = (
    """CREATE TABLE logs (
        id INTEGER PRIMARY KEY,
        instance_id TEXT NOT NULL,
        log TEXT NOT NULL,
        position INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        UNIQUE (instance_id, log)
    ) {strict}""",
    """CREATE TABLE events (
        log_id INTEGER NOT NULL REFERENCES logs (id),
        position INTEGER NOT NULL,
        aggregate_type TEXT NOT NULL,
        aggregate_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        event_type TEXT NOT NULL,
        revision INTEGER NOT NULL,
        payload BLOB NOT NULL,
        digest BLOB NOT NULL,
        actor TEXT NOT NULL,
        correlation_id TEXT NOT NULL,
        client BLOB NOT NULL,
        created_at INTEGER NOT NULL,
        PRIMARY KEY (log_id, position)
    ) {strict}""",
    "CREATE UNIQUE INDEX events_stream ON events (log_id, aggregate_type, aggregate_id, version)",
    """CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'events are only ever inserted'); END""",
    """CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'events are only ever inserted'); END""",
    """CREATE TABLE unique_keys (
        instance_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        hash BLOB NOT NULL,
        owner_type TEXT NOT NULL,
        owner_id TEXT NOT NULL,
        PRIMARY KEY (instance_id, kind, hash)
    ) {strict_by_key}""",
    """CREATE TABLE units (
        instance_id TEXT NOT NULL,
        unit_id TEXT NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        UNIQUE (instance_id, unit_id)
    ) {strict}""",
)

SHARED_STATE = (
    """CREATE TABLE leases (
        name TEXT NOT NULL PRIMARY KEY,
        owner TEXT NOT NULL,
        token INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
    ) {strict_by_key}""",
    """CREATE TABLE expiring (
        kind TEXT NOT NULL,
        instance_id TEXT NOT NULL,
        scope TEXT NOT NULL,
        key BLOB NOT NULL,
        value BLOB NOT NULL,
        count INTEGER NOT NULL,
        until INTEGER NOT NULL,
        PRIMARY KEY (kind, instance_id, scope, key)
    ) {strict_by_key}""",
    "CREATE INDEX expiring_until ON expiring (until)",
    """CREATE TABLE wrapped_keys (
        instance_id TEXT NOT NULL,
        name TEXT NOT NULL,
        version INTEGER NOT NULL,
        master TEXT NOT NULL,
        wrapped BLOB NOT NULL,
        PRIMARY KEY (instance_id, name, version)
    ) {strict_by_key}""",
)

HISTORY = (
    "ALTER TABLE logs ADD COLUMN horizon INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE logs ADD COLUMN horizon_at INTEGER",
    """CREATE TABLE wiped_logs (
        log_id INTEGER PRIMARY KEY
    ) {strict}""",
    "DROP TRIGGER events_are_never_deleted",
    """CREATE TRIGGER events_are_dropped_behind_the_horizon BEFORE DELETE ON events
        WHEN OLD.position > coalesce((SELECT horizon FROM logs WHERE id = OLD.log_id AND log = 'activity'), 0)
            AND NOT EXISTS (SELECT 1 FROM wiped_logs WHERE log_id = OLD.log_id)
        BEGIN SELECT RAISE(ABORT, 'events are only ever inserted'); END""",
    """CREATE TRIGGER logs_keep_their_name BEFORE UPDATE OF id, instance_id, log ON logs
        BEGIN SELECT RAISE(ABORT, 'a log keeps its name'); END""",
    """CREATE TRIGGER logs_only_grow BEFORE UPDATE OF position ON logs WHEN NEW.position < OLD.position
        BEGIN SELECT RAISE(ABORT, 'a log only grows'); END""",
    """CREATE TRIGGER logs_keep_what_is_durable BEFORE INSERT ON logs WHEN NEW.horizon > 0 AND NEW.log <> 'activity'
        BEGIN SELECT RAISE(ABORT, 'nothing is dropped from a durable log'); END""",
    """CREATE TRIGGER horizons_only_advance BEFORE UPDATE OF horizon ON logs
        WHEN NEW.horizon < OLD.horizon OR NEW.horizon > NEW.position OR NEW.log <> 'activity' AND NEW.horizon > 0
        BEGIN SELECT RAISE(ABORT, 'a horizon only advances, and of an activity log alone'); END""",
    """CREATE TRIGGER logs_are_wiped_on_purpose BEFORE DELETE ON logs
        WHEN NOT EXISTS (SELECT 1 FROM wiped_logs WHERE log_id = OLD.id)
        BEGIN SELECT RAISE(ABORT, 'a log is never deleted'); END""",
    """CREATE TABLE key_changes (
        log_id INTEGER NOT NULL,
        position INTEGER NOT NULL,
        kind TEXT NOT NULL,
        hash BLOB NOT NULL,
        owner_type TEXT NOT NULL,
        owner_id TEXT NOT NULL,
        claimed INTEGER NOT NULL,
        PRIMARY KEY (log_id, position, kind, hash)
    ) {strict_by_key}""",
    "CREATE INDEX key_changes_owner ON key_changes (log_id, owner_type, owner_id)",
    # When a key that is held already was claimed is not known. Its owner's beginning makes the present holders right.
    """INSERT INTO key_changes SELECT logs.id, coalesce((SELECT events.position FROM events
            WHERE log_id = logs.id AND aggregate_type = owner_type AND aggregate_id = owner_id AND version = 1),
            logs.position), kind, hash, owner_type, owner_id, 1
        FROM unique_keys JOIN logs ON logs.instance_id = unique_keys.instance_id AND log = 'durable'""",
)

SEALS = (
    """CREATE TABLE seals (
        instance_id TEXT NOT NULL,
        log TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        number INTEGER NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        root BLOB NOT NULL,
        previous BLOB NOT NULL,
        leaves BLOB NOT NULL,
        signature TEXT NOT NULL,
        sealed_at INTEGER NOT NULL,
        PRIMARY KEY (instance_id, log, number)
    ) {strict}""",
    "CREATE UNIQUE INDEX seals_range ON seals (instance_id, log, last)",
    """CREATE TRIGGER seals_are_never_changed BEFORE UPDATE ON seals
        BEGIN SELECT RAISE(ABORT, 'seals are only ever inserted'); END""",
    """CREATE TRIGGER seals_are_never_deleted BEFORE DELETE ON seals
        WHEN EXISTS (SELECT 1 FROM logs WHERE instance_id = OLD.instance_id AND log = OLD.log)
        BEGIN SELECT RAISE(ABORT, 'seals are only ever inserted'); END""",
)

SNAPSHOTS = (
    """CREATE TABLE snapshots (
        instance_id TEXT NOT NULL,
        aggregate_type TEXT NOT NULL,
        aggregate_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        schema TEXT NOT NULL,
        state BLOB NOT NULL,
        PRIMARY KEY (instance_id, aggregate_type, aggregate_id)
    ) {strict}""",
)

BLOBS = (
    """CREATE TABLE blobs (
        instance_id TEXT NOT NULL,
        owner_type TEXT NOT NULL,
        owner_id TEXT NOT NULL,
        name TEXT NOT NULL,
        content_type TEXT NOT NULL,
        size INTEGER NOT NULL,
        digest BLOB NOT NULL,
        put_at INTEGER NOT NULL,
        content BLOB NOT NULL,
        PRIMARY KEY (instance_id, owner_type, owner_id, name)
    ) {strict}""",
)

WIPES = (
    # Instances whose rows are being removed; of units those up to a row have been looked at, for no index leads there.
    """CREATE TABLE wipes (
        instance_id TEXT NOT NULL PRIMARY KEY,
        units_seen INTEGER NOT NULL DEFAULT 0
    ) {strict_by_key}""",
)

UNITS = (
    # Led by the instance, the index had as many places to write to as a transaction has instances. The engine's unit
    # ids rise with time, so led by them it has one.
    """CREATE TABLE units_by_id (
        instance_id TEXT NOT NULL,
        unit_id TEXT NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        UNIQUE (unit_id, instance_id)
    ) {strict}""",
    """INSERT INTO units_by_id (instance_id, unit_id, first, last, epoch, created_at)
        SELECT instance_id, unit_id, first, last, epoch, created_at FROM units ORDER BY rowid""",
    "DROP TABLE units",
    "ALTER TABLE units_by_id RENAME TO units",
)
