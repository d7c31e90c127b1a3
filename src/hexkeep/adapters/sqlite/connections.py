"""Connections: how the file is opened, for writing and for reading, and what SQLite itself has to be."""

import logging
import os
import sqlite3
from pathlib import Path

from hexkeep.adapters.sqlite.settings import SqliteSettings
from hexkeep.core.kernel.errors import StorageUnavailable

logger = logging.getLogger(__name__)

OLDEST = (3, 35, 0)
"""RETURNING, materialised common tables and multi-row VALUES of any length."""
SOUND = (3, 51, 3)
"""Before, two connections that write or checkpoint in the same instant could damage a write-ahead log."""

_JOURNAL_LIMIT = 64 * 1024 * 1024
_STATEMENTS = 512


def check_version(version: tuple[int, ...]) -> None:
    """Refuse a SQLite that lacks what is used here."""
    if version < OLDEST:
        raise StorageUnavailable(f"Hexkeep needs SQLite {_text(OLDEST)}, this Python has {_text(version)}")


def note_flaws(version: tuple[int, ...]) -> None:
    """Note a SQLite whose write-ahead log has a known flaw. No warning: Hexkeep by itself cannot run into it."""
    if version < SOUND:
        logger.debug(
            "SQLite %s: before %s connections of two programs that write at the same instant can damage the file. "
            "Hexkeep writes and checkpoints on one connection only; do not write to the file with other tools.",
            _text(version),
            _text(SOUND),
        )


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def prepare_file(path: Path) -> None:
    """Make the folder and an empty file that only this user can read, unless they exist."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise StorageUnavailable(f"The SQLite file cannot be made ({error.strerror})") from error


def open_writer(settings: SqliteSettings) -> sqlite3.Connection:
    """The connection that writes. Transactions are begun and ended by hand."""
    connection = _connect(settings, "rw", settings.busy_timeout)
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # for a file without tables; any other stays as it is
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {settings.synchronous}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {settings.checkpoint_pages}")
    connection.execute(f"PRAGMA journal_size_limit = {_JOURNAL_LIMIT}")
    connection.execute(f"PRAGMA cache_size = {-1024 * settings.cache_size}")
    connection.execute("PRAGMA secure_delete = ON")  # a destroyed key leaves no bytes in a free page
    connection.execute("PRAGMA recursive_triggers = ON")  # REPLACE fires the triggers that guard the log as well
    return connection


def open_reader(settings: SqliteSettings, busy_timeout: float) -> sqlite3.Connection:
    """A connection that can only read. Every statement on it is a snapshot of its own."""
    connection = _connect(settings, "ro", busy_timeout)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _connect(settings: SqliteSettings, mode: str, busy_timeout: float) -> sqlite3.Connection:
    """Each connection is used by one thread at a time, though not always by the one that has opened it."""
    return sqlite3.connect(
        f"{settings.path.resolve().as_uri()}?mode={mode}",
        uri=True,
        timeout=busy_timeout,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_STATEMENTS,
    )
