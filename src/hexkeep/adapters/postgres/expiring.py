"""Sweeping on PostgreSQL: rows are found by where they lie, and those that somebody else removes are left alone."""

from collections.abc import Sequence
from typing import LiteralString

from hexkeep.adapters.pgwire.expiring import WireExpiring

SWEEPS: tuple[LiteralString, ...] = (
    (
        "DELETE FROM {schema}.expiring WHERE ctid = ANY (ARRAY(SELECT ctid FROM {schema}.expiring"
        " WHERE expires_at <= now() ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED)) RETURNING 1"
    ),
    (
        "DELETE FROM {schema}.counters WHERE ctid = ANY (ARRAY(SELECT ctid FROM {schema}.counters"
        " WHERE expires_at <= now() ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED)) RETURNING 1"
    ),
)
FORGET: LiteralString = (
    "DELETE FROM {schema}.append_units WHERE ctid = ANY (ARRAY(SELECT ctid FROM {schema}.append_units"
    " WHERE kept_since < now() - make_interval(days => %s) LIMIT %s)) RETURNING 1"
)


class PostgresExpiring(WireExpiring):
    """The port ``expiring.Expiring``."""

    def sweeps(self) -> Sequence[bytes]:
        """See the base."""
        return [*map(self._database.schema.sql, SWEEPS)]

    def forget(self) -> bytes:
        """See the base."""
        return self._database.schema.sql(FORGET)
