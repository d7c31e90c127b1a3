"""Text of paths and queries as JSON values, read the way the field at hand is declared."""

import math
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from pydantic import BaseModel, JsonValue
from pydantic.fields import FieldInfo

from hexkeep.adapters.asgi.json_text import load
from hexkeep.core.kernel.errors import InvalidInput, Violation

Reader = Callable[[str], JsonValue]
"""Reads one value; raises ``ValueError`` with what was expected."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
_MAX_PARAMETERS = 256
MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Parameter:
    """How a field is carried in a path or query: one value, or several by repetition of the name."""

    read: Reader
    repeated: bool = False
    structured: bool = False
    """The value is JSON text: the field holds messages or is a map, which have no plainer form here."""


def parameter(field: FieldInfo) -> Parameter:
    """The way ``field`` is carried."""
    annotation = _bare(field.annotation)
    if typing.get_origin(annotation) is tuple:
        inner = _bare(typing.get_args(annotation)[0])
        if not _structured(inner):
            return Parameter(_reader(inner), repeated=True)
    return Parameter(_reader(annotation), structured=_structured(annotation))


def read_path(values: Mapping[str, str], parameters: Mapping[str, Parameter]) -> dict[str, JsonValue]:
    """The fields that stand in the path; raises ``InvalidInput``."""
    return {name: _read(name, value, parameters[name]) for name, value in values.items()}


def read_query(query: str, parameters: Mapping[str, Parameter]) -> dict[str, JsonValue]:
    """The fields of a query string; raises ``InvalidInput`` naming each parameter at fault."""
    if not query:
        return {}
    given: dict[str, list[str]] = {}
    for name, text in _pairs(query):
        given.setdefault(name, []).append(text)
    wrong = [violation for name, texts in given.items() for violation in _judged(name, texts, parameters.get(name))]
    if wrong:
        raise InvalidInput("The query is not valid", *wrong)
    return {name: _value(name, texts, parameters[name]) for name, texts in given.items()}


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARAMETERS)
    except ValueError as error:
        raise InvalidInput("The query is not form-encoded UTF-8 with at most 256 parameters") from error


def _judged(name: str, texts: list[str], known: Parameter | None) -> list[Violation]:
    if known is None:
        return [Violation(name, "This operation has no such parameter")]
    if len(texts) > 1 and not known.repeated:
        return [Violation(name, "Given more than once")]
    return []


def _value(name: str, texts: list[str], known: Parameter) -> JsonValue:
    values = [_read(name, text, known) for text in texts]
    return values if known.repeated else values[0]


def _read(name: str, text: str, known: Parameter) -> JsonValue:
    try:
        return known.read(text)
    except ValueError as error:
        raise InvalidInput("A parameter is not valid", Violation(name, str(error))) from error


def _bare(annotation: object) -> object:
    """The type without its metadata and without ``None``."""
    if typing.get_origin(annotation) is typing.Annotated:
        return _bare(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        members = [member for member in typing.get_args(annotation) if member is not types.NoneType]
        return _bare(members[0]) if len(members) == 1 else annotation
    return annotation


def _structured(annotation: object) -> bool:
    origin = typing.get_origin(annotation)
    model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return model or origin in (dict, Mapping, tuple, typing.Union, types.UnionType)


def _reader(annotation: object) -> Reader:
    if _structured(annotation):
        return _json
    return {bool: _boolean, int: _integer, float: _number}.get(typing.cast("type", annotation), _text)


def _text(text: str) -> JsonValue:
    """Strings, enums, times, durations and bytes: the model reads them from text."""
    return text


def _boolean(text: str) -> JsonValue:
    if text not in ("true", "false"):
        raise ValueError("Expected true or false")
    return text == "true"


def _integer(text: str) -> JsonValue:
    if not _INTEGER.fullmatch(text):
        raise ValueError("Expected a whole number")
    return int(text)


def _number(text: str) -> JsonValue:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError("Expected a number")
    return value


def _json(text: str) -> JsonValue:
    try:
        return load(text.encode(), MAX_DEPTH)
    except ValueError as error:
        raise ValueError("Expected JSON") from error
