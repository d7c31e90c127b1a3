"""Snapshots of long streams: a state that was folded once is read instead of the hundreds of events behind it.

A snapshot is bound to the shape of the state and to the program that folded it, so another release folds anew. It is
sealed under a key of its own per instance, for it may hold what was sealed in the events. So an erasure forgets it, and
what was folded before that, or of a snapshot from before that, is never kept behind it. Where other processes may
erase, nothing is kept of a state that was remembered in between.
"""

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from types import CodeType, GenericAlias
from typing import Any, cast

from pydantic import ConfigDict, JsonValue, PydanticSchemaGenerationError, TypeAdapter, ValidationError

from hexkeep.core.kernel.aggregate import AnyAggregate, Ref
from hexkeep.core.kernel.errors import Unavailable
from hexkeep.engine.codec import canonical
from hexkeep.engine.keyring import Keyring
from hexkeep.ports.snapshots import Snapshot, Snapshots

logger = logging.getLogger("hexkeep.engine.snapshots")

LONG = 200
"""Events that are folded without looking for a snapshot: shorter streams cost nothing."""
APART = 100
"""Versions between a snapshot and the next one."""
KEY = "sealed/snapshots"
NEVER = -1
"""The moment of a state that must not be kept."""
BYTES = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


class StateSnapshots:
    """Keeps and finds the states of one storage."""

    def __init__(self, snapshots: Snapshots, keyring: Keyring) -> None:
        self._snapshots = snapshots
        self._keyring = keyring
        self._moments = Counter[str]()
        self._forgetting = Counter[str]()
        self._puts: set[asyncio.Future[None]] = set()

    def moment(self, instance: str) -> int:
        """To be told to ``keep``, by who is about to read the first of what a state is folded from."""
        return NEVER if self._forgetting[instance] else self._moments[instance]

    @asynccontextmanager
    async def forgetting(self, instance: str) -> AsyncIterator[Snapshots]:
        """A block that forgets snapshots of an instance, and behind which nothing from before it is kept any more."""
        self._moments[instance] += 1
        self._forgetting[instance] += 1
        try:
            if self._puts:
                await asyncio.wait(self._puts)
            yield self._snapshots
        finally:
            self._forgetting[instance] -= 1

    async def find(self, instance: str, aggregate: AnyAggregate, ref: Ref) -> tuple[int, Any] | None:
        """Version and state of a snapshot that this program can read; ``None`` when there is none."""
        adapter = form(aggregate)
        kept = await self._snapshots.get(instance, ref) if adapter else None
        if adapter is None or kept is None or kept.schema != _schema(aggregate):
            return None
        key = await self._keyring.version(instance, KEY, int.from_bytes(kept.state[:4], "big"))
        if key is None:
            return None
        try:
            plain = self._keyring.cipher.open(key.secret, kept.state[4:], _context(kept))
            (state,) = adapter.validate_json(plain)
        except (ValueError, ValidationError):
            logger.warning("a snapshot of %s cannot be read and is passed over", ref.type)
            return None
        return kept.version, state

    async def keep(
        self, instance: str, aggregate: AnyAggregate, ref: Ref, version_: int, state: object, *, since: int
    ) -> None:
        """Keep a state whose fold began at the moment ``since``. That it cannot be kept does not matter."""
        adapter = form(aggregate)
        if adapter is None or since == NEVER or since != self.moment(instance):
            return
        with self._putting():
            await self._put(adapter, Snapshot(instance, ref, version_, _schema(aggregate), b""), state)

    @contextmanager
    def _putting(self) -> Iterator[None]:
        """A block that who forgets waits for."""
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._puts.add(ended)
        try:
            yield
        finally:
            self._puts.discard(ended)
            ended.set_result(None)

    async def _put(self, adapter: TypeAdapter[tuple[Any]], draft: Snapshot, state: object) -> None:
        instance, ref = draft.instance, draft.stream
        try:
            key = await self._keyring.newest(instance, KEY)
            sealed = self._keyring.cipher.seal(key.secret, written(adapter, state), _context(draft))
            made = key.version.to_bytes(4, "big") + sealed
            await self._snapshots.put(replace(draft, state=made))
        except (Unavailable, LookupError, ValueError) as error:
            logger.warning("a snapshot of %s could not be kept: %s", ref.type, type(error).__name__)


def _context(snapshot: Snapshot) -> bytes:
    place: list[JsonValue] = [snapshot.instance, *snapshot.stream, snapshot.version, snapshot.schema]
    return b"hexkeep-snapshot" + canonical(place)


@cache
def form(aggregate: AnyAggregate) -> TypeAdapter[tuple[Any]] | None:
    """Turns a state, in a tuple of its own, into JSON and back; ``None`` for a state that has no such form."""
    try:
        shape: type[tuple[Any]] = cast("type[tuple[Any]]", GenericAlias(tuple, (type(aggregate.initial),)))
        return TypeAdapter(shape, config=BYTES)
    except PydanticSchemaGenerationError:
        return None


def written(adapter: TypeAdapter[tuple[Any]], state: object) -> bytes:
    """A state as JSON; raises ``ValueError`` for one that has a part without such a form."""
    return adapter.dump_json((state,), fallback=_plain, warnings=False)  # a read-only mapping is a mapping


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise ValueError(f"{type(value).__name__} has no form in JSON")


@cache
def _schema(aggregate: AnyAggregate) -> str:
    """What changes with the shape of the state, with its events, with the fold, and with every release."""
    adapter = form(aggregate)
    events = [[event.type, event.revision] for event in aggregate.events]
    shape = canonical([version("hexkeep"), adapter.json_schema() if adapter else None, events])  # type: ignore[list-item]  # JSON all the same
    return hashlib.sha256(shape + _code(aggregate.evolve.__code__)).hexdigest()[:32]


def _code(code: CodeType) -> bytes:
    """A function's own code; what it calls in other modules is covered by the release."""
    return b"\0".join([code.co_code, repr(code.co_names).encode(), *map(_constant, code.co_consts)])


def _constant(value: object) -> bytes:
    if isinstance(value, CodeType):
        return _code(value)
    return repr(sorted(value, key=repr) if isinstance(value, frozenset) else value).encode()
