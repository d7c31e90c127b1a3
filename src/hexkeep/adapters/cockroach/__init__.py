"""The storage ports on CockroachDB 22.1 or later, by psycopg 3 and sqlalchemy-cockroachdb."""

from hexkeep.adapters.cockroach.settings import CockroachSettings
from hexkeep.adapters.cockroach.storage import CockroachStorage

__all__ = ["CockroachSettings", "CockroachStorage"]
