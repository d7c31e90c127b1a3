"""JSON texts, parsed strictly (RFC 8259, I-JSON RFC 7493)."""

import json
from collections.abc import Sequence
from typing import NoReturn

from pydantic import JsonValue

Fields = dict[str, JsonValue]
"""The members of an object."""


def load(text: bytes, depth: int) -> JsonValue:
    """The value of a JSON text.

    Raises ``ValueError`` for what is not JSON in UTF-8, names a member twice, holds a number or character without a
    meaning outside this program, or is nested deeper than ``depth``.
    """
    try:
        value: JsonValue = json.loads(text.decode(), object_pairs_hook=_object, parse_constant=_constant)
    except RecursionError:
        raise Refused(f"is nested deeper than {depth} levels") from None
    if b"\\u" in text:
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no character
    if text.count(b"{") + text.count(b"[") > depth:
        _check_depth(value, depth)
    return value


class Refused(ValueError):
    """Not acceptable for a reason that is safe to show."""


def _object(pairs: Sequence[tuple[str, JsonValue]]) -> Fields:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Refused("names a member of an object twice")
    return members


def _constant(name: str) -> NoReturn:
    raise Refused(f"holds {name}, which JSON does not have")


def _check_depth(value: JsonValue, limit: int) -> None:
    level: list[JsonValue] = [value]
    for _ in range(limit):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    raise Refused(f"is nested deeper than {limit} levels")


def _children(value: JsonValue) -> list[JsonValue]:
    """The members that can hold members themselves."""
    if isinstance(value, dict):
        return [child for child in value.values() if isinstance(child, dict | list)]
    return [child for child in value if isinstance(child, dict | list)] if isinstance(value, list) else []
