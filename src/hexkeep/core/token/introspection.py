"""The introspection endpoint (RFC 7662): what a token is worth now, told to whom it concerns.

That is the application it was issued to, and every application that proves to be one of those it is for: APIs and
others of the projects in its audience, and APIs by the resources (RFC 8707) that they are registered to answer for.
To everybody else, and for everything that does not hold, the answer is the same: not active.
"""

import json

from pydantic import JsonValue

from hexkeep.core.application.state import ApplicationType
from hexkeep.core.kernel.ask import VerifyKeyedHash
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.oidc import discovery, rfc9701, scopes
from hexkeep.core.oidc.access_tokens import resolve_access_token
from hexkeep.core.oidc.algorithms import SigningAlgorithm
from hexkeep.core.oidc.clients import authenticated_resource_server
from hexkeep.core.oidc.errors import InvalidToken
from hexkeep.core.oidc.pairwise import subject_of
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.refresh_tokens import FAMILY_PURPOSE, parse
from hexkeep.core.oidc.rfc6749 import present, required
from hexkeep.core.oidc.rfc8707 import project_resource
from hexkeep.core.oidc.rfc9068 import AccessToken
from hexkeep.core.oidc.signing import for_client
from hexkeep.core.token.messages import Introspection, IntrospectToken
from hexkeep.core.token.rotation import lifetimes_of, present_secret
from hexkeep.core.token.standing import insist_on_standing, standing_user
from hexkeep.core.token.state import TOKEN_FAMILY
from hexkeep.core.user.state import USER

Members = dict[str, JsonValue]


def introspect_token(request: IntrospectToken, ctx: Context) -> Decision[Introspection]:
    """Tell what a token stands for now, if it holds and concerns the caller; raises ``InvalidClient``."""
    caller = authenticated_resource_server(ctx, request, discovery.INTROSPECTION)
    text = required(present(request.params), "token")
    members = _access_token(ctx, text, caller) or _refresh_token(ctx, text, caller)
    document: Members = {"active": True, **members} if members else {"active": False}
    return Decision(Introspection(document=_signed(ctx, caller, document) if request.signed else _json(document)))


def _json(document: Members) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _signed(ctx: Context, caller: Client, document: Members) -> str:
    """RFC 9701 sections 5 and 6: signed with RS256 unless the caller registered another, encrypted if it registered."""
    claims = rfc9701.claims_of(document, ctx.request.issuer, caller.id, ctx.now)
    metadata = caller.application.client_metadata
    algorithm = metadata.introspection_signed_response_alg
    return for_client(
        ctx,
        caller,
        claims,
        rfc9701.TYPE,
        SigningAlgorithm.RS256 if algorithm is SigningAlgorithm.UNSPECIFIED else algorithm,
        metadata.introspection_encrypted_response_alg,
        metadata.introspection_encrypted_response_enc,
    )


def _access_token(ctx: Context, text: str, caller: Client) -> Members:
    """RFC 7662 section 2.2: all that the token itself says, whether it can be read or not."""
    try:
        token = resolve_access_token(ctx, text)
        client = insist_on_standing(ctx, token)
    except InvalidToken:
        return {}
    if not _concerns(caller, token, client):
        return {}
    bound = token.claims.get("cnf")
    kind = "DPoP" if isinstance(bound, dict) and "jkt" in bound else "Bearer"
    return {**token.claims, "token_type": kind, **_username(ctx, token)}


def _concerns(caller: Client, token: AccessToken, client: Client | None) -> bool:
    """Whether the caller is whom a token was issued to, or one of those it is for.

    What an API says it answers for counts in its own organization alone: anybody may register anything.
    """
    application = caller.application
    names = {caller.id, application.project_id, project_resource(application.project_id)}
    if application.type is ApplicationType.API and client is not None:
        own = client.application.organization_id == application.organization_id
        names |= set(application.client_metadata.resources) if own else set()
    return token.client_id == caller.id or not names.isdisjoint(token.audience)


def _username(ctx: Context, token: AccessToken) -> Members:
    """The login name, for whom the person has let know it."""
    if scopes.PROFILE not in token.scopes or not token.family_id:
        return {}
    return {"username": ctx.load(USER, ctx.load(TOKEN_FAMILY, token.family_id).user_id).user_name}


def _refresh_token(ctx: Context, text: str, caller: Client) -> Members:
    """A refresh token is known to the client that holds it and to nobody else; asking about it changes nothing."""
    token = parse(text)
    if token is None:
        return {}
    family = ctx.load(TOKEN_FAMILY, token.family_id, lapses=True)
    if family.client_id != caller.id or family.started_at is None or family.used_at is None:
        return {}
    lifetimes = lifetimes_of(ctx, family)
    fits = ctx.ask(VerifyKeyedHash(FAMILY_PURPOSE, token.family_secret, family.family_hash))
    if not fits or not family.refreshes(ctx.now, lifetimes) or not present_secret(ctx, token, family):
        return {}
    if standing_user(ctx, caller, family) is None:
        return {}
    last = min(
        family.started_at + lifetimes.refresh_token_lifetime, family.used_at + lifetimes.refresh_token_idle_lifetime
    )
    return {
        "iss": ctx.request.issuer,
        "sub": subject_of(ctx, caller, family.user_id),
        "client_id": caller.id,
        "scope": " ".join(family.scopes),
        "iat": int(family.used_at.timestamp()),
        "exp": int(last.timestamp()),
    }
