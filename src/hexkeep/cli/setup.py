"""`hexkeep setup`."""

import asyncio
from dataclasses import dataclass

import click
from pydantic import JsonValue

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.embed import Embedded, running
from hexkeep.bootstrap.first_run import FirstRun, reset_administrator, set_up
from hexkeep.bootstrap.log import configure_logging
from hexkeep.bootstrap.master_key import demand_master_key
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.settings import Settings
from hexkeep.cli.command import json_option, settings_of
from hexkeep.cli.output import errors, print_json, say


@click.command(name="setup")
@click.option("--reset-administrator", "reset", is_flag=True, help="Give the administrator another password.")
@json_option
@click.pass_context
def command(ctx: click.Context, reset: bool, as_json: bool) -> None:
    """Bring the storage's schema up to date and, if it is empty, make the first instance.

    May be run any number of times, also beside running servers of the version before. `hexkeep serve` does the same at
    every start unless `storage.migrate` is off; run this instead where the server must not own the schema.

    The first administrator's password is printed once and kept nowhere. If it is lost, or the first run was interrupted
    before it was printed, `--reset-administrator` makes and prints another, for the person that `setup.user_name`
    names; that person's sessions end. With SQLite stop the server first.

    \b
    Examples:
      hexkeep setup
      hexkeep setup --reset-administrator
      HEXKEEP_SETUP__USER_NAME=ada HEXKEEP_SERVER__PUBLIC_URL=https://id.example.com hexkeep setup
    """  # noqa: D301 - \b keeps click from filling the lines
    settings = settings_of(ctx)
    configure_logging(settings.logging)
    with errors().status("Setting up…"):
        done = asyncio.run(_set_up(settings, reset=reset))
    if as_json:
        people = {"first_run": done.first_run, **({"administrator": done.administrator} if reset else {})}
        shown = {name: fields(person) if person else None for name, person in people.items()}
        print_json({"migrations": [*done.migrations], **shown})
        return
    ran = f"Migrations that ran: {', '.join(done.migrations) or 'none, the schema is current'}"
    say(click.wrap_text(ran, subsequent_indent="  "))
    if done.first_run is not None:
        show_first_run(done.first_run)
    elif done.administrator is not None:
        say()
        say("The administrator has another password.", "bold green")
        _show_administrator(done.administrator)
    else:
        say("There is an instance already.")
        say("  Lost password  hexkeep setup --reset-administrator")


@dataclass(frozen=True, slots=True)
class _Done:
    migrations: tuple[str, ...]
    first_run: FirstRun | None
    administrator: FirstRun | None


async def _set_up(settings: Settings, *, reset: bool) -> _Done:
    demand_master_key(settings)
    program = Program(settings, Plugins.load(settings.plugins.block))
    migrations = tuple(await program.storage.migrate())
    async with running(program, migrate=False) as iam:
        first = await set_up(iam, program.storage.events, settings)
        if first is not None or not reset:
            return _Done(migrations, first, None)
        client = await Embedded(program, iam).client()
        return _Done(migrations, None, await reset_administrator(client, settings))


def show_first_run(first: FirstRun) -> None:
    """Tell the administrator's name and password, this once."""
    say()
    say("The first instance is ready.", "bold green")
    _show_administrator(first)


def _show_administrator(person: FirstRun) -> None:
    say(f"  Administrator  {person.user_name}")
    if person.password:
        say(f"  Password       {person.password}")
        say("  Write the password down: it is not kept and not shown again.", "yellow")
    else:
        say("  Password       as configured")


def fields(first: FirstRun) -> dict[str, JsonValue]:
    """The same for a script."""
    return {
        "instance_id": first.instance_id,
        "user_id": first.user_id,
        "origin": first.origin,
        "user_name": first.user_name,
        "password": first.password,
    }
