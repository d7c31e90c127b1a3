"""The one statement that is worth it, past the driver's cursors: by libpq, as psycopg's ``pq`` offers it."""

import asyncio
from collections.abc import Sequence
from weakref import WeakSet

from psycopg import OperationalError, pq
from psycopg.errors import error_from_result

from hexkeep.adapters.pgwire.database import Connection

NAME = b"hexkeep_hot"
Rows = list[tuple[bytes, ...]]


class HotStatement:
    """A statement with arguments and answers in binary, prepared once per connection where that is allowed."""

    def __init__(self, text: bytes, types: Sequence[int], *, prepare: bool) -> None:
        self._text = text
        self._types = types
        self._formats = [pq.Format.BINARY] * len(types)
        self._prepare = prepare
        self._prepared: WeakSet[Connection] = WeakSet()

    async def rows(self, connection: Connection, arguments: Sequence[bytes]) -> Rows:
        """What the statement returns; raises the driver's errors.

        When the caller is cancelled the connection is left in the middle, and the pool throws it away.
        """
        pgconn = connection.pgconn
        async with connection.lock:
            if not self._prepare:
                pgconn.send_query_params(self._text, arguments, self._types, self._formats, pq.Format.BINARY)
            else:
                if connection not in self._prepared:
                    pgconn.send_prepare(NAME, self._text, self._types)
                    await _result(pgconn)
                    self._prepared.add(connection)
                pgconn.send_query_prepared(NAME, arguments, self._formats, pq.Format.BINARY)
            result = await _result(pgconn)
        width = range(result.nfields)
        return [tuple(result.get_value(row, column) or b"" for column in width) for row in range(result.ntuples)]


async def _result(pgconn: pq.abc.PGconn) -> pq.abc.PGresult:
    """What came of what was sent. All is heard to the end: behind the rows the server may tell that COMMIT failed."""
    results = await _results(pgconn)
    for result in results:
        if result.status not in {pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK}:
            raise error_from_result(result)
    if not results:
        raise OperationalError("the connection is lost")
    return results[0]


async def _results(pgconn: pq.abc.PGconn) -> list[pq.abc.PGresult]:
    """Everything until the server is ready for more."""
    loop, socket = asyncio.get_running_loop(), pgconn.socket
    readable = asyncio.Event()
    results: list[pq.abc.PGresult] = []
    loop.add_reader(socket, readable.set)
    try:
        while pgconn.flush():
            await _step(loop, pgconn, readable)
        while True:
            while pgconn.is_busy():
                await readable.wait()
                readable.clear()
                pgconn.consume_input()
            result = pgconn.get_result()
            if result is None:
                return results
            results.append(result)
    finally:
        loop.remove_reader(socket)


async def _step(loop: asyncio.AbstractEventLoop, pgconn: pq.abc.PGconn, readable: asyncio.Event) -> None:
    """Wait until more can be sent, or there is something to read in between."""
    loop.add_writer(pgconn.socket, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_writer(pgconn.socket)
    readable.clear()
    pgconn.consume_input()
