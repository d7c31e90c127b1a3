"""Types and defaults of an operation's fields as source text, with the imports that they need."""

import enum
import importlib
import json
import types
import typing
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic.fields import FieldInfo

from hexkeep.core.kernel.operation import Message

PLAIN = (str, int, bool, float, bytes)
WIDTH = 120


@dataclass
class Imports:
    """What a generated module imports, by module.

    Messages that no module has by their name, for a function has made them, have a declaration in the module ``home``.
    """

    home: str
    names: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, one: type) -> str:
        """Import a class; its name."""
        if stands(one):
            self.names[one.__module__].add(one.__name__)
        else:
            self.names[self.home].add(one.__name__)
        return one.__name__

    def lines(self) -> list[str]:
        """The statements: those of the standard library first."""
        ours = sorted(module for module in self.names if module.partition(".")[0] not in STANDARD)
        first = sorted(module for module in self.names if module not in ours)
        parts = [[line for module in part for line in self._statement(module)] for part in (first, ours)]
        return [*parts[0], *([""] if all(parts) else []), *parts[1]]

    def _statement(self, module: str) -> list[str]:
        names = sorted(self.names[module], key=lambda name: (not name.isupper(), name))
        return exploded(f"from {module} import ", names, "", ("(", ")"))


def stands(one: type) -> bool:
    """Whether a class can be imported by its name."""
    return getattr(importlib.import_module(one.__module__), one.__name__, None) is one


STANDARD = frozenset({"collections", "datetime", "typing"})


def exploded(before: str, parts: Iterable[str], after: str, brackets: tuple[str, str] = ("", "")) -> list[str]:
    """Lines for a sequence with something around it: one where it fits, otherwise one for each part.

    ``brackets`` are those that only several lines need.
    """
    listed = list(parts)
    line = before + ", ".join(listed) + after
    if len(line) <= WIDTH:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()))
    return [before + brackets[0], *(f"{indent}    {part}," for part in listed), indent + brackets[1] + after]


def folded(before: str, parts: Iterable[str]) -> list[str]:
    """Lines for a call: one where it fits, otherwise its arguments on a line of their own, or one for each."""
    listed = list(parts)
    words = ", ".join(listed)
    line = f"{before}{words})"
    if len(line) <= WIDTH:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()))
    inner = f"{indent}    {words}"
    return [before, inner, f"{indent})"] if len(inner) <= WIDTH else exploded(before, listed, ")")


def annotation(kind: object, imports: Imports, *, given: bool = True) -> str:
    """A type as a parameter has it, where lists do for tuples; or, not ``given``, as a field of an answer."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return annotation(arguments[0], imports, given=given)
    if origin in (typing.Union, types.UnionType):
        return " | ".join(dict.fromkeys(annotation(one, imports, given=given) for one in _none_last(arguments)))
    if origin is tuple:
        inner = annotation(arguments[0], imports, given=given)
        return f"tuple[{inner}, ...] | list[{inner}]" if given else f"tuple[{inner}, ...]"
    if origin in (dict, Mapping):
        imports.names["collections.abc"].add("Mapping")
        return f"Mapping[str, {annotation(arguments[1], imports, given=given)}]"
    if origin is typing.Literal:
        imports.names["typing"].add("Literal")
        return f"Literal[{', '.join(map(json.dumps, arguments))}]"
    return _name(kind, imports)


def held(kind: object) -> Iterator[type[Message]]:
    """The messages that a type is made of."""
    if isinstance(kind, type) and issubclass(kind, Message):
        yield kind
    for inner in typing.get_args(kind):
        yield from held(inner)


def _name(kind: object, imports: Imports) -> str:
    if kind is types.NoneType:
        return "None"
    if kind in PLAIN:
        return typing.cast("type", kind).__name__
    if isinstance(kind, type) and (kind in (datetime, timedelta) or issubclass(kind, enum.StrEnum | Message)):
        return imports.add(kind)
    raise ValueError(f"{kind!r} has no form in the client")


def _none_last(members: Iterable[object]) -> list[object]:
    return sorted(members, key=lambda one: one is types.NoneType)


def parameter(name: str, found: FieldInfo, imports: Imports) -> str:
    """A field as a parameter. What has no plain default may be ``None``, which leaves it out."""
    kind = annotation(found.annotation, imports)
    if found.is_required():
        return f"{name}: {kind}"
    default = _default(found.default, imports) if found.default_factory is None else "None"
    if default == "None" and "None" not in kind.split(" | "):
        kind += " | None"
    return f"{name}: {kind} = {default}"


def _default(value: object, imports: Imports) -> str:
    match value:
        case enum.Enum():
            return f"{imports.add(type(value))}.{value.name}"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case None | bool() | int() | float() | bytes():
            return repr(value)
        case tuple():
            inner = ", ".join(_default(one, imports) for one in value)
            return f"({inner},)" if len(value) == 1 else f"({inner})"
    return "None"
