"""`hexkeep config`."""

import json
from pathlib import Path

import click
from pydantic import JsonValue

from hexkeep.bootstrap.adapters import PORTS
from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.grpc import grpc_certificate
from hexkeep.bootstrap.master_key import create_key_file, demand_master_key, new_master_key
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.server import certificate
from hexkeep.bootstrap.settings import FROM_STORAGE, AdapterChoice, Settings
from hexkeep.bootstrap.system_callers import system_callers
from hexkeep.cli.command import Commands, json_option, settings_of
from hexkeep.cli.output import print_json, say


@click.group(name="config", cls=Commands)
def command() -> None:
    """Look at the configuration.

    \b
    Examples:
      hexkeep config check
      hexkeep config master-key
    """  # noqa: D301 - \b keeps click from filling the lines


@command.command(name="check")
@json_option
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> None:
    """See whether settings, plugins, adapters and certificates fit together. Opens nothing and changes nothing.

    Every problem is told at once, with the setting and where its value comes from; the exit code is then 3.

    \b
    Examples:
      hexkeep config check
      hexkeep --config /etc/hexkeep.toml config check --json
    """  # noqa: D301 - \b keeps click from filling the lines
    settings = settings_of(ctx)
    demand_master_key(settings)
    program = Program(settings, Plugins.load(settings.plugins.block))
    system_callers(settings, program.jose)
    certificate(settings)
    grpc_certificate(settings)
    if as_json:
        print_json({"ok": True, "settings": effective(program)})
        return
    say("The configuration is valid.", "bold green")
    for name, value in _summary(settings):
        say(f"  {name:<9}{value}")


@command.command(name="master-key")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
def master_key(file: Path | None) -> None:
    """Make a master key: print it, or write it to a FILE that is not there yet, readable by its owner alone.

    Nodes that share a storage need the same one, as `secrets.master_key` or in the file `secrets.master_key_file`. For
    SQLite it is made by itself. Keep a copy: without the key nothing in the storage can be read.

    \b
    Examples:
      hexkeep config master-key /etc/hexkeep/master.key
      export HEXKEEP_SECRETS__MASTER_KEY="$(hexkeep config master-key)"
    """  # noqa: D301 - \b keeps click from filling the lines
    if file is None:
        say(new_master_key())
        return
    if file.exists():
        raise click.UsageError(f"{file} is there already, and a key is never replaced")
    try:
        create_key_file(file)
    except OSError as error:
        raise click.UsageError(f"{file} cannot be made: {error.strerror}") from None
    say(f"A new master key is in {file}. Keep a copy of it apart from the database's backups.")


def effective(program: Program) -> dict[str, JsonValue]:
    """Every setting as it will be used. Secrets are stars; of adapters only what their models know is shown."""
    shown: dict[str, JsonValue] = json.loads(program.settings.model_dump_json(exclude=set(PORTS)))
    return shown | {port: _adapter(program, port) for port in PORTS}


def _adapter(program: Program, port: str) -> dict[str, JsonValue]:
    choice: AdapterChoice = getattr(program.settings, port)
    shown = {name: getattr(choice, name) for name in type(choice).model_fields}
    if choice.adapter != FROM_STORAGE:
        table, folder = choice.tables.get(choice.adapter, {}), program.settings.data.folder
        chosen = program.registry.settings(port, choice.adapter, table, folder)
        shown[choice.adapter] = json.loads(chosen.model_dump_json())
    return shown


def _grpc(settings: Settings) -> str:
    chosen = settings.grpc
    if not chosen.enabled:
        return "on the main port" if chosen.main_port else "off"
    return f"{chosen.host or settings.server.host}:{chosen.port_beside(settings.server.port)}"


def _summary(settings: Settings) -> list[tuple[str, str]]:
    key = "given" if settings.secrets.master_key else str(settings.master_key_file)
    return [
        ("URL", settings.server.origin),
        ("listens", f"{settings.server.host}:{settings.server.port}"),
        ("gRPC", _grpc(settings)),
        ("storage", settings.storage.adapter),
        ("key", key),
    ]
