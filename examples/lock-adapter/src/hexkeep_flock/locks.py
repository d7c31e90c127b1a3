"""The port ``hexkeep.ports.locks`` on files."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep.ports.locks import Lease, Locks
from hexkeep_flock.leases import Leases
from hexkeep_flock.settings import FlockSettings

T = TypeVar("T")


class FlockLocks(Locks):
    """Leases for all processes of one machine. Files are touched in a thread: disks are slow, the loop must not wait.

    ``clock`` is monotonic, in seconds, and the same for all processes, as Linux has it.
    """

    def __init__(self, settings: FlockSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._leases = Leases(settings.folder, clock)
        self._thread: ThreadPoolExecutor | None = None

    async def open(self) -> None:
        """See the port."""
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hexkeep-flock")
        await self._run(self._leases.prepare)

    async def ping(self) -> None:
        """See the port."""
        await self._run(self._leases.prepare)

    async def close(self) -> None:
        """See the port."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.to_thread(thread.shutdown)

    async def acquire(self, name: str, owner: str, seconds: float) -> Lease | None:
        """See the port."""
        return await self._run(partial(self._leases.acquire, name, owner, seconds))

    async def renew(self, lease: Lease) -> bool:
        """See the port."""
        return await self._run(partial(self._leases.hold, lease, lease.seconds))

    async def release(self, lease: Lease) -> None:
        """See the port."""
        await self._run(partial(self._leases.hold, lease, 0.0))

    async def _run(self, work: Callable[[], T]) -> T:
        if self._thread is None:
            raise StorageUnavailable("The locks are not open")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except (OSError, ValueError) as error:
            raise StorageUnavailable("The folder of the locks cannot be used") from error
