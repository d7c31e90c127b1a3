"""A small slice for the engine's tests: notes with a unique title, a personal text, and a counter of events."""

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from hexkeep.core.kernel import ask as asks
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, NotFound
from hexkeep.core.kernel.event import Event, Fields, Log, Personal, Recorded, Sealed
from hexkeep.core.kernel.operation import ApiName, Http, Message, Method, Operation
from hexkeep.core.kernel.permission import PUBLIC
from hexkeep.core.kernel.slice import Process, Slice, Step
from hexkeep.core.kernel.unique import Claim, Release, UniqueKey
from hexkeep.core.kernel.view import (
    Column,
    ColumnType,
    Patch,
    Projection,
    Put,
    RowOperation,
    Select,
    Sort,
    Table,
    Value,
    Visibility,
    eq,
)


class NoteWritten(Event):
    type = "note.written"
    revision = 2
    title: str
    text: Annotated[str, Personal("author", erased="(erased)")]
    author: str
    token: Annotated[str | None, Sealed("note")] = None


def _title_was_name(fields: Fields) -> Fields:
    fields["title"] = fields.pop("name")
    return fields


NoteWritten.upcasters = {1: _title_was_name}


class NoteRetitled(Event):
    type = "note.retitled"
    title: str


class NotePoked(Event):
    type = "note.poked"
    by: int = 1


class NoteBroken(Event):
    """The projection cannot digest this one while ``POISON`` is set."""

    type = "note.broken"
    POISON: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Note:
    title: str = ""
    text: str = ""
    pokes: int = 0

    @property
    def exists(self) -> bool:
        """Whether it was written."""
        return bool(self.title)


def _evolve(state: Note, event: Event) -> Note:
    match event:
        case NoteWritten(title=title, text=text):
            return Note(title, text)
        case NoteRetitled(title=title):
            return replace(state, title=title)
        case NotePoked(by=by):
            return replace(state, pokes=state.pokes + by)
        case _:
            return state


NOTE = Aggregate("note", Log.DURABLE, Note(), (NoteWritten, NoteRetitled, NotePoked, NoteBroken), _evolve)
NOTES = Table(
    "notes",
    (
        Column("note_id"),
        Column("title", search=True),
        Column("pokes", ColumnType.INTEGER),
        Column("organization_id"),
        Column("author"),
    ),
    key=("note_id",),
    indexes=(("title",),),
    of="note",
    visibility=Visibility(organization="organization_id", user="author"),
)


def _project(recorded: Recorded[Event]) -> list[RowOperation]:
    note_id = recorded.aggregate_id
    match recorded.event:
        case NoteWritten(title=title, author=author):
            whose: dict[str, Value] = {"organization_id": f"org-of-{author}", "author": author}
            return [Put(NOTES, {"note_id": note_id, "title": title, "pokes": 0, **whose})]
        case NoteRetitled(title=title):
            return [Patch(NOTES, (note_id,), {"title": title})]
        case NoteBroken() if NoteBroken.POISON:
            raise RuntimeError("poison")
        case _:
            return []


NOTES_PROJECTION = Projection("notes", 1, Log.DURABLE, (NOTES,), (NoteWritten, NoteRetitled, NoteBroken), _project)


class WriteNote(Message):
    title: str
    text: str = ""
    author: str = "ada"
    fail: bool = False


class NoteId(Message):
    note_id: str


class NoteView(Message):
    note_id: str
    title: str
    pokes: int
    secret: str = ""


class Titles(Message):
    titles: tuple[str, ...]


class ListNotes(Message):
    author: str = ""
    current: bool = False


def _key(title: str) -> UniqueKey:
    return UniqueKey("note_title", "", title)


def write_note(request: WriteNote, ctx: Context) -> Decision[NoteView]:
    """Write a note."""
    ctx.authorize()
    note_id, secret = ctx.new_id(), ctx.new_secret()
    event = NoteWritten(title=request.title, text=request.text, author=request.author, token=secret)
    written = NOTE.append(note_id, event)
    claim = Claim(_key(request.title), NOTE.ref(note_id))
    error = FailedPrecondition("asked to fail") if request.fail else None
    return Decision(NoteView(note_id=note_id, title=request.title, pokes=0, secret=secret), written, claim, error=error)


class RetitleNote(Message):
    note_id: str
    title: str


def retitle_note(request: RetitleNote, ctx: Context) -> Decision[NoteId]:
    """Give a note another title."""
    ctx.authorize()
    note, ref = ctx.load(NOTE, request.note_id), NOTE.ref(request.note_id)
    if not note.exists:
        raise NotFound
    changes = (Release(_key(note.title), ref), Claim(_key(request.title), ref))
    return Decision(NoteId(note_id=ref.id), NOTE.append(ref.id, NoteRetitled(title=request.title)), *changes)


def poke_note(request: NoteId, ctx: Context) -> Decision[NoteView]:
    """Poke a note."""
    ctx.authorize()
    note = ctx.load(NOTE, request.note_id)
    if not note.exists:
        raise NotFound
    view = NoteView(note_id=request.note_id, title=note.title, pokes=note.pokes + 1)
    return Decision(view, NOTE.append(request.note_id, NotePoked()))


def get_note(request: NoteId, ctx: Context) -> Decision[NoteView]:
    """Read a note."""
    row = ctx.row(NOTES, request.note_id)
    ctx.authorized = True
    return Decision(NoteView(note_id=str(row["note_id"]), title=str(row["title"]), pokes=int(str(row["version"]))))


def list_notes(request: ListNotes, ctx: Context) -> Decision[Titles]:
    """List the titles of notes."""
    where = eq("author", request.author) if request.author else Select(NOTES).where
    rows = ctx.ask(asks.RowsOf(Select(NOTES, where, (Sort("title"),)), current=request.current))
    ctx.authorized = True
    return Decision(Titles(titles=tuple(str(row["title"]) for row in rows)))


class FollowPokes(Message):
    note_id: str
    cursor: str = ""


class Poked(Message):
    number: int


class Pokes(Message):
    pokes: tuple[Poked, ...]
    next_cursor: str


def follow_pokes(request: FollowPokes, ctx: Context) -> Decision[Pokes]:
    """Follow how a note is poked, two at a time."""
    ctx.authorize()
    note, seen = ctx.load(NOTE, request.note_id), int(request.cursor or 0)
    until = min(note.pokes, seen + 2)
    pokes = tuple(Poked(number=number) for number in range(seen + 1, until + 1))
    return Decision(Pokes(pokes=pokes, next_cursor=str(until)))


def forgetful(request: NoteId, ctx: Context) -> Decision[NoteId]:
    """Forget to ask for permission."""
    return Decision(request, NOTE.append(request.note_id, NotePoked()))


def writes_in_a_read(request: NoteId, ctx: Context) -> Decision[NoteId]:
    """Try to write although it only reads."""
    ctx.authorize()
    return Decision(request, NOTE.append(request.note_id, NotePoked()))


def next_poke(note_id: str, note: Note) -> Step | None:
    """Notes are poked until they have three pokes."""
    if not note.exists or note.pokes >= 3:
        return None
    return Step(f"poke-{note.pokes}", "test", "PokeNote", NoteId(note_id=note_id))


WRITE = Operation(
    "WriteNote", ApiName.MANAGEMENT, WriteNote, NoteView, "note.write", write_note,
    Http(Method.POST, "/management/v1/notes", 201), idempotent=True, secrets=frozenset({"secret"}),
)  # fmt: skip
RETITLE = Operation("RetitleNote", ApiName.MANAGEMENT, RetitleNote, NoteId, "note.write", retitle_note)
POKE = Operation("PokeNote", ApiName.MANAGEMENT, NoteId, NoteView, "note.write", poke_note)
GET = Operation("GetNote", ApiName.MANAGEMENT, NoteId, NoteView, "note.read", get_note, writes=False)
LIST = Operation("ListNotes", ApiName.MANAGEMENT, ListNotes, Titles, "note.read", list_notes, writes=False)
FOLLOW = Operation(
    "FollowPokes", ApiName.MANAGEMENT, FollowPokes, Pokes, "note.read", follow_pokes,
    Http(Method.GET, "/management/v1/notes/{note_id}/pokes"), writes=False, stream=True,
)  # fmt: skip
FORGETFUL = Operation("Forgetful", ApiName.MANAGEMENT, NoteId, NoteId, "note.write", forgetful)
READ_WRITES = Operation("ReadWrites", ApiName.MANAGEMENT, NoteId, NoteId, PUBLIC, writes_in_a_read, writes=False)

SLICE = Slice(
    "note",
    aggregates=(NOTE,),
    projections=(NOTES_PROJECTION,),
    operations=(WRITE, RETITLE, POKE, GET, LIST, FOLLOW, FORGETFUL, READ_WRITES),
)
POKING = Process("poking", NOTE, (NoteWritten,), next_poke)
