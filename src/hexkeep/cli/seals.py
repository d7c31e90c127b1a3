"""`hexkeep seals`."""

import asyncio
import sys
from datetime import datetime
from pathlib import Path

import click

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.embed import looking
from hexkeep.bootstrap.master_key import is_given
from hexkeep.bootstrap.seal_files import filed
from hexkeep.bootstrap.verification import exported, trusted_keys
from hexkeep.cli.archive_options import Moment, program_of
from hexkeep.cli.command import Commands
from hexkeep.cli.output import errors, print_json
from hexkeep.cli.verify import FILE, instance_option
from hexkeep.engine.seal_lines import keys_line, line_of
from hexkeep.ports.jose import Jwk


@click.group(name="seals", cls=Commands)
def command() -> None:
    """Keep the seals over the logs elsewhere.

    \b
    Examples:
      hexkeep seals export > seals.jsonl
      hexkeep seals keys > keys.json
    """  # noqa: D301 - \b keeps click from filling the lines


@command.command(name="export")
@instance_option
@click.option("--since", type=Moment(), help="Only seals that were made at this time or later.")
@click.option("--known", multiple=True, type=FILE, help="Only seals that this earlier export does not hold.")
@click.pass_context
def export(ctx: click.Context, instance: str, since: datetime | None, known: tuple[Path, ...]) -> None:
    """Write seals to standard output, one JSON object a line, in order of instance, log and number.

    The first line holds the public keys, where the master key is there to tell them. With `--known` an export goes on
    where an earlier one ended, so that a file grows by what is new; it is refused when the two do not fit together.

    Works beside running servers, on every storage, and changes nothing.

    \b
    Examples:
      hexkeep seals export > seals.jsonl
      hexkeep seals export --known seals.jsonl > new.jsonl && cat new.jsonl >> seals.jsonl
    """  # noqa: D301 - \b keeps click from filling the lines
    count = asyncio.run(_export(program_of(ctx), instance, since, known))
    errors().print(f"{count} seals were written.")


async def _export(program: Program, instance: str, since: datetime | None, known: tuple[Path, ...]) -> int:
    count = 0
    with filed(known) as seals:
        async with looking(program):
            if is_given(program.settings):
                sys.stdout.write(keys_line(await trusted_keys(program)) + "\n")
            async for seal in exported(program, instance, since, seals):
                sys.stdout.write(line_of(seal) + "\n")
                count += 1
    return count


@command.command(name="keys")
@click.pass_context
def keys(ctx: click.Context) -> None:
    """Print the public keys that seals are signed with, as a JWK Set (RFC 7517). Needs the master key.

    \b
    Examples:
      hexkeep seals keys > keys.json
    """  # noqa: D301 - \b keeps click from filling the lines
    print_json({"keys": [dict(key) for key in asyncio.run(_keys(program_of(ctx)))]})


async def _keys(program: Program) -> list[Jwk]:
    async with looking(program):
        return await trusted_keys(program)
