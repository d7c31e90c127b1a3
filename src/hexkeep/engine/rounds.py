"""Rounds: the same work in one instance after the other, none of which holds up the others."""

import logging
from collections.abc import Awaitable, Callable, Iterable

from hexkeep.core.kernel.errors import HexkeepError, Unavailable

logger = logging.getLogger("hexkeep.engine.rounds")


async def in_each(instances: Iterable[str], name: str, work: Callable[[str], Awaitable[object]]) -> None:
    """Do the work in every instance. Where it fails it is logged as ``name``; the first failure is raised in the end.

    While the storage does not answer nothing is gone on with: ``Unavailable`` is raised at once.
    """
    first: Exception | None = None
    for instance in instances:
        try:
            await work(instance)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - a plugin's operations may raise anything
            told = error.code if isinstance(error, HexkeepError) else type(error).__name__
            logger.warning("%s failed in instance %s: %s", name, instance, told)
            first = first or error
    if first is not None:
        raise first
