"""`hexkeep export`."""

import asyncio
from pathlib import Path

import click

from hexkeep.bootstrap.archives import write
from hexkeep.cli.archive_options import archive_argument, program_of, sink
from hexkeep.cli.backup import show_written
from hexkeep.cli.command import json_option
from hexkeep.cli.modesty import give_way
from hexkeep.cli.progress import bars


@click.command(name="export")
@click.argument("instance", metavar="INSTANCE")
@archive_argument
@json_option
@click.pass_context
def command(ctx: click.Context, instance: str, archive: Path, as_json: bool) -> None:
    """Write one instance into FILE, for another store; `-` writes to standard output.

    INSTANCE is its id (`hexkeep call ListInstances`). Works while it is being served; deactivate it first if nothing
    may be written to it any more. The master key goes with the archive by another way.

    \b
    Examples:
      hexkeep export 01a2… shop.gz
      hexkeep export 01a2… - | HEXKEEP_CONFIG=other.toml hexkeep import - --master-key-file old.key
    """  # noqa: D301 - \b keeps click from filling the lines
    give_way()
    program = program_of(ctx)
    with sink(archive) as file, bars() as progress:
        written = asyncio.run(write(program, file, progress, instance))
    show_written(written, archive, as_json=as_json)
