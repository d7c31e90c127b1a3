"""The one statement that appends a round of units (see append.sql): its arguments and its answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import AlreadyExists, InvalidInput, VersionConflict
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Appended, Outcome, StreamAppend, Unit

DIGEST_BYTES = 32
Verdict = tuple[int, str, int, int, int, datetime, str]

Effect = tuple[Ref | None, Ref | None]
"""Who gives a key back and who takes it."""


def statement() -> str:
    """The text; its arguments are the arrays of units, instance and log, the arrays of keys, streams and events."""
    return (resources.files("hexkeep.adapters.cockroach") / "append.sql").read_text(encoding="utf-8")


@dataclass(slots=True)
class Round:
    """Some units of one log as the arrays of the statement's arguments."""

    place: tuple[str, str]
    units: list[tuple[object, ...]] = field(default_factory=list)
    keys: list[tuple[object, ...]] = field(default_factory=list)
    streams: list[tuple[object, ...]] = field(default_factory=list)
    events: list[tuple[object, ...]] = field(default_factory=list)

    @classmethod
    def of(cls, units: Sequence[Unit]) -> "Round":
        """The round that appends ``units``; raises ``InvalidInput`` for a digest that is none."""
        result = cls((units[0].instance, units[0].log.value))
        for number, unit in enumerate(units):
            result._add(number, unit)
        return result

    def arguments(self) -> list[object]:
        """What goes over the wire."""
        rest = ((self.keys, 8), (self.streams, 7), (self.events, 9))
        places = self.place * 2  # of the head and of the horizon
        return [*_columns(self.units, 8), *places, *(one for rows, width in rest for one in _columns(rows, width))]

    def _add(self, u: int, unit: Unit) -> None:
        place = self.place
        n = sum(len(append.events) for append in unit.appends)
        self.units.append((u, *place, unit.unit_id, n, unit.actor, unit.correlation_id, unit.client))
        before = 0
        for s, append in enumerate(unit.appends):
            self.streams.append((u, s, *place, *append.stream, append.expected_version))
            self._add_events(u, before, append)
            before += len(append.events)
        for (kind, digest), (giver, taker) in _net_effect(unit).items():
            self.keys.append((u, unit.instance, kind, digest, *(giver or (None, None)), *(taker or (None, None))))

    def _add_events(self, u: int, before: int, append: StreamAppend) -> None:
        for number, event in enumerate(append.events, start=1):
            if len(event.digest) != DIGEST_BYTES:
                raise InvalidInput("A digest is 32 bytes long")
            place = (u, before + number, *append.stream, append.expected_version + number)
            self.events.append((*place, event.type, event.revision, event.digest, event.payload))


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[object]:
    """One array per column, also where there are no rows."""
    return [[row[place] for row in rows] for place in range(width)]


def _net_effect(unit: Unit) -> dict[tuple[str, bytes], Effect]:
    """By key: who gives it back and who takes it."""
    effects: dict[tuple[str, bytes], Effect] = {}
    for release in unit.releases:
        effects[release.kind, release.hash] = (release.owner, None)
    for claim in unit.claims:
        giver, _ = effects.get((claim.kind, claim.hash), (None, None))
        effects[claim.kind, claim.hash] = (giver, claim.owner)
    return effects


def by_log(units: Sequence[Unit]) -> list[list[int]]:
    """The numbers of the units of each log, in their order."""
    logs: dict[tuple[str, Log], list[int]] = {}
    for number, unit in enumerate(units):
        logs.setdefault((unit.instance, unit.log), []).append(number)
    return list(logs.values())


def rounds(units: Sequence[Unit], most: int) -> Iterable[Sequence[Unit]]:
    """Units in their order, cut wherever one touches what an earlier one of its round does; at most so many at once."""
    begin = 0
    touched: set[object] = set()
    for number, unit in enumerate(units):
        mine = set(_touched(unit))
        if number - begin >= most or mine & touched:
            yield units[begin:number]
            begin, touched = number, set()
        touched |= mine
    yield units[begin:]


def _touched(unit: Unit) -> Iterable[object]:
    yield unit.instance, unit.unit_id
    for append in unit.appends:
        yield unit.instance, unit.log, append.stream
    for kind, digest in _net_effect(unit):
        yield unit.instance, kind, digest


def outcomes(units: Sequence[Unit], verdicts: Iterable[Verdict]) -> list[Outcome]:
    """One outcome per unit. Of several reasons against one the first counts: seen, then stale, then taken."""
    found: dict[int, tuple[tuple[int, int], Outcome]] = {}
    for number, verdict, low, high, epoch, moment, kind in verdicts:
        rank, outcome = _judged(verdict, low, high, epoch, moment, kind)
        kept = found.get(number)
        if kept is None or rank < kept[0]:
            found[number] = rank, outcome
    return [found[number][1] for number in range(len(units))]


def _judged(
    verdict: str, low: int, high: int, epoch: int, moment: datetime, kind: str
) -> tuple[tuple[int, int], Outcome]:
    match verdict:
        case "applied" | "seen":
            return (0, 0), Appended(low, high, epoch, moment)
        case "stale":
            return (1, epoch), VersionConflict(low, high)
        case _:
            return (2, 0), AlreadyExists(kind)
