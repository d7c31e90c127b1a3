"""`hexkeep setup`."""

import asyncio

import click
from pydantic import JsonValue

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.embed import running
from hexkeep.bootstrap.first_run import FirstRun, set_up
from hexkeep.bootstrap.log import configure_logging
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.settings import Settings
from hexkeep.cli.command import json_option, settings_of
from hexkeep.cli.output import console, errors, print_json


@click.command(name="setup")
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Bring the storage's schema up to date and, if it is empty, make the first instance.

    May be run any number of times, also beside running servers of the version before. `hexkeep serve` does the same at
    every start unless `storage.migrate` is off; run this instead where the server must not own the schema.

    \b
    Examples:
      hexkeep setup
      HEXKEEP_SETUP__USER_NAME=ada HEXKEEP_SERVER__PUBLIC_URL=https://id.example.com hexkeep setup
    """  # noqa: D301 - \b keeps click from filling the lines
    settings = settings_of(ctx)
    configure_logging(settings.logging)
    with errors().status("Setting up…"):
        migrations, first = asyncio.run(_set_up(settings))
    if as_json:
        print_json({"migrations": [*migrations], "first_run": fields(first) if first else None})
        return
    console().print(f"Migrations that ran: {', '.join(migrations) or 'none, the schema is current'}")
    if first is None:
        console().print("There is an instance already.")
    else:
        show_first_run(first)


async def _set_up(settings: Settings) -> tuple[list[str], FirstRun | None]:
    program = Program(settings, Plugins.load(settings.plugins.block))
    migrations = await program.storage.migrate()
    async with running(program, migrate=False) as iam:
        return migrations, await set_up(iam, program.storage.events, settings)


def show_first_run(first: FirstRun) -> None:
    """Tell the administrator's name and password, this once."""
    console().print()
    console().print("The first instance is ready.", style="bold green")
    console().print(f"  Administrator  {first.user_name}", markup=False)
    if first.password:
        console().print(f"  Password       {first.password}", markup=False)
        console().print("  Write the password down: it is not kept and not shown again.", style="yellow")
    else:
        console().print("  Password       as configured")


def fields(first: FirstRun) -> dict[str, JsonValue]:
    """The same for a script."""
    return {
        "instance_id": first.instance_id,
        "user_id": first.user_id,
        "origin": first.origin,
        "user_name": first.user_name,
        "password": first.password,
    }
