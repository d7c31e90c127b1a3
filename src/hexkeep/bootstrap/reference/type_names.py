"""Types in a reader's words."""

import types
import typing
from datetime import datetime, timedelta
from enum import Enum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from pydantic import BaseModel, SecretStr

NAMES = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    datetime: "time",
    timedelta: "duration",
    Path: "path",
    IPv4Network: "network",
    IPv6Network: "network",
}


def type_name(annotation: object) -> str:
    """A type in a word or two; raises ``KeyError`` for one that has none yet."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return type_name(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(type_name(one) for one in arguments if one is not types.NoneType))
    if origin is tuple:
        return f"list of {type_name(arguments[0])}"
    if origin is dict:
        return "map"
    if origin is typing.Literal:
        return ", ".join(f"`{one}`" for one in arguments)
    return _class_name(typing.cast("type", annotation))


def _class_name(kind: type) -> str:
    if issubclass(kind, Enum):
        return ", ".join(f"`{one.value}`" for one in kind)
    if issubclass(kind, BaseModel):
        return f"`{kind.__name__}`"
    if kind is SecretStr:
        return "secret"
    return NAMES[kind]
