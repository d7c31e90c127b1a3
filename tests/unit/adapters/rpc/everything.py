"""A slice whose one operation carries every type of the closed set, in every place a type may stand."""

import enum
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from hypothesis import strategies as st
from pydantic import Field

from hexkeep.adapters.rpc.catalog import AnyBound, Catalog
from hexkeep.adapters.rpc.schema import Declared
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Message, Operation
from hexkeep.core.kernel.update import FieldMask

INT64 = 1 << 63


class Shade(enum.StrEnum):
    """An enum with a member for nothing said."""

    UNSPECIFIED = "unspecified"
    LIGHT = "light"
    VERY_DARK = "very-dark"


class Suit(enum.StrEnum):
    """An enum without one."""

    HEARTS = "hearts"
    SPADES = "spades"


class Leaf(Message):
    """A message inside others, which may hold itself."""

    word: str
    shade: Shade = Shade.UNSPECIFIED
    leaves: tuple["Leaf", ...] = ()


class ByWord(Message):
    """One member of the union."""

    kind: Literal["by_word"] = "by_word"
    word: str


class ByNumber(Message):
    """The other one."""

    kind: Literal["by_number"] = "by_number"
    number: int = 7


class Everything(Message):
    """All there is."""

    text: str
    number: int
    flag: bool
    ratio: float
    data: bytes
    at: datetime
    length: timedelta
    shade: Shade
    suit: Suit
    size: Literal["small", "large"]
    leaf: Leaf
    way: ByWord | ByNumber = Field(discriminator="kind", description="The one or the other.")
    defaulted: int = Field(default=100, ge=1, description="What is not zero when nothing is said.")
    on: bool = True
    picked: Suit = Suit.SPADES
    maybe_text: str | None = None
    maybe_number: int | None = None
    maybe_flag: bool | None = None
    maybe_data: bytes | None = None
    maybe_at: datetime | None = None
    maybe_length: timedelta | None = None
    maybe_shade: Shade | None = None
    maybe_suit: Suit | None = None
    maybe_leaf: Leaf | None = None
    maybe_way: Annotated[ByWord | ByNumber | None, Field(discriminator="kind")] = None
    texts: tuple[Annotated[str, Field(max_length=50)], ...] = ()
    numbers: tuple[int, ...] = ()
    times: tuple[datetime, ...] = ()
    shades: tuple[Shade, ...] = ()
    leaves: tuple[Leaf, ...] = ()
    by_text: dict[str, str] = Field(default_factory=dict)
    by_leaf: dict[str, Leaf] = Field(default_factory=dict)
    by_shade: dict[str, Shade] = Field(default_factory=dict)
    update_mask: FieldMask = ""


def carry(request: Everything, ctx: Context) -> Decision[Everything]:
    """Answer what was sent.

    The text `holds` ``code``.
    """
    raise NotImplementedError


CARRY: AnyOperation = Operation("Carry", ApiName.MANAGEMENT, Everything, Everything, "thing.write", carry)
READ: AnyOperation = Operation("GetThing", ApiName.MANAGEMENT, Leaf, Empty, "thing.read", carry, writes=False)
HIDDEN: AnyOperation = Operation("Hidden", ApiName.PROTOCOL, Leaf, Empty, "thing.read", carry)
SERVICE = "hexkeep.management.v1.ThingService"


def declared(operations: Iterable[AnyOperation] = (CARRY, READ, HIDDEN)) -> tuple[Declared, ...]:
    """Operations of the slice ``thing``."""
    return tuple(Declared("thing", operation) for operation in operations)


def bound() -> AnyBound:
    """The operation that carries everything."""
    return Catalog(declared()).services[SERVICE]["Carry"]


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
_NUMBER = st.integers(-INT64, INT64 - 1)
_TIME = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
_LENGTH = st.timedeltas(timedelta(days=-3_652_500), timedelta(days=3_652_500))
_SHADE, _SUIT = st.sampled_from(Shade), st.sampled_from(Suit)
_LEAF = st.recursive(
    st.builds(Leaf, word=_TEXT, shade=_SHADE),
    lambda inner: st.builds(Leaf, word=_TEXT, shade=_SHADE, leaves=st.lists(inner, max_size=2).map(tuple)),
    max_leaves=4,
)
_WAY = st.one_of(st.builds(ByWord, word=_TEXT), st.builds(ByNumber, number=_NUMBER))

EVERYTHING = st.builds(
    Everything,
    text=_TEXT,
    number=_NUMBER,
    flag=st.booleans(),
    ratio=st.floats(allow_nan=False, allow_infinity=False),
    data=st.binary(max_size=20),
    at=_TIME,
    length=_LENGTH,
    shade=_SHADE,
    suit=_SUIT,
    size=st.sampled_from(["small", "large"]),
    leaf=_LEAF,
    way=_WAY,
    defaulted=st.integers(1, INT64 - 1),
    on=st.booleans(),
    picked=_SUIT,
    maybe_text=st.none() | _TEXT,
    maybe_number=st.none() | _NUMBER,
    maybe_flag=st.none() | st.booleans(),
    maybe_data=st.none() | st.binary(max_size=20),
    maybe_at=st.none() | _TIME,
    maybe_length=st.none() | _LENGTH,
    maybe_shade=st.none() | _SHADE,
    maybe_suit=st.none() | _SUIT,
    maybe_leaf=st.none() | _LEAF,
    maybe_way=st.none() | _WAY,
    texts=st.lists(_TEXT, max_size=3).map(tuple),
    numbers=st.lists(_NUMBER, max_size=3).map(tuple),
    times=st.lists(_TIME, max_size=3).map(tuple),
    shades=st.lists(_SHADE, max_size=3).map(tuple),
    leaves=st.lists(_LEAF, max_size=2).map(tuple),
    by_text=st.dictionaries(_TEXT, _TEXT, max_size=3),
    by_leaf=st.dictionaries(_TEXT, _LEAF, max_size=2),
    by_shade=st.dictionaries(_TEXT, _SHADE, max_size=3),
    update_mask=st.sampled_from(["", "text", "text,maybe_text"]),
)
"""Any value of ``Everything``."""
