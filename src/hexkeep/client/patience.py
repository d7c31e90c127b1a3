"""When a call that failed is made again."""

import random
from dataclasses import dataclass

from hexkeep.core.kernel.errors import (
    HexkeepError,
    Overloaded,
    ResourceExhausted,
    Unavailable,
    ViewBuilding,
)

IN_PROGRESS = "idempotency_in_progress"
"""The code for an earlier attempt of ours that the server is still at."""
FIRST_WAIT = 0.1
"""Seconds."""
NOTHING_DONE = (ResourceExhausted, Overloaded, ViewBuilding)
"""What a server says before it has done anything."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a call is repeated, and how long to wait for that: ``longest`` seconds at a time.

    A server that asks for a longer wait (``Retry-After``) gets none: the error is raised, and its ``retry_after`` says
    when to come back.
    """

    retries: int = 3
    longest: float = 30.0

    def wait(self, attempt: int, error: HexkeepError, *, repeatable: bool) -> float | None:
        """How long to wait before attempt ``attempt + 1``, counted from 0; ``None`` to give up.

        What may have been applied already is repeated only where ``repeatable`` says that this does no harm.
        """
        if attempt >= self.retries or not _may_pass(error, attempt):
            return None
        told = float(getattr(error, "retry_after", 0))
        if told > self.longest or not (repeatable or isinstance(error, NOTHING_DONE)):
            return None
        return max(told, self.backoff(attempt))

    def backoff(self, attempt: int) -> float:
        """Twice as long each time, and by chance, so that callers that failed together do not come back together."""
        return min(self.longest, FIRST_WAIT * 2.0**attempt) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


def _may_pass(error: HexkeepError, attempt: int) -> bool:
    return isinstance(error, ResourceExhausted | Unavailable) or (error.code == IN_PROGRESS and attempt > 0)
