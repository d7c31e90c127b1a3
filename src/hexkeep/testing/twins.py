"""Two storages that are told the same: one in memory, which is the model, and one under test."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from hexkeep.adapters.memory import MemorySettings, MemoryStorage
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import AlreadyExists, HexkeepError, VersionConflict
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Appended, EventStore, Head, Outcome, StoredEvent, Unit
from hexkeep.ports.storage import Storage
from hexkeep.testing.key_changes import Key, all_key_changes, holders

T = TypeVar("T")
Connect = Callable[[], Storage]
"""Gives a storage that is not open yet, on the same database each time."""

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for every time, for the twins have clocks of their own."""


class Twins:
    """The model and the storage under test, on an event loop of their own."""

    def __init__(self, connect: Connect) -> None:
        self._runner = asyncio.Runner()
        self._connect = connect
        self.model: Storage = MemoryStorage(MemorySettings(), SystemClock())
        self.real = connect()
        self.run(self.model.open())
        self.run(self.real.migrate())
        self.run(self.real.open())

    def run(self, work: Coroutine[object, object, T]) -> T:
        """What ``work`` gives."""
        return self._runner.run(work)

    def reopen(self) -> None:
        """Close the storage under test and open it anew."""
        self.run(self.real.close())
        self.real = self._connect()
        self.run(self.real.open())

    def close(self) -> None:
        """Give both back."""
        self.run(self.real.close())
        self.run(self.model.close())
        self._runner.close()

    def same(
        self, ask: Callable[[Storage], Coroutine[object, object, T]], shown: Callable[[T], object] | None = None
    ) -> T | None:
        """Ask both, and insist on the same answer or the same error; the answer of the storage under test.

        ``shown`` gives what of an answer may be compared.
        """
        wanted, _ = self.run(_answer(ask(self.model), shown))
        found, answer = self.run(_answer(ask(self.real), shown))
        assert found == wanted, f"the storage says {found}, the model {wanted}"
        return answer[0] if answer else None

    # --- appending --------------------------------------------------------------------------------------------------

    def append(self, units: Sequence[Unit]) -> list[Outcome]:
        """Append to both, and insist that the storage under test decides as the model, for a reason that is one.

        Units of one call have no order, so the model is told of them in that which the storage chose.
        """
        outcomes = self.run(self.real.events.append(units))
        assert len(outcomes) == len(units)
        for unit, outcome in sorted(zip(units, outcomes, strict=True), key=_turn):
            reasons = self.run(reasons_against(self.model.events, unit))
            (wanted,) = self.run(self.model.events.append([unit]))
            if isinstance(wanted, Appended):
                assert timeless(outcome) == timeless(wanted)
            else:
                assert _reason(outcome) in reasons, f"the storage says {outcome!r}, the model {wanted!r}"
        return outcomes


async def _answer(work: Awaitable[T], shown: Callable[[T], object] | None) -> tuple[object, list[T]]:
    """What may be compared of an answer or an error, and the answer, if there is one."""
    try:
        found = await work
    except (HexkeepError, ValueError) as error:
        return type(error), []
    return shown(found) if shown else found, [found]


def _turn(told: tuple[Unit, Outcome]) -> tuple[int, bool]:
    """When the storage decided on a unit: refused ones first, guards behind what they were checked against."""
    unit, outcome = told
    if not isinstance(outcome, Appended):
        return 0, False
    return outcome.last, not any(part.events for part in unit.appends)


async def reasons_against(events: EventStore, unit: Unit) -> set[object]:
    """Every reason for which a unit may be refused, as far as there are any."""
    streams = [(unit.log, part.stream) for part in unit.appends]
    versions = await events.versions(unit.instance, streams)
    stale: set[object] = {
        (part.expected_version, actual)
        for part, actual in zip(unit.appends, versions, strict=True)
        if part.expected_version != actual
    }
    freed = {(key.kind, key.hash, key.owner) for key in unit.releases}
    for claim in unit.claims:
        holder = await events.key_owner(unit.instance, claim.kind, claim.hash)
        if holder not in {None, claim.owner} and (claim.kind, claim.hash, holder) not in freed:
            stale.add(claim.kind)
    return stale


def _reason(outcome: Outcome) -> object:
    match outcome:
        case VersionConflict(expected=expected, actual=actual):
            return expected, actual
        case AlreadyExists(kind=kind):
            return kind
        case _:
            return outcome


def timeless(outcome: Outcome) -> Outcome:
    """An outcome without its time."""
    return replace(outcome, created_at=NEVER) if isinstance(outcome, Appended) else outcome


def timeless_head(head: Head) -> Head:
    """A head whose horizon has a time or none, whichever."""
    return replace(head, horizon_at=head.horizon_at and NEVER)


def timeless_events(events: Iterable[StoredEvent]) -> list[StoredEvent]:
    """Events without their times."""
    return [replace(event, created_at=NEVER) for event in events]


async def log_of(storage: Storage, instance: str, log: Log, keys: Iterable[Key]) -> object:
    """All that a log holds and may be compared: head, events, and who held which key at each position.

    Insists that time never goes backwards, and that the horizon has the time of what was dropped last.
    """
    events = storage.events
    head = await events.head(instance, log)
    found = await events.read_log(instance, log, head.horizon, 10_000)
    times = [head.horizon_at or NEVER, *(event.created_at for event in found)]
    assert times == sorted(times)
    changes = await all_key_changes(events, instance, log)
    history = [holders(changes, position) for position in range(head.position + 1)]
    owners: list[Ref | None] = [await events.key_owner(instance, *key) for key in keys]
    return timeless_head(head), timeless_events(found), history, owners
