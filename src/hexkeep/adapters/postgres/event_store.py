"""The log: appends by one function call in autocommit, reads by index."""

from collections.abc import Sequence

import psycopg

from hexkeep.adapters.pgwire.database import Connection
from hexkeep.adapters.pgwire.errors import is_collision
from hexkeep.adapters.pgwire.log import EVENT_COLUMNS, WireLog, in_sequence, stored
from hexkeep.adapters.postgres import rounds
from hexkeep.adapters.postgres.append import Round, Verdict, outcomes
from hexkeep.adapters.postgres.database import PostgresDatabase
from hexkeep.adapters.postgres.hot import HotStatement
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Outcome, StoredEvent, Unit

UNITS_PER_CALL = 1024


class PostgresEventStore(WireLog):
    """The port ``event_store.EventStore``.

    An append may be sent again whatever happened to the first sending: the function recognises unit ids that it has
    applied. So a lost connection is no question of guessing.
    """

    def __init__(self, database: PostgresDatabase) -> None:
        super().__init__(database)
        sql = database.schema.sql
        self._append = sql("SELECT * FROM {schema}.append_units(%s, %s, %s, %s, %s, %s)")
        call = b"SELECT * FROM " + sql("{schema}.append_round(") + b", ".join(map(b"$%d".__mod__, range(1, 36))) + b")"
        self._hot = HotStatement(call, rounds.TYPES, prepare=database.prepare)
        self._open_logs = sql(
            "INSERT INTO {schema}.log_heads (instance_id, log) SELECT i, l FROM json_to_recordset(%s::json)"
            " AS w(i text, l text) ORDER BY 1, 2 ON CONFLICT DO NOTHING"
        )
        self._read_stream = sql(
            "SELECT " + EVENT_COLUMNS + " FROM {schema}.read_stream(%s, %s, %s, %s, %s, %s)"  # noqa: S608  # our own text
        )
        self._versions = sql("SELECT * FROM {schema}.stream_versions(%s, %s, %s, %s)")
        self._forget_keys = sql("SELECT {schema}.forget_keys(%s, %s, %s)")
        self._drop = sql("SELECT {schema}.drop_events(%s, %s, %s)")

    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        """See the port."""
        result: list[Outcome] = []
        for begin in range(0, len(units), UNITS_PER_CALL):
            result += await self._append_some(units[begin : begin + UNITS_PER_CALL])
        return result

    async def _append_some(self, units: Sequence[Unit]) -> list[Outcome]:
        smooth = rounds.Round.of(units)
        arguments = smooth.arguments()
        answer = await self._database.run(lambda connection: self._hot.rows(connection, arguments), pool="append")
        return smooth.outcomes(units, answer) if answer else await self._append_carefully(units)

    async def _append_carefully(self, units: Sequence[Unit]) -> list[Outcome]:
        """Units of which at least one has something against it, or whose log has no head yet."""
        arguments = Round.of(units).arguments()

        async def call(connection: Connection) -> list[Verdict] | None:
            try:
                return await self._call(connection, arguments)
            except psycopg.Error as error:
                if len(units) > 1 and is_collision(error):
                    return None
                raise

        verdicts = await self._database.run(call, pool="append")
        if verdicts is None:  # units that exclude each other met in one call: one after the other, then
            return [(await self._append_carefully([unit]))[0] for unit in units]
        return outcomes(units, verdicts)

    async def _call(self, connection: Connection, arguments: tuple[str, str, str, str, str, bytes]) -> list[Verdict]:
        verdicts = await self._send(connection, arguments)
        if not verdicts:  # the first events of a log: it has no head to lock yet
            await connection.execute(self._open_logs, arguments[:1])
            verdicts = await self._send(connection, arguments)
        return verdicts

    async def _send(self, connection: Connection, arguments: tuple[str, str, str, str, str, bytes]) -> list[Verdict]:
        prepare = self._database.prepare
        cursor = await connection.execute(self._append, arguments, prepare=prepare, binary=True)
        return await cursor.fetchall()

    async def read_stream(
        self, instance: str, log: Log, stream: Ref, after: int = 0, limit: int = 1000
    ) -> list[StoredEvent]:
        """See the port."""
        rows = await self._database.rows(self._read_stream, (instance, log.value, *stream, after, limit))
        return in_sequence(map(stored, rows), after)

    async def versions(self, instance: str, streams: Sequence[tuple[Log, Ref]]) -> list[int]:
        """See the port."""
        if not streams:
            return []
        logs, types, ids = zip(*((log.value, ref.type, ref.id) for log, ref in streams), strict=True)
        rows = await self._database.rows(self._versions, (instance, list(logs), list(types), list(ids)))
        return [version for (version,) in rows]

    async def forget_keys(self, instance: str, owner: Ref) -> None:
        """See the port."""
        await self._database.rows(self._forget_keys, (instance, *owner))

    async def drop(self, instance: str, upto: int, limit: int = 10_000) -> int:
        """See the port."""
        ((dropped,),) = await self._database.rows(self._drop, (instance, upto, limit))
        if dropped < 0:
            raise FailedPrecondition("The log does not reach so far")
        return int(dropped)
