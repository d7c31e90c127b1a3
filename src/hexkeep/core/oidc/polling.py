"""Clients that ask again and again whether a person has answered (RFC 8628 section 3.5, CIBA Core 1.0 section 11).

How often is looked at on all nodes together, so that a client gains nothing by asking several.
"""

from datetime import timedelta

from hexkeep.core.kernel.ask import ClaimOnce
from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc.errors import SlowDown

SCOPE = "polled"
"""Under which the expiring store remembers who has asked a moment ago."""
SLACK = 0.9
"""Of the interval: the network delays one request more than the next, and nobody is to blame for that."""


def insist_on_pace(ctx: Context, code: str, interval: timedelta) -> None:
    """Take one question for what became of ``code``; raises ``SlowDown`` when the last one is too short ago."""
    if not ctx.ask(ClaimOnce(SCOPE, code, ctx.now + interval * SLACK)):
        raise SlowDown
