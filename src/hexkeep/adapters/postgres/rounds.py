"""The arguments and the answer of the server's function ``append_round`` (see migrations/0009_append_round.sql)."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hexkeep.adapters.postgres.columns import ARRAY_OF, BYTEA, INT4, INT8, TEXT, bigints, blobs, integers, texts
from hexkeep.core.kernel.errors import InvalidInput
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Appended, Outcome, Unit

DIGEST_BYTES = 32
Encoder = Callable[[Any], bytes]
EVENT: tuple[Encoder, ...] = (
    integers,
    bigints,
    bigints,
    integers,
    texts,
    texts,
    texts,
    texts,
    texts,
    blobs,
    blobs,
    blobs,
)
STREAM: tuple[Encoder, ...] = (integers, texts, texts, bigints)
KEY: tuple[Encoder, ...] = (texts, blobs, integers, bigints, integers, texts, texts)
RELEASE: tuple[Encoder, ...] = (integers, texts, blobs, texts, texts)
TYPES = [
    ARRAY_OF[element]
    for element in (
        *(TEXT, TEXT, INT8),
        *(INT4, INT8, INT8, TEXT),
        *(INT4, INT8, INT8, INT4, TEXT, TEXT, TEXT, TEXT, TEXT, BYTEA, BYTEA, BYTEA),
        *(INT4, TEXT, TEXT, INT8),
        *(TEXT, BYTEA, INT4, INT8, INT4, TEXT, TEXT),
        *(INT4, TEXT, BYTEA, TEXT, TEXT),
    )
]
"""The types of the arguments."""
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_ANSWER = struct.Struct(">q"), struct.Struct(">i"), struct.Struct(">q")
Answer = Sequence[Sequence[bytes]]
Place = tuple[str, str]
EventRow = tuple[int, int, int, int, str, str, str, str, str, bytes, bytes, bytes]
StreamRow = tuple[int, str, str, int]
KeyRow = tuple[str, bytes, int, int, int, str, str]
ReleaseRow = tuple[int, str, bytes, str, str]


@dataclass(slots=True)
class Round:
    """Units in rows, positions counted from the heads of their logs, as if nothing stood against any of them."""

    places: list[Place]
    counts: list[int]
    units: list[tuple[int, int, int, str]] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    streams: list[StreamRow] = field(default_factory=list)
    keys: list[KeyRow] = field(default_factory=list)
    releases: list[ReleaseRow] = field(default_factory=list)

    @classmethod
    def of(cls, units: Sequence[Unit]) -> "Round":
        """The round that appends ``units``; raises ``InvalidInput`` for a digest that is none."""
        places = sorted({(unit.instance, unit.log.value) for unit in units})
        result = cls(places, [0] * len(places))
        numbers = {place: number for number, place in enumerate(places)}
        for unit in units:
            result._add(unit, numbers[unit.instance, unit.log.value])
        result.keys.sort()  # whoever takes several takes them in one order, whatever the log
        return result

    def arguments(self) -> list[bytes]:
        """What goes over the wire; raises ``InvalidInput`` for text that PostgreSQL cannot hold."""
        instances, logs = zip(*self.places, strict=True)
        ul, uf, uz, ui = zip(*self.units, strict=True)
        result = [texts(instances), texts(logs), bigints(self.counts)]
        result += [integers(ul), bigints(uf), bigints(uz), texts(ui)]
        for rows, encoders in (
            (self.events, EVENT),
            (self.streams, STREAM),
            (self.keys, KEY),
            (self.releases, RELEASE),
        ):
            columns = zip(*rows, strict=True) if rows else ((),) * len(encoders)
            result += [encode(column) for encode, column in zip(encoders, columns, strict=True)]
        return result

    def outcomes(self, units: Sequence[Unit], answer: Answer) -> list[Outcome]:
        """One outcome per unit, of what the function returned: a row per log."""
        heads = [_head(row) for row in answer]
        result: list[Outcome] = []
        for number, first, last, _ in self.units:
            behind, epoch, moment = heads[number - 1]
            result.append(Appended(behind + first, behind + last, epoch, moment))
        return result

    def _add(self, unit: Unit, number: int) -> None:
        before = position = self.counts[number]
        log, actor, correlation, client = number + 1, unit.actor, unit.correlation_id, unit.client
        for append in unit.appends:
            type_, id_ = append.stream
            version = append.expected_version
            if version or not append.events or unit.log is Log.ACTIVITY:
                self.streams.append((log, type_, id_, version))
            for new in append.events:
                if len(new.digest) != DIGEST_BYTES:
                    raise InvalidInput("A digest is 32 bytes long")
                position += 1
                version += 1
                place = (log, position, version, new.revision, type_, id_)
                self.events.append((*place, new.type, actor, correlation, new.digest, client, new.payload))
        self.counts[number] = position
        self.units.append((log, before + 1, position, unit.unit_id))
        if unit.claims or unit.releases:
            self._add_keys(unit, log, position)

    def _add_keys(self, unit: Unit, log: int, position: int) -> None:
        """A key that the unit gives back and takes has one change: it is taken."""
        claimed = {(key.kind, key.hash) for key in unit.claims}
        for release in unit.releases:
            self.releases.append((log, release.kind, release.hash, *release.owner))
            if (release.kind, release.hash) not in claimed:
                self.keys.append((release.kind, release.hash, log, position, 0, *release.owner))
        for claim in unit.claims:
            self.keys.append((claim.kind, claim.hash, log, position, 1, *claim.owner))


def _head(row: Sequence[bytes]) -> tuple[int, int, datetime]:
    behind, epoch, moment = (form.unpack(cell)[0] for form, cell in zip(_ANSWER, row, strict=True))
    return behind, epoch, EPOCH + timedelta(microseconds=moment)
