"""Blobs for decisions: named by a keyed hash, sealed where they are a person's, removed when nobody refers to them."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

from hexkeep.core.kernel.aggregate import AnyAggregate, Ref
from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.blob import HoldsBlobs, ReadBlob, StoreBlob
from hexkeep.core.kernel.errors import FailedPrecondition, Internal
from hexkeep.engine.answers import Answer
from hexkeep.engine.codec import canonical
from hexkeep.engine.keyring import Keyring, subject_key, text_of
from hexkeep.engine.rounds import in_each
from hexkeep.engine.states import States
from hexkeep.ports.blobs import Blob, BlobInfo, Blobs
from hexkeep.ports.clock import Clock
from hexkeep.ports.event_store import EventStore

NAMING = "hash/blob"
"""The key that makes names."""
SEALED = "application/octet-stream"
VERSION_BYTES = 4
GRACE = timedelta(days=1)
"""How long a blob is left alone that nobody refers to: whoever put it may be about to."""
EVERY = timedelta(days=1)
PAGE = 200


class BlobStore:
    """Answers ``StoreBlob`` and ``ReadBlob``."""

    def __init__(self, blobs: Blobs, keyring: Keyring, clock: Clock) -> None:
        self._blobs = blobs
        self._keyring = keyring
        self._clock = clock

    def answers(self) -> dict[type[Ask[Any]], Answer]:
        """What each ask means."""
        return {
            StoreBlob: lambda call, ask: self.store(call.request.instance, ask),
            ReadBlob: lambda call, ask: self.read(call.request.instance, ask),
        }

    async def store(self, instance: str, ask: StoreBlob) -> str:
        """Keep the bytes; their name."""
        naming = await self._keyring.newest(instance, NAMING)
        name = text_of(self._keyring.cipher.mac(naming.secret, canonical([*ask.owner]) + b"\0" + ask.content))
        kind, content = ask.content_type, ask.content
        if ask.person:
            kind, content = SEALED, await self._sealed(instance, ask, name)
        await self._blobs.put(Blob.of(instance, ask.owner, name, kind, content, self._clock.now()))
        return name

    async def read(self, instance: str, ask: ReadBlob) -> bytes | None:
        """The bytes, opened; raises ``Internal`` for such as are not those that were put."""
        found = await self._blobs.get(instance, ask.owner, ask.name)
        if found is None:
            return None
        if not found.whole:
            raise Internal("A blob is not as it was put")
        return await self._opened(instance, ask, found.content) if ask.person else found.content

    async def forget(self, instance: str, owners: list[Ref]) -> None:
        """Remove all blobs of some owners."""
        for owner in owners:
            await self._blobs.forget(instance, owner)

    async def _sealed(self, instance: str, ask: StoreBlob, name: str) -> bytes:
        try:
            key = await self._keyring.newest(instance, subject_key(ask.person))
        except LookupError as error:
            raise FailedPrecondition("The user was erased") from error
        context = _context(instance, ask.owner, name)
        sealed = self._keyring.cipher.seal(key.secret, ask.content, context)
        return key.version.to_bytes(VERSION_BYTES, "big") + sealed

    async def _opened(self, instance: str, ask: ReadBlob, content: bytes) -> bytes | None:
        version = int.from_bytes(content[:VERSION_BYTES], "big")
        try:
            key = await self._keyring.version(instance, subject_key(ask.person), version)
        except LookupError:
            return None
        if key is None:
            return None
        try:
            return self._keyring.cipher.open(
                key.secret, content[VERSION_BYTES:], _context(instance, ask.owner, ask.name)
            )
        except ValueError as error:
            raise Internal("A blob is sealed otherwise than it says") from error


def _context(instance: str, owner: Ref, name: str) -> bytes:
    """What a sealed blob is bound to: in another's place it does not open."""
    return b"hexkeep-blob" + canonical([instance, *owner, name])


def holders(aggregates: Mapping[str, AnyAggregate]) -> list[AnyAggregate]:
    """The types of aggregates that refer to blobs."""
    return [one for one in aggregates.values() if isinstance(one.initial, HoldsBlobs)]


class BlobSweeper:
    """Removes blobs to which no aggregate refers. What belongs to types of which nothing is known is left alone."""

    def __init__(
        self,
        blobs: Blobs,
        events: EventStore,
        states: States,
        clock: Clock,
        aggregates: Mapping[str, AnyAggregate],
    ) -> None:
        self._blobs = blobs
        self._events = events
        self._states = states
        self._clock = clock
        self._holders = {one.name: one for one in holders(aggregates)}

    async def run(self) -> None:
        """One round through all instances."""
        instances = sorted({head.instance for head in await self._events.heads()})
        await in_each(instances, "sweep-blobs", self._sweep)

    async def _sweep(self, instance: str) -> None:
        before = self._clock.now() - GRACE
        async for info in self._all(instance):
            if info.put_at < before and not await self._is_held(info):
                await self._blobs.delete(info)

    async def _all(self, instance: str) -> AsyncIterator[BlobInfo]:
        after: BlobInfo | None = None
        while page := await self._blobs.list(instance, after, PAGE):
            for info in page:
                yield info
            after = page[-1]

    async def _is_held(self, info: BlobInfo) -> bool:
        aggregate = self._holders.get(info.owner.type)
        if aggregate is None:
            return True
        _, state = await self._states.load(info.instance, aggregate, info.owner.id)
        return info.name in state.blobs
