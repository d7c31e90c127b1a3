"""A node of the version before the fifth migration: its rights and its statements, frozen, word for word.

Nothing here may be changed to suit a newer migration; what it does has to go on working while that one runs.
"""

import hashlib
import json
from collections.abc import Sequence
from importlib import resources

import psycopg
from psycopg.sql import SQL, Identifier

from tests.postgres_server import PostgresDatabase

MIGRATIONS = ("0001_tables", "0002_append_units", "0003_stream_reads", "0004_builds")
RIGHTS = (
    "GRANT USAGE ON SCHEMA hexkeep TO {role}",
    "GRANT USAGE, CREATE ON SCHEMA hexkeep_views TO {role}",
    "GRANT SELECT ON hexkeep.schema_migrations TO {role}",
    "GRANT SELECT, INSERT ON hexkeep.events TO {role}",
    "GRANT SELECT, INSERT, UPDATE ON hexkeep.log_heads, hexkeep.keys TO {role}",
    "GRANT SELECT, INSERT, DELETE ON hexkeep.append_units TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON hexkeep.unique_keys, hexkeep.leases TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON hexkeep.expiring, hexkeep.counters TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON hexkeep_views.checkpoints, hexkeep_views.parked TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON hexkeep_views.builds TO {role}",
    "GRANT EXECUTE ON FUNCTION hexkeep.append_units(json, json, json, json, json, bytea) TO {role}",
    "GRANT EXECUTE ON FUNCTION hexkeep.read_stream(text, text, text, text, bigint, bigint) TO {role}",
    "GRANT EXECUTE ON FUNCTION hexkeep.stream_versions(text, text[], text[], text[]) TO {role}",
)
APPEND = b"SELECT * FROM hexkeep.append_units(%s, %s, %s, %s, %s, %s)"
OPEN_LOGS = (
    b"INSERT INTO hexkeep.log_heads (instance_id, log) SELECT i, l FROM json_to_recordset(%s::json)"
    b" AS w(i text, l text) ORDER BY 1, 2 ON CONFLICT DO NOTHING"
)
COLUMNS = (
    b"position, aggregate_type, aggregate_id, version, event_type, revision, payload, digest, actor, correlation_id,"
    b" client, created_at"
)
READ_STREAM = b"SELECT " + COLUMNS + b" FROM hexkeep.read_stream(%s, %s, %s, %s, %s, %s)"
READ_LOG = (
    b"SELECT " + COLUMNS + b" FROM hexkeep.events WHERE instance_id = %s AND log = %s"
    b" AND position > %s ORDER BY position LIMIT %s"
)
VERSIONS = b"SELECT * FROM hexkeep.stream_versions(%s, %s, %s, %s)"
HEAD = b"SELECT position, epoch FROM hexkeep.log_heads WHERE instance_id = %s AND log = %s"
HEADS = b"SELECT instance_id, log, position, epoch FROM hexkeep.log_heads WHERE position > 0"
KEY_OWNER = (
    b"SELECT aggregate_type, aggregate_id FROM hexkeep.unique_keys WHERE instance_id = %s AND kind = %s AND hash = %s"
)
FORGET_UNITS = (
    b"DELETE FROM hexkeep.append_units WHERE ctid = ANY (ARRAY(SELECT ctid FROM hexkeep.append_units"
    b" WHERE kept_since < now() - make_interval(days => %s) LIMIT %s)) RETURNING 1"
)
Connection = psycopg.AsyncConnection


async def set_up(database: PostgresDatabase, role: str) -> None:
    """Bring an empty database to the state in which that version left it."""
    folder = resources.files("hexkeep.adapters.postgres") / "migrations"
    names = {"schema": Identifier("hexkeep"), "views": Identifier("hexkeep_views")}
    async with await Connection.connect(database.owner_url, autocommit=True) as owner:
        for name in names.values():
            await owner.execute(SQL("CREATE SCHEMA {}").format(name))
        await owner.execute(
            "CREATE TABLE hexkeep.schema_migrations"
            " (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        for migration in MIGRATIONS:
            text = (folder / f"{migration}.sql").read_text(encoding="utf-8")
            await owner.execute(SQL(text).format(**names))
            await owner.execute("INSERT INTO hexkeep.schema_migrations (name) VALUES (%s)", (migration,))
        password = psycopg.conninfo.conninfo_to_dict(database.application_url)["password"]
        create = SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(Identifier(role), str(password))
        await owner.execute(create)
        for right in RIGHTS:
            await owner.execute(SQL(right).format(role=Identifier(role)))


async def rows(connection: Connection, statement: bytes, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
    """As that version asks: prepared, in binary."""
    cursor = await connection.execute(statement, values, prepare=True, binary=True)
    return await cursor.fetchall()


class OldWriter:
    """Appends one event after the other to a stream of its own, and moves a unique key each time."""

    def __init__(self, connection: Connection, instance: str, name: str) -> None:
        self._connection = connection
        self._instance = instance
        self._name = name
        self.version = 0
        self.positions: list[int] = []

    def key(self, version: int) -> bytes:
        """The unique key that the stream holds at a version."""
        return hashlib.sha256(f"{self._name}/{version}".encode()).digest()

    async def append(self) -> int:
        """One unit more; its position."""
        i, v, payload = self._instance, self.version + 1, b"{}"
        log, owner = {"i": i, "l": "durable"}, {"t": "kit", "d": self._name}
        unit = {"u": 0, **log, "id": f"{self._name}-{v}", "n": 1, "a": "", "r": "", "o": 0, "z": 0}
        streams = [{"u": 0, "s": 0, **log, **owner, "v": v - 1}]
        event = {"u": 0, "k": 1, **owner, "v": v, "y": "kit.happened", "r": 1, "o": 0, "z": 32 + len(payload)}
        keys = [{"u": 0, "i": i, "k": "name", "h": self.key(v).hex(), **owner, "c": True}]
        if v > 1:
            keys.append({**keys[0], "h": self.key(v - 1).hex(), "c": False})
        values = (*map(json.dumps, ([log], [unit], streams, [event], keys)), bytes(32) + payload)
        verdicts = await rows(self._connection, APPEND, values)
        if not verdicts:
            await self._connection.execute(OPEN_LOGS, values[:1])
            verdicts = await rows(self._connection, APPEND, values)
        ((verdict, _, low, *_),) = verdicts
        assert verdict == "log", verdicts
        self.version = v
        self.positions.append(int(str(low)))
        return self.positions[-1]
