"""`hexkeep projections`."""

import asyncio

import click
from pydantic import JsonValue

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.log import configure_logging
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.settings import LoggingSettings, Settings
from hexkeep.cli.command import json_option, settings_of
from hexkeep.cli.output import errors, print_json, print_table
from hexkeep.engine.maintenance import Status

QUIET = LoggingSettings(level="error")


@click.group(name="projections")
def command() -> None:
    """Look at the projections, which fill the views that queries read."""


@command.command(name="status")
@json_option
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Show how far each projection and process has come in each instance, and which aggregates are parked.

    `lag` counts events that are in the log and not yet in the view. A parked aggregate has an event that a projection
    could not digest; the others go on.

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
    columns = ("Consumer", "Version", "Instance", "Log", "Position", "Head", "Lag", "Parked")
    print_table(columns, map(_row, found), "Nothing has been written yet.")


def _row(one: Status) -> tuple[str, ...]:
    numbers = (one.position, one.head, one.lag, one.parked)
    return (one.consumer, str(one.version), one.instance, one.log.value, *map(str, numbers))


def _fields(one: Status) -> dict[str, JsonValue]:
    return {
        "consumer": one.consumer,
        "version": one.version,
        "instance": one.instance,
        "log": one.log.value,
        "position": one.position,
        "head": one.head,
        "lag": one.lag,
        "parked": one.parked,
    }


async def _status(settings: Settings) -> list[Status]:
    """Opens the storage and starts nothing: the projections stay where they are."""
    program = Program(settings, Plugins.load(settings.plugins.block))
    try:
        await program.storage.open()
        return await program.iam.machinery.maintenance.status()
    finally:
        await program.storage.close()
