"""`hexkeep import`."""

import asyncio
from pathlib import Path

import click

from hexkeep.bootstrap.archives import Wanted, adopt
from hexkeep.cli.archive_options import (
    archive_argument,
    erasures_option,
    master_key_option,
    masters_of,
    program_of,
    show_restored,
    source,
    tombstones_of,
)
from hexkeep.cli.command import json_option
from hexkeep.cli.progress import bars


@click.command(name="import")
@archive_argument
@click.option("--origin", default="", help="Primary origin of the instance here. Default: its hosts are kept.")
@erasures_option
@master_key_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    archive: Path,
    origin: str,
    erasures: Path | None,
    key_files: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Take over an instance that `hexkeep export` wrote, from a storage of this kind or of another.

    It keeps its id, its users, its history and its hosts; with --origin it answers under that one alone, which changes
    the issuer. The other instances of this storage are not touched. Where the archive comes from a store with another
    master key, name that key's file.

    \b
    Examples:
      hexkeep import shop.gz
      hexkeep import shop.gz --origin https://id.example.com --master-key-file old.key
    """  # noqa: D301 - \b keeps click from filling the lines
    wanted = Wanted(masters=masters_of(key_files), tombstones=tombstones_of(erasures))
    program = program_of(ctx)
    with source(archive) as file, bars() as progress:
        restored = asyncio.run(adopt(program, file, progress, wanted, origin))
    show_restored(restored, as_json=as_json)
