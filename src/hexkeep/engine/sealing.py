"""What a seal says, and the bytes that it says it about. Pure; ``testing/golden`` pins every byte.

A leaf is ``SHA-256(0x00 | position u64 | created_at i64 | digest | SHA-256(client))``, integers big-endian, the time in
microseconds since 1970 (UTC). The root is that of RFC 6962. The signature is a compact JWS over the canonical JSON of
``claims_of``; bytes stand in it as unpadded base64url, times as RFC 3339 with six digits of the second and ``Z``.
"""

import hashlib
import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.merkle import leaf_hash, root_of
from hexkeep.engine.codec import Origin, digest
from hexkeep.engine.keyring import text_of
from hexkeep.ports.event_store import StoredEvent
from hexkeep.ports.seals import Seal

SEAL_TYPE = "hexkeep-seal+jwt"
NOTHING_BEFORE = bytes(32)
"""``previous`` of a log's first seal."""
HINT = 4
"""Bytes of each leaf that a seal keeps."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - EPOCH) // _MICROSECOND


def digest_of(instance: str, log: Log, event: StoredEvent) -> bytes:
    """The digest that the event's row must have."""
    ref = event.stream
    place: list[JsonValue] = [instance, log.value, ref.type, ref.id, event.version, event.type, event.revision]
    return digest(place, Origin(event.actor, event.correlation_id), event.payload)


def leaf_of(event: StoredEvent) -> bytes:
    """The leaf of an event. Its digest covers what its author knew; the rest of the row is added here."""
    place = struct.pack(">Qq", event.position, micros(event.created_at))
    return leaf_hash(place + event.digest + hashlib.sha256(event.client).digest())


def follower(
    instance: str, log: Log, epoch: int, before: Seal | None, events: Sequence[StoredEvent], at: datetime
) -> Seal:
    """The seal over ``events`` that follows on ``before``, not yet signed."""
    leaves = [leaf_of(event) for event in events]
    return Seal(
        instance=instance,
        log=log,
        epoch=epoch,
        number=before.number + 1 if before else 1,
        first=events[0].position,
        last=events[-1].position,
        root=root_of(leaves),
        previous=link_of(before),
        leaves=b"".join(leaf[:HINT] for leaf in leaves),
        signature="",
        sealed_at=at,
    )


def link_of(seal: Seal | None) -> bytes:
    """What the seal behind this one has as ``previous``."""
    return hashlib.sha256(seal.signature.encode()).digest() if seal else NOTHING_BEFORE


def claims_of(seal: Seal) -> Mapping[str, JsonValue]:
    """What a signature repeats of its seal, in the order of canonical JSON."""
    return {
        "epoch": seal.epoch,
        "first": seal.first,
        "instance": seal.instance,
        "last": seal.last,
        "log": seal.log.value,
        "number": seal.number,
        "previous": text_of(seal.previous),
        "root": text_of(seal.root),
        "sealed_at": stamp_of(seal.sealed_at),
    }


def stamp_of(moment: datetime) -> str:
    """A time as seals write it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
