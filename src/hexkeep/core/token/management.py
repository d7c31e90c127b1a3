"""The grant management endpoint (Grant Management for OAuth 2.0 section 6): a client looks at its grants and ends them.

It does so for itself, with a token by the client credentials grant. It learns nothing of the person, and no tokens.
"""

import json

from pydantic import JsonValue

from hexkeep.core.kernel.decision import Context, Decision, FollowUp
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.oidc import rfc9396, scopes
from hexkeep.core.oidc.access_tokens import resolve_access_token
from hexkeep.core.oidc.claims_request import parse
from hexkeep.core.oidc.errors import GrantOfAnother, InsufficientScope, InvalidToken, UnknownGrant
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.possession import Presented, insist_on_possession, next_nonce
from hexkeep.core.oidc.profiles import rules_of
from hexkeep.core.token.events import TokenFamilyRevoked
from hexkeep.core.token.grants import Holder, holder_of, stands
from hexkeep.core.token.messages import GetGrant, GrantStatus, Presentation, RevokeGrant
from hexkeep.core.token.standing import insist_on_standing
from hexkeep.core.token.state import TOKEN_FAMILY, TokenFamily


def get_grant(request: GetGrant, ctx: Context) -> Decision[GrantStatus]:
    """Tell a client what a grant of its own is good for.

    Raises ``InvalidToken``, ``InsufficientScope``, ``UnknownGrant`` also for one that is over, and ``GrantOfAnother``.
    """
    client = _caller(ctx, request, scopes.GRANT_QUERY)
    holder = _own(ctx, client, request.grant_id)
    document = json.dumps(_status(holder.family), ensure_ascii=False, separators=(",", ":"))
    return Decision(GrantStatus(document=document, dpop_nonce=next_nonce(ctx, client.id) if request.bound else ""))


def revoke_grant(request: RevokeGrant, ctx: Context) -> Decision[Empty]:
    """End a grant of the client's own: none of its tokens holds from now on, and its person is asked anew.

    Other grants of the same person are as they were. Raises as looking at it does.
    """
    client = _caller(ctx, request, scopes.GRANT_REVOKE)
    holder = _own(ctx, client, request.grant_id)
    revoked = TOKEN_FAMILY.append(holder.family_id, TokenFamilyRevoked(reason="grant_revoked"))
    # The consent belongs to the durable log. Should this be lost, what comes of it is a question less.
    then = FollowUp("ForgetConsent", {"user_id": holder.family.user_id, "client_id": client.id})
    return Decision(Empty(), revoked, then=(then,))


def _caller(ctx: Context, request: Presentation, scope: str) -> Client:
    """The client that asks for itself; a person's token does not have these scopes."""
    token = resolve_access_token(ctx, request.access_token)
    if scope not in token.scopes:
        raise InsufficientScope(f"The scope {scope} is needed")
    client = insist_on_standing(ctx, token)
    if client is None:
        raise InvalidToken
    presented = Presented(
        request.access_token, request.bound, request.proof, request.method, request.url, request.certificate
    )
    insist_on_possession(ctx, presented, token.confirmation, rules_of(client.application))
    return client


def _own(ctx: Context, client: Client, grant_id: str) -> Holder:
    holder = holder_of(ctx, grant_id)
    if holder is not None and holder.family.client_id != client.id:
        raise GrantOfAnother
    if holder is None or not stands(ctx, client, holder.family):
        raise UnknownGrant
    return holder


def _status(family: TokenFamily) -> dict[str, JsonValue]:
    """Section 6.4. Whatever was granted is for all of the resources that were, so there is one entry."""
    scope: dict[str, JsonValue] = {"scope": " ".join(family.scopes)}
    if family.resources:
        scope["resource"] = list(family.resources)
    asked = parse(family.claims)
    return {
        "scopes": [scope],
        "claims": list(dict.fromkeys((*asked.userinfo, *asked.id_token))),
        "authorization_details": list(rfc9396.kept(family.authorization_details)),
    }
