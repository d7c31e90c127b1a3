"""Expiring: short-lived state that all nodes share: codes, nonces, replay guards, attempt counters.

Keys are hashes made by the engine; values are sealed by it. Times are absolute; an adapter judges expiry by its own
(storage) clock. What has expired is never answered; ``sweep`` removes it.
"""

from datetime import datetime
from typing import Protocol

from hexkeep.ports.adapter import Adapter


class Expiring(Adapter, Protocol):
    """The port. Every method is atomic across nodes and may raise ``StorageUnavailable``."""

    async def claim_once(self, instance: str, scope: str, key: bytes, until: datetime) -> bool:
        """True for exactly one caller until the claim expires."""

    async def put(self, instance: str, scope: str, key: bytes, value: bytes, until: datetime) -> None:
        """Keep a value, replacing any under the same key."""

    async def get(self, instance: str, scope: str, key: bytes) -> bytes | None:
        """The value kept under a key, or ``None``."""

    async def take(self, instance: str, scope: str, key: bytes) -> bytes | None:
        """The value kept under a key, removed at the same instant; exactly one taker gets it."""

    async def count(self, instance: str, bucket: bytes, window_seconds: int) -> int:
        """Count one more and return the count of the present window, this one included.

        A window begins with the first count after the previous window's end.
        """

    async def sweep(self, limit: int = 1000) -> int:
        """Remove at most ``limit`` expired entries; how many were removed."""
