"""Hosts of an instance: others send browsers back to the primary one, and these go on where they have their cookies."""

from datetime import datetime

from hexkeep.core.kernel.ask import Keep, Kept
from hexkeep.core.kernel.decision import Context

LEFT = "host"
"""Under which the expiring store keeps from which host somebody has left, unless that was the primary one."""


def keep_host(ctx: Context, token: str, until: datetime) -> None:
    """Keep which host the browser is on that leaves now, and comes back with ``token``, a text that is used once."""
    if ctx.request.host:
        ctx.ask(Keep(LEFT, token, ctx.request.host.encode(), until))


def host_of(ctx: Context, token: str) -> str:
    """The host that a browser has left from; empty for the primary one, and where nobody has left with that."""
    return (ctx.ask(Kept(LEFT, token)) or b"").decode()
