"""When a credential ceases to hold: asked for by who makes it, within bounds."""

from datetime import UTC, datetime, timedelta

from hexkeep.core.kernel.errors import InvalidInput, Violation


def expiry_of(asked: datetime | None, now: datetime, *, usual: timedelta, longest: timedelta) -> datetime:
    """The moment ``asked`` for, in UTC, or ``usual`` from ``now``.

    Raises ``InvalidInput`` for one without a zone, in the past, or more than ``longest`` away.
    """
    if asked is None:
        return now + usual
    if asked.tzinfo is None:
        raise _refused("needs its zone")
    if not now < asked <= now + longest:
        raise _refused(f"must lie in the future, and not more than {longest.days} days ahead")
    return asked.astimezone(UTC)


def _refused(message: str) -> InvalidInput:
    return InvalidInput("It cannot hold for so long", Violation("expires_at", message))
