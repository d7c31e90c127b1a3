"""The closed set of types an operation's messages are made of, so that every surface can carry every operation.

Scalars (``str``, ``int``, ``bool``, ``float``, ``bytes``), ``datetime``, ``timedelta``, string enums (in inputs their
first member means "unspecified"), literal strings, optionals, tuples of one type, maps from ``str``, and messages made
of these; a union of messages needs a discriminator. Members of tuples and maps are scalars, enums or messages, for
protobuf has no list of lists. Anything else refuses registration.
"""

import enum
import functools
import types
import typing
from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import BaseModel
from pydantic.fields import FieldInfo

SCALARS = (str, int, bool, float, bytes, datetime, timedelta)


class WireTypeError(ValueError):
    """A message holds a type that has no wire form on some surface."""


def check_message(owner: str, message: type[BaseModel]) -> tuple[type, ...]:
    """The messages and enums that a message is made of, itself among them, in the order they are met.

    Refuses a field outside the closed set; raises ``WireTypeError`` naming owner and field.
    """
    try:
        return _parts(message)
    except WireTypeError as error:
        raise WireTypeError(f"{owner}.{error}") from None


@functools.cache
def _parts(message: type[BaseModel]) -> tuple[type, ...]:
    """The same once for each message: many operations share one, and a program registers them twice."""
    seen: dict[type, None] = {}
    _check_model("", message, seen)
    return tuple(seen)


def _check_model(path: str, message: type[BaseModel], seen: dict[type, None]) -> None:
    if message in seen:
        return
    seen[message] = None
    for name, field in message.model_fields.items():
        _check_field(f"{path}{message.__name__}.{name}", field, seen)


def _check_field(path: str, field: FieldInfo, seen: dict[type, None]) -> None:
    members = _union(field.annotation)
    models = [member for member in members if _is_model(member)]
    if len(models) > 1 and field.discriminator is None:
        raise WireTypeError(f"{path}: a union of messages needs a discriminator")
    if len(models) != len(members) and len(members) > 1:
        raise WireTypeError(f"{path}: a union of scalars has no wire form")
    for member in members:
        _check_type(path, member, seen)


def _union(annotation: object) -> list[object]:
    """The members of a union without ``None``; a single type counts as a union of one."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [member for member in typing.get_args(annotation) if member is not types.NoneType]
    return [annotation]


def _check_type(path: str, annotation: object, seen: dict[type, None], *, member: bool = False) -> None:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        _check_type(path, arguments[0], seen, member=member)
    elif not member and origin is tuple and arguments[1:] == (Ellipsis,):
        _check_type(path, arguments[0], seen, member=True)
    elif not member and origin in (dict, Mapping) and arguments[0] is str:
        _check_type(path, arguments[1], seen, member=True)
    elif origin is typing.Literal and all(isinstance(argument, str) for argument in arguments):
        return
    elif _is_model(annotation):
        _check_model(f"{path}.", typing.cast("type[BaseModel]", annotation), seen)
    elif _is_enum(annotation):
        seen[typing.cast("type", annotation)] = None
    elif annotation not in SCALARS:
        raise WireTypeError(f"{path}: {annotation!r} has no wire form")


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _is_enum(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, enum.StrEnum)
