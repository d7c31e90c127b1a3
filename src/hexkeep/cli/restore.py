"""`hexkeep restore`."""

import asyncio
from datetime import datetime
from pathlib import Path

import click

from hexkeep.bootstrap.archives import Wanted, restore
from hexkeep.cli.archive_options import (
    Moment,
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
from hexkeep.engine.archive.point import Point


@click.command(name="restore")
@archive_argument
@click.option("--until", type=Moment(), help="Leave out what happened later.")
@click.option("--instance", default="", help="Restore this instance alone; everything else stays as it is.")
@click.option("--position", type=int, help="With --instance: the last event of its durable log.")
@click.option("--replace", "replace_present", is_flag=True, help="Remove what is there first.")
@erasures_option
@master_key_option
@json_option
@click.pass_context
def command(  # noqa: PLR0913, PLR0917 - a click command
    ctx: click.Context,
    archive: Path,
    until: datetime | None,
    instance: str,
    position: int | None,
    replace_present: bool,
    erasures: Path | None,
    key_files: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Load an archive that `hexkeep backup` wrote into the storage of the settings; `-` reads standard input.

    Stop all servers first. The storage may be of another kind than the one that was archived. It must be empty, or
    --replace removes what the archive replaces. The master key of the archived store has to be in place.

    A restore begins a new epoch: positions that callers remember from before are refused, so nobody mistakes the
    restored state for what they had seen. If it is broken off no server starts on the storage until the same command
    has run to its end.

    What was written at once comes back wholly or not at all: a position in the middle of it stands for the one before
    it, which is told. A position that the archived log does not have is refused before anything is removed.

    People who were erased since the archive was written are erased again: those on the list of `data.erasures`, which
    lies outside of the storage for that, and those of --erasures.

    \b
    Examples:
      hexkeep restore /backups/hexkeep-2026-03-31.gz
      hexkeep restore backup.gz --replace --until 2026-03-31T14:05:00+02:00
      hexkeep restore backup.gz --replace --instance 01a2… --position 1234
    """  # noqa: D301 - \b keeps click from filling the lines
    if position is not None and until is not None:
        raise click.UsageError("--until and --position exclude each other")
    if position is not None and not instance:
        raise click.UsageError("--position is of one instance's log: name it with --instance")
    wanted = Wanted(Point(until, position), instance, replace_present, masters_of(key_files), tombstones_of(erasures))
    program = program_of(ctx)
    with source(archive) as file, bars() as progress:
        restored = asyncio.run(restore(program, file, progress, wanted))
    show_restored(restored, as_json=as_json, position=position)
