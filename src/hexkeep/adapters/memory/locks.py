"""Leases, in memory."""

from collections import Counter

from hexkeep.adapters.memory.part import Part
from hexkeep.ports.clock import Clock
from hexkeep.ports.locks import Lease, LeaseHolders, Locks


class MemoryLocks(Part, Locks, LeaseHolders):
    """The port ``locks.Locks`` with ``LeaseHolders``, on the clock's monotonic time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[str, tuple[Lease, float]] = {}
        self._tokens: Counter[str] = Counter()

    def _running(self, name: str) -> Lease | None:
        """The lease that has neither been released nor expired."""
        lease, until = self._held.get(name, (None, 0.0))
        return lease if self._clock.monotonic() < until else None

    def _hold(self, lease: Lease) -> None:
        self._held[lease.name] = lease, self._clock.monotonic() + lease.seconds

    def _is_held(self, lease: Lease) -> bool:
        holder = self._running(lease.name)
        return holder is not None and (holder.owner, holder.token) == (lease.owner, lease.token)

    async def acquire(self, name: str, owner: str, seconds: float) -> Lease | None:
        """See the port."""
        holder = self._running(name)
        if holder is not None and holder.owner != owner:
            return None
        if holder is None:
            self._tokens[name] += 1
        lease = Lease(name, owner, self._tokens[name], seconds)
        self._hold(lease)
        return lease

    async def renew(self, lease: Lease) -> bool:
        """See the port."""
        held = self._is_held(lease)
        if held:
            self._hold(lease)
        return held

    async def release(self, lease: Lease) -> None:
        """See the port."""
        if self._is_held(lease):
            del self._held[lease.name]

    async def holder(self, name: str) -> str:
        """See the port."""
        holder = self._running(name)
        return holder.owner if holder is not None else ""
