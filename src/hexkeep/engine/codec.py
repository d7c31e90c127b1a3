"""The event codec: events to canonical bytes with personal and secret fields sealed, and back.

Canonical bytes are UTF-8 JSON with sorted keys and no white space. A sealed field is the object
``{"$sealed": [key name, key version, base64url]}``, bound by its additional data to instance, aggregate, version, event
type and field, so a ciphertext moved elsewhere does not open. The digest covers identity, author and those bytes.
"""

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue
from pydantic_core import from_json

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.event import Event, Fields, Log, Recorded, Sealed, Sealing, Unattributed, sealings
from hexkeep.engine.keyring import Keyring, bytes_of, subject_key, text_of
from hexkeep.ports.event_store import NewEvent, StoredEvent

SEALED = "$sealed"
SEALED_MARK = b'"$sealed"'
_QUOTED = json.encoder.encode_basestring
"""Text as JSON without escaping what need not be."""
_ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


class KeyMissing(Exception):
    """A key has to be fetched before an event can be opened."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who wrote, and in which course of events; part of every digest."""

    actor: str
    correlation_id: str


@functools.cache
def markers(event: type[Event]) -> Mapping[str, Sealing]:
    """The fields of an event class that are sealed; asked once per class."""
    return sealings(event)


class Codec:
    """Encodes and decodes for all instances; ``events`` maps wire types to classes."""

    def __init__(self, events: Mapping[str, type[Event]], keyring: Keyring) -> None:
        self._events = events
        self._keyring = keyring

    async def encode(
        self, instance: str, log: Log, ref: Ref, after: int, events: Sequence[Event], origin: Origin
    ) -> tuple[NewEvent, ...]:
        """``events`` as the versions ``after + 1`` … of one aggregate; ``FailedPrecondition`` for an erased subject."""
        encoded = []
        for version, event in enumerate(events, after + 1):
            fields: Fields = event.model_dump(mode="json")
            await self._seal(instance, ref, version, event, fields)
            payload = canonical(fields)
            place: list[JsonValue] = [instance, log.value, ref.type, ref.id, version, event.type, event.revision]
            encoded.append(NewEvent(event.type, event.revision, payload, digest(place, origin, payload)))
        return tuple(encoded)

    async def _seal(self, instance: str, ref: Ref, version: int, event: Event, fields: Fields) -> None:
        for field, mark in markers(type(event)).items():
            if fields[field] is None:
                continue
            name = self._key_name(ref, mark, fields)
            try:
                key = await self._keyring.newest(instance, name)
            except LookupError as error:
                raise FailedPrecondition("This person was erased; nothing more can be written about them") from error
            plain = canonical(fields[field])
            context = context_of(instance, ref, version, event.type, field)
            fields[field] = {
                SEALED: [name, key.version, text_of(self._keyring.cipher.seal(key.secret, plain, context))]
            }

    async def decode(self, instance: str, log: Log, stored: StoredEvent) -> Recorded[Event]:
        """The event behind its row. Raises ``LookupError`` or ``ValueError`` when this program cannot read it."""
        try:
            return self.decode_at_hand(instance, log, stored)
        except KeyMissing:
            cls, fields = self._read(stored)
            await self._open(instance, stored, cls, fields)
            return _recorded(instance, log, stored, cls, fields)

    def decode_at_hand(self, instance: str, log: Log, stored: StoredEvent) -> Recorded[Event]:
        """The same where every key is known without waiting, which is so for most of a log; else ``KeyMissing``."""
        cls, fields = self._read(stored)
        if SEALED_MARK in stored.payload:
            self._open_at_hand(instance, stored, fields)
        return _recorded(instance, log, stored, cls, fields)

    def _read(self, stored: StoredEvent) -> tuple[type[Event], Fields]:
        fields: Fields = from_json(stored.payload.decode(), allow_inf_nan=False)
        return self._events[stored.type], fields

    def _open_at_hand(self, instance: str, stored: StoredEvent, fields: Fields) -> None:
        for field, value in fields.items():
            if isinstance(value, dict) and SEALED in value:
                name, version, text = _sealed(value[SEALED])
                key = self._keyring.at_hand(instance, name, version)
                if key is None:
                    raise KeyMissing
                context = context_of(instance, stored.stream, stored.version, stored.type, field)
                fields[field] = from_json(self._keyring.cipher.open(key.secret, bytes_of(text), context))

    async def decode_all(self, instance: str, log: Log, stored: Sequence[StoredEvent]) -> list[Recorded[Event]]:
        """``decode`` for a whole page of one log."""
        return [await self.decode(instance, log, one) for one in stored]

    async def _open(self, instance: str, stored: StoredEvent, cls: type[Event], fields: Fields) -> None:
        for field, value in fields.items():
            if isinstance(value, dict) and SEALED in value:
                context = context_of(instance, stored.stream, stored.version, stored.type, field)
                fields[field] = await self._opened(instance, cls, field, value[SEALED], context)

    async def _opened(
        self, instance: str, cls: type[Event], field: str, sealed: JsonValue, context: bytes
    ) -> JsonValue:
        name, version, text = _sealed(sealed)
        key = await self._key(instance, name, version)
        if key is None:
            mark = markers(cls).get(field)
            return "" if mark is None or isinstance(mark, Sealed) else mark.erased
        plain: JsonValue = from_json(self._keyring.cipher.open(key, bytes_of(text), context))
        return plain

    async def _key(self, instance: str, name: str, version: int) -> bytes | None:
        try:
            key = await self._keyring.version(instance, name, version)
        except LookupError:
            return None
        return key.secret if key else None

    def _key_name(self, ref: Ref, mark: Sealing, fields: Fields) -> str:
        match mark:
            case Sealed(key):
                return f"sealed/{key}"
            case Unattributed():
                return self._keyring.of_the_day()
            case _:
                return subject_key(str(fields[mark.subject]) if mark.subject else ref.id)


def _sealed(sealed: JsonValue) -> tuple[str, int, str]:
    """Key name, key version and ciphertext of a sealed field."""
    match sealed:
        case [str(name), int(version), str(text)]:
            return name, version, text
        case _:
            raise ValueError("malformed sealed field")


def _recorded(instance: str, log: Log, stored: StoredEvent, cls: type[Event], fields: Fields) -> Recorded[Event]:
    event = cls.from_fields(stored.revision, fields)
    (type_, id_), place = stored.stream, (stored.version, stored.created_at)
    return Recorded(event, instance, log, stored.position, type_, id_, *place, stored.actor, stored.correlation_id)


def context_of(instance: str, ref: Ref, version: int, event_type: str, field: str) -> bytes:
    """What a sealed field is bound to: ``canonical`` of the six in a list, written out.

    The encoder makes something anew for each call, and nothing is called as often as this.
    """
    texts = [_QUOTED(text) for text in (instance, ref.type, ref.id)]
    return f"[{','.join(texts)},{version},{_QUOTED(event_type)},{_QUOTED(field)}]".encode()


def canonical(value: JsonValue) -> bytes:
    """The one byte form of a JSON value."""
    return _ENCODE(value).encode()


def digest(place: list[JsonValue], origin: Origin, payload: bytes) -> bytes:
    """SHA-256 over everything about an event that is known before it has a position.

    ``place`` is instance, log, aggregate type, aggregate id, version, event type and revision.
    """
    state = hashlib.sha256(b"hexkeep-event-1\0")
    state.update(canonical([*place, origin.actor, origin.correlation_id]))
    state.update(b"\0")
    state.update(payload)
    return state.digest()
