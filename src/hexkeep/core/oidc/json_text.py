"""JSON that somebody else wrote: read within bounds, and written again in one form."""

import json
from collections.abc import Iterator
from typing import NoReturn

from pydantic import JsonValue

DEEPEST = 8
"""How many lists and objects may stand in each other."""


def read(text: str) -> JsonValue:
    """The value that ``text`` is; raises ``ValueError`` for what is no JSON, names a member twice, or cannot be kept.

    What cannot be kept are NUL, halves of surrogate pairs, numbers that are none, and values nested too deeply.
    """
    try:
        value: JsonValue = json.loads(text, parse_constant=_refuse, object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("The JSON is nested too deeply") from None
    insist_on_plain(value)
    return value


def write(value: JsonValue) -> str:
    """``value`` as compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def canonical(value: JsonValue) -> str:
    """The same text for values that are the same, in whatever order their members came."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=True)


def insist_on_plain(value: JsonValue, depth: int = DEEPEST) -> None:
    """Raise ``ValueError`` unless every text can be kept and nothing is nested too deeply."""
    if depth < 0:
        raise ValueError("The JSON is nested too deeply")
    if isinstance(value, str):
        _insist_on_text(value)
    elif isinstance(value, float) and value - value != 0:
        raise ValueError("A number is not finite")
    for inner in _inside(value):
        insist_on_plain(inner, depth - 1)


def _insist_on_text(text: str) -> None:
    if "\0" in text:
        raise ValueError("A text contains the NUL character")
    text.encode()  # UnicodeEncodeError is a ValueError


def _inside(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, dict):
        yield from value
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    """RFC 8259 section 4: what two members of one name mean is anybody's guess, so it is nothing."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("A member is named twice")
    return found
