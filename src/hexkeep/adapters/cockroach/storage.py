"""The storage: all its ports on one database."""

import logging
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager

from hexkeep.adapters.cockroach.database import CockroachDatabase
from hexkeep.adapters.cockroach.event_store import CockroachEventStore
from hexkeep.adapters.cockroach.expiring import CockroachExpiring
from hexkeep.adapters.cockroach.loader import CockroachLoader, loader_on
from hexkeep.adapters.cockroach.migrate import Migrations
from hexkeep.adapters.cockroach.only import COCKROACH_ONLY, Piece, Pieces
from hexkeep.adapters.cockroach.pubsub import CockroachPubSub
from hexkeep.adapters.cockroach.settings import CockroachSettings
from hexkeep.adapters.cockroach.views import CockroachViews
from hexkeep.adapters.pgwire.storage import WireStorage

logger = logging.getLogger(__name__)


class CockroachStorage(WireStorage):
    """The port ``storage.Storage``. ``pieces`` is for tests on another server."""

    def __init__(self, settings: CockroachSettings, pieces: Iterable[Piece] = COCKROACH_ONLY) -> None:
        database = CockroachDatabase(settings, Pieces(pieces))
        super().__init__(database, Migrations(database))
        self._server = database
        self._events = CockroachEventStore(database)
        self._views = CockroachViews(database)
        self._pubsub = CockroachPubSub(database)
        self._expiring = CockroachExpiring(database)
        self._guarded = database.schema.sql("SELECT has_table_privilege('{schema}.events', 'DELETE')")

    @property
    def events(self) -> CockroachEventStore:
        """See the port."""
        return self._events

    @property
    def views(self) -> CockroachViews:
        """See the port."""
        return self._views

    @property
    def pubsub(self) -> CockroachPubSub:
        """See the port."""
        return self._pubsub

    @property
    def expiring(self) -> CockroachExpiring:
        """See the port."""
        return self._expiring

    def loader(self) -> AbstractAsyncContextManager[CockroachLoader]:
        """See ``storage.Loading``."""
        return loader_on(self._server, self._views.build_table)

    async def _opened(self) -> None:
        ((unguarded,),) = await self._server.rows(self._guarded)
        if unguarded:
            logger.warning("nothing guards the log: this role may delete events; give the application one of its own")
        await self._pubsub.open()

    async def close(self) -> None:
        """See the port."""
        await self._pubsub.close()
        await super().close()
