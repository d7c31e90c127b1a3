"""What the parts of the storage share."""

from hexkeep.adapters.sql.part import Part as SqlPart
from hexkeep.adapters.sqlite.database import Database


class Part(SqlPart[Database]):
    """One port on the storage's file."""
