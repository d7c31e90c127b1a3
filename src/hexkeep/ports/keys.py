"""Keys: wrapped data keys by name. The wrapping is the engine's; an adapter keeps bytes.

Names look like ``subject/<user id>`` or ``sealed/signing``; an instance has its own. A destroyed key stays destroyed:
its name with that version never gets other bytes.
"""

from dataclasses import dataclass
from typing import Protocol

from hexkeep.ports.adapter import Adapter


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key encrypted by the master key ``master``. ``version`` counts from 1 within a name."""

    instance: str
    name: str
    version: int
    master: str
    wrapped: bytes


class Keys(Adapter, Protocol):
    """The port. Every method may be called concurrently; every one may raise ``StorageUnavailable``."""

    async def add(self, key: WrappedKey) -> WrappedKey:
        """Keep a key unless its (instance, name, version) exists; what is kept now, of whoever was first.

        A destroyed one comes back with empty ``wrapped``.
        """

    async def get(self, instance: str, name: str) -> list[WrappedKey]:
        """Every version under a name, oldest first; destroyed ones with empty ``wrapped``."""

    async def destroy(self, instance: str, name: str) -> None:
        """Erase the bytes of every version under a name, for good."""

    async def rewrap(self, key: WrappedKey, previous: bytes) -> bool:
        """Replace the wrapping of one version if it is still ``previous``."""

    async def list(self, after: tuple[str, str, int] | None, limit: int) -> "list[WrappedKey]":
        """A page of all keys in order of (instance, name, version), beginning behind ``after``."""
