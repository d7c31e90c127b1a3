"""The token exchange grant (RFC 8693): a service that was given a token gets one for the next service, and no more.

The new token has the same person, a part of the scopes, and names who acts. It rests on what the first one rests on,
so it ends with its session and family, and never outlives it. No refresh token comes with it.
"""

from collections.abc import Mapping

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.oidc import rfc8693, rfc8707, rfc9068, scopes
from hexkeep.core.oidc.access_tokens import made_access_token, resolve_access_token
from hexkeep.core.oidc.errors import InvalidRequest, InvalidScope, InvalidToken
from hexkeep.core.oidc.pairwise import subject_of
from hexkeep.core.oidc.parties import Client, active_user
from hexkeep.core.oidc.rfc6749 import required, scope_list
from hexkeep.core.oidc.subjects import Subject, asked_claims
from hexkeep.core.policy.state import LIFETIME, effective
from hexkeep.core.token.messages import TokenResponse
from hexkeep.core.token.standing import insist_on_standing, user_of


def exchange(params: Mapping[str, str], ctx: Context, client: Client) -> Decision[TokenResponse]:
    """An access token for whom the subject token is about, used by the client or by whom the actor token is about.

    Raises ``InvalidRequest`` for a token that does not hold or is not for this client (section 2.2.2), ``InvalidScope``
    and ``InvalidTarget`` for more than there is.
    """
    rfc8693.accept_type(params.get("requested_token_type", rfc8693.ACCESS_TOKEN))
    subject = _presented(params, "subject_token", ctx)
    user_id = user_of(ctx, subject)
    user = active_user(ctx, user_id)
    if not subject.family_id or user is None:
        raise InvalidRequest("The subject token is not that of a person")
    if not {client.id, client.application.project_id} & {*subject.audience, subject.client_id}:
        raise InvalidRequest("The subject token is not for this client")
    act = rfc8693.acting(subject.claims, _actor(params, ctx, client))
    ctx.client_id = client.id
    granted = _granted(params, subject, client)
    asked = rfc8707.accept_resources(rfc8707.asked_in(params), client, ctx.request.issuer)
    token = rfc9068.AccessToken(
        subject=subject_of(ctx, client, user_id),
        client_id=client.id,
        audience=rfc8707.audience_of(client, asked, granted, ctx.request.issuer),
        scopes=granted,
        token_id=ctx.new_id(),
        family_id=subject.family_id,
        session_id=subject.session_id,
        auth_time=subject.auth_time,
        confirmation=client.confirmation,
    )
    usual = effective(ctx, LIFETIME, user.organization_id).access_token_lifetime
    lifetime = min(usual, subject.expires_at - ctx.now)
    claims = {**asked_claims(ctx, Subject(user.organization_id, user_id, client), granted), rfc8693.ACT: act}
    answer = TokenResponse(
        access_token=made_access_token(ctx, client, token, claims, lifetime),
        issued_token_type=rfc8693.ACCESS_TOKEN,
        token_type=client.confirmation.token_type,
        expires_in=int(lifetime.total_seconds()),
        scope=" ".join(granted),
    )
    return Decision(answer)


def _presented(params: Mapping[str, str], name: str, ctx: Context) -> rfc9068.AccessToken:
    """A token of ours that holds, and all of what it rests on."""
    text = required(params, name)
    rfc8693.accept_type(required(params, f"{name}_type"))
    try:
        token = resolve_access_token(ctx, text)
        insist_on_standing(ctx, token)
    except InvalidToken as error:
        raise InvalidRequest(f"The {name} does not hold") from error
    return token


def _actor(params: Mapping[str, str], ctx: Context, client: Client) -> str:
    """Who acts: the client itself, or whom its actor token, which has to be its own, is about."""
    if "actor_token" not in params:
        if "actor_token_type" in params:
            raise InvalidRequest("There is no actor token")
        return client.id
    actor = _presented(params, "actor_token", ctx)
    if client.id not in {actor.client_id, *actor.audience}:
        raise InvalidRequest("The actor token is not for this client")
    return actor.subject


def _granted(params: Mapping[str, str], subject: rfc9068.AccessToken, client: Client) -> tuple[str, ...]:
    """All of the subject token's scopes that the client may have, or some of them."""
    allowed = scopes.grantable(subject.scopes, refresh=True, api=client.application.api_access)
    wanted = scope_list(params.get("scope", ""))
    if not set(wanted) <= set(allowed):
        raise InvalidScope("A scope exceeds that of the subject token")
    return wanted or allowed
