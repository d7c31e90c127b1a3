"""Types of operation messages in a caller's words, and the messages within a message."""

import enum
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hexkeep.core.kernel.update import Mask

NAMES: Mapping[object, str] = {
    str: "text",
    bytes: "bytes (base64)",
    int: "whole number",
    float: "number",
    bool: "true or false",
    datetime: "time (RFC 3339)",
    timedelta: "duration (ISO 8601)",
}


def field_type(field: FieldInfo) -> str:
    """The type of a field in a few words; raises ``KeyError`` for one that has no wire form."""
    if any(isinstance(mark, Mask) for mark in field.metadata):
        return "field mask"
    return _type(field.annotation)


def _type(annotation: object) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(_type(one) for one in arguments if one is not types.NoneType))
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if origin in (dict, Mapping):
        return f"map of {_type(arguments[1])}"
    if origin is typing.Literal:
        return ", ".join(f"`{one}`" for one in arguments)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return ", ".join(f"`{one.value}`" for one in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"`{annotation.__name__}`"
    return NAMES[annotation]


def messages_in(message: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The messages that a message is made of, each once, in order of their first appearance."""
    waiting, seen = [message], {message}
    while waiting:
        one = waiting.pop(0)
        for field in one.model_fields.values():
            for inner in _models(field.annotation):
                if inner not in seen:
                    seen.add(inner)
                    waiting.append(inner)
                    yield inner


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _models(argument)
