"""What PostgreSQL's own parts of the storage share."""

from hexkeep.adapters.postgres.database import PostgresDatabase
from hexkeep.adapters.sql.part import Part as SqlPart


class Part(SqlPart[PostgresDatabase]):
    """One port on the storage's connections."""
