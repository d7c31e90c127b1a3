"""`hexkeep projections check`."""

import asyncio
from collections.abc import Sequence

import click
from pydantic import JsonValue

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.examining import examining
from hexkeep.bootstrap.loading import nearest
from hexkeep.bootstrap.log import configure_logging
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.settings import Settings
from hexkeep.cli.calling import QUIET
from hexkeep.cli.command import json_option, settings_of
from hexkeep.cli.exits import Exit
from hexkeep.cli.output import print_json, print_table, say
from hexkeep.cli.progress import Bars, bars
from hexkeep.core.kernel.errors import NotFound
from hexkeep.engine.comparison import ROWS_AT_ONCE, Difference

SHOWN = 1000
"""Differences that are kept to be shown; of more only the number is told."""


@click.command(name="check")
@click.argument("names", nargs=-1)
@click.option(
    "--rows", default=ROWS_AT_ONCE, show_default=True, help="Rows in memory at once; fewer read the log more often."
)
@json_option
@click.pass_context
def check(ctx: click.Context, names: tuple[str, ...], rows: int, as_json: bool) -> None:
    """Compare what the views hold with a replay of the log, row by row, and show what differs.

    Needs the master key and changes nothing; works beside running servers, also while they write. Cells are not shown,
    for they may be personal, only their columns. Ends with code 1 when something differs. `rebuild` makes it good; a
    difference is a defect worth reporting all the same.

    \b
    Examples:
      hexkeep projections check
      hexkeep projections check users sessions --json
    """  # noqa: D301 - \b keeps click from filling the lines
    settings = settings_of(ctx)
    configure_logging(QUIET)
    with bars() as shown:
        count, found = asyncio.run(_compare(settings, names, max(1, rows), shown))
    if as_json:
        print_json({"differences": count, "rows": [_fields(one) for one in found]})
    else:
        columns = ("Table", "Instance", "Key", "Differs in")
        lines = ((one.table, one.instance, " ".join(map(str, one.key)), _differing(one)) for one in found)
        print_table(columns, lines, "Every view holds what its log says.")
        if count > len(found):
            say(f"… and {count - len(found)} more")
    if count:
        ctx.exit(Exit.FAILED)


async def _compare(settings: Settings, names: Sequence[str], rows: int, shown: Bars) -> tuple[int, list[Difference]]:
    program = Program(settings, Plugins.load(settings.plugins.block))
    known = {one.name: one for one in program.projections}
    for name in names:
        if name not in known:
            raise NotFound(f"There is no projection {name}{nearest(name, known)}")
    wanted = {name: known[name] for name in names or known}
    count, kept = 0, []
    async with examining(program) as machinery:
        async for difference in machinery.maintenance.compare(wanted, rows, shown):
            count += 1
            if count <= SHOWN:
                kept.append(difference)
    return count, kept


def _differing(one: Difference) -> str:
    if one.view is None:
        return "the row is missing"
    if one.replay is None:
        return "the row should not be there"
    return ", ".join(_columns(one))


def _columns(one: Difference) -> list[str]:
    """The columns that differ, where both have the row."""
    if one.view is None or one.replay is None:
        return []
    return sorted(name for name in one.view if one.view[name] != one.replay.get(name))


def _fields(one: Difference) -> dict[str, JsonValue]:
    return {
        "table": one.table,
        "instance": one.instance,
        "key": [str(cell) for cell in one.key],
        "in_view": one.view is not None,
        "in_replay": one.replay is not None,
        "columns": [*_columns(one)],
    }
