"""Sweeping: expired short-lived state is removed once in a while.

Nothing depends on it but the size of the storage: what has expired is never answered anyway.
"""

from hexkeep.ports.expiring import Expiring

BATCH = 1000


async def sweep(expiring: Expiring) -> int:
    """Remove what has expired; how many entries were removed."""
    removed = 0
    while count := await expiring.sweep(BATCH):
        removed += count
        if count < BATCH:
            break
    return removed
