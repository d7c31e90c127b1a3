"""The pushed authorization request endpoint (RFC 9126 section 2): the client itself brings what it is going to ask."""

from dataclasses import replace

from hexkeep.core.authrequest.commands import insist_on_redirect, requested
from hexkeep.core.authrequest.messages import PushAuthorization, PushedAuthorization
from hexkeep.core.authrequest.parameters import Counting, brought
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.oidc import discovery, rfc9126
from hexkeep.core.oidc.clients import client_of
from hexkeep.core.oidc.possession import dpop_key
from hexkeep.core.oidc.profiles import rules_of
from hexkeep.core.oidc.rfc6749 import present
from hexkeep.core.oidc.room import insist_on_room


def push_authorization(request: PushAuthorization, ctx: Context) -> Decision[PushedAuthorization]:
    """Keep an authorization request for a moment, for a browser to bring the reference to it.

    It is judged as it will be when it is visited, so whatever is wrong is told the client directly (section 2.3).
    """
    client = client_of(ctx, request, discovery.PUSHED_AUTHORIZATION)
    insist_on_room(ctx, client, "pushed")
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
