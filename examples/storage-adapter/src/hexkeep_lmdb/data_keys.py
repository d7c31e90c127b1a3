"""Wrapped data keys."""

import builtins
from dataclasses import replace

from hexkeep.ports.keys import WrappedKey
from hexkeep_lmdb.database import Form, Port, Transaction
from hexkeep_lmdb.order import Part

KEYS: Form[WrappedKey] = Form(WrappedKey)


class LmdbKeys(Port):
    """The port ``keys.Keys``. A destroyed key is one without bytes; LMDB writes its page anew and frees the old one."""

    async def add(self, key: WrappedKey) -> WrappedKey:
        """See the port."""

        def add(at: Transaction) -> WrappedKey:
            raw = at.get(*_place(key))
            if raw is None:
                at.put(KEYS.write(key), *_place(key))
            return KEYS.read(raw) if raw else key

        return await self._database.write(add)

    async def get(self, instance: str, name: str) -> builtins.list[WrappedKey]:
        """See the port."""
        return await self._database.read(lambda at: [KEYS.read(raw) for _, raw in at.scan("key", instance, name)])

    async def destroy(self, instance: str, name: str) -> None:
        """See the port."""

        def destroy(at: Transaction) -> None:
            for key in [KEYS.read(raw) for _, raw in at.scan("key", instance, name)]:
                at.put(KEYS.write(replace(key, wrapped=b"")), *_place(key))

        await self._database.write(destroy)

    async def rewrap(self, key: WrappedKey, previous: bytes) -> bool:
        """See the port."""

        def rewrap(at: Transaction) -> bool:
            raw = at.get(*_place(key))
            if raw is None or not previous or KEYS.read(raw).wrapped != previous:
                return False
            at.put(KEYS.write(key), *_place(key))
            return True

        return await self._database.write(rewrap)

    async def list(self, after: tuple[str, str, int] | None, limit: int) -> builtins.list[WrappedKey]:
        """See the port."""

        def read(at: Transaction) -> builtins.list[WrappedKey]:
            keys = at.scan("key", after=after or ())
            return [KEYS.read(raw) for (_, raw), _ in zip(keys, range(limit), strict=False)]

        return await self._database.read(read)


def _place(key: WrappedKey) -> tuple[Part, ...]:
    return ("key", key.instance, key.name, key.version)
