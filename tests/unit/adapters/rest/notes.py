"""A tiny slice to serve: notes, with every kind of field that a request can carry."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import Field

from hexkeep.core.instance.events import InstanceReady, InstanceRequested
from hexkeep.core.instance.state import INSTANCE, host_key
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.ask import RowOf, RowsOf, StateOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound, ResourceExhausted, VersionConflict
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.history import HistoryOf
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Message, Method, Operation
from hexkeep.core.kernel.paging import PageRequest, RowMessage, next_cursor, page_of
from hexkeep.core.kernel.permission import AUTHENTICATED, PUBLIC
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.kernel.view import Column, Delete, Projection, Put, Row, RowOperation, Table

# --- events and state ---------------------------------------------------------------------------------------------


class NoteWritten(Event):
    """A note is there, or says something else."""

    type = "note.written"

    text: str


class NoteRemoved(Event):
    """A note is gone."""

    type = "note.removed"


@dataclass(frozen=True, slots=True)
class Note:
    """A note as far as its commands need it."""

    exists: bool = False
    version: int = 0


def evolve(state: Note, event: Event) -> Note:
    """The state behind one event."""
    return replace(state, exists=isinstance(event, NoteWritten), version=state.version + 1)


NOTE = Aggregate("note", Log.DURABLE, Note(), (NoteWritten, NoteRemoved), evolve)
NOTES = Table("rest_notes", (Column("note_id"), Column("text")), key=("note_id",), of="note")


def project(recorded: Recorded[Event]) -> tuple[RowOperation, ...]:
    """A row per note."""
    match recorded.event:
        case NoteWritten(text=text):
            return (Put(NOTES, {"note_id": recorded.aggregate_id, "text": text}),)
        case _:
            return (Delete(NOTES, (recorded.aggregate_id,)),)


# --- messages -----------------------------------------------------------------------------------------------------


class Colour(enum.StrEnum):
    """A closed choice."""

    UNSPECIFIED = "unspecified"
    RED = "red"


class Place(Message):
    """A message within a message."""

    name: str = Field(max_length=20)
    children: tuple["Place", ...] = ()


class WriteNote(Message):
    """What a note says."""

    text: str = Field(max_length=200, description="What it says", examples=["Milk"])
    place: Place | None = None
    labels: Mapping[str, str] = Field(default={})


class NoteWrittenOutput(Message):
    """What the note is known by."""

    note_id: str
    secret: str = ""


class OneNote(Message):
    """Names a note."""

    note_id: str = Field(max_length=64)


class ChangeNote(OneNote):
    """What a note says from now on; with ``expected_version`` only if nobody changed it since."""

    text: str = Field(max_length=200)
    expected_version: int = Field(default=0, ge=0)


class NoteView(RowMessage):
    """A note."""

    note_id: str
    text: str
    version: int


class ListNotes(PageRequest):
    """A page of notes."""


class NotePage(Message):
    """Notes."""

    notes: tuple[NoteView, ...]
    next_cursor: str = ""


class FollowNote(OneNote):
    """Which note, and from where on."""

    cursor: str = Field(default="", max_length=20, pattern=r"^[0-9]*$")


class Change(Message):
    """What happened to a note."""

    version: int
    kind: str


class Changes(Message):
    """A batch of it."""

    changes: tuple[Change, ...]
    next_cursor: str


class EchoQuery(Message):
    """One field of each kind."""

    word: str = Field(max_length=40)
    number: int = Field(default=0, ge=-(2**63), lt=2**63)
    ratio: float = 0.0
    flag: bool | None = None
    colour: Colour = Colour.UNSPECIFIED
    since: datetime | None = None
    age: timedelta = timedelta(0)
    words: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    place: Place | None = None
    labels: Mapping[str, str] = Field(default={})


class Echo(EchoQuery):
    """The same."""


class OpenInstance(Message):
    """A host to serve."""

    host: str


# --- handlers -----------------------------------------------------------------------------------------------------


def write_note(request: WriteNote, ctx: Context) -> Decision[NoteWrittenOutput]:
    """Write a note."""
    note_id = ctx.new_id()
    output = NoteWrittenOutput(note_id=note_id, secret="shown once")
    return Decision(output, NOTE.append(note_id, NoteWritten(text=request.text)))


def change_note(request: ChangeNote, ctx: Context) -> Decision[Empty]:
    """Let a note say something else."""
    state = ctx.ask(StateOf(NOTE, request.note_id))
    if not state.exists:
        raise NotFound
    if request.expected_version not in (0, state.version):
        raise VersionConflict(request.expected_version, state.version)
    return Decision(Empty(), NOTE.append(request.note_id, NoteWritten(text=request.text)))


def remove_note(request: OneNote, ctx: Context) -> Decision[Empty]:
    """Remove a note."""
    if not ctx.ask(StateOf(NOTE, request.note_id)).exists:
        raise NotFound
    return Decision(Empty(), NOTE.append(request.note_id, NoteRemoved()))


def get_note(request: OneNote, ctx: Context) -> Decision[NoteView]:
    """Read a note."""
    row = ctx.ask(RowOf(NOTES, request.note_id, unscoped=True))
    if row is None:
        raise NotFound
    return Decision(NoteView.of(row))


def list_notes(request: ListNotes, ctx: Context) -> Decision[NotePage]:
    """Read notes.

    In the order of their ids.
    """
    select = page_of(NOTES, request)
    rows: tuple[Row, ...] = ctx.ask(RowsOf(select, unscoped=True))
    return Decision(NotePage(notes=tuple(map(NoteView.of, rows)), next_cursor=next_cursor(select, rows)))


def follow_note(request: FollowNote, ctx: Context) -> Decision[Changes]:
    """Follow what happens to a note until it is removed, which nobody may know of."""
    found = ctx.ask(HistoryOf("note", request.note_id, int(request.cursor or 0), 2))
    changes = tuple(Change(version=one.version, kind=one.type) for one in found)
    if any(one.kind == NoteRemoved.type for one in changes):
        raise NotFound
    return Decision(Changes(changes=changes, next_cursor=str(changes[-1].version) if changes else request.cursor))


def echo(request: EchoQuery, ctx: Context) -> Decision[Echo]:
    """Say what was understood."""
    return Decision(Echo(**dict(request)))


def my_call(request: Empty, ctx: Context) -> Decision[NoteWrittenOutput]:
    """Say who calls from where."""
    facts = f"{ctx.request.address} {ctx.request.user_agent} {ctx.request.correlation_id} {ctx.request.issuer}"
    return Decision(NoteWrittenOutput(note_id=facts))


def wear_out(request: Empty, ctx: Context) -> Decision[Empty]:
    """Refuse for a while."""
    raise ResourceExhausted(retry_after=7)


def break_down(request: Empty, ctx: Context) -> Decision[Empty]:
    """Fail for a reason of our own."""
    raise RuntimeError("the secret of the failure")


def open_instance(request: OpenInstance, ctx: Context) -> Decision[Empty]:
    """Make a host answer, without any of the set-up."""
    requested = InstanceRequested(
        name="Notes",
        origin=f"http://{request.host}",
        host=request.host,
        organization_id="o",
        organization_name="O",
        user_id="u",
        user_name="u",
        given_name="U",
        family_name="U",
        email="u@example.com",
        password_hash="",
    )
    change = INSTANCE.append("notes", requested, InstanceReady())
    return Decision(Empty(), change, Claim(host_key(request.host), INSTANCE.ref("notes")))


# --- operations ---------------------------------------------------------------------------------------------------

PATH = "/management/v1/notes"
ONE = PATH + "/{note_id}"
NOTES_API = ApiName.MANAGEMENT

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "WriteNote",
        NOTES_API,
        WriteNote,
        NoteWrittenOutput,
        PUBLIC,
        write_note,
        Http(Method.POST, PATH, 201),
        idempotent=True,
        secrets=frozenset({"secret"}),
    ),
    Operation("ListNotes", NOTES_API, ListNotes, NotePage, PUBLIC, list_notes, Http(Method.GET, PATH), writes=False),
    Operation("GetNote", NOTES_API, OneNote, NoteView, PUBLIC, get_note, Http(Method.GET, ONE), writes=False),
    Operation("ChangeNote", NOTES_API, ChangeNote, Empty, PUBLIC, change_note, Http(Method.PATCH, ONE)),
    Operation(
        "FollowNote",
        NOTES_API,
        FollowNote,
        Changes,
        PUBLIC,
        follow_note,
        Http(Method.GET, ONE + "/changes"),
        writes=False,
        stream=True,
    ),
    Operation("RemoveNote", NOTES_API, OneNote, Empty, PUBLIC, remove_note, Http(Method.DELETE, ONE, 204)),
    Operation(
        "Echo", NOTES_API, EchoQuery, Echo, PUBLIC, echo, Http(Method.GET, "/management/v1/echo/{word}"), writes=False
    ),
    Operation(
        "EchoBody",
        NOTES_API,
        EchoQuery,
        Echo,
        PUBLIC,
        echo,
        Http(Method.POST, "/management/v1/echo/{word}"),
        writes=False,
    ),
    Operation(
        "MyCall",
        ApiName.AUTH,
        Empty,
        NoteWrittenOutput,
        PUBLIC,
        my_call,
        Http(Method.GET, "/auth/v1/call"),
        writes=False,
    ),
    Operation(
        "MyAccount",
        ApiName.AUTH,
        Empty,
        NoteWrittenOutput,
        AUTHENTICATED,
        my_call,
        Http(Method.GET, "/auth/v1/account"),
        writes=False,
    ),
    Operation("WearOut", NOTES_API, Empty, Empty, PUBLIC, wear_out, Http(Method.POST, "/management/v1/wear")),
    Operation("BreakDown", NOTES_API, Empty, Empty, PUBLIC, break_down, Http(Method.POST, "/management/v1/break")),
    Operation("OpenInstance", ApiName.SYSTEM, OpenInstance, Empty, PUBLIC, open_instance),
)

SLICE = Slice(
    "note",
    aggregates=(NOTE, INSTANCE),
    projections=(Projection("rest_notes", 1, Log.DURABLE, (NOTES,), (NoteWritten, NoteRemoved), project),),
    operations=OPERATIONS,
)
