"""The registry refuses what does not fit, before anything runs, and says what it is."""

import enum
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.operation import ApiName, Empty, Http, Message, Method, Operation
from hexkeep.core.kernel.permission import ROLES, Level, Role
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.kernel.view import Column, Projection, Table
from hexkeep.engine.registry import RegistrationError, build_registry, with_extensions
from hexkeep.engine.wire_types import WireTypeError, check_message
from tests.unit.engine.notes import FOLLOW, GET, NOTE, NOTES_PROJECTION, POKE, POKING, SLICE, WRITE
from tests.unit.engine.visits import VISIT

GET_HTTP = Http(Method.GET, "/management/v1/notes/{note_id}")
OTHER = Slice("other")


def test_a_registry_knows_everything_by_name() -> None:
    """What a slice declares is found under its name, the built-in roles among it."""
    registry = build_registry((replace(SLICE, processes=(POKING,)),))
    assert registry.operations["WriteNote"] is WRITE
    assert registry.events["note.written"] in NOTE.events
    assert registry.log_of("note") is Log.DURABLE
    assert registry.projection_of(NOTES_PROJECTION.tables[0]) is NOTES_PROJECTION
    assert registry.roles.keys() >= ROLES.keys()


@pytest.mark.parametrize(
    ("again", "what"),
    [
        (replace(OTHER, aggregates=(NOTE,)), "aggregates are called note"),
        (replace(OTHER, aggregates=(replace(NOTE, name="memo"),)), "events are called note.written"),
        (replace(OTHER, projections=(NOTES_PROJECTION,)), "projections are called notes"),
        (replace(OTHER, projections=(replace(NOTES_PROJECTION, name="more"),)), "tables are called notes"),
        (replace(OTHER, operations=(WRITE,)), "operations are called WriteNote"),
        (replace(OTHER, processes=(POKING, POKING)), "called poking"),
        (replace(OTHER, roles=(next(iter(ROLES.values())),)), f"roles are called {next(iter(ROLES))}"),
    ],
    ids=["aggregate", "event", "projection", "table", "operation", "process", "role"],
)
def test_a_name_that_is_taken_is_refused(again: Slice, what: str) -> None:
    """Two things of one kind cannot share a name, whichever slice brings the second."""
    with pytest.raises(RegistrationError, match=what):
        build_registry((SLICE, again))


class _Bare(Message):
    note_id: str


class _Pages(Message):
    titles: tuple[str, ...]
    next_cursor: str


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"writes": True}, "cannot write"),
        ({"input": _Bare}, "needs a cursor"),
        ({"output": _Bare}, "needs a next_cursor"),
        ({"output": _Pages}, "needs one tuple of messages"),
        ({"http": Http(Method.POST, "/management/v1/notes/{note_id}/pokes")}, "bound to GET"),
    ],
)
def test_a_stream_is_a_list_with_a_cursor(change: dict[str, Any], what: str) -> None:
    """What lacks a part of a list, or may write, is no stream."""
    any_follow: Any = FOLLOW
    with pytest.raises(RegistrationError, match=what):
        build_registry((replace(SLICE, operations=(replace(any_follow, **change),)),))


def test_an_operation_is_filed_under_its_slice() -> None:
    """Surfaces group operations by the noun that declares them."""
    assert build_registry((replace(SLICE, processes=(POKING,)),)).slice_of["WriteNote"] == SLICE.name


def test_two_messages_or_enums_of_one_name_are_refused() -> None:
    """Their names are their names on the wire, so a second one would be taken for the first."""

    class WriteNote(Message):
        """Another message of that name."""

    any_write: Any = WRITE
    again = replace(any_write, name="WriteAgain", input=type(WRITE.input.__name__, (WriteNote,), {}))
    with pytest.raises(RegistrationError, match=f"two messages or enums are called {WRITE.input.__name__}"):
        build_registry((replace(SLICE, processes=(POKING,)), replace(OTHER, operations=(again,))))


def test_unique_keys_of_a_kind_belong_to_one_log() -> None:
    """Two logs have no order between them, so a restore could not tell who has the key in the end."""
    durable, activity = replace(NOTE, keys=("badge",)), replace(VISIT, keys=("badge", "visit"))
    with pytest.raises(RegistrationError, match="kind badge would change in two logs"):
        build_registry((Slice("one", aggregates=(durable,)), Slice("two", aggregates=(activity,))))
    registry = build_registry((Slice("two", aggregates=(activity,)),))
    kinds = ("badge", "visit", "unheard_of")
    assert [registry.log_of_key(kind) for kind in kinds] == [Log.ACTIVITY, Log.ACTIVITY, Log.DURABLE]


@pytest.mark.parametrize(
    "path", ["/management/v1/notes/{note_id}", "/management/v1/notes/{id}"], ids=["same", "same but for a name"]
)
def test_a_route_that_is_taken_is_refused(path: str) -> None:
    """A request must lead to one operation; what a path calls its fields does not tell two routes apart."""
    first = replace(GET, http=GET_HTTP)
    handler: Any = GET.handle
    binding = replace(GET_HTTP, path=path)
    second = Operation("ReadNote", ApiName.MANAGEMENT, _Both, GET.output, "note.read", handler, binding, writes=False)
    with pytest.raises(RegistrationError, match="share the route"):
        build_registry((replace(SLICE, operations=(first, second)),))


def test_another_method_is_another_route() -> None:
    """One path may read and write."""
    first, second = replace(GET, http=GET_HTTP), replace(POKE, http=replace(GET_HTTP, method=Method.POST))
    assert len(build_registry((replace(SLICE, operations=(first, second)),)).operations) == 2


@pytest.mark.parametrize(
    ("operation", "what"),
    [
        (replace(GET, http=replace(GET_HTTP, path="/notes/{title}")), "its path names title"),
        (replace(WRITE, secrets=frozenset({"password"})), "no output field password"),
        (replace(GET, http=GET_HTTP, api=ApiName.PROTOCOL), "no REST binding"),
    ],
    ids=["path field", "secret", "protocol"],
)
def test_an_operation_that_does_not_fit_itself_is_refused(operation: Operation[Any, Any], what: str) -> None:
    """Its binding, its secrets and its input have to agree."""
    with pytest.raises(RegistrationError, match=what):
        build_registry((replace(SLICE, operations=(operation,)),))


def test_a_view_of_an_unknown_aggregate_is_refused() -> None:
    """A by-id view folds an aggregate that somebody declares, in the log that the projection reads."""
    table = Table("ghosts", (Column("ghost_id"),), ("ghost_id",), of="ghost")
    ghosts = Projection("ghosts", 1, Log.DURABLE, (table,), (), lambda _: ())
    with pytest.raises(RegistrationError, match="unknown aggregate ghost"):
        build_registry((replace(SLICE, projections=(ghosts,)),))
    elsewhere = replace(NOTES_PROJECTION, log=Log.ACTIVITY)
    with pytest.raises(RegistrationError, match="another log"):
        build_registry((replace(SLICE, projections=(elsewhere,)),))


def test_extensions_are_one_more_slice() -> None:
    """What plugins bring outside a slice of their own is registered behind the slices."""
    role = Role("NOTE_KEEPER", Level.ORGANIZATION, frozenset({"note.read"}))
    registry = build_registry(with_extensions((replace(SLICE, operations=(WRITE,)),), (), (GET,), (role,)))
    assert list(registry.operations) == ["WriteNote", "GetNote"]
    assert registry.roles["NOTE_KEEPER"] is role


class _Colour(enum.StrEnum):
    UNSPECIFIED = "unspecified"
    RED = "red"


class _Number(enum.IntEnum):
    ONE = 1


class _Both(Message):
    note_id: str
    id: str = ""


class _Circle(Message):
    kind: Literal["circle"] = "circle"
    radius: float


class _Square(Message):
    kind: Literal["square"] = "square"
    side: float


class _Known(Message):
    """Every type that has a wire form."""

    colours: tuple[_Colour, ...] = ()
    labels: Mapping[str, str] = {}
    inner: Empty | None = None
    raw: bytes | None = None
    bounded: Annotated[int, Field(ge=0)] = 0
    shape: Annotated[_Circle | _Square, Field(discriminator="kind")]


class _PlainUnion(Message):
    value: str | int


class _Undiscriminated(Message):
    value: _Circle | _Square


class _ListField(Message):
    value: list[str]


class _Pair(Message):
    value: tuple[str, int]


class _AnyField(Message):
    value: Any


class _DateField(Message):
    value: date


class _Mapped(Message):
    value: dict[int, str]


class _Numbered(Message):
    value: _Number


class _Nested(Message):
    inner: tuple[_DateField, ...]


class _ListOfLists(Message):
    value: tuple[tuple[str, ...], ...]


class _MapOfLists(Message):
    value: dict[str, tuple[str, ...]]


def test_the_closed_set_of_types_is_accepted() -> None:
    """Each of them has a form on every surface."""
    check_message("Operation", _Known)


@pytest.mark.parametrize(
    "message",
    [
        _PlainUnion,
        _Undiscriminated,
        _ListField,
        _Pair,
        _AnyField,
        _DateField,
        _Mapped,
        _Numbered,
        _Nested,
        _ListOfLists,
        _MapOfLists,
    ],
)
def test_any_other_type_is_refused(message: type[Message]) -> None:
    """The refusal names operation, message and field, however deep it lies."""
    with pytest.raises(WireTypeError, match=r"Operation\._\w+\.value|inner"):
        check_message("Operation", message)
    any_write: Any = WRITE
    operation = replace(any_write, input=message)
    with pytest.raises(ValueError, match=r"wire form|discriminator"):
        build_registry((replace(SLICE, operations=(operation,)),))
