"""Rotation: every data key from the master keys that wrap it to the one that is wanted, beside running nodes.

What was done stands in the keys themselves, so a rotation that is broken off goes on wherever it is begun again, and
two at once do no harm: a key is exchanged only if it is still wrapped as it was read. The storage says in two keys of
its own how far things are: ``wrapping`` goes first, and from then on all nodes wrap new keys by the wanted master key;
``check`` goes last, and from then on a node that knows no other one starts.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

from hexkeep.core.datakey import asks
from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.errors import FailedPrecondition, NotFound
from hexkeep.engine.answers import Answer
from hexkeep.engine.keyring import CHECK, WRAPPING, Keyring, key_context
from hexkeep.engine.masters import Masters
from hexkeep.ports.event_store import EventStore, SoleWriter
from hexkeep.ports.keys import Keys, WrappedKey

PAGE = 500
ATTEMPTS = 20


class Rotation:
    """Answers for ``hexkeep.core.datakey.asks``."""

    def __init__(self, keys: Keys, keyring: Keyring, masters: Masters, events: EventStore) -> None:
        self._keys = keys
        self._keyring = keyring
        self._masters = masters
        self._events = events

    def answers(self) -> Mapping[type[Ask[Any]], Answer]:
        """By class of the ask."""
        return {
            asks.BeginRotation: lambda _call, _ask: self.begin(),
            asks.RewrapPage: lambda _call, ask: self.rewrap(ask.after, ask.limit),
            asks.FinishRotation: lambda _call, _ask: self.finish(),
            asks.RenewKey: lambda _call, ask: self.renew(ask.instance, ask.name),
        }

    async def begin(self) -> asks.RotationBegun:
        """Let new keys be wrapped by the wanted master key. Other nodes know after the time that is told."""
        wanted = self._masters.wanted
        context = key_context(SYSTEM_INSTANCE, WRAPPING, 1)
        wrapped = await wanted.wrap(self._keyring.cipher.new_key(), context)
        kept = await self._keys.add(WrappedKey(SYSTEM_INSTANCE, WRAPPING, 1, wanted.id, wrapped))
        await self._exchange(kept)
        self._keyring.look_again()
        alone = isinstance(self._events, SoleWriter) and self._events.sole_writer
        return asks.RotationBegun(wanted.id, 0.0 if alone else self._keyring.lifetime)

    async def rewrap(self, after: asks.Place | None, limit: int) -> asks.Rewrapped:
        """Exchange the wrapping of a page of keys."""
        page = await self._keys.list(after, limit)
        rewrapped = 0
        for key in page:
            if self._is_left(key):
                rewrapped += await self._rewrapped(key)
        last = (page[-1].instance, page[-1].name, page[-1].version) if len(page) == limit else None
        return asks.Rewrapped(len(page), rewrapped, last)

    async def finish(self) -> str:
        """See ``FinishRotation``."""
        left = [key async for key in self._all() if self._is_left(key)]
        if left:
            raise FailedPrecondition(f"{len(left)} keys are still wrapped by another master key", left=str(len(left)))
        for key in await self._keys.get(SYSTEM_INSTANCE, CHECK):
            await self._exchange(key)
        return self._masters.wanted.id

    async def renew(self, instance: str, name: str) -> int:
        """A new version of a data key."""
        try:
            return (await self._keyring.renew(instance, name)).version
        except LookupError:
            raise NotFound(f"There is no key {name} in the instance {instance}") from None

    def _is_left(self, key: WrappedKey) -> bool:
        """Whether a key has yet to be exchanged. ``check`` has its own time."""
        is_check = (key.instance, key.name) == (SYSTEM_INSTANCE, CHECK)
        return bool(key.wrapped) and not is_check and key.master != self._masters.wanted.id

    async def _exchange(self, key: WrappedKey) -> None:
        """Until it is done: somebody else may exchange it at the same time."""
        for _ in range(ATTEMPTS):
            if not key.wrapped or key.master == self._masters.wanted.id or await self._rewrapped(key):
                return
            versions = await self._keys.get(key.instance, key.name)
            key = next(one for one in versions if one.version == key.version)
        raise FailedPrecondition(f"Somebody else rotates to another master key: {key.name} does not stay")

    async def _rewrapped(self, key: WrappedKey) -> bool:
        """``False`` when it is not what it was any more: destroyed, or exchanged by another."""
        wanted, context = self._masters.wanted, key_context(key.instance, key.name, key.version)
        wrapped = await wanted.wrap(await self._keyring.opened(key), context)
        return await self._keys.rewrap(replace(key, master=wanted.id, wrapped=wrapped), key.wrapped)

    async def _all(self) -> AsyncIterator[WrappedKey]:
        after: asks.Place | None = None
        while page := await self._keys.list(after, PAGE):
            for key in page:
                yield key
            after = (page[-1].instance, page[-1].name, page[-1].version)
