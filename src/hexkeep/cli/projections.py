"""`hexkeep projections`."""

import asyncio

import click
from pydantic import JsonValue

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.embed import looking
from hexkeep.bootstrap.log import configure_logging
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.settings import LoggingSettings, Settings
from hexkeep.cli.checking import check
from hexkeep.cli.command import Commands, json_option, settings_of
from hexkeep.cli.output import errors, print_json, print_table, say
from hexkeep.cli.parked import retry, skip
from hexkeep.cli.rebuilding import rebuild
from hexkeep.engine.survey import Status
from hexkeep.ports.views import Parked

QUIET = LoggingSettings(level="error")


@click.group(name="projections", cls=Commands)
def command() -> None:
    """Look after the projections, which fill the views that queries read.

    \b
    Examples:
      hexkeep projections status
      hexkeep projections retry
      hexkeep projections rebuild users
      hexkeep projections check
    """  # noqa: D301 - \b keeps click from filling the lines


for _one in (rebuild, retry, skip, check):
    command.add_command(_one)


@command.command(name="status")
@json_option
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Show how far each projection and process has come in each instance, and which aggregates are parked.

    `lag` counts events that are in the log and not yet in the view. A build is one filling of a projection's tables:
    one serves, another may be building, and one that was replaced is retired until its nodes are gone. A parked
    aggregate has an event that a projection could not digest; the others go on. `leading` is the node that does the
    work, by the end of its id. Works beside running servers, on every storage, and changes nothing. Why a node waits
    before it tries again only that node knows: `hexkeep call ListProjections` asks it, and its /metrics tell.

    \b
    Examples:
      hexkeep projections status
      hexkeep projections status --json | jq 'map(.lag) | add'
    """  # noqa: D301 - \b keeps click from filling the lines
    settings = settings_of(ctx)
    configure_logging(QUIET)
    with errors().status("Reading the projections…"):
        found, parked = asyncio.run(_status(settings))
    if as_json:
        print_json([_fields(one, parked) for one in found])
        return
    by_instance: dict[str, list[Status]] = {}
    for one in found:
        by_instance.setdefault(one.instance, []).append(one)
    for instance, statuses in by_instance.items():
        say(f"Instance {instance}", "bold")
        print_table(COLUMNS, map(_row, statuses), "", NUMBERS)
        say()
    for ill in parked:
        say(f"Parked in {ill.key.instance}: {_told(ill)}", "yellow")
    if not found:
        say("Nothing has been written yet.")


COLUMNS = ("Consumer", "Build", "Log", "Position", "Head", "Lag", "Parked", "Leading")
NUMBERS = (1, 3, 4, 5, 6)
NODE_END = 8
"""Characters from the end of a node's id: the beginning is the time of its start, and alike for many."""


def _row(one: Status) -> tuple[str, ...]:
    numbers = (one.position, one.head, one.lag, one.parked)
    build = str(one.build) if one.current else f"{one.state} {one.build}"
    return (one.consumer, build, one.log.value, *map(str, numbers), _leader(one))


def _leader(one: Status) -> str:
    return "unknown" if one.leader is None else one.leader[-NODE_END:] or "nobody"


def _told(ill: Parked) -> str:
    what = f"{ill.aggregate_type} {ill.aggregate_id}"
    return f"{ill.key.projection} (build {ill.key.build}) {what} at {ill.position}: {ill.error}"


def _fields(one: Status, parked: list[Parked]) -> dict[str, JsonValue]:
    place = (one.consumer, one.build, one.instance)
    own = [ill for ill in parked if (ill.key.projection, ill.key.build, ill.key.instance) == place]
    return {
        "consumer": one.consumer,
        "build": one.build,
        "state": one.state.value if one.state is not None else None,
        "instance": one.instance,
        "log": one.log.value,
        "position": one.position,
        "head": one.head,
        "lag": one.lag,
        "parked": one.parked,
        "parked_aggregates": [_parked(ill) for ill in own],
        "leading": one.leader or None,
    }


def _parked(ill: Parked) -> JsonValue:
    return {
        "aggregate_type": ill.aggregate_type,
        "aggregate_id": ill.aggregate_id,
        "position": ill.position,
        "error": ill.error,
        "attempts": ill.attempts,
        "parked_at": ill.parked_at.isoformat(),
    }


async def _status(settings: Settings) -> tuple[list[Status], list[Parked]]:
    async with looking(Program(settings, Plugins.load(settings.plugins.block))) as survey:
        return await survey.status(), await survey.parked()
