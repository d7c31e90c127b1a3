"""`hexkeep plugins`."""

import click
from pydantic import JsonValue

from hexkeep.bootstrap.plugins import PluginInfo, Plugins
from hexkeep.cli.command import json_option, settings_of
from hexkeep.cli.output import print_json, print_table


@click.command(name="plugins")
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the plugins that are installed, with their hooks, and those that are blocked.

    \b
    Examples:
      hexkeep plugins
      hexkeep plugins --json

    \b
    To leave one out, in hexkeep.toml:
      [plugins]
      block = ["name"]
    """  # noqa: D301 - \b keeps click from filling the lines
    known = Plugins.load(settings_of(ctx).plugins.block).known()
    if as_json:
        print_json([_fields(info) for info in known])
        return
    rows = [(info.name, info.version, info.source, "blocked" if info.blocked else _hooks(info)) for info in known]
    print_table(("Name", "Version", "From", "Hooks"), rows, "No plugins are installed.")


def _hooks(info: PluginInfo) -> str:
    return ", ".join(hook.removeprefix("hexkeep_") for hook in info.hooks)


def _fields(info: PluginInfo) -> dict[str, JsonValue]:
    return {
        "name": info.name,
        "version": info.version,
        "source": info.source,
        "hooks": [*info.hooks],
        "blocked": info.blocked,
    }
