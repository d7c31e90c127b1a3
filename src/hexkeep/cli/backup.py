"""`hexkeep backup`."""

import asyncio
from pathlib import Path

import click
from pydantic import JsonValue

from hexkeep.bootstrap.archives import Written, write
from hexkeep.cli.archive_options import STREAM, archive_argument, program_of, sink
from hexkeep.cli.command import json_option
from hexkeep.cli.modesty import give_way
from hexkeep.cli.output import errors, print_json
from hexkeep.cli.progress import bars


@click.command(name="backup")
@archive_argument
@json_option
@click.pass_context
def command(ctx: click.Context, archive: Path, as_json: bool) -> None:
    """Write all that is in the storage into FILE, while it is being served; `-` writes to standard output.

    The archive ends where the logs ended when it was begun. It holds events, unique keys, seals and wrapped keys; views
    are not in it, for they are made from the log. Personal data and secrets stay sealed, so the master key is needed to
    restore, and must be kept elsewhere. Other fields can be read in it: keep it like the database.

    The file is compressed (gzip), every line of it carries a check, and it has its name only when it is whole.

    \b
    Examples:
      hexkeep backup /backups/hexkeep-$(date +%F).gz
      hexkeep backup - | ssh vault 'cat > hexkeep.gz'
    """  # noqa: D301 - \b keeps click from filling the lines
    give_way()
    program = program_of(ctx)
    with sink(archive) as file, bars() as progress:
        written = asyncio.run(write(program, file, progress))
    show_written(written, archive, as_json=as_json)


def show_written(written: Written, archive: Path, *, as_json: bool) -> None:
    """Tell what was written, not on standard output when the archive went there."""
    if as_json and str(archive) != STREAM:
        found: dict[str, JsonValue] = {
            "instances": [*written.instances],
            "events": written.events,
            "bytes": written.bytes,
        }
        print_json(found)
        return
    errors().print(f"{written.events} events of {len(written.instances)} instances were written to {archive}.")
