-- Appends a round of units of one log. One statement, so an implicit transaction: as long as nothing was answered the
-- server itself begins it again. Each table is modified once, which is all that CockroachDB allows in one statement.
--
-- w(u, ...) are the arguments: u is the number of a unit in its round, n how many events it has, s the number of a
-- stream and k that of an event in the unit (k from 1). A key of a unit has one row with its net effect: who gives it
-- back (from) and who takes it (to), either of which may be missing.
--
-- Whatever the planner believes of a young or a grown table, rows are to be looked up: see the piece "lookup". A scan
-- would lock and disturb what this round has nothing to do with.
--
-- The answer has a row for each unit that is applied or was before ('seen', with the outcome of then), and for each
-- other at least one: 'stale' (low: the expected version, high: the present one, epoch: the number of the stream) or
-- 'taken' (kind: of the key).
WITH units AS MATERIALIZED (
    SELECT * FROM unnest(%s::int8[], %s::text[], %s::text[], %s::text[], %s::int8[], %s::text[], %s::text[],
            %s::bytea[])
        AS w(u, instance_id, log, unit_id, n, actor, correlation_id, client)
), head AS MATERIALIZED ( -- locked, so that whoever comes second waits instead of beginning again
    SELECT * FROM {schema}.log_heads WHERE instance_id = %s AND log = %s FOR UPDATE
), horizon AS MATERIALIZED ( -- what lies behind it does not count, whether its row is still there or not
    SELECT * FROM {schema}.log_horizons WHERE instance_id = %s AND log = %s
), given AS MATERIALIZED (
    SELECT w.*, o.aggregate_type AS held_type, o.aggregate_id AS held_id
    FROM unnest(%s::int8[], %s::text[], %s::text[], %s::bytea[], %s::text[], %s::text[], %s::text[], %s::text[])
        AS w(u, instance_id, kind, hash, from_type, from_id, to_type, to_id)
    LEFT{lookup} JOIN {schema}.unique_keys o ON o.instance_id = w.instance_id AND o.kind = w.kind AND o.hash = w.hash
), seen AS MATERIALIZED (
    SELECT u.u, o.first_position, o.last_position, o.epoch, o.created_at
    FROM units u INNER{lookup} JOIN {schema}.append_units o ON o.instance_id = u.instance_id AND o.unit_id = u.unit_id
), expected AS MATERIALIZED (
    SELECT w.*, coalesce((SELECT horizon FROM horizon), 0) AS horizon
    FROM unnest(%s::int8[], %s::int8[], %s::text[], %s::text[], %s::text[], %s::text[], %s::int8[])
        AS w(u, s, instance_id, log, aggregate_type, aggregate_id, version)
), unborn AS MATERIALIZED (
    SELECT * FROM expected WHERE version = 0
), stale AS MATERIALIZED ( -- a stream stands at a version if that one is there and the next is not; at 0 if none is
    SELECT w.* FROM expected w
    LEFT{lookup} JOIN {schema}.events e ON e.instance_id = w.instance_id AND e.log = w.log
        AND e.aggregate_type = w.aggregate_type AND e.aggregate_id = w.aggregate_id AND e.version = w.version
        AND e.position > w.horizon
    LEFT{lookup} JOIN {schema}.events f ON f.instance_id = w.instance_id AND f.log = w.log
        AND f.aggregate_type = w.aggregate_type AND f.aggregate_id = w.aggregate_id AND f.version = w.version + 1
        AND f.position > w.horizon
    WHERE w.version > 0 AND (e.version IS NULL OR f.version IS NOT NULL)
    UNION ALL SELECT DISTINCT w.* FROM unborn w INNER{lookup} JOIN {schema}.events e ON e.instance_id = w.instance_id
        AND e.log = w.log AND e.aggregate_type = w.aggregate_type AND e.aggregate_id = w.aggregate_id
        AND e.position > w.horizon
), taken AS MATERIALIZED (
    SELECT g.u, g.kind FROM given g
    WHERE g.to_type IS NOT NULL AND g.held_type IS NOT NULL AND (g.held_type, g.held_id) <> (g.to_type, g.to_id)
        AND (g.from_type IS NULL OR (g.held_type, g.held_id) <> (g.from_type, g.from_id))
), applied AS MATERIALIZED (
    SELECT u.*, coalesce(h.epoch, 1) AS epoch,
        greatest(statement_timestamp()::timestamptz, h.created_at) AS created_at,
        (coalesce(h.position, 0) + sum(u.n) OVER (PARTITION BY u.instance_id, u.log ORDER BY u.u) - u.n)::int8 AS behind
    FROM units u LEFT JOIN head h ON true
    WHERE u.u NOT IN (SELECT u FROM seen UNION ALL SELECT u FROM stale UNION ALL SELECT u FROM taken)
), written AS (
    INSERT INTO {schema}.events (instance_id, log, position, version, created_at, revision, aggregate_type,
        aggregate_id, event_type, actor, correlation_id, digest, client, payload)
    SELECT a.instance_id, a.log, a.behind + w.k, w.version, a.created_at, w.revision, w.aggregate_type, w.aggregate_id,
        w.event_type, a.actor, a.correlation_id, w.digest, a.client, w.payload
    FROM unnest(%s::int8[], %s::int8[], %s::text[], %s::text[], %s::int8[], %s::text[], %s::int8[], %s::bytea[],
            %s::bytea[])
        AS w(u, k, aggregate_type, aggregate_id, version, event_type, revision, digest, payload)
    JOIN applied a ON a.u = w.u
    RETURNING 1
), remembered AS (
    INSERT INTO {schema}.append_units
        (instance_id, unit_id, first_position, last_position, epoch, created_at, kept_since)
    SELECT instance_id, unit_id, behind + 1, behind + n, epoch, created_at, statement_timestamp() FROM applied
    RETURNING 1
), owned AS (
    INSERT INTO {schema}.unique_keys (instance_id, kind, hash, aggregate_type, aggregate_id)
    SELECT g.instance_id, g.kind, g.hash, g.to_type, g.to_id FROM given g JOIN applied a ON a.u = g.u
    WHERE g.to_type IS NOT NULL OR (g.held_type, g.held_id) = (g.from_type, g.from_id)
    ON CONFLICT (instance_id, kind, hash)
        DO UPDATE SET aggregate_type = excluded.aggregate_type, aggregate_id = excluded.aggregate_id
    RETURNING 1
), changed AS ( -- at a position that has changes already: of a unit without events of its own
    INSERT INTO {schema}.key_changes (instance_id, log, position, kind, hash, aggregate_type, aggregate_id, claimed)
    SELECT a.instance_id, a.log, a.behind + a.n, g.kind, g.hash, coalesce(g.to_type, g.from_type),
        coalesce(g.to_id, g.from_id), g.to_type IS NOT NULL
    FROM given g JOIN applied a ON a.u = g.u
    ON CONFLICT (instance_id, log, position, kind, hash) DO UPDATE SET aggregate_type = excluded.aggregate_type,
        aggregate_id = excluded.aggregate_id, claimed = excluded.claimed
    RETURNING 1
), advanced AS (
    INSERT INTO {schema}.log_heads (instance_id, log, position, epoch, created_at)
    SELECT instance_id, log, max(behind + n), max(epoch), max(created_at) FROM applied
    GROUP BY instance_id, log HAVING sum(n) > 0
    ON CONFLICT (instance_id, log) DO UPDATE SET position = excluded.position, created_at = excluded.created_at
    RETURNING 1
)
SELECT u, 'applied' AS verdict, behind + 1 AS low, behind + n AS high, epoch, created_at, '' AS kind FROM applied
UNION ALL SELECT u, 'seen', first_position, last_position, epoch, created_at, '' FROM seen
UNION ALL SELECT w.u, 'stale', w.version, coalesce(max(e.version), 0), w.s, NULL::timestamptz, '' FROM stale w
    LEFT{lookup} JOIN {schema}.events e ON e.instance_id = w.instance_id AND e.log = w.log
        AND e.aggregate_type = w.aggregate_type AND e.aggregate_id = w.aggregate_id AND e.position > w.horizon
    GROUP BY w.u, w.s, w.version
UNION ALL SELECT u, 'taken', 0, 0, 0, NULL::timestamptz, kind FROM taken
