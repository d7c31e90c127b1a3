"""The arguments and the answer of the server's function ``append_units`` (see migrations/0002_append_units.sql).

It tells what stands against each unit. Rounds without such a unit go by ``rounds``.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import AlreadyExists, InvalidInput, VersionConflict
from hexkeep.ports.event_store import Appended, KeyClaim, KeyRelease, Outcome, StreamAppend, Unit

Record = dict[str, str | int | bool]
Verdict = tuple[str, int, int, int, int, datetime, str]
NUL = "\\u0000"
DIGEST_BYTES = 32


@dataclass(slots=True)
class Round:
    """Some units in the form of the function's six arguments; bytes go beside the JSON, end to end."""

    logs: dict[tuple[str, str], Record] = field(default_factory=dict)
    units: list[Record] = field(default_factory=list)
    streams: list[Record] = field(default_factory=list)
    events: list[Record] = field(default_factory=list)
    keys: list[Record] = field(default_factory=list)
    blobs: list[bytes] = field(default_factory=list)
    size: int = 0

    @classmethod
    def of(cls, units: Sequence[Unit]) -> "Round":
        """The round that appends ``units``; raises ``InvalidInput`` for a digest that is none."""
        result = cls()
        for number, unit in enumerate(units):
            result._add(number, unit)
        return result

    def arguments(self) -> tuple[str, str, str, str, str, bytes]:
        """What goes over the wire; raises ``InvalidInput`` for text that PostgreSQL cannot hold."""
        records: tuple[list[Record], ...] = (list(self.logs.values()), self.units, self.streams, self.events, self.keys)
        logs, units, streams, events, keys = map(_json, records)
        return logs, units, streams, events, keys, b"".join(self.blobs)

    def _add(self, u: int, unit: Unit) -> None:
        i, l = unit.instance, unit.log.value  # noqa: E741  # named as in the function
        self.logs.setdefault((i, l), {"i": i, "l": l})
        o, z = self._keep(unit.client)
        n = sum(len(append.events) for append in unit.appends)
        actor, correlation = unit.actor, unit.correlation_id
        self.units.append(
            {"u": u, "i": i, "l": l, "id": unit.unit_id, "n": n, "a": actor, "r": correlation, "o": o, "z": z}
        )
        before = 0
        for s, append in enumerate(unit.appends):
            (t, d), v = append.stream, append.expected_version
            self.streams.append({"u": u, "s": s, "i": i, "l": l, "t": t, "d": d, "v": v})
            self._add_events(u, before, append)
            before += len(append.events)
        self.keys.extend(_key(u, i, claim, claims=True) for claim in unit.claims)
        self.keys.extend(_key(u, i, release, claims=False) for release in unit.releases)

    def _add_events(self, u: int, before: int, append: StreamAppend) -> None:
        t, d = append.stream
        for number, event in enumerate(append.events, start=1):
            if len(event.digest) != DIGEST_BYTES:
                raise InvalidInput("A digest is 32 bytes long")
            o, z = self._keep(event.digest, event.payload)
            k, v = before + number, append.expected_version + number
            self.events.append(
                {"u": u, "k": k, "t": t, "d": d, "v": v, "y": event.type, "r": event.revision, "o": o, "z": z}
            )

    def _keep(self, *blobs: bytes) -> tuple[int, int]:
        """Where the bytes begin and how many they are."""
        begin = self.size
        self.blobs.extend(blobs)
        self.size += sum(map(len, blobs))
        return begin, self.size - begin


def _key(u: int, instance: str, key: KeyClaim | KeyRelease, *, claims: bool) -> Record:
    owner: Ref = key.owner
    return {"u": u, "i": instance, "k": key.kind, "h": key.hash.hex(), "t": owner.type, "d": owner.id, "c": claims}


def _json(records: list[Record]) -> str:
    text = json.dumps(records, separators=(",", ":"))
    if NUL in text and any("\0" in cell for record in records for cell in record.values() if isinstance(cell, str)):
        raise InvalidInput("A name must not contain NUL")
    return text


def outcomes(units: Sequence[Unit], verdicts: Iterable[Verdict]) -> list[Outcome]:
    """One outcome per unit: what the function refused, and for the others positions in the order of the units."""
    refused: dict[int, Outcome] = {}
    heads: dict[tuple[str, str], tuple[int, int, datetime]] = {}
    for verdict, number, low, high, epoch, moment, kind in verdicts:
        if verdict == "log":
            unit = units[number]
            heads[unit.instance, unit.log.value] = low, epoch, moment
        else:
            refused[number] = _refused(verdict, low, high, epoch, moment, kind)
    return [refused.get(number) or _applied(unit, heads) for number, unit in enumerate(units)]


def _refused(verdict: str, low: int, high: int, epoch: int, moment: datetime, kind: str) -> Outcome:
    match verdict:
        case "seen":
            return Appended(low, high, epoch, moment)
        case "stale":
            return VersionConflict(low, high)
        case _:
            return AlreadyExists(kind)


def _applied(unit: Unit, heads: dict[tuple[str, str], tuple[int, int, datetime]]) -> Appended:
    first, epoch, moment = heads[unit.instance, unit.log.value]
    after = first + sum(len(append.events) for append in unit.appends)
    heads[unit.instance, unit.log.value] = after, epoch, moment
    return Appended(first, after - 1, epoch, moment)
