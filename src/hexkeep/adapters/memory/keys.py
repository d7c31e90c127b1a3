"""Wrapped data keys, in memory."""

import builtins
from dataclasses import replace

from hexkeep.adapters.memory.part import Part
from hexkeep.ports.keys import Keys, WrappedKey

Place = tuple[str, str, int]
"""Instance, name and version."""


class MemoryKeys(Part, Keys):
    """The port ``keys.Keys``. A destroyed key is one without bytes."""

    def __init__(self) -> None:
        self._keys: dict[Place, WrappedKey] = {}

    async def add(self, key: WrappedKey) -> WrappedKey:
        """See the port."""
        return self._keys.setdefault(_place(key), key)

    async def get(self, instance: str, name: str) -> builtins.list[WrappedKey]:
        """See the port."""
        found = [key for key in self._keys.values() if (key.instance, key.name) == (instance, name)]
        return sorted(found, key=_place)

    async def destroy(self, instance: str, name: str) -> None:
        """See the port."""
        for key in await self.get(instance, name):
            self._keys[_place(key)] = replace(key, wrapped=b"")

    async def rewrap(self, key: WrappedKey, previous: bytes) -> bool:
        """See the port."""
        kept = self._keys.get(_place(key))
        still = kept is not None and kept.wrapped == previous != b""
        if still:
            self._keys[_place(key)] = key
        return still

    async def list(self, after: Place | None, limit: int) -> builtins.list[WrappedKey]:
        """See the port."""
        behind = [key for place, key in self._keys.items() if after is None or place > after]
        return sorted(behind, key=_place)[:limit]

    def wipe(self, instance: str) -> None:
        """Remove the keys of an instance."""
        self._keys = {place: key for place, key in self._keys.items() if place[0] != instance}


def _place(key: WrappedKey) -> Place:
    return key.instance, key.name, key.version
