"""What the commands on archives have in common: files, points in time, further master keys."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import click
from pydantic import JsonValue

from hexkeep.adapters.jsonlines.tombstones import read_tombstones
from hexkeep.bootstrap.archives import Restored
from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.log import configure_logging
from hexkeep.bootstrap.master_key import read_key_file
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.settings import LoggingSettings
from hexkeep.cli.command import settings_of
from hexkeep.cli.output import print_json, say
from hexkeep.core.kernel.errors import InvalidInput
from hexkeep.engine.masters import MasterKey
from hexkeep.ports.tombstones import Tombstone

QUIET = LoggingSettings(level="error")
STREAM = "-"

archive_argument = click.argument("archive", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
master_key_option = click.option(
    "--master-key-file",
    "key_files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="File with a master key that the archive's keys may be wrapped by, beside this storage's own.",
)


erasures_option = click.option(
    "--erasures",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Another list of erasures to do again, as `data.erasures` names one; that one is done again anyway.",
)


class Moment(click.ParamType[datetime]):
    """A time with its zone, as of ISO 8601; without a zone it is UTC."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The time behind a text."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is no time; write it as 2026-03-31T14:05:00+02:00", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def program_of(ctx: click.Context) -> Program:
    """The program behind the settings, not opened; it logs errors alone."""
    settings = settings_of(ctx)
    configure_logging(QUIET)
    return Program(settings, Plugins.load(settings.plugins.block))


def tombstones_of(path: Path | None) -> tuple[Tombstone, ...]:
    """The erasures in a file; raises ``StorageUnavailable`` for one that holds something else."""
    return tuple(read_tombstones(path)) if path else ()


def masters_of(key_files: tuple[Path, ...]) -> tuple[MasterKey, ...]:
    """The master keys in some files; raises ``ConfigurationError``."""
    return tuple(MasterKey(read_key_file(path)) for path in key_files)


@contextmanager
def sink(path: Path) -> Iterator[IO[bytes]]:
    """A file of its owner alone, which has its name when it is whole and on the disk; ``-`` is standard output."""
    if str(path) == STREAM:
        if sys.stdout.isatty():
            raise InvalidInput("An archive is not for a terminal: name a file, or pipe it on")
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def source(path: Path) -> Iterator[IO[bytes]]:
    """An archive to read; ``-`` is standard input."""
    if str(path) == STREAM:
        yield sys.stdin.buffer
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from error
    with file:
        yield file


def show_restored(restored: Restored, *, as_json: bool, position: int | None = None) -> None:
    """Tell what was loaded, up to which ``position`` if that was asked for."""
    if as_json:
        found: dict[str, JsonValue] = {"instances": [*restored.instances], "events": restored.events}
        found["archived_at"] = restored.archived_at.isoformat()
        found["erased_again"] = restored.erased
        if restored.position is not None:
            found["position"] = restored.position
        print_json(found)
        return
    say(
        f"{restored.events} events of {len(restored.instances)} instances are in place, and the views are filled.",
        "bold",
    )
    if restored.position != position:
        say(
            f"What was written at once goes on behind position {position}: the durable log ends at {restored.position}."
        )
    if restored.erased:
        say(f"{restored.erased} people who were erased since the archive was written are erased again.")
