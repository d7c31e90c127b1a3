"""How every command behaves: errors of the tree become a message and an exit code."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hexkeep.cli.exits import Exit, exit_of
from hexkeep.cli.output import Refusal, print_json, print_refusal, refusal_json, refusal_of
from hexkeep.cli.remote import RemoteRefusal
from hexkeep.core.kernel.errors import HexkeepError

if TYPE_CHECKING:
    from hexkeep.bootstrap.settings import Settings

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Commands(click.Group):
    """A group that knows what may have been meant by a name it does not know."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names; a usage error where there is none."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            from hexkeep.bootstrap.loading import nearest

            ctx.fail(f"No such command {args[0]!r}{nearest(args[0], self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)


class Group(Commands):
    """A group whose commands may raise the errors of the tree."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a refused one ends with its message and exit code."""
        try:
            return super().invoke(ctx)
        except RemoteRefusal as error:
            _show(ctx, error.refusal)
            ctx.exit(Exit.FAILED)
        except HexkeepError as error:
            _show(ctx, refusal_of(error))
            ctx.exit(exit_of(error))


def _show(ctx: click.Context, refusal: Refusal) -> None:
    if wants_json(ctx):
        print_json(refusal_json(refusal))
    else:
        print_refusal(refusal)


def wants_json(ctx: click.Context) -> bool:
    """Whether the command that ran, or is running, was asked for JSON."""
    return bool(ctx.find_root().meta.get(JSON))


JSON = "hexkeep.json"
CONFIG = "hexkeep.config"


def _note_json(ctx: click.Context, _: click.Parameter, value: bool) -> bool:
    ctx.find_root().meta[JSON] = value
    return value


json_option = click.option(
    "--json", "as_json", is_flag=True, is_eager=True, callback=_note_json, help="Print JSON, for scripts."
)


def settings_of(ctx: click.Context, arguments: dict[str, Any] | None = None) -> "Settings":
    """The settings, with the file that ``--config`` names; raises ``ConfigurationError``."""
    from hexkeep.bootstrap.loading import load_settings  # with all that settings may name

    config: Path | None = ctx.find_root().meta.get(CONFIG)
    return load_settings(arguments, config)
