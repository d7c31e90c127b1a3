"""The command `hexkeep`. Commands are imported when they are used, so that `--help` answers at once."""

import importlib
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from hexkeep.bootstrap.garbage import collect_rarely
from hexkeep.cli import completion
from hexkeep.cli.command import CONFIG, CONTEXT, Group

COMMANDS = {
    "serve": ("hexkeep.cli.serve", "Serve the API and the pages over HTTP."),
    "setup": ("hexkeep.cli.setup", "Bring the storage up to date and make the first instance."),
    "call": ("hexkeep.cli.call", "Call an operation of the API."),
    "config": ("hexkeep.cli.config", "Look at the configuration."),
    "projections": ("hexkeep.cli.projections", "Look after the projections."),
    "outbox": ("hexkeep.cli.outbox", "Look at the deliveries that wait or could not be made."),
    "system-token": ("hexkeep.cli.system_token", "Sign a token for the System API of a server."),
    "keys": ("hexkeep.cli.keys", "Look at the data keys, and rotate what they lie under."),
    "erasures": ("hexkeep.cli.erasures", "Look at the list of who was erased."),
    "plugins": ("hexkeep.cli.plugins", "List the plugins."),
    "history": ("hexkeep.cli.history", "Show what has happened to a resource, and what it was."),
    "backup": ("hexkeep.cli.backup", "Write all that is in the storage into a file, while it is being served."),
    "restore": ("hexkeep.cli.restore", "Load an archive, up to a point in time if wanted."),
    "export": ("hexkeep.cli.export", "Write one instance into a file, for another store."),
    "import": ("hexkeep.cli.importing", "Take over an instance from another store."),
    "verify": ("hexkeep.cli.verify", "Verify that the logs are as they were written."),
    "seals": ("hexkeep.cli.seals", "Keep the seals over the logs elsewhere."),
    "version": ("hexkeep.cli.version", "Print the version."),
}


class LazyGroup(Group):
    """Knows its commands by name and imports one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = module.command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The names, without importing the commands, and the options."""
        rows = ((name, summary) for name, (_, summary) in COMMANDS.items())
        return [*completion.items(rows, incomplete), *completion.options(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings=CONTEXT)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file. Default: HEXKEEP_CONFIG, else ./hexkeep.toml if it is there.",
)
@click.version_option(None, "--version", package_name="hexkeep", message="hexkeep %(version)s")
@click.pass_context
def cli(ctx: click.Context, config: Path | None) -> None:
    """Hexkeep: identity and access management.

    \b
    Examples:
      hexkeep serve                      serve on http://localhost:8080 with SQLite in ./hexkeep-data
      hexkeep serve --port 9000          the same on another port
      hexkeep config check               see whether the settings fit
      hexkeep call --help                list the operations
      hexkeep call ListUsers             call one
      python -m hexkeep serve            the same program by another name

    Names of commands, operations and fields are completed once the shell knows how (bash, zsh, fish):

    \b
      eval "$(_HEXKEEP_COMPLETE=bash_source hexkeep)"

    \b
    Exit codes: 0 done, 1 refused, 2 wrong command line, 3 wrong configuration, 4 storage or server unavailable.
    """  # noqa: D301 - \b keeps click from filling the lines
    ctx.find_root().meta[CONFIG] = config


def main() -> None:
    """The entry point of the command line."""
    collect_rarely()
    completion.switch_on()
    cli(prog_name="hexkeep")
