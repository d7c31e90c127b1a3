"""The pushed authorization request endpoint (RFC 9126 section 2): the client itself brings what it is going to ask."""

from dataclasses import replace

from hexkeep.core.authrequest.commands import insist_on_redirect, requested
from hexkeep.core.authrequest.messages import PushAuthorization, PushedAuthorization
from hexkeep.core.authrequest.parameters import Counting, brought
from hexkeep.core.kernel.ask import CountUp
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.kernel.network import network
from hexkeep.core.oidc import discovery, rfc9126
from hexkeep.core.oidc.clients import client_of
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.possession import dpop_key
from hexkeep.core.oidc.profiles import rules_of
from hexkeep.core.oidc.rfc6749 import present

PER_CLIENT, PER_ADDRESS, WINDOW_SECONDS = 6000, 120, 60
"""How many requests a client may push within a minute and, as it proves nothing, a public one from one address."""


def push_authorization(request: PushAuthorization, ctx: Context) -> Decision[PushedAuthorization]:
    """Keep an authorization request for a moment, for a browser to bring the reference to it.

    It is judged as it will be when it is visited, so whatever is wrong is told the client directly (section 2.3).
    """
    client = client_of(ctx, request, discovery.PUSHED_AUTHORIZATION)
    _insist_on_pace(ctx, client)
    brought_ = brought(ctx, client, Counting(present(request.params), request.repeated, request.resources))
    counting = replace(brought_, dpop_jkt=dpop_key(ctx, request, rules_of(client.application)))
    insist_on_redirect(client, counting)
    requested(ctx, client, counting)
    pushed = rfc9126.PushedRequest(
        id=ctx.new_id(),
        client_id=client.id,
        params=counting.params,
        resources=counting.resources,
        signed=counting.signed,
        dpop_jkt=counting.dpop_jkt,
        expires_at=ctx.now + rfc9126.LIFETIME,
    )
    seconds = int(rfc9126.LIFETIME.total_seconds())
    return Decision(PushedAuthorization(request_uri=rfc9126.push(ctx, pushed), expires_in=seconds))


def _insist_on_pace(ctx: Context, client: Client) -> None:
    """What is pushed takes room until it expires, so there is a measure to it; raises ``ResourceExhausted``."""
    place = f"/{network(ctx.request.address)}" if client.public else ""
    count = ctx.ask(CountUp(f"pushed/{client.id}{place}", WINDOW_SECONDS))
    if count > (PER_ADDRESS if client.public else PER_CLIENT):
        raise ResourceExhausted("Too many authorization requests were pushed", retry_after=WINDOW_SECONDS)
