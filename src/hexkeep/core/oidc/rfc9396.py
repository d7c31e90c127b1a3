"""Rich Authorization Requests (RFC 9396): what is asked for in detail, held to the types that the instance knows."""

import enum
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from pydantic import Field, JsonValue

from hexkeep.core.kernel.fields import Line, one_line
from hexkeep.core.kernel.operation import Message
from hexkeep.core.oidc import json_text
from hexkeep.core.oidc.errors import InvalidAuthorizationDetails

PARAMETER = "authorization_details"
"""Section 2: the parameter, the member of a token response, and the claim of an access token."""
LONGEST = 8192
MOST = 20
"""How long the parameter may be, and how many objects may stand in it."""
TYPE = "type"
"""Section 2: the one field that every object has."""


class FieldKind(enum.StrEnum):
    """What the value of a field is."""

    UNSPECIFIED = "unspecified"
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXTS = "texts"
    """A list of texts, as ``locations``, ``actions``, ``datatypes`` and ``privileges`` are (section 2.2)."""
    OBJECT = "object"
    """Anything that the API makes of it. People are shown all of it."""


class DetailsField(Message):
    """A field that objects of a type may have."""

    name: str = Field(min_length=1, max_length=100, pattern=r"^[A-Za-z_][A-Za-z0-9_.:-]*$", examples=["actions"])
    kind: FieldKind = Field(examples=["texts"])
    required: bool = Field(default=False, description="Whether an object without it is refused.")
    values: tuple[Line, ...] = Field(
        default=(), max_length=100, description="The only texts there may be; empty for any.", examples=[["read"]]
    )
    label: Line = Field(default="", description="What it is called where people consent. Its name if left out.")


@dataclass(frozen=True, slots=True)
class DetailsType:
    """A type of authorization details: what it is called where people consent, and which fields its objects have."""

    type: str
    name: str
    description: str = ""
    fields: tuple[DetailsField, ...] = ()


Details = tuple[dict[str, JsonValue], ...]
"""The objects of a request that are known to be well formed."""
FITS: Mapping[FieldKind, Callable[[JsonValue], bool]] = {
    FieldKind.TEXT: lambda value: isinstance(value, str) and value != "",
    FieldKind.NUMBER: lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    FieldKind.BOOLEAN: lambda value: isinstance(value, bool),
    FieldKind.TEXTS: lambda value: (
        isinstance(value, list) and value != [] and all(isinstance(one, str) for one in value)
    ),
    FieldKind.OBJECT: lambda value: isinstance(value, dict),
}


def requested(text: str, types: Mapping[str, DetailsType], allowed: Collection[str]) -> Details:
    """Section 5: the objects of the parameter, none for an empty one; raises ``InvalidAuthorizationDetails``.

    ``allowed`` are the types that the client registered (section 10); those of nobody and those of others look alike.
    """
    if not text:
        return ()
    found = _asked(text)
    for one in found:
        known = types.get(str(one[TYPE]))
        if known is None or known.type not in allowed:
            raise InvalidAuthorizationDetails("A type of authorization details is not known, or not for this client")
        _insist_on_fields(one, known)
        _insist_on_readable(one)
    return found


def kept(text: str) -> Details:
    """What ``written`` wrote."""
    return tuple(_objects(text)) if text else ()


def written(details: Details) -> str:
    """Objects as text, in one form; empty for none."""
    return json_text.write(list(details)) if details else ""


def united(first: str, second: str) -> str:
    """What either grants, each object once; raises ``InvalidAuthorizationDetails`` for more than can be kept."""
    text = written(tuple({json_text.canonical(one): one for one in (*kept(first), *kept(second))}.values()))
    kept(text)
    return text


def _asked(text: str) -> Details:
    """The objects of a parameter. Two equal ones are refused: whether one payment is meant or two nobody can tell."""
    found = tuple(_objects(text))
    if len({json_text.canonical(one) for one in found}) < len(found):
        raise InvalidAuthorizationDetails("The authorization_details name the same twice")
    return found


def _objects(text: str) -> Iterator[dict[str, JsonValue]]:
    if len(text) > LONGEST:
        raise InvalidAuthorizationDetails("The authorization_details are too long")
    try:
        value = json_text.read(text)
    except ValueError:
        raise InvalidAuthorizationDetails("The authorization_details are not JSON that can be kept") from None
    if not isinstance(value, list) or not 0 < len(value) <= MOST:
        raise InvalidAuthorizationDetails(f"The authorization_details are not a list of 1 to {MOST} objects")
    for one in value:
        if not isinstance(one, dict) or not isinstance(one.get(TYPE), str):
            raise InvalidAuthorizationDetails("Authorization details are not an object with a type")
        yield one


def _insist_on_fields(one: Mapping[str, JsonValue], known: DetailsType) -> None:
    """Section 5: a field that the type does not have, lacks or has otherwise is refused."""
    fields = {field.name: field for field in known.fields}
    if set(one) - fields.keys() - {TYPE}:
        raise InvalidAuthorizationDetails("The authorization details have a field that their type does not know")
    for name, field in fields.items():
        if name not in one:
            if field.required:
                raise InvalidAuthorizationDetails("The authorization details lack a field of their type")
        elif not FITS[field.kind](one[name]) or not _permitted(one[name], field):
            raise InvalidAuthorizationDetails("A field of the authorization details has a value that does not fit")


def _insist_on_readable(value: JsonValue) -> None:
    """Section 11.2: people read it before they agree, so no text breaks lines or reorders what is around it."""
    for text in _texts(value):
        try:
            one_line(text)
        except ValueError:
            raise InvalidAuthorizationDetails("A text in the authorization details is not one plain line") from None


def _texts(value: JsonValue) -> Iterator[str]:
    """Every text in a value, names of members among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value:
            yield from _texts(inner)
        for inner in value.values() if isinstance(value, dict) else ():
            yield from _texts(inner)


def _permitted(value: JsonValue, field: DetailsField) -> bool:
    texts = value if isinstance(value, list) else [value]
    return not field.values or all(text in field.values for text in texts)


def narrowed(asked: str, granted: str) -> str:
    """Section 6: what a token request makes of what was granted, never more; omitted, it is the same.

    Each object asked for has to be a granted one, of whose lists of texts it may leave out some.
    """
    if not asked:
        return granted
    held, wanted = kept(granted), _asked(asked)
    if not all(any(_within(one, whole) for whole in held) for one in wanted):
        raise InvalidAuthorizationDetails("The authorization_details exceed what was granted")
    return written(wanted)


def _within(one: Mapping[str, JsonValue], whole: Mapping[str, JsonValue]) -> bool:
    return one.keys() == whole.keys() and all(_part(one[name], whole[name]) for name in whole)


def _part(value: JsonValue, whole: JsonValue) -> bool:
    if isinstance(value, list) and isinstance(whole, list):
        return value != [] and all(one in whole for one in value)
    return json_text.write(value) == json_text.write(whole)  # so that `true` is not `1`


@dataclass(frozen=True, slots=True)
class Shown:
    """Details as people read them: what they are called and, line by line, what they say."""

    name: str
    description: str
    lines: tuple[tuple[str, str], ...]


def shown(details: Details, types: Mapping[str, DetailsType]) -> tuple[Shown, ...]:
    """Section 11.2: all of what is asked for, so that nobody agrees to what was not shown."""
    return tuple(_shown(one, types.get(str(one[TYPE]), DetailsType(str(one[TYPE]), str(one[TYPE])))) for one in details)


def _shown(one: Mapping[str, JsonValue], known: DetailsType) -> Shown:
    labels = {field.name: field.label or field.name for field in known.fields}
    fields = [(labels.get(name, name), value) for name, value in one.items() if name != TYPE]
    lines = tuple(line for label, value in fields for line in _lines(label, value))
    return Shown(known.name, known.description, lines)


def _lines(label: str, value: JsonValue) -> Iterator[tuple[str, str]]:
    """A value, and what is inside of it under its path."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _lines(f"{label}: {name}", inner)
    elif isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        yield label, ", ".join(map(_word, value))
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from _lines(f"{label} {number}", inner)
    else:
        yield label, _word(value)


def _word(value: JsonValue) -> str:
    return value if isinstance(value, str) else json_text.write(value)
