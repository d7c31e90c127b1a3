"""Pushed Authorization Requests (RFC 9126): a request that the client itself brought, and by what it is found again.

A reference can be visited until it expires or somebody has got the answer through it, whichever comes first: a page
that is loaded again, or a person who comes back to it, does no harm (FAPI 2.0 Security Profile section 5.3.2.2, note).
"""

import re
from datetime import datetime, timedelta

from pydantic import Field

from hexkeep.core.kernel.ask import ClaimOnce, Keep, Kept
from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc.errors import InvalidRequestUri
from hexkeep.core.oidc.kept import KeptValue

PREFIX = "urn:ietf:params:oauth:request_uri:"
"""Section 2.2: the form that the section proposes; what follows are 256 random bits."""
REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,64}")
LIFETIME = timedelta(seconds=90)
"""Section 2.2, ``expires_in``: long enough for a browser on its way."""
SCOPE = "pushed_request"
"""Under which the expiring store keeps what was pushed."""
USED, SPENT = "pushed_request.used", "pushed_request.spent"
"""Under which it remembers what was answered: the first to be answered claims it, whoever visits sees it."""


class PushedRequest(KeptValue):
    """What a client pushed, without what it authenticated with. ``id`` is no secret: it names it in events."""

    id: str
    client_id: str
    params: dict[str, str] = Field(repr=False)
    resources: tuple[str, ...] = ()
    signed: bool = False
    """Whether it was in a request object that the client had signed (RFC 9101)."""
    dpop_jkt: str = ""
    """RFC 9449 section 10.1: the key whose proof came with it, or empty."""
    expires_at: datetime


def push(ctx: Context, pushed: PushedRequest) -> str:
    """Keep what was pushed; the reference to it, as a ``request_uri``."""
    reference = ctx.new_secret()
    ctx.ask(Keep(SCOPE, reference, pushed.to_bytes(), pushed.expires_at))
    return PREFIX + reference


def pushed(ctx: Context, request_uri: str, client_id: str) -> PushedRequest:
    """Section 4: what this client pushed and nobody has been answered for; raises ``InvalidRequestUri``.

    Unknown, expired, used and another client's look alike.
    """
    reference = request_uri.removeprefix(PREFIX)
    kept = ctx.ask(Kept(SCOPE, reference)) if REFERENCE.fullmatch(reference) else None
    found = PushedRequest.from_bytes(kept)
    if found is None or found.client_id != client_id or ctx.now >= found.expires_at:
        raise InvalidRequestUri
    if ctx.ask(Kept(SPENT, found.id)) is not None:
        raise InvalidRequestUri
    return found


def spend(ctx: Context, pushed_id: str, until: datetime) -> None:
    """Section 4: the one answer for a reference; raises ``InvalidRequestUri`` for who comes second.

    ``until`` is when nobody can come any more: who visited it just before it expired may take time to sign in.
    """
    if not ctx.ask(ClaimOnce(USED, pushed_id, until)):
        raise InvalidRequestUri
    ctx.ask(Keep(SPENT, pushed_id, b"spent", until))
