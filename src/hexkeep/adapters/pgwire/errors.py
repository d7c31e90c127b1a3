"""The one place where the driver's errors become those of the ports."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors as pg
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from hexkeep.core.kernel.errors import HexkeepError, Internal, InvalidInput, Overloaded, StorageUnavailable

CONTENTION = frozenset({"40001", "40P01", "55P03", "CR000"})
"""Serialization failure, deadlock, no lock in time, CockroachDB's restart: nothing was done; again it may succeed."""

UNMIGRATED = frozenset({"3D000", "3F000", "42P01", "42883", "42703"})
"""Database, schema, table, function or column missing: the database has not been migrated to this program's version."""

COLLISION = frozenset({"23505", "21000"})
"""A unique index has stopped what was checked before: two units of one round were after the same thing."""

UNKNOWN_OUTCOME = "40003"
"""Statement completion unknown: CockroachDB lost touch with a part of itself at COMMIT."""

OUTDATED = "The database is not at this program's version; run `hexkeep setup`"
NO_CONNECTION = (PoolTimeout, PoolClosed, TooManyRequests)
"""Nothing was asked, for want of somebody to ask."""


def is_contention(error: BaseException) -> bool:
    """Whether the statement was rolled back because of others and deserves another try."""
    return isinstance(error, psycopg.Error) and error.sqlstate in CONTENTION


def is_collision(error: BaseException) -> bool:
    """Whether the statement was rolled back because its own parts exclude each other."""
    return isinstance(error, psycopg.Error) and error.sqlstate in COLLISION


def is_connection_lost(error: BaseException) -> bool:
    """Whether the server went away, so that what was asked may or may not have been done."""
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) or isinstance(error, NO_CONNECTION):
        return False
    state = error.sqlstate
    return state is None or state == UNKNOWN_OUTCOME or state.startswith(("08", "57P"))


def port_error(error: psycopg.Error) -> HexkeepError:
    """What a caller of a port is told. The text never holds values: servers repeat those in their own messages."""
    state = error.sqlstate
    if isinstance(error, TooManyRequests):
        return Overloaded()
    if isinstance(error, NO_CONNECTION):
        return StorageUnavailable("No connection to the database was to be had")
    if state in UNMIGRATED:
        return StorageUnavailable(OUTDATED)
    if isinstance(error, pg.DataError):
        return InvalidInput("A value cannot be stored")
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) or (state or "").startswith("25"):
        return StorageUnavailable(f"The database does not answer ({state or type(error).__name__})")
    return Internal(f"The database refused a statement ({state or type(error).__name__})")


@contextmanager
def mapped() -> Iterator[None]:
    """Turn every driver error inside into one of the ports' errors."""
    try:
        yield
    except psycopg.Error as error:
        raise port_error(error) from error
