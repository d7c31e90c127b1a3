"""The storage ports on PostgreSQL 16 or later, by psycopg 3."""

from hexkeep.adapters.postgres.settings import PostgresSettings
from hexkeep.adapters.postgres.storage import PostgresStorage

__all__ = ["PostgresSettings", "PostgresStorage"]
