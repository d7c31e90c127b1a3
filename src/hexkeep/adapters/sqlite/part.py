"""What the parts of the storage share: they are open exactly while it is."""

from hexkeep.adapters.sqlite.database import Database


class Part:
    """One port on the storage's file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self) -> None:
        """Nothing: the storage opens the file."""

    async def ping(self) -> None:
        """See the port."""
        await self._database.ping()

    async def close(self) -> None:
        """Nothing: the storage closes the file."""
