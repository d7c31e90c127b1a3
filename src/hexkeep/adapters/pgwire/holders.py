"""Key changes as they were, and the holders of unique keys as they make them."""

from collections.abc import Sequence

from hexkeep.adapters.pgwire.database import Connection
from hexkeep.adapters.pgwire.schema import Schema
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import KeyChange

Key = tuple[str, bytes]


class KeyHistory:
    """Writes key changes, inside a transaction of the caller's."""

    def __init__(self, schema: Schema) -> None:
        sql = schema.sql
        self._change = sql(
            "INSERT INTO {schema}.key_changes"
            " (instance_id, log, position, kind, hash, aggregate_type, aggregate_id, claimed)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
        )
        free = sql("DELETE FROM {schema}.unique_keys WHERE instance_id = %s AND kind = %s AND hash = %s")
        self._free = free
        self._release = free + b" AND aggregate_type = %s AND aggregate_id = %s"
        self._claim = sql(
            "INSERT INTO {schema}.unique_keys (instance_id, kind, hash, aggregate_type, aggregate_id)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (instance_id, kind, hash)"
            " DO UPDATE SET aggregate_type = excluded.aggregate_type, aggregate_id = excluded.aggregate_id"
        )

    async def load(self, connection: Connection, instance: str, log: Log, changes: Sequence[KeyChange]) -> None:
        """Keep changes in their order, and let the keys follow."""
        kept = [(instance, log.value, one.position, one.kind, one.hash, *one.owner, one.claimed) for one in changes]
        releases, holders = _net(changes)
        async with connection.cursor() as cursor:
            await cursor.executemany(self._change, kept)
            await cursor.executemany(self._release, [(instance, *key, *owner) for key, owner in releases])
            await cursor.executemany(self._free, [(instance, *key) for key, owner in holders.items() if owner is None])
            claims = [(instance, *key, *owner) for key, owner in holders.items() if owner is not None]
            await cursor.executemany(self._claim, claims)


def _net(changes: Sequence[KeyChange]) -> tuple[list[tuple[Key, Ref]], dict[Key, Ref | None]]:
    """What changes come to: keys that are free now if it was that owner's, then keys of which all is known.

    That is so from the first claim among the changes on, whoever held the key before: it ends with an owner or without.
    """
    releases: list[tuple[Key, Ref]] = []
    holders: dict[Key, Ref | None] = {}
    for change in changes:
        key = (change.kind, change.hash)
        if change.claimed:
            holders[key] = change.owner
        elif key not in holders:
            releases.append((key, change.owner))
        elif holders[key] == change.owner:
            holders[key] = None
    return releases, holders
