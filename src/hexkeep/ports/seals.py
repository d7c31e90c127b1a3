"""Seals: signed statements over contiguous ranges of a log, which show whether anything in it was changed since.

A seal's content, its signature and its chaining are the engine's; an adapter keeps seals and never changes one. They
are never deleted either, not even when the events that they cover are dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hexkeep.core.kernel.event import Log
from hexkeep.ports.adapter import Adapter


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal over the positions ``first`` to ``last``, both inclusive. ``number`` counts from 1 within the log."""

    instance: str
    log: Log
    epoch: int
    number: int
    first: int
    last: int
    root: bytes
    """The root of the Merkle tree over the range: 32 bytes."""
    previous: bytes
    """The hash of the seal before, 32 bytes; zeros for the first."""
    leaves: bytes
    """The first four bytes of every leaf, to name the position at which a broken range first differs."""
    signature: str
    """A compact JWS (RFC 7515) whose claims repeat all of the above but ``leaves``."""
    sealed_at: datetime


class Seals(Adapter, Protocol):
    """The port. Every method may be called concurrently; every one may raise ``StorageUnavailable``."""

    async def add(self, seal: Seal) -> bool:
        """Keep a seal if its number follows the newest one's and its range the newest one's range.

        ``False``, with nothing kept, otherwise: another sealer was faster. The first seal of a log has number 1 and may
        begin anywhere.
        """

    async def newest(self, instance: str, log: Log) -> Seal | None:
        """The newest seal of a log."""

    async def list(self, instance: str, log: Log, after: int, limit: int) -> Sequence[Seal]:
        """A page of one log's seals in order of number, beginning behind number ``after``."""

    async def covering(self, instance: str, log: Log, position: int) -> Seal | None:
        """The seal whose range holds ``position``."""
