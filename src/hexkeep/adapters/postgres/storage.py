"""The storage: six ports on one database."""

from hexkeep.adapters.postgres.database import Database
from hexkeep.adapters.postgres.event_store import PostgresEventStore
from hexkeep.adapters.postgres.expiring import PostgresExpiring
from hexkeep.adapters.postgres.keys import PostgresKeys
from hexkeep.adapters.postgres.locks import PostgresLocks
from hexkeep.adapters.postgres.migrate import Migrations
from hexkeep.adapters.postgres.pubsub import PostgresPubSub
from hexkeep.adapters.postgres.settings import PostgresSettings
from hexkeep.adapters.postgres.views import PostgresViews


class PostgresStorage:
    """The port ``storage.Storage``."""

    def __init__(self, settings: PostgresSettings) -> None:
        self._database = Database(settings)
        self._migrations = Migrations(self._database)
        self._events = PostgresEventStore(self._database)
        self._views = PostgresViews(self._database)
        self._pubsub = PostgresPubSub(self._database)
        self._locks = PostgresLocks(self._database)
        self._expiring = PostgresExpiring(self._database)
        self._keys = PostgresKeys(self._database)

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
    def locks(self) -> PostgresLocks:
        """See the port."""
        return self._locks

    @property
    def expiring(self) -> PostgresExpiring:
        """See the port."""
        return self._expiring

    @property
    def keys(self) -> PostgresKeys:
        """See the port."""
        return self._keys

    async def open(self) -> None:
        """See the port."""
        await self._database.open()
        try:
            await self._migrations.check()
            await self._pubsub.open()
        except BaseException:
            await self.close()
            raise

    async def ping(self) -> None:
        """See the port."""
        await self._database.ping()

    async def close(self) -> None:
        """See the port."""
        await self._pubsub.close()
        await self._database.close()

    async def migrate(self) -> list[str]:
        """See the port."""
        return await self._migrations.run()
