"""The adapter under the contract of its port, and what is special about it."""

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hexkeep_flock.locks import FlockLocks
from hexkeep_flock.settings import FlockSettings

from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep.ports.adapter import Adapter
from hexkeep.ports.locks import Locks
from hexkeep.testing.contract import PassingTime
from hexkeep.testing.locks import LONG, LocksContract

OTHER_PROCESS = """
import asyncio, sys
from pathlib import Path
from hexkeep_flock.locks import FlockLocks
from hexkeep_flock.settings import FlockSettings

async def main():
    locks = FlockLocks(FlockSettings(folder=Path(sys.argv[1])))
    await locks.open()
    print((await locks.acquire("leader", "other", 600)).token, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


class HandMovedClock:
    """A monotonic clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        """The present reading."""
        return self.seconds

    def now(self) -> datetime:
        """The same as a time of day."""
        return datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    async def advance(self, seconds: float) -> None:
        """Move on."""
        self.seconds += seconds


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the leases lie."""
    return tmp_path / "locks"


@pytest.fixture
def clock() -> HandMovedClock:
    """The clock of the locks under test."""
    return HandMovedClock()


@pytest.fixture
async def locks(folder: Path, clock: HandMovedClock) -> AsyncIterator[FlockLocks]:
    """Opened locks on an empty folder."""
    locks = FlockLocks(FlockSettings(folder=folder), clock.monotonic)
    await locks.open()
    yield locks
    await locks.close()


class TestContract(LocksContract):
    @pytest.fixture
    def locks(self, locks: FlockLocks) -> Locks:
        """The port under test."""
        return locks

    @pytest.fixture
    def adapter(self, locks: FlockLocks) -> Adapter:
        """The same: it serves one port."""
        return locks

    @pytest.fixture
    def time(self, clock: HandMovedClock) -> PassingTime:
        """The clock that the test moves."""
        return clock


async def test_lease_of_another_process_outlives_its_death_for_its_time_alone(folder: Path) -> None:
    """A lease excludes other processes, also once its holder was killed; when it is over the token has grown."""
    lead = 0.0
    here = FlockLocks(FlockSettings(folder=folder), lambda: time.monotonic() + lead)
    await here.open()
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", OTHER_PROCESS, str(folder), stdout=PIPE)
    assert other.stdout is not None
    token = int(await other.stdout.readline())
    assert await here.acquire("leader", "here", LONG) is None
    other.kill()
    await other.communicate()
    assert await here.acquire("leader", "here", LONG) is None
    lead = LONG
    lease = await here.acquire("leader", "here", LONG)
    assert lease is not None
    assert lease.token > token
    await here.close()


async def test_restarted_machine_frees_every_lease(locks: FlockLocks, clock: HandMovedClock) -> None:
    """The clock begins anew with the machine; a lease of before is over, and its tokens go on growing."""
    before = await locks.acquire("leader", "one", 600)
    clock.seconds = 5.0
    after = await locks.acquire("leader", "two", 600)
    assert before is not None
    assert after is not None
    assert after.token > before.token


def damage(folder: Path, text: str) -> None:
    """Overwrite the one lease there is."""
    [file] = folder.glob("*.json")
    file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("text", ["", "[]", json.dumps({"owner": "x", "colour": 1})])
async def test_damaged_lease_is_nobodys(locks: FlockLocks, folder: Path, text: str) -> None:
    """What cannot be read is refused: to guess could give two owners one token."""
    await locks.acquire("leader", "one", 600)
    damage(folder, text)
    with pytest.raises(StorageUnavailable):
        await locks.acquire("leader", "two", 600)


async def test_closed_locks_are_unavailable(locks: FlockLocks) -> None:
    """After the end nothing is granted; closing again does nothing."""
    await locks.close()
    await locks.close()
    with pytest.raises(StorageUnavailable):
        await locks.acquire("leader", "one", 600)
