"""INSERT with ON CONFLICT, which every dialect has as a construct of its own; only the dialect in use is imported."""

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert


def insert_into(dialect: Dialect, table: sa.Table) -> "SqliteInsert | PostgresInsert":
    """An INSERT that can be told what to do about a row that is there already."""
    if dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

        return SqliteInsert(table)
    from sqlalchemy.dialects.postgresql import Insert as PostgresInsert

    return PostgresInsert(table)
