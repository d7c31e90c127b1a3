"""Inputs that need not be valid, as values and as messages."""

import enum
import types
import typing
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel, JsonValue, TypeAdapter

M = TypeVar("M", bound=BaseModel)


def constructed(model: type[M], fields: Mapping[str, JsonValue]) -> M:
    """The model with these fields and no others, whatever they hold: what a client that checks nothing would send."""
    made = model.model_construct()
    for name, field in model.model_fields.items():
        made.__dict__[name] = _value(field.annotation, fields[name]) if name in fields else None  # not sent
    return made


def _value(annotation: Any, value: JsonValue) -> object:
    annotation, origin = _bare(annotation)
    if value is None:
        return None
    if origin is tuple:
        assert isinstance(value, list)
        return tuple(_value(typing.get_args(annotation)[0], one) for one in value)
    if origin in (dict, Mapping):
        assert isinstance(value, dict)
        return {name: _value(typing.get_args(annotation)[1], one) for name, one in value.items()}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        assert isinstance(value, dict)
        return constructed(annotation, value)
    if annotation in (datetime, timedelta, bytes) or _is_enum(annotation):
        return TypeAdapter(annotation, config={"val_json_bytes": "base64"}).validate_json(f'"{value}"')
    return value


def _bare(annotation: Any) -> tuple[Any, Any]:
    """A type without its metadata and without ``None``, and what it is a generic of."""
    while True:
        origin = typing.get_origin(annotation)
        if origin is typing.Annotated:
            annotation = typing.get_args(annotation)[0]
        elif origin in (typing.Union, types.UnionType):
            members = [one for one in typing.get_args(annotation) if one is not types.NoneType]
            assert len(members) == 1, annotation
            annotation = members[0]
        else:
            return annotation, origin


def _is_enum(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, enum.Enum)
