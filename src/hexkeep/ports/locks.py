"""Locks: leases by name with a fencing token, on the storage's own clock.

A lease is an optimisation and a fence, not a proof: what must not happen twice is guarded by compare-and-set or by the
token. Tokens of one name grow with every change of owner.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from hexkeep.ports.adapter import Adapter


@dataclass(frozen=True, slots=True)
class Lease:
    """A held lease. ``seconds`` is how long it lasts from when it was asked for."""

    name: str
    owner: str
    token: int
    seconds: float


class Locks(Adapter, Protocol):
    """The port. Every method may be called concurrently; every one may raise ``StorageUnavailable``."""

    async def acquire(self, name: str, owner: str, seconds: float) -> Lease | None:
        """Take a lease that is free or expired; ``None`` while somebody else holds it.

        An owner that holds it already gets it anew with the same token.
        """

    async def renew(self, lease: Lease) -> bool:
        """Extend a lease by its ``seconds`` from now; ``False`` when it has expired or changed hands."""

    async def release(self, lease: Lease) -> None:
        """Give a lease back early. Nothing happens if it is no longer held under this token."""


@runtime_checkable
class LeaseHolders(Protocol):
    """An optional ability of locks: to tell an operator who holds a lease. Nothing may be decided by it."""

    async def holder(self, name: str) -> str:
        """The owner of the lease that runs at this moment, empty when nobody has one."""
