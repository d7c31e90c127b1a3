"""The one place where SQLite's errors become those of the ports."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from hexkeep.core.kernel.errors import HexkeepError, Internal, InvalidInput, StorageUnavailable

_PRIMARY = 0xFF
"""The low byte of a result code is its primary code; what is above tells it apart further."""

_UNAVAILABLE = {
    sqlite3.SQLITE_AUTH: "may not be used in this way",
    sqlite3.SQLITE_BUSY: "is locked by another program",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore it from a backup",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full",
    sqlite3.SQLITE_IOERR: "cannot be read or written",
    sqlite3.SQLITE_LOCKED: "is locked",
    sqlite3.SQLITE_NOLFS: "is larger than its file system allows",
    sqlite3.SQLITE_NOMEM: "finds no memory",
    sqlite3.SQLITE_NOTADB: "is no SQLite database",
    sqlite3.SQLITE_PERM: "may not be opened",
    sqlite3.SQLITE_PROTOCOL: "is locked by too many at once",
    sqlite3.SQLITE_READONLY: "cannot be written to",
    sqlite3.SQLITE_SCHEMA: "has been changed by another program",
}


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection was in the way."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def port_error(error: Exception) -> Exception:
    """What a caller of a port is told. The text never holds values, only SQLite's name for what happened."""
    if isinstance(error, sqlite3.Error):
        told: HexkeepError = _of_sqlite(error)
    elif isinstance(error, UnicodeEncodeError | OverflowError):
        told = InvalidInput("A value cannot be stored")
    else:
        return error
    told.__cause__ = error
    return told


def _of_sqlite(error: sqlite3.Error) -> HexkeepError:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if code in _UNAVAILABLE:
        return StorageUnavailable(f"The SQLite file {_UNAVAILABLE[code]} ({name})")
    if code == sqlite3.SQLITE_TOOBIG:
        return InvalidInput("A value is too large to be stored")
    if isinstance(error, sqlite3.ProgrammingError):
        return StorageUnavailable("The SQLite storage is closed")
    if str(error).startswith(("no such table", "no such column")):
        return StorageUnavailable("The SQLite file lacks a table: migrate it, or ask for the builds anew")
    return Internal(f"SQLite refused a statement ({name})")


@contextmanager
def mapped() -> Iterator[None]:
    """Turn every error of the driver inside into one of the ports' errors."""
    try:
        yield
    except (sqlite3.Error, UnicodeEncodeError, OverflowError) as error:
        raise port_error(error) from error
