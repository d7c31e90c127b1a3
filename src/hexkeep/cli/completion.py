"""What the shell completes: names of commands and operations, fields of an operation, values of an enumeration."""

import os
import typing
from collections.abc import Iterable

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class
from pydantic import BaseModel

from hexkeep.cli.arguments import describe

VARIABLE = "_HEXKEEP_COMPLETE"
"""By this the script of a shell asks; click has chosen its name."""
SIGN = "="


class Bash(BashComplete):
    """Bash takes ``=`` for the end of a word, and would put a space behind a field's name."""

    source_template = BashComplete.source_template.replace(
        "COMPREPLY+=($value)",
        "COMPREPLY+=($value)\n            [[ $value == *= ]] && compopt -o nospace 2>/dev/null",
    )

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before, and the one that is being typed, with what belongs together put together."""
        before, last = super().get_completion_args()
        words = joined([*before, last])
        self._behind_sign = last == SIGN or (bool(before) and before[-1] == SIGN)
        return words[:-1], words[-1]

    def format_completion(self, item: CompletionItem) -> str:
        """The rest of the word, as far as Bash takes it for one."""
        value = item.value.partition(SIGN)[2] if self._behind_sign else item.value
        return f"{item.type},{value}"


def joined(words: Iterable[str]) -> list[str]:
    """Words of Bash as the command gets them: ``name``, ``=``, ``value`` are one."""
    found: list[str] = []
    for word in words:
        if found and (word == SIGN or found[-1].endswith(SIGN)):
            found[-1] += word
        else:
            found.append(word)
    return found


def switch_on() -> None:
    """Have our own script for Bash, where a shell asks at all."""
    if VARIABLE in os.environ:
        add_completion_class(Bash)


def words_of(model: type[BaseModel], given: Iterable[str], incomplete: str) -> list[CompletionItem]:
    """The fields that are not given yet, or the values of the one that is being typed."""
    name, sign, typed = incomplete.partition(SIGN)
    if sign:
        values = enumerated(model, name)
        return [CompletionItem(f"{name}{SIGN}{value}") for value in values if value.startswith(typed)]
    known = {word.partition(SIGN)[0].rstrip(":") for word in given}
    return [
        CompletionItem(f"{field}{SIGN}", help=told)
        for field, told in describe(model)
        if field.startswith(incomplete) and (field not in known or listed(model, field))
    ]


def enumerated(model: type[BaseModel], name: str) -> list[str]:
    """The values that a field may have, where they are known: of an enumeration, a literal, a boolean."""
    found = model.model_json_schema(mode="validation")
    field = found.get("properties", {}).get(name, {})
    return list(dict.fromkeys(_values(field, found.get("$defs", {}))))


def _values(field: dict[str, typing.Any], definitions: dict[str, typing.Any]) -> Iterable[str]:
    if "$ref" in field:
        yield from _values(definitions[field["$ref"].rpartition("/")[2]], definitions)
    yield from map(str, field.get("enum", ()))
    if field.get("type") == "boolean":
        yield from ("true", "false")
    for one in (*field.get("anyOf", ()), *([field["items"]] if "items" in field else [])):
        yield from _values(one, definitions)


def listed(model: type[BaseModel], name: str) -> bool:
    """Whether a field may be given more than once."""
    return typing.get_origin(model.model_fields[name].annotation) is tuple


def items(rows: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem]:
    """Names with what they mean."""
    return [CompletionItem(name, help=told) for name, told in rows if name.startswith(incomplete)]


def options(command: click.Command, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """The options of a group, without making its commands."""
    return click.Command.shell_complete(command, ctx, incomplete)
