"""Rules of the event store about modes of reading and about time."""

import asyncio

import pytest

from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import EventStore, Reading, StoredEvent
from hexkeep.testing.contract import Contract
from hexkeep.testing.units import append, applied, stream, unit


class ReadingRules(Contract):
    """What each ``Reading`` promises, and that time never goes backwards."""

    @pytest.mark.parametrize("reading", list(Reading))
    async def test_every_reading_shows_everything_at_last(
        self, event_store: EventStore, instance: str, reading: Reading
    ) -> None:
        """Every mode shows the same events in the same order, if not at once then a little later."""
        for _ in range(4):
            await applied(event_store, unit(instance, append(stream(), 0, b"a", b"b", b"c")))
        present = await event_store.read_log(instance, Log.DURABLE, 0, 100)

        async def complete() -> bool:
            found = await event_store.read_log(instance, Log.DURABLE, 0, 100, reading)
            assert found == present[: len(found)]
            return len(found) == len(present)

        await self.eventually(complete)
        page = await event_store.read_log(instance, Log.DURABLE, 5, 4, reading)
        assert page == present[5:9]
        assert await event_store.read_log(instance, Log.DURABLE, 12, 4, reading) == []

    @pytest.mark.parametrize("reading", list(Reading))
    async def test_every_reading_is_without_gaps_beside_writers(
        self, event_store: EventStore, instance: str, reading: Reading
    ) -> None:
        """A reader who follows its cursor while others write sees each position once and in order, in every mode."""
        writers, rounds = 4, 6
        seen: list[StoredEvent] = []

        async def write() -> None:
            ref = stream()
            for version in range(0, 2 * rounds, 2):
                await applied(event_store, unit(instance, append(ref, version, b"a", b"b")))

        async def tail() -> None:
            while len(seen) < writers * rounds * 2:
                seen.extend(await event_store.read_log(instance, Log.DURABLE, len(seen), 5, reading))
                assert [found.position for found in seen] == list(range(1, len(seen) + 1))
                await asyncio.sleep(0.001)

        async with asyncio.timeout(self.patience * 3), asyncio.TaskGroup() as tasks:
            tasks.create_task(tail())
            for _ in range(writers):
                tasks.create_task(write())

    async def test_present_reading_shows_what_was_acknowledged(self, event_store: EventStore, instance: str) -> None:
        """Whoever reads the log, a stream, a version or the head after an answer finds what was answered."""
        ref = stream()

        async def write(version: int) -> None:
            done = await applied(event_store, unit(instance, append(ref, version)))
            (found,) = await event_store.read_log(instance, Log.DURABLE, done.last - 1, 1, Reading.PRESENT)
            assert found.version == version + 1
            assert [one.version for one in await event_store.read_stream(instance, Log.DURABLE, ref, version)] == [
                version + 1
            ]
            assert await event_store.versions(instance, [(Log.DURABLE, ref)]) == [version + 1]
            assert (await event_store.head(instance, Log.DURABLE)).position == done.last

        for version in range(20):
            await write(version)

    async def test_created_at_never_goes_backwards(self, event_store: EventStore, instance: str) -> None:
        """In order of position the times of a log only grow, whoever wrote, and a unit has one time."""

        async def write() -> None:
            ref = stream()
            for version in range(0, 10, 2):
                done = await applied(event_store, unit(instance, append(ref, version, b"a", b"b")))
                both = await event_store.read_stream(instance, Log.DURABLE, ref, version)
                assert [found.created_at for found in both] == [done.created_at] * 2

        await asyncio.gather(*(write() for _ in range(4)))
        times = [found.created_at for found in await event_store.read_log(instance, Log.DURABLE, 0, 100)]
        assert len(times) == 40
        assert times == sorted(times)
