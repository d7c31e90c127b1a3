"""The log: appends by one statement in autocommit, reads by index."""

import asyncio
from collections.abc import Sequence
from typing import LiteralString

import psycopg
from psycopg import errors as pg

from hexkeep.adapters.cockroach.append import Round, Verdict, by_log, outcomes, rounds, statement
from hexkeep.adapters.cockroach.database import CockroachDatabase
from hexkeep.adapters.pgwire.database import Connection
from hexkeep.adapters.pgwire.errors import is_collision
from hexkeep.adapters.pgwire.log import EVENT_COLUMNS, WireLog, in_sequence, stored
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import FailedPrecondition, StorageUnavailable
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Outcome, Reading, StoredEvent, Unit

UNITS_PER_CALL = 32
"""Few, because a statement that has to be begun again does all of them again."""


class CockroachEventStore(WireLog):
    """The port ``event_store.EventStore``.

    An append may be sent again whatever happened to the first sending: the statement recognises unit ids that it has
    applied. So neither a lost connection nor an unknown outcome is a question of guessing.
    """

    def __init__(self, database: CockroachDatabase) -> None:
        self._server = database
        super().__init__(database)
        sql = database.schema.sql
        self._append = sql(self._looking_up(statement()))
        horizon: LiteralString = "SELECT horizon FROM {schema}.log_horizons WHERE instance_id = %s AND log = %s"
        of_stream: LiteralString = (  # without what lies behind the horizon, whether its row is still there or not
            " FROM {schema}.events WHERE instance_id = %s AND log = %s AND aggregate_type = %s AND aggregate_id = %s"
            " AND position > coalesce((" + horizon + "), 0)"
        )
        self._read_stream = sql("SELECT " + EVENT_COLUMNS + of_stream + " AND version > %s ORDER BY version LIMIT %s")
        self._version = sql("SELECT version" + of_stream + " ORDER BY version DESC LIMIT 1")
        self._versions = sql(
            self._looking_up(
                "SELECT coalesce(max(e.version), 0)"
                " FROM unnest(%s::int8[], %s::text[], %s::text[], %s::text[], %s::text[])"
                " AS w(number, instance_id, log, aggregate_type, aggregate_id)"
                " LEFT{lookup} JOIN {schema}.log_horizons z ON z.instance_id = w.instance_id AND z.log = w.log"
                " LEFT{lookup} JOIN {schema}.events e"
                " ON e.instance_id = w.instance_id AND e.log = w.log AND e.aggregate_type = w.aggregate_type"
                " AND e.aggregate_id = w.aggregate_id AND e.position > coalesce(z.horizon, 0)"
                " GROUP BY w.number ORDER BY w.number"
            )
        )
        self._forget_keys = sql(
            "WITH freed AS (DELETE FROM {schema}.unique_keys"
            " WHERE instance_id = %s AND aggregate_type = %s AND aggregate_id = %s RETURNING 1),"
            " forgotten AS (DELETE FROM {schema}.key_changes"
            " WHERE instance_id = %s AND aggregate_type = %s AND aggregate_id = %s RETURNING 1)"
            " SELECT (SELECT count(*) FROM freed) + (SELECT count(*) FROM forgotten)"
        )
        self._horizon = sql(
            "INSERT INTO {schema}.log_horizons AS kept (instance_id, log, horizon, horizon_at)"
            " SELECT instance_id, log, position, created_at FROM {schema}.events"
            " WHERE instance_id = %s AND log = 'activity' AND position = %s ON CONFLICT (instance_id, log)"
            " DO UPDATE SET horizon = excluded.horizon, horizon_at = excluded.horizon_at"
            " WHERE kept.horizon < excluded.horizon"
        )
        self._drop = database.delete("events", "instance_id = %s AND log = 'activity' AND position <= %s", "position")

    def _looking_up(self, text: LiteralString) -> LiteralString:
        return text.replace("{lookup}", self._server.pieces["lookup"])

    def moment(self, reading: Reading) -> LiteralString:
        """See the base. Reads in the past never push a writer, and old enough ones any replica answers."""
        if reading is Reading.PRESENT:
            return ""
        if reading is Reading.HISTORY:
            return self._server.pieces["history"]
        return self._server.recently()

    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        """See the port. Each log has statements of its own, so that tenants neither wait for nor restart each other."""
        logs = by_log(units)
        work = [self._append_to_log([units[number] for number in log]) for log in logs]
        found: dict[int, Outcome] = {}
        for log, done in zip(logs, await asyncio.gather(*work, return_exceptions=True), strict=True):
            if isinstance(done, BaseException):
                raise done
            found.update(zip(log, done, strict=True))
        return [found[number] for number in range(len(units))]

    async def _append_to_log(self, units: Sequence[Unit]) -> list[Outcome]:
        result: list[Outcome] = []
        for some in rounds(units, UNITS_PER_CALL):
            result += await self._append_some(some)
        return result

    async def _append_some(self, units: Sequence[Unit]) -> list[Outcome]:
        arguments = Round.of(units).arguments()

        async def call(connection: Connection) -> list[Verdict] | None:
            try:
                return await self._send(connection, arguments)
            except psycopg.Error as error:
                if is_collision(error):
                    return None
                raise

        for _ in range(self._server.contention_tries):
            verdicts = await self._server.run(call, pool="append")
            if verdicts is not None:
                return outcomes(units, verdicts)
            if len(units) > 1:  # somebody else was after the same thing: one after the other, then
                return [(await self._append_some([unit]))[0] for unit in units]
        raise StorageUnavailable("The log is in too much demand")

    async def _send(self, connection: Connection, arguments: Sequence[object]) -> list[Verdict]:
        cursor = await connection.execute(self._append, arguments, prepare=self._server.prepare, binary=True)
        return await cursor.fetchall()

    async def read_stream(
        self, instance: str, log: Log, stream: Ref, after: int = 0, limit: int = 1000
    ) -> list[StoredEvent]:
        """See the port."""
        place = (instance, log.value)
        rows = await self._database.rows(self._read_stream, (*place, *stream, *place, after, limit))
        return in_sequence(map(stored, rows), after)

    async def read_log(
        self, instance: str, log: Log, after: int, limit: int, reading: Reading = Reading.PRESENT
    ) -> list[StoredEvent]:
        """See the port. Before the tables were made there is no past to read."""
        try:
            return await super().read_log(instance, log, after, limit, reading)
        except StorageUnavailable as error:
            missing = (pg.UndefinedTable, pg.InvalidCatalogName, pg.InvalidSchemaName)
            if reading is Reading.PRESENT or not isinstance(error.__cause__, missing):
                raise
        return await super().read_log(instance, log, after, limit)

    async def versions(self, instance: str, streams: Sequence[tuple[Log, Ref]]) -> list[int]:
        """See the port."""
        if not streams:
            return []
        if len(streams) == 1:
            ((log, ref),) = streams
            rows = await self._database.rows(self._version, (instance, log.value, *ref, instance, log.value))
            return [rows[0][0] if rows else 0]
        logs, types, ids = zip(*((log.value, ref.type, ref.id) for log, ref in streams), strict=True)
        wanted = ([*range(len(streams))], [instance] * len(streams), list(logs), list(types), list(ids))
        return [version for (version,) in await self._database.rows(self._versions, wanted)]

    async def forget_keys(self, instance: str, owner: Ref) -> None:
        """See the port."""
        whose = (instance, *owner)
        await self._database.rows(self._forget_keys, (*whose, *whose))

    async def drop(self, instance: str, upto: int, limit: int = 10_000) -> int:
        """See the port. On a connection of the owner's, for nobody else may; ``FailedPrecondition`` without one."""
        if upto > (await self.head(instance, Log.ACTIVITY)).position:
            raise FailedPrecondition("The log does not reach so far")

        async def work(connection: Connection) -> int:
            try:
                await connection.execute(self._horizon, (instance, upto))
                return (await connection.execute(self._drop, (instance, upto, limit))).rowcount
            except pg.InsufficientPrivilege as error:
                raise FailedPrecondition("Only the owner of the schema may drop events; set `owner_url`") from error

        return await self._server.as_owner(work)
