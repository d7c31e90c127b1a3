"""Two releases of the notes: the second with another projection, in the same tables or in tables of another shape."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from hexkeep.core.kernel.ask import RowOf, RowsOf
from hexkeep.core.kernel.event import Event, Recorded
from hexkeep.core.kernel.view import Column, Patch, Projection, Put, Row, RowOperation, Select, Sort, Table
from hexkeep.engine.assembly import Tuning
from hexkeep.engine.reads import Freshness
from hexkeep.engine.spooler import Rhythm
from hexkeep.ports.api import PositionToken
from hexkeep.ports.storage import Storage
from hexkeep.ports.views import Build, BuildState
from hexkeep.testing.faults import FaultyEvents
from tests.unit.engine.notes import NOTES, NOTES_PROJECTION, SLICE, WRITE, NoteWritten, WriteNote
from tests.unit.engine.rig import Rig, ports_of, rig_with
from tests.waiting import until

QUICK = Rhythm(lease=1.0, look=0.03, longest_pause=0.2, grace=3600)


def _loud(recorded: Recorded[Event]) -> list[RowOperation]:
    """As in the first release, with titles in capitals."""
    return [_with_title(operation) for operation in NOTES_PROJECTION.project(recorded)]


def _with_title(operation: RowOperation) -> RowOperation:
    match operation:
        case Put(table, row):
            return Put(table, {**row, "title": str(row["title"]).upper()})
        case Patch(table, key, changes) if "title" in changes:
            return Patch(table, key, {**changes, "title": str(changes["title"]).upper()})
        case _:
            return operation


WIDER = replace(NOTES, columns=(*NOTES.columns, Column("colour")))


def _wide(recorded: Recorded[Event]) -> list[RowOperation]:
    """As in the first release, with a colour."""
    if isinstance(recorded.event, NoteWritten):
        return [
            Put(WIDER, {**one.row, "colour": "red"})
            for one in NOTES_PROJECTION.project(recorded)
            if isinstance(one, Put)
        ]
    return [replace(one, table=WIDER) for one in NOTES_PROJECTION.project(recorded)]


LOUD: Projection = replace(NOTES_PROJECTION, version=2, project=_loud)
"""Other logic, the same tables."""
WIDE: Projection = replace(NOTES_PROJECTION, version=2, tables=(WIDER,), project=_wide)
"""Tables of another shape."""


def release(storage: Storage, projection: Projection, node: str, rhythm: Rhythm = QUICK) -> tuple[Rig, FaultyEvents]:
    """A node of a release, not started, and the faults between it and the event store."""
    faults = FaultyEvents(storage.events)
    slice_ = replace(SLICE, projections=(projection,))
    return rig_with(replace(ports_of(storage), events=faults), (slice_,), Tuning(node=node, rhythm=rhythm)), faults


@asynccontextmanager
async def running(rig: Rig) -> AsyncIterator[Rig]:
    """A node from its start to its stop."""
    await rig.machinery.start()
    try:
        yield rig
    finally:
        await rig.machinery.stop()


async def written(rig: Rig, count: int, word: str = "note") -> tuple[list[str], PositionToken]:
    """Write notes; their ids, and where the last one stands."""
    ids, position = [], None
    for number in range(count):
        note, position = await rig.run(WRITE, WriteNote(title=f"{word} {number:03}"))
        ids.append(note.note_id)
    assert position is not None
    return ids, position


async def titles(rig: Rig, table: Table, *positions: PositionToken, seconds: float = 3.0) -> list[str]:
    """A list of all titles."""
    freshness = Freshness(positions, rig.machinery.clock.monotonic() + seconds)
    select = Select(table, sort=(Sort("title"),), limit=1000)
    rows = await rig.machinery.reads.page(rig.call().request, RowsOf(select, unscoped=True), freshness)
    return [str(row["title"]) for row in rows]


async def row(rig: Rig, table: Table, note_id: str) -> Row | None:
    """A row by id."""
    return await rig.machinery.reads.row(rig.call().request, RowOf(table, note_id, unscoped=True))


async def builds(storage: Storage, state: BuildState) -> list[Build]:
    """The builds of the notes in one state."""
    return [one for one in await storage.views.builds() if (one.projection, one.state) == ("notes", state)]


async def serves(storage: Storage, number: int) -> None:
    """Wait until a build serves."""

    async def there() -> bool:
        return [one.number for one in await builds(storage, BuildState.SERVING)] == [number]

    await until(there)
