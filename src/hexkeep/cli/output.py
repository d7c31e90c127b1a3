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
"""Columns where nobody looks at the output: tables are not cut for scripts."""


def console() -> Console:
    """Standard output; plain, and as wide as it has to be, where it is no terminal."""
    terminal = sys.stdout.isatty()
    return Console(highlight=False, soft_wrap=True, width=None if terminal else WIDE)


def errors() -> Console:
    """Standard error, for everything that is not the result."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: JsonValue | Mapping[str, JsonValue] | Sequence[JsonValue]) -> None:
    """The result for a script: one JSON document."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], empty: str) -> None:
    """A table for a person, or a sentence when it has no rows."""
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    if table.row_count:
        console().print(table)
    else:
        console().print(empty, markup=False)


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
