"""Messages as protobuf sees them: what a pydantic model's fields are on the wire.

A field that has one possible value (a literal of one string, as discriminators are) says nothing and is not on the
wire. A union of messages is a ``oneof`` whose members are called ``<field>_<tag>``.
"""

import enum
import re
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from inspect import cleandoc

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hexkeep.core.kernel.update import Mask

Model = type[BaseModel]
UNSPECIFIED = "unspecified"


class Kind(enum.Enum):
    """What a single value of a field is; the value names it in ``.proto`` files, where it has a fixed name."""

    STRING = "string"
    INT64 = "int64"
    BOOL = "bool"
    DOUBLE = "double"
    BYTES = "bytes"
    TIMESTAMP = "google.protobuf.Timestamp"
    DURATION = "google.protobuf.Duration"
    FIELD_MASK = "google.protobuf.FieldMask"
    ENUM = "enum"
    MESSAGE = "message"


class Cardinality(enum.Enum):
    """How many values a field has, and whether its absence can be told from the zero of its type."""

    IMPLICIT = "implicit"
    OPTIONAL = "optional"
    REPEATED = "repeated"
    MAP = "map"


SCALARS: Mapping[type, Kind] = {
    str: Kind.STRING,
    int: Kind.INT64,
    bool: Kind.BOOL,
    float: Kind.DOUBLE,
    bytes: Kind.BYTES,
    datetime: Kind.TIMESTAMP,
    timedelta: Kind.DURATION,
}
ZEROS: Mapping[Kind, object] = {Kind.STRING: "", Kind.INT64: 0, Kind.BOOL: False, Kind.DOUBLE: 0.0, Kind.BYTES: b""}
"""What an absent field without presence means."""
WITH_PRESENCE = frozenset({Kind.TIMESTAMP, Kind.DURATION, Kind.FIELD_MASK, Kind.MESSAGE})
"""Kinds that are messages on the wire: their absence is always told."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field on the wire. ``of`` is its model or enum; ``attribute`` the model's field it carries.

    ``required`` and ``nullable`` are the model's own: no default, and ``None`` as a value.
    """

    name: str
    attribute: str
    kind: Kind
    cardinality: Cardinality
    of: type | None = None
    doc: str = ""
    required: bool = False
    nullable: bool = False
    oneof: str = ""
    tag: str = ""
    discriminator: str = ""
    """For a member of a union: the field of the message that holds the tag, and the tag."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A model on the wire. ``constants`` are the fields with one possible value, which are not."""

    model: Model
    fields: tuple[Field, ...]
    constants: Mapping[str, str]

    @property
    def doc(self) -> str:
        """The model's own docstring."""
        return cleandoc(self.model.__doc__ or "")

    def types(self) -> Iterator[type]:
        """The models and enums that its fields are of."""
        return (field.of for field in self.fields if field.of is not None)


def shape_of(model: Model) -> Shape:
    """How ``model`` is carried; raises ``TypeError`` for a field outside the closed set."""
    constants = {name: value for name, one in model.model_fields.items() if (value := _constant(one.annotation))}
    fields = (
        field for name, one in model.model_fields.items() if name not in constants for field in _fields(name, one)
    )
    return Shape(model, tuple(fields), constants)


def _constant(annotation: object) -> str:
    arguments = typing.get_args(annotation)
    return str(arguments[0]) if typing.get_origin(annotation) is typing.Literal and len(arguments) == 1 else ""


def _fields(name: str, info: FieldInfo) -> Iterator[Field]:
    members, nullable = _union(info.annotation)
    if len(members) > 1:
        yield from _members(name, info, members, nullable=nullable)
        return
    annotation, plural = _plural(members[0])
    kind, of = _FIELD_MASK if _is_mask(info) else _single(annotation)
    yield Field(
        name,
        name,
        kind,
        plural or _cardinality(info, kind, of, nullable=nullable),
        of,
        doc=info.description or "",
        required=info.is_required(),
        nullable=nullable,
    )


_FIELD_MASK: tuple[Kind, type | None] = (Kind.FIELD_MASK, None)


def _members(name: str, info: FieldInfo, members: list[object], *, nullable: bool) -> Iterator[Field]:
    discriminator = str(info.discriminator)
    for member in members:
        model = typing.cast("Model", member)
        tag = _constant(model.model_fields[discriminator].annotation)
        yield Field(
            f"{name}_{re.sub('[^a-z0-9]+', '_', tag.lower()).strip('_')}",
            name,
            Kind.MESSAGE,
            Cardinality.IMPLICIT,
            model,
            doc=info.description or "",
            required=info.is_required(),
            nullable=nullable,
            oneof=name,
            tag=tag,
            discriminator=discriminator,
        )


def _union(annotation: object) -> tuple[list[object], bool]:
    """The members of a union without ``None``, and whether that was one; a single type is a union of one."""
    bare = _bare(annotation)
    if typing.get_origin(bare) not in (typing.Union, types.UnionType):
        return [bare], False
    members = typing.get_args(bare)
    return [_bare(member) for member in members if member is not types.NoneType], types.NoneType in members


def _bare(annotation: object) -> object:
    return typing.get_args(annotation)[0] if typing.get_origin(annotation) is typing.Annotated else annotation


def _plural(annotation: object) -> tuple[object, Cardinality | None]:
    """The type of the members, and what holds them when there are several."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is tuple:
        return _bare(arguments[0]), Cardinality.REPEATED
    if origin in (dict, Mapping):
        return _bare(arguments[1]), Cardinality.MAP
    return annotation, None


def _single(annotation: object) -> tuple[Kind, type | None]:
    if typing.get_origin(annotation) is typing.Literal:
        return Kind.STRING, None
    if isinstance(annotation, type):
        if issubclass(annotation, BaseModel):
            return Kind.MESSAGE, annotation
        if issubclass(annotation, enum.StrEnum):
            return Kind.ENUM, annotation
        if annotation in SCALARS:
            return SCALARS[annotation], None
    raise TypeError(f"{annotation!r} has no wire form")


def _is_mask(info: FieldInfo) -> bool:
    return any(isinstance(mark, Mask) for mark in info.metadata)


def _cardinality(info: FieldInfo, kind: Kind, of: type | None, *, nullable: bool) -> Cardinality:
    """Presence is needed where absence means something else than zero does."""
    if kind in WITH_PRESENCE or info.is_required():
        return Cardinality.OPTIONAL if nullable and kind not in WITH_PRESENCE else Cardinality.IMPLICIT
    zero = ZEROS.get(kind) if of is None else _zero(of)
    return Cardinality.IMPLICIT if not nullable and info.default == zero else Cardinality.OPTIONAL


def _zero(of: type) -> object:
    """The member of an enum that stands for nothing said, when it has one."""
    return next((member for member in typing.cast("type[enum.StrEnum]", of) if member.value == UNSPECIFIED), None)


def enum_names(of: type) -> dict[str, str]:
    """The names of an enum's values on the wire, by the members' values, the unspecified one first."""
    prefix = screaming(of.__name__) + "_"
    members = [member.value for member in typing.cast("type[enum.StrEnum]", of) if member.value != UNSPECIFIED]
    return {value: prefix + screaming(value) for value in (UNSPECIFIED, *members)}


def screaming(name: str) -> str:
    """``HTTPMethod`` and ``http-method`` as ``HTTP_METHOD``."""
    return re.sub(r"[^A-Z0-9]+", "_", snake(name).upper()).strip("_")


def snake(name: str) -> str:
    """``OneTimeCode`` as ``one_time_code``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
