"""Defects of a storage as a whole: one that only the back door shows, and some that only a long history shows."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import ClassVar

import pytest

from hexkeep.adapters.memory import MemorySettings, MemoryStorage
from hexkeep.adapters.memory.event_store import MemoryEventStore
from hexkeep.adapters.memory.loader import MemoryLoader
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import EventStore, StoredEvent
from hexkeep.ports.seals import Seal
from hexkeep.testing.event_store import EventStoreContract, RawLog
from hexkeep.testing.golden import GoldenContract
from hexkeep.testing.model import ModelContract
from hexkeep.testing.twins import Connect
from tests.contract.broken.defects import DEFECTS, BrokenStorage, Clock

MACHINE = "test_storage_cannot_be_told_from_memory"


class TestIsRightOnlyAboutItself(EventStoreContract):
    @pytest.fixture
    def event_store(self) -> EventStore:
        """A store that is right."""
        return MemoryEventStore(SystemClock())

    @pytest.fixture
    def raw_log(self) -> RawLog:
        """Shows a log in which nothing lies."""

        async def rows(instance: str, log: Log) -> list[tuple[int, str, bytes]]:
            return []

        return rows


class _Rewriting(MemoryLoader):
    async def load(self, instance: str, log: Log, events: Sequence[StoredEvent]) -> None:
        await super().load(instance, log, [replace(event, payload=event.payload.upper()) for event in events])

    async def load_seals(self, seals: Sequence[Seal]) -> None:
        await super().load_seals([replace(seal, leaves=seal.leaves[:-1]) for seal in seals])


class TestRewritesWhatIsLoaded(GoldenContract):
    @pytest.fixture
    async def storage(self) -> AsyncIterator[MemoryStorage]:
        """A storage whose loader keeps other bytes than it is given."""
        storage = BrokenStorage(Clock(), "loader", _Rewriting)
        await storage.open()
        yield storage
        await storage.close()


class _Reopened(ModelContract):
    histories = 150  # it ends with the first that shows the defect
    length = 30
    kind: ClassVar[type[MemoryStorage]]

    @pytest.fixture
    def connect(self) -> Connect:
        """The broken storage, always the same."""
        storage = self.kind(MemorySettings(), SystemClock())
        return lambda: storage


class _ForgetsUnitIds(MemoryStorage):
    async def close(self) -> None:
        self.events._applied.clear()
        await super().close()


class TestForgetsUnitIdsWhenReopened(_Reopened):
    kind = _ForgetsUnitIds


class _LosesTheNewest(MemoryStorage):
    async def close(self) -> None:
        for data in self.events._logs.values():
            if len(data.events) > 3:
                data.streams[data.events.pop().stream].pop()
        await super().close()


class TestLosesTheNewestEventWhenReopened(_Reopened):
    kind = _LosesTheNewest


class _ForgetsWhoIsParked(MemoryStorage):
    async def close(self) -> None:
        self.views._parked.clear()
        await super().close()


class TestForgetsWhoIsParkedWhenReopened(_Reopened):
    kind = _ForgetsWhoIsParked


DEFECTS.update(
    {
        TestIsRightOnlyAboutItself.__name__: (__file__, ("test_payload_is_kept_byte_for_byte",)),
        TestRewritesWhatIsLoaded.__name__: (
            __file__,
            ("test_events_come_back_byte_for_byte", "test_seals_come_back_byte_for_byte"),
        ),
        TestForgetsUnitIdsWhenReopened.__name__: (__file__, (MACHINE,)),
        TestLosesTheNewestEventWhenReopened.__name__: (__file__, (MACHINE,)),
        TestForgetsWhoIsParkedWhenReopened.__name__: (__file__, (MACHINE,)),
    }
)
