"""A step of a scenario."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

NAME = re.compile(r"\$[a-z_0-9]+")
ADMINISTRATOR = "admin"
"""Whoever owns the instance."""
SYSTEM = "system"
"""A configured caller of the System API."""
NOBODY = ""


@dataclass(frozen=True)
class Made:
    """A value that is made of what is known by then."""

    of: Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Step:
    """A call. The first of an operation is its example, further ones only make what others need.

    In ``fields`` a text ``$name`` stands for what is known by that name. ``keep`` tells what becomes known: pairs of a
    name and a path in the answer, ``name=field`` or ``name=list.0.field``, separated by blanks. ``by`` is who calls, or
    ``$name`` of a session token. ``mail`` waits for the message of that kind that the call sends; its code becomes
    known as ``code``.
    """

    operation: str
    fields: Mapping[str, Any]
    by: str = ADMINISTRATOR
    keep: str = ""
    mail: str = ""


def call(operation: str, /, *, by: str = ADMINISTRATOR, keep: str = "", mail: str = "", **fields: Any) -> Step:
    """A step with these fields."""
    return Step(operation, fields, by, keep, mail)


def resolved(value: Any, known: Mapping[str, Any]) -> Any:
    """The value with what is known in place of its names."""
    match value:
        case Made():
            return value.of(known)
        case str() if NAME.fullmatch(value):
            return known[value[1:]]
        case dict():
            return {name: resolved(one, known) for name, one in value.items()}
        case list():
            return [resolved(one, known) for one in value]
    return value


def kept(answer: Any, wanted: str) -> dict[str, Any]:
    """What becomes known by an answer."""
    found: dict[str, Any] = {}
    for pair in wanted.split():
        name, _, path = pair.partition("=")
        value = answer
        for part in (path or name).split("."):
            value = value[int(part)] if part.isdecimal() else value[part]
        found[name] = value
    return found
