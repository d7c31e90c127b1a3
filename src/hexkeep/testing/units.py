"""Short ways to write append units, and to insist on what becomes of them, for the event-store kit."""

import hashlib
from collections.abc import Sequence

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import (
    Appended,
    EventStore,
    KeyClaim,
    KeyRelease,
    NewEvent,
    Outcome,
    StreamAppend,
    Unit,
)
from hexkeep.testing.contract import fresh

SHOWN = 1000
"""Bytes that a failing test may show."""


def stream(word: str = "stream") -> Ref:
    """The name of a stream that does not exist yet."""
    return Ref("kit", fresh(word))


def event(payload: bytes = b"{}") -> NewEvent:
    """An event with that payload and its SHA-256 as digest."""
    return NewEvent("kit.happened", 1, payload, hashlib.sha256(payload).digest())


def append(ref: Ref, expected: int = 0, *payloads: bytes) -> StreamAppend:
    """Events with those payloads, one plain event when none is named, behind version ``expected``."""
    return StreamAppend(ref, expected, tuple(event(payload) for payload in payloads or (b"{}",)))


def guard(ref: Ref, expected: int) -> StreamAppend:
    """Nothing to append, only the wish that the stream stands at ``expected``."""
    return StreamAppend(ref, expected)


def unit(
    instance: str,
    *appends: StreamAppend,
    log: Log = Log.DURABLE,
    claims: Sequence[KeyClaim] = (),
    releases: Sequence[KeyRelease] = (),
    unit_id: str = "",
) -> Unit:
    """A unit under a fresh id, unless one is given."""
    return Unit(unit_id or fresh("unit"), instance, log, appends, tuple(claims), tuple(releases), actor="kit")


def key_hash(value: str) -> bytes:
    """32 bytes that stand for a unique value."""
    return hashlib.sha256(value.encode()).digest()


def release_of(claim: KeyClaim) -> tuple[str, bytes, Ref]:
    """The fields of the release that undoes ``claim``."""
    return claim.kind, claim.hash, claim.owner


def abridged(payload: bytes) -> bytes | tuple[int, str]:
    """The payload, or length and digest of a large one: where one differs, comparing them in words takes minutes."""
    return payload if len(payload) <= SHOWN else (len(payload), hashlib.sha256(payload).hexdigest())


async def applied(event_store: EventStore, sent: Unit) -> Appended:
    """The outcome of a unit that has to be applied."""
    (outcome,) = await event_store.append([sent])
    assert isinstance(outcome, Appended), outcome
    return outcome


async def refused(event_store: EventStore, sent: Unit) -> Outcome:
    """The outcome of a unit that must not be applied."""
    (outcome,) = await event_store.append([sent])
    assert not isinstance(outcome, Appended), outcome
    return outcome


async def payloads(event_store: EventStore, instance: str, ref: Ref) -> list[bytes]:
    """The payloads of one durable stream, in order."""
    return [found.payload for found in await event_store.read_stream(instance, Log.DURABLE, ref)]
