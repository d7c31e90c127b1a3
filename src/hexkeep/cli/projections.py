"""`hexkeep projections`."""

import asyncio

import click
from pydantic import JsonValue

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.embed import looking
from hexkeep.bootstrap.log import configure_logging
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.settings import LoggingSettings, Settings
from hexkeep.cli.command import Commands, json_option, settings_of
from hexkeep.cli.output import errors, print_json, print_table, say
from hexkeep.engine.survey import Status

QUIET = LoggingSettings(level="error")


@click.group(name="projections", cls=Commands)
def command() -> None:
    """Look at the projections, which fill the views that queries read.

    \b
    Examples:
      hexkeep projections status
    """  # noqa: D301 - \b keeps click from filling the lines


@command.command(name="status")
@json_option
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Show how far each projection and process has come in each instance, and which aggregates are parked.

    `lag` counts events that are in the log and not yet in the view. A parked aggregate has an event that a projection
    could not digest; the others go on. `leading` is the node that does the work, by the end of its id. Works beside
    running servers, on every storage, and changes nothing.

    \b
    Examples:
      hexkeep projections status
      hexkeep projections status --json | jq 'map(.lag) | add'
    """  # noqa: D301 - \b keeps click from filling the lines
    settings = settings_of(ctx)
    configure_logging(QUIET)
    with errors().status("Reading the projections…"):
        found = asyncio.run(_status(settings))
    if as_json:
        print_json([_fields(one) for one in found])
        return
    by_instance: dict[str, list[Status]] = {}
    for one in found:
        by_instance.setdefault(one.instance, []).append(one)
    for instance, statuses in by_instance.items():
        say(f"Instance {instance}", "bold")
        print_table(COLUMNS, map(_row, statuses), "", NUMBERS)
        say()
    if not found:
        say("Nothing has been written yet.")


COLUMNS = ("Consumer", "Build", "Log", "Position", "Head", "Lag", "Parked", "Leading")
NUMBERS = (1, 3, 4, 5, 6)
NODE_END = 8
"""Characters from the end of a node's id: the beginning is the time of its start, and alike for many."""


def _row(one: Status) -> tuple[str, ...]:
    numbers = (one.position, one.head, one.lag, one.parked)
    return (one.consumer, str(one.build), one.log.value, *map(str, numbers), _leader(one))


def _leader(one: Status) -> str:
    return "unknown" if one.leader is None else one.leader[-NODE_END:] or "nobody"


def _fields(one: Status) -> dict[str, JsonValue]:
    return {
        "consumer": one.consumer,
        "build": one.build,
        "instance": one.instance,
        "log": one.log.value,
        "position": one.position,
        "head": one.head,
        "lag": one.lag,
        "parked": one.parked,
        "leading": one.leader or None,
    }


async def _status(settings: Settings) -> list[Status]:
    async with looking(Program(settings, Plugins.load(settings.plugins.block))) as survey:
        return await survey.status()
