"""Impersonation: who may gets tokens to be somebody else at an application, without that person's doing (ADR 29).

The token names the one and the other, holds for a short time, ends with the impersonator's session and right, cannot be
renewed, and is worth nothing at our own API, where credentials, factors and rights are changed.
"""

from collections.abc import Mapping
from datetime import timedelta

from hexkeep.core.application.state import GrantType
from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc import rfc8693, rfc9068, scopes
from hexkeep.core.oidc.errors import InvalidRequest
from hexkeep.core.oidc.parties import Client, active_user, admits
from hexkeep.core.oidc.rfc6749 import required
from hexkeep.core.oidc.rfc7800 import BEARER
from hexkeep.core.token.events import TokenFamilyStarted, UserImpersonated
from hexkeep.core.token.exchanged import Grounds, presented, terms
from hexkeep.core.token.impersonators import may_impersonate
from hexkeep.core.token.standing import user_of
from hexkeep.core.token.state import IMPERSONATION, TOKEN_FAMILY
from hexkeep.core.user.state import UserKind

LIFETIME = timedelta(minutes=10)
"""How long such a token holds at most."""
REASON, MAX_REASON = "reason", 200
"""A parameter of ours: why, for the audit, such as the number of a support case."""
REFUSED = "The user may not be impersonated"
GRANTABLE = tuple(one for one in scopes.SUPPORTED if one not in {scopes.API, scopes.OFFLINE_ACCESS})


def impersonated(params: Mapping[str, str], ctx: Context, client: Client) -> Grounds:
    """A family of tokens for the person whose id the request tells, founded by who its actor token is about.

    Raises ``InvalidRequest``, which does not tell an unknown user from one who may not be impersonated.
    """
    actor = _actor(params, ctx, client)
    actor_id, user_id = user_of(ctx, actor), required(params, "subject_token")
    user = active_user(ctx, user_id)
    if user is None or user.kind is not UserKind.HUMAN or not admits(ctx, client, user_id):
        raise InvalidRequest(REFUSED)
    if not may_impersonate(ctx, actor_id, user_id):
        raise InvalidRequest(REFUSED)
    reason = params.get(REASON, "")
    if len(reason) > MAX_REASON or not reason.isprintable():
        raise InvalidRequest("The reason is too long or is not plain text")
    family_id, meant = ctx.new_id(), terms(params, ctx, client, GRANTABLE, usual=(scopes.OPENID,))
    started = TokenFamilyStarted(
        client_id=client.id,
        user_id=user_id,
        session_id=actor.session_id,
        scopes=meant.scopes,
        auth_time=ctx.now,
        password_version=user.password_version,
        methods=(),
        grant_type=GrantType.TOKEN_EXCHANGE.value,
        jkt=client.confirmation.jkt,
        certificate_thumbprint=client.confirmation.certificate,
        actor_id=actor_id,
        started_at=ctx.now,
    )
    told = UserImpersonated(
        organization_id=user.organization_id,
        actor_id=actor_id,
        client_id=client.id,
        token_family_id=family_id,
        scopes=meant.scopes,
        reason=reason,
    )
    return Grounds(
        user_id=user_id,
        family_id=family_id,
        terms=meant,
        until=min(actor.expires_at, ctx.now + LIFETIME),
        act={"sub": actor.subject},
        changes=(TOKEN_FAMILY.append(family_id, started), IMPERSONATION.append(user_id, told)),
        session_id=actor.session_id,
    )


def _actor(params: Mapping[str, str], ctx: Context, client: Client) -> rfc9068.AccessToken:
    """The token of who impersonates; raises ``InvalidRequest``.

    It has to be good for our own API. With less an application would get more of its administrators than they agreed
    to when they signed in, and so the application has to have API access as well. Who acts for somebody already may
    not go on from there. A machine user's token, which is no application's, is good in the hands of any of them.
    """
    actor = presented(params, "actor_token", ctx)
    own = actor.client_id in {client.id, actor.subject}
    if not own or rfc8693.ACT in actor.claims or actor.confirmation not in {BEARER, client.confirmation}:
        raise InvalidRequest("The actor token is not for this client")
    if not client.application.api_access or ctx.request.issuer not in actor.audience:
        raise InvalidRequest("The actor token is not for this API")
    return actor
