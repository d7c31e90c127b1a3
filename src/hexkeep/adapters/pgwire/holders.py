"""The holders of unique keys as their changes make them."""

from collections.abc import Sequence

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.ports.event_store import KeyChange

Key = tuple[str, bytes]


def net(changes: Sequence[KeyChange]) -> tuple[list[tuple[Key, Ref]], dict[Key, Ref]]:
    """What changes come to: the keys that end without an owner, if it was that one, and those that end with one."""
    releases: list[tuple[Key, Ref]] = []
    claims: dict[Key, Ref] = {}
    for change in changes:
        key = (change.kind, change.hash)
        if change.claimed:
            claims[key] = change.owner
        elif claims.get(key, change.owner) == change.owner:
            claims.pop(key, None)
            releases.append((key, change.owner))
    return releases, claims
