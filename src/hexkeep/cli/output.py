"""What commands print: tables and hints for people, JSON for scripts, errors on standard error."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hexkeep.bootstrap.errors import ConfigurationError
from hexkeep.core.kernel.errors import HexkeepError, InvalidInput

WIDE = 1000
"""Columns that no line of ours has."""


def console() -> Console:
    """Standard output. As wide as it has to be: a terminal folds long lines, and nothing is ever cut.

    Colour only on a terminal, and not with NO_COLOR set.
    """
    return Console(highlight=False, soft_wrap=True, width=WIDE)


def say(text: str = "", style: str | None = None) -> None:
    """A line for a person, letter by letter as it is given."""
    console().print(text, style=style, markup=False, emoji=False)


def errors() -> Console:
    """Standard error, for everything that is not the result. Sentences are folded between words on a terminal."""
    return Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


def print_json(value: JsonValue | Mapping[str, JsonValue] | Sequence[JsonValue]) -> None:
    """The result for a script: one JSON document."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], empty: str, numbers: Iterable[int] = ()) -> None:
    """A table for a person, or a sentence when it has no rows; ``numbers`` are columns that are set to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    right = frozenset(numbers)
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index in right else "left")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    if table.row_count:
        console().print(table)
    else:
        say(empty)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command was not done: a stable code, what it means, and each thing that was wrong."""

    code: str
    message: str
    problems: tuple[str, ...] = ()


def refusal_of(error: HexkeepError) -> Refusal:
    """An error of the tree, as it is shown."""
    if isinstance(error, ConfigurationError):
        return Refusal(error.code, error.title, tuple(map(str, error.problems)))
    details = tuple(f"{name}: {value}" for name, value in error.details.items())
    if isinstance(error, InvalidInput):
        details += tuple(f"{one.field}: {one.message}" if one.field else one.message for one in error.violations)
    return Refusal(error.code, error.message, details)


def print_refusal(refusal: Refusal) -> None:
    """For a person, on standard error: a line, and one more for each problem."""
    first = Text(refusal.message, style="bold red")
    first.append(f"  [{refusal.code}]", style="not bold dim")
    for line in (first, *(Text(f"  {problem}") for problem in refusal.problems)):
        errors().print(line)


def refusal_json(refusal: Refusal) -> dict[str, JsonValue]:
    """For a script, on standard output."""
    return {"error": refusal.code, "message": refusal.message, "problems": [*refusal.problems]}
