"""`hexkeep erasures`."""

import asyncio

import click
from pydantic import JsonValue

from hexkeep.adapters.jsonlines.tombstones import JsonLinesTombstones
from hexkeep.cli.command import Commands, json_option, settings_of
from hexkeep.cli.output import print_json, print_table
from hexkeep.ports.tombstones import Tombstone


@click.group(name="erasures", cls=Commands)
def command() -> None:
    """Look at the list of who was erased, which is kept outside the database.

    \b
    Examples:
      hexkeep erasures list
    """  # noqa: D301 - \b keeps click from filling the lines


@command.command(name="list")
@json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """List the erasures that were done: ids and times, nothing about anybody.

    A restore re-applies them. Keep the file (`data.erasures`) apart from the backups of the database.

    \b
    Examples:
      hexkeep erasures list
      hexkeep erasures list --json | jq length
    """  # noqa: D301 - \b keeps click from filling the lines
    stones = asyncio.run(JsonLinesTombstones(settings_of(ctx).erasures_file).list())
    if as_json:
        print_json([_fields(one) for one in stones])
    else:
        print_table(("Instance", "User", "Erased at"), map(_row, stones), "Nobody was erased.")


def _fields(one: Tombstone) -> dict[str, JsonValue]:
    return {
        "instance": one.instance,
        "user_id": one.user_id,
        "erased_at": one.erased_at.isoformat(),
        "position": one.position,
    }


def _row(one: Tombstone) -> tuple[str, ...]:
    return one.instance, one.user_id, one.erased_at.isoformat(timespec="seconds")
