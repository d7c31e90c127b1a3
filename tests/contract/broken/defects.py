"""How a defect is declared: a part of the memory storage that does one thing wrong, and the rules that have to fail.

``@caught_by("test_…")`` puts a test class of the part's kit into the module of the defect.
"""

import inspect
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import TypeVar

import pytest

from hexkeep.adapters.memory.blobs import MemoryBlobs
from hexkeep.adapters.memory.event_store import MemoryEventStore
from hexkeep.adapters.memory.expiring import MemoryExpiring
from hexkeep.adapters.memory.keys import MemoryKeys
from hexkeep.adapters.memory.loader import MemoryLoader
from hexkeep.adapters.memory.locks import MemoryLocks
from hexkeep.adapters.memory.pubsub import MemoryPubSub
from hexkeep.adapters.memory.seals import MemorySeals
from hexkeep.adapters.memory.settings import MemorySettings
from hexkeep.adapters.memory.snapshots import MemorySnapshots
from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.adapters.memory.views import MemoryViews
from hexkeep.testing.blobs import BlobsContract
from hexkeep.testing.contract import Contract, PassingTime
from hexkeep.testing.event_store import EventStoreContract
from hexkeep.testing.expiring import ExpiringContract
from hexkeep.testing.keys import KeysContract
from hexkeep.testing.loader import LoaderContract
from hexkeep.testing.locks import LocksContract
from hexkeep.testing.pubsub import PubSubContract
from hexkeep.testing.pytest_plugin import MODULES
from hexkeep.testing.seals import SealsContract
from hexkeep.testing.snapshots import SnapshotsContract
from hexkeep.testing.views import ViewsContract

Part = (
    MemoryEventStore
    | MemoryViews
    | MemorySeals
    | MemorySnapshots
    | MemoryBlobs
    | MemoryLoader
    | MemoryExpiring
    | MemoryKeys
    | MemoryLocks
    | MemoryPubSub
)
Defect = TypeVar("Defect", bound=Part)

KITS: dict[type[Part], tuple[str, type[Contract]]] = {
    MemoryEventStore: ("events", EventStoreContract),
    MemoryViews: ("views", ViewsContract),
    MemorySeals: ("seals", SealsContract),
    MemorySnapshots: ("snapshots", SnapshotsContract),
    MemoryBlobs: ("blobs", BlobsContract),
    MemoryLoader: ("loader", LoaderContract),
    MemoryExpiring: ("expiring", ExpiringContract),
    MemoryKeys: ("keys", KeysContract),
    MemoryLocks: ("locks", LocksContract),
    MemoryPubSub: ("pubsub", PubSubContract),
}
"""The name of each part in the storage, and its kit."""


def kit_rules() -> set[str]:
    """The names of the rules of every kit that ships, found by their classes."""
    modules = [import_module(f"hexkeep.testing.{module}") for module in MODULES]
    kits = {kit for module in modules for kit in vars(module).values() if inspect.isclass(kit)}
    return {
        name
        for kit in kits
        if issubclass(kit, Contract)
        for name, _ in inspect.getmembers(kit, inspect.isfunction)
        if name.startswith("test_")
    }


DEFECTS: dict[str, tuple[str, tuple[str, ...]]] = {}
"""By the name of the test class: its file, and the rules that have to fail."""


class Clock:
    """Moves by a microsecond with every look, and when a test moves it."""

    def __init__(self) -> None:
        self._elapsed = timedelta()

    def now(self) -> datetime:
        """A day in the past, and what has been added to it."""
        self._elapsed += timedelta(microseconds=1)
        return datetime(2026, 1, 1, tzinfo=UTC) + self._elapsed

    def monotonic(self) -> float:
        """The seconds that were added."""
        return self._elapsed.total_seconds()

    async def advance(self, seconds: float) -> None:
        """Add to the time."""
        self._elapsed += timedelta(seconds=seconds)


class BrokenStorage(MemoryStorage):
    """A memory storage, one part of which is another."""

    def __init__(self, clock: Clock, name: str, kind: type[object]) -> None:
        super().__init__(MemorySettings(), clock)
        self._loaders = MemoryLoader
        if issubclass(kind, MemoryLoader):
            self._loaders = kind
        elif issubclass(kind, MemoryEventStore | MemoryViews | MemoryExpiring | MemoryLocks):
            setattr(self, f"_{name}", kind(clock))
        else:
            setattr(self, f"_{name}", kind())
        part = getattr(self, f"_{name}", None)
        if isinstance(part, Neighbour):
            part.storage = self

    @asynccontextmanager
    async def loader(self) -> AsyncIterator[MemoryLoader]:
        """The defective loader, where that is the defect."""
        parts = (self._events, self._views, self._expiring, self._keys, self._seals)
        yield self._loaders(*parts, snapshots=self._snapshots, blobs=self._blobs)


class Neighbour:
    """A part whose defect is in what it does to others."""

    storage: BrokenStorage


def caught_by(*rules: str) -> Callable[[type[Defect]], type[Defect]]:
    """Declare a defect, and the rules of its kit that have to fail."""

    def declare(kind: type[Defect]) -> type[Defect]:
        name, kit = next(kit for base, kit in KITS.items() if issubclass(kind, base))
        module = sys.modules[kind.__module__]

        @pytest.fixture
        def clock(self: object) -> Clock:
            return Clock()

        @pytest.fixture
        def time(self: object, clock: Clock) -> PassingTime:
            return clock

        @pytest.fixture
        async def storage(self: object, clock: Clock) -> AsyncIterator[BrokenStorage]:
            storage = BrokenStorage(clock, name, kind)
            await storage.open()
            yield storage
            await storage.close()

        members = {"clock": clock, "time": time, "storage": storage, "patience": 0.3, "__module__": kind.__module__}
        title = f"Test{kind.__name__}"
        setattr(module, title, type(title, (kit,), members))
        DEFECTS[title] = (str(module.__file__), rules)
        return kind

    return declare
