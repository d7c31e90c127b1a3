"""`hexkeep config`."""

import json

import click
from pydantic import JsonValue

from hexkeep.bootstrap.adapters import PORTS
from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.settings import FROM_STORAGE, AdapterChoice, Settings
from hexkeep.cli.command import json_option, settings_of
from hexkeep.cli.output import console, print_json


@click.group(name="config")
def command() -> None:
    """Look at the configuration."""


@command.command(name="check")
@json_option
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> None:
    """See whether settings, plugins and adapters fit together. Opens nothing and changes nothing.

    Every problem is told at once, with the setting and where its value comes from; the exit code is then 3.

    \b
    Examples:
      hexkeep config check
      hexkeep --config /etc/hexkeep.toml config check --json
    """  # noqa: D301 - \b keeps click from filling the lines
    settings = settings_of(ctx)
    program = Program(settings, Plugins.load(settings.plugins.block))
    if as_json:
        print_json({"ok": True, "settings": effective(program)})
        return
    console().print("The configuration is valid.", style="bold green")
    for name, value in _summary(settings):
        console().print(f"  {name:<9}{value}", markup=False)


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


def _summary(settings: Settings) -> list[tuple[str, str]]:
    key = "given" if settings.secrets.master_key else str(settings.master_key_file)
    return [
        ("URL", settings.server.origin),
        ("listens", f"{settings.server.host}:{settings.server.port}"),
        ("storage", settings.storage.adapter),
        ("key", key),
    ]
