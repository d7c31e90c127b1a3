"""The page of all commands, made from their help: ``python -m hexkeep.cli.reference docs/reference``."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from hexkeep.bootstrap.reference.pages import write
from hexkeep.cli.call import Operations
from hexkeep.cli.exits import Exit
from hexkeep.cli.main import cli

INTRODUCTION = """\
<!-- Made by `python -m hexkeep.cli.reference`; edit the docstrings of the commands instead. -->

# Command line

Results go to standard output, everything else to standard error. With `--json` the result, or the error, is one JSON
document. A command that fails says why and ends with one of these codes:

"""
WIDTH = 100


def cli_page() -> str:
    """Every command with its help, but not those that operations make: they have a page of their own."""
    codes = "".join(f"- `{code.value}` {code.name.lower()}\n" for code in Exit)
    return INTRODUCTION + codes + "".join(_section(path, ctx) for path, ctx in _commands("hexkeep", cli))


def _commands(
    path: str, command: click.Command, parent: click.Context | None = None
) -> Iterator[tuple[str, click.Context]]:
    name = path.rpartition(" ")[2]
    shape = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    ctx = click.Context(command, parent, info_name=name, **shape)
    yield path, ctx
    if isinstance(command, click.Group) and not isinstance(command, Operations):
        for child in command.list_commands(ctx):
            found = command.get_command(ctx, child)
            if found is not None:
                yield from _commands(f"{path} {child}", found, ctx)


def _section(path: str, ctx: click.Context) -> str:
    with ctx:
        text = ctx.command.get_help(ctx) if not isinstance(ctx.command, Operations) else _without_operations(ctx)
    return f"\n## `{path}`\n\n```text\n{text.rstrip()}\n```\n"


def _without_operations(ctx: click.Context) -> str:
    """The operations depend on the plugins that are installed."""
    formatter = ctx.make_formatter()
    ctx.command.format_usage(ctx, formatter)
    ctx.command.format_help_text(ctx, formatter)
    click.Command.format_options(ctx.command, ctx, formatter)
    return formatter.getvalue()


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference"), {"cli.md": cli_page})
