"""The answer of an operation: for a person a table of what a list is of, or names and values; for a script JSON."""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

from hexkeep.cli.output import print_json, print_table, say
from hexkeep.core.kernel.operation import AnyOperation

GAP = 2
"""Columns between two columns of a table."""
YES, NO = "yes", "no"


def show(operation: AnyOperation, output: JsonValue, *, as_json: bool) -> None:
    """Print an answer; what is no terminal gets JSON, so that scripts may rely on it with or without ``--json``."""
    if as_json or not sys.stdout.isatty() or not isinstance(output, dict):
        print_json(output)
    elif isinstance(rows := output.get(operation.items), list):
        _show_list(operation.items, [row for row in rows if isinstance(row, dict)], output)
    else:
        print_table(("field", "value"), list(_pairs(output)), "Done.")


def _show_list(items: str, rows: Sequence[Mapping[str, JsonValue]], output: Mapping[str, JsonValue]) -> None:
    cells = [{name: _text(value) for name, value in row.items()} for row in rows]
    filled = [name for name in (cells[0] if cells else ()) if any(row.get(name) for row in cells)]
    shown = _fitting(_telling(filled), cells, shutil.get_terminal_size().columns)
    print_table(shown, [[row.get(name, "") for name in shown] for row in cells], f"No {items.replace('_', ' ')}.")
    if left := [name for name in filled if name not in shown]:
        say(f"\n--json shows {len(left)} more fields of each.", "dim")
    for name, value in _pairs({name: value for name, value in output.items() if name != items}):
        say(f"{name}: {value}" if name != "next_cursor" else f"\nThere is more: cursor={value}", "dim")


def _telling(names: Sequence[str]) -> list[str]:
    """What a row is called by first, and what tells a person least last: ids of other things."""
    return sorted(names, key=lambda name: name != names[0] and name.endswith("_id"))


def _fitting(names: Sequence[str], rows: Sequence[Mapping[str, str]], width: int) -> list[str]:
    """The first columns that the terminal has room for; always one."""
    shown: list[str] = []
    for name in names:
        width -= max(len(name), *(len(row.get(name, "")) for row in rows)) + GAP
        if width + GAP < 0 and shown:
            break
        shown.append(name)
    return shown


def _pairs(value: Mapping[str, JsonValue], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Name and text of each thing that is not empty; what lies in an object is named with a dot."""
    for name, inner in value.items():
        if isinstance(inner, dict):
            yield from _pairs(inner, f"{prefix}{name}.")
        elif isinstance(inner, list) and any(isinstance(one, dict) for one in inner):
            for index, one in enumerate(inner):
                yield from _pairs({str(index): one}, f"{prefix}{name}.")
        elif text := _text(inner):
            yield f"{prefix}{name}", text


def _text(value: JsonValue) -> str:
    match value:
        case None:
            return ""
        case bool():
            return YES if value else NO
        case str():
            return value
        case list() if all(isinstance(one, str) for one in value):
            return ", ".join(map(str, value))
        case dict() | list() if not value:
            return ""
    return json.dumps(value, ensure_ascii=False)
