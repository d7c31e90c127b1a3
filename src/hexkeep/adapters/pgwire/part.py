"""What the parts of the storage share."""

from hexkeep.adapters.pgwire.database import Database
from hexkeep.adapters.sql.part import Part as SqlPart


class Part(SqlPart[Database]):
    """One port on the storage's connections."""
