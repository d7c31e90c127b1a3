"""The token exchange grant (RFC 8693): a service that was given a token gets one for the next service, and no more.

The new token has the same subject, a part of the scopes and of the targets, and names who acts. It rests on what the
first one rests on, so it ends with its session and family, and never outlives it. No refresh token comes with it.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from hexkeep.core.application.state import APPLICATION, GrantType
from hexkeep.core.consent.state import CONSENT, consent_id
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.oidc import rfc8693, rfc8707, scopes
from hexkeep.core.oidc.errors import InvalidGrant, InvalidRequest
from hexkeep.core.oidc.oidc_core import Hint
from hexkeep.core.oidc.pairwise import returned_hint
from hexkeep.core.oidc.parties import Client, active_user
from hexkeep.core.oidc.rfc6749 import required
from hexkeep.core.token.events import TokenExchanged
from hexkeep.core.token.exchanged import Grounds, Held, answer, presented, terms
from hexkeep.core.token.founding import Grant, founded, founder_of
from hexkeep.core.token.impersonation import impersonated
from hexkeep.core.token.messages import TokenResponse
from hexkeep.core.token.standing import user_of
from hexkeep.core.token.state import TOKEN_FAMILY

FROM_ID_TOKEN = tuple(one for one in scopes.SUPPORTED if one not in {scopes.API, scopes.OFFLINE_ACCESS})
"""What there is for an ID token, which is shown around more than access tokens are."""

NOT_HELD = "The subject token does not hold"


def exchange(params: Mapping[str, str], ctx: Context, client: Client) -> Decision[TokenResponse]:
    """A token for whom the subject token is about, used by the client or by whom the actor token is about.

    Raises ``InvalidRequest`` for a token that does not hold or is not for this client (section 2.2.2), ``InvalidScope``
    and ``InvalidTarget`` for more than there is.
    """
    asked = params.get("requested_token_type", rfc8693.ACCESS_TOKEN)
    kind = rfc8693.accept_type(asked, rfc8693.ACCESS_TOKEN, rfc8693.JWT, rfc8693.ID_TOKEN)
    subject = rfc8693.accept_type(required(params, "subject_token_type"), *SUBJECTS)
    grounds = SUBJECTS[subject](params, ctx, client)
    return Decision(answer(ctx, client, grounds, kind), *grounds.changes)


def _of_access_token(params: Mapping[str, str], ctx: Context, client: Client) -> Grounds:
    """The same family; that of a machine user's own token is the token itself."""
    subject = presented(params, "subject_token", ctx)
    user_id, project_id = user_of(ctx, subject), client.application.project_id
    # RFC 9700 section 4.15: what is a client's own is nobody else's, whatever ids there are.
    own = not subject.family_id and ctx.load(APPLICATION, subject.client_id).exists
    if own or active_user(ctx, user_id) is None:
        raise InvalidRequest("The subject token is not that of a user")
    names = {client.id, project_id, rfc8707.project_resource(project_id)}
    if names.isdisjoint({*subject.audience, subject.client_id}):
        raise InvalidRequest("The subject token is not for this client")
    act = rfc8693.acting(subject.claims, _actor(params, ctx, client))
    family = ctx.load(TOKEN_FAMILY, subject.stream, lapses=True)
    meant = terms(params, ctx, client, subject.scopes, held=Held(subject.audience, family.resources))
    happened = TokenExchanged(
        client_id=client.id,
        actor=str(act["sub"]),
        token_id=meant.token_id,
        scopes=meant.scopes,
        audience=meant.audience,
        exchanged_at=ctx.now,
    )
    return Grounds(
        user_id=user_id,
        family_id=subject.stream,
        terms=meant,
        until=subject.expires_at,
        act=act,
        changes=(TOKEN_FAMILY.append(subject.stream, happened),),
        session_id=subject.session_id,
        auth_time=subject.auth_time,
        methods=family.methods,
        acr=subject.acr,
    )


def _of_id_token(params: Mapping[str, str], ctx: Context, client: Client) -> Grounds:
    """A new family in the session that the ID token tells of, for the very client that it was issued to.

    An ID token that names an actor is nothing to go on from: it does not tell what that one may do. Where the person
    has to consent there is no more than that.
    """
    hint = returned_hint(ctx, required(params, "subject_token"))
    if hint is None or hint.client_id != client.id or rfc8693.ACT in hint.claims:
        raise InvalidRequest("The subject token is not an ID token for this client")
    issued, until, auth_time = (_time(hint, name) for name in ("iat", "exp", "auth_time"))
    consent = ctx.load(CONSENT, consent_id(hint.subject, client.id))
    if until <= ctx.now or consent.revoked_since(issued):
        raise InvalidRequest(NOT_HELD)
    act = rfc8693.acting({}, _actor(params, ctx, client))
    agreed = consent.scopes if client.application.consent_required else FROM_ID_TOKEN
    meant = terms(params, ctx, client, tuple(one for one in FROM_ID_TOKEN if one in agreed), usual=(scopes.OPENID,))
    grant = Grant(
        family_id=ctx.new_id(),
        user_id=hint.subject,
        session_id=hint.session_id,
        scopes=meant.scopes,
        auth_time=auth_time,
        grant_type=GrantType.TOKEN_EXCHANGE,
    )
    try:
        founder = founder_of(ctx, grant, client)
    except InvalidGrant as error:
        raise InvalidRequest(NOT_HELD) from error
    if founder.session.user_id != hint.subject:
        raise InvalidRequest(NOT_HELD)
    begun, _ = founded(ctx, grant, client, founder)
    who = founder.authentication(grant, client)
    return Grounds(
        user_id=hint.subject,
        family_id=grant.family_id,
        terms=meant,
        until=until,
        act=act,
        changes=begun,
        session_id=hint.session_id,
        auth_time=who.at,
        methods=who.methods,
        acr=who.acr,
    )


def _time(hint: Hint, name: str) -> datetime:
    """What an ID token of ours says of a time; one that does not was never in force."""
    said = hint.claims.get(name)
    return datetime.fromtimestamp(said if isinstance(said, int) else 0, UTC)


def _actor(params: Mapping[str, str], ctx: Context, client: Client) -> str:
    """Who acts: the client itself, or whom its actor token, which has to be its own, is about."""
    if "actor_token" not in params:
        if "actor_token_type" in params:
            raise InvalidRequest("There is no actor token")
        return client.id
    actor = presented(params, "actor_token", ctx)
    if client.id not in {actor.client_id, *actor.audience}:
        raise InvalidRequest("The actor token is not for this client")
    return actor.subject


SUBJECTS: Mapping[str, Callable[[Mapping[str, str], Context, Client], Grounds]] = {
    rfc8693.ACCESS_TOKEN: _of_access_token,
    rfc8693.JWT: _of_access_token,
    rfc8693.ID_TOKEN: _of_id_token,
    rfc8693.USER_ID: impersonated,
}
"""What a token can be exchanged for, by kind."""
