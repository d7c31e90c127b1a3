"""The storage: all its ports on one database."""

from contextlib import AbstractAsyncContextManager

from hexkeep.adapters.pgwire.storage import WireStorage
from hexkeep.adapters.postgres.database import PostgresDatabase
from hexkeep.adapters.postgres.event_store import PostgresEventStore
from hexkeep.adapters.postgres.expiring import PostgresExpiring
from hexkeep.adapters.postgres.loader import PostgresLoader, loader_on
from hexkeep.adapters.postgres.migrate import Migrations
from hexkeep.adapters.postgres.pubsub import PostgresPubSub
from hexkeep.adapters.postgres.settings import PostgresSettings
from hexkeep.adapters.postgres.views import PostgresViews
from hexkeep.adapters.postgres.wipes import Wipes


class PostgresStorage(WireStorage):
    """The port ``storage.Storage``."""

    def __init__(self, settings: PostgresSettings) -> None:
        database = PostgresDatabase(settings)
        super().__init__(database, Migrations(database))
        self._server = database
        self._events = PostgresEventStore(database)
        self._views = PostgresViews(database)
        self._pubsub = PostgresPubSub(database)
        self._expiring = PostgresExpiring(database)

    @property
    def events(self) -> PostgresEventStore:
        """See the port."""
        return self._events

    @property
    def views(self) -> PostgresViews:
        """See the port."""
        return self._views

    @property
    def pubsub(self) -> PostgresPubSub:
        """See the port."""
        return self._pubsub

    @property
    def expiring(self) -> PostgresExpiring:
        """See the port."""
        return self._expiring

    def loader(self) -> AbstractAsyncContextManager[PostgresLoader]:
        """See the port ``storage.Loading``."""
        return loader_on(self._server)

    async def _opened(self) -> None:
        await Wipes(self._server).end()
        await self._pubsub.open()

    async def close(self) -> None:
        """See the port."""
        await self._pubsub.close()
        await super().close()
