"""Operations as protobuf methods: what is on the wire is the operation's own message, in both ways."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from hexkeep.adapters.rpc.catalog import Catalog
from hexkeep.adapters.rpc.schema import Declared
from hexkeep.core.kernel.errors import InvalidInput
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Message, Operation
from hexkeep.core.kernel.update import Conditional
from hexkeep.core.slices import SLICES
from tests.unit.adapters.rpc.everything import CARRY, EVERYTHING, SERVICE, Everything, bound, carry, declared

BOUND = bound()
LEAST: dict[str, Any] = {
    "at": {"seconds": 1},
    "length": {"seconds": 1},
    "suit": "SUIT_HEARTS",
    "size": "small",
    "leaf": {},
    "way_by_word": {"word": "x"},
}


def message(**fields: Any) -> Any:
    """A request with what has to be given, and ``fields``."""
    return BOUND.input_class(**{**LEAST, **fields})


@given(EVERYTHING)
def test_every_value_comes_back_from_the_wire(value: Everything) -> None:
    """A model written to protobuf, as bytes, and read again is the same model."""
    sent = BOUND.to_message(value).SerializeToString()
    assert BOUND.to_input(BOUND.input_class.FromString(sent)) == value


def test_what_is_not_said_is_the_default() -> None:
    """Absence is the operation's own default where there is one, and zero elsewhere."""
    read: Any = BOUND.to_input(message())
    assert (read.text, read.number, read.shade.value) == ("", 0, "unspecified")
    assert (read.defaulted, read.on, read.picked.value) == (100, True, "spades")
    assert (read.maybe_text, read.maybe_leaf, read.maybe_way, read.texts) == (None, None, None, ())
    assert BOUND.to_input(message(on=False, maybe_text="")).maybe_text == ""  # type: ignore[attr-defined]  # Everything


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"at": {"seconds": 1 << 62}}, "at"),
        ({"at": {"seconds": 1, "nanos": 1_000_000_000}}, "at"),
        ({"length": {"seconds": 1 << 62}}, "length"),
        ({"ratio": math.nan}, "ratio"),
        ({"suit": 0}, "suit"),
        ({"suit": 99}, "suit"),
        ({"shades": [7]}, "shades.0"),
        ({"size": "middling"}, "size"),
        ({"defaulted": 0}, "defaulted"),
        ({"leaf": {"word": "a", "shade": 9}}, "leaf.shade"),
    ],
)
def test_a_value_without_a_meaning_is_named(fields: dict[str, Any], field: str) -> None:
    """The refusal says which field it is, however deep."""
    with pytest.raises(InvalidInput) as refused:
        BOUND.to_input(message(**fields))
    assert [one.field for one in refused.value.violations] == [field]


def test_all_violations_are_told_at_once() -> None:
    """What is missing and what is wrong, in one answer."""
    with pytest.raises(InvalidInput) as refused:
        BOUND.to_input(BOUND.input_class(ratio=math.inf))
    assert {one.field for one in refused.value.violations} == {"at", "length", "suit", "size", "leaf", "way", "ratio"}


def test_times_keep_their_microseconds_on_both_sides_of_1970() -> None:
    """Nanoseconds are never negative in a timestamp, and have the sign of the seconds in a duration."""
    early = datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)
    value = Everything.model_validate(
        {
            "text": "",
            "number": 0,
            "flag": False,
            "ratio": 0,
            "data": b"",
            "shade": "light",
            "suit": "hearts",
            "size": "small",
            "leaf": {"word": ""},
            "way": {"kind": "by_word", "word": ""},
            "at": early,
            "length": timedelta(seconds=-1.5),
        }
    )
    sent: Any = BOUND.to_message(value)
    assert (sent.at.seconds, sent.at.nanos) == (-1, 500_000_000)
    assert (sent.length.seconds, sent.length.nanos) == (-1, -500_000_000)


def test_protocols_have_no_services() -> None:
    """Operations that protocol adapters call are on no generic surface."""
    assert list(Catalog(declared()).services) == [SERVICE]
    assert list(Catalog(declared()).services[SERVICE]) == ["Carry", "GetThing"]


def test_a_version_from_a_header_is_the_field_of_that_name() -> None:
    """It is put where the operation takes one, must agree with what is there, and is nothing to others."""

    class RemoveThing(Conditional):
        """Input."""

    def remove(request: RemoveThing, ctx: object) -> Any:
        raise NotImplementedError

    operation: AnyOperation = Operation("RemoveThing", ApiName.MANAGEMENT, RemoveThing, Empty, "x", remove)
    remove_thing: Any = Catalog(declared((operation,))).services[SERVICE]["RemoveThing"]
    assert remove_thing.to_input(remove_thing.input_class(), 3).expected_version == 3
    assert remove_thing.to_input(remove_thing.input_class(expected_version=3), 3).expected_version == 3
    assert remove_thing.to_input(remove_thing.input_class(expected_version=3)).expected_version == 3
    with pytest.raises(InvalidInput, match="If-Match"):
        remove_thing.to_input(remove_thing.input_class(expected_version=4), 3)
    assert "expected_version" not in BOUND.to_input(message(), 3).model_dump()


def test_two_types_of_one_name_are_refused() -> None:
    """Their full names on the wire would be the same."""

    class Leaf(Message):
        """Another one."""

    class Holder(Message):
        """Input."""

        leaf: Leaf

    operation: AnyOperation = Operation("Hold", ApiName.ADMIN, Holder, Empty, "x", carry)
    with pytest.raises(ValueError, match="called Leaf"):
        Catalog(declared((CARRY, operation)))


def test_every_operation_of_hexkeep_is_a_method() -> None:
    """Each is found under its API and slice."""
    offered = [Declared(one.name, operation) for one in SLICES for operation in one.operations]
    catalog = Catalog(offered)
    names = {bound.operation.name for bound in catalog.methods()}
    assert names == {one.operation.name for one in offered if one.operation.api is not ApiName.PROTOCOL}
    assert catalog.services["hexkeep.management.v1.UserService"]["GetUser"].path == (
        "/hexkeep.management.v1.UserService/GetUser"
    )
