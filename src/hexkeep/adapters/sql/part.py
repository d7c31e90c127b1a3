"""What the parts of a storage share: they are open exactly while it is."""

from typing import Generic, Protocol, TypeVar


class Pinged(Protocol):
    """What the parts work on."""

    async def ping(self) -> None:
        """See ``ports.adapter.Adapter``."""


D = TypeVar("D", bound=Pinged)


class Part(Generic[D]):
    """One port on the storage's database."""

    def __init__(self, database: D) -> None:
        self._database = database

    async def open(self) -> None:
        """Nothing: the storage opens the database."""

    async def ping(self) -> None:
        """See the port."""
        await self._database.ping()

    async def close(self) -> None:
        """Nothing: the storage closes the database."""
