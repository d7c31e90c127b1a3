"""What a token exchange (RFC 8693) gives, whatever it is given for: an access token or an ID token, and who acts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from hexkeep.core.application.state import APPLICATION, GrantType
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc import rfc8693, rfc8707, rfc9068, scopes
from hexkeep.core.oidc.access_tokens import made_access_token, resolve_access_token
from hexkeep.core.oidc.errors import InvalidRequest, InvalidScope, InvalidTarget, InvalidToken
from hexkeep.core.oidc.oidc_core import Authentication, Beside
from hexkeep.core.oidc.pairwise import subject_of
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.rfc6749 import required, scope_list
from hexkeep.core.oidc.signing import sign_id_token
from hexkeep.core.oidc.subjects import Place, Subject, asked_claims
from hexkeep.core.policy.state import LIFETIME, effective
from hexkeep.core.token.messages import TokenResponse
from hexkeep.core.token.standing import insist_on_standing
from hexkeep.core.user.state import USER, UserKind


@dataclass(frozen=True, slots=True)
class Terms:
    """For what and for whom a token is to be good."""

    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    token_id: str


@dataclass(frozen=True, slots=True)
class Held:
    """For whom the subject token is, and for which resources its grant was given: empty where none were named."""

    audience: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()


NOBODYS = Held()
"""Of what is no access token, and so for nobody yet."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a new token rests on. ``auth_time`` is ``None`` where nobody has signed in, as for a machine user."""

    user_id: str
    family_id: str
    terms: Terms
    until: datetime
    """It does not hold longer."""
    act: Mapping[str, JsonValue]
    changes: tuple[Append, ...]
    session_id: str = ""
    auth_time: int | None = None
    methods: tuple[str, ...] = ()
    acr: str = ""


def terms(
    params: Mapping[str, str],
    ctx: Context,
    client: Client,
    allowed: tuple[str, ...],
    usual: tuple[str, ...] = (),
    held: Held = NOBODYS,
) -> Terms:
    """Some of the scopes that are ``allowed`` and that the client may have, for whom it names.

    Who asks for none gets the ``usual`` ones, which are all where nothing else is said; who names nobody, a token for
    nobody whom the ``held`` one is not for. Raises ``InvalidScope`` and ``InvalidTarget`` for more than there is.
    """
    can = scopes.grantable(allowed, refresh=True, api=client.application.api_access)
    wanted = scope_list(params.get("scope", ""))
    if not set(wanted) <= set(can):
        raise InvalidScope("A scope exceeds that of the subject token")
    granted = wanted or usual or can
    return Terms(granted, _audience(params, ctx, client, granted, held), ctx.new_id())


def _audience(
    params: Mapping[str, str], ctx: Context, client: Client, granted: tuple[str, ...], held: Held
) -> tuple[str, ...]:
    """Section 2.1: the resources and the logical names, which are ids of applications and of projects.

    Where none are named it is the held token's, as far as the client may name it. A grant that was given for certain
    resources goes no further than these, whoever exchanges its tokens.
    """
    issuer = ctx.request.issuer
    resources = rfc8707.accept_resources(rfc8707.asked_in(params), client, issuer)
    named = tuple(dict.fromkeys(params.get(rfc8693.AUDIENCE, "").split()))
    if not all(_may_name(ctx, client, name) for name in named):
        raise InvalidTarget
    wanted = tuple(dict.fromkeys((*resources, *named)))
    if not wanted and held.audience:
        return _kept(ctx, client, granted, held.audience)
    within = {*held.resources, *held.audience} if held.resources else set(wanted)
    if any(name not in within and rfc8707.project_resource(name) not in within for name in wanted):
        raise InvalidTarget
    return rfc8707.audience_of(client, wanted, granted, issuer)


def _kept(ctx: Context, client: Client, granted: tuple[str, ...], audience: tuple[str, ...]) -> tuple[str, ...]:
    """What the client may have of an audience, our API with its scope alone; raises ``InvalidTarget`` for nothing."""
    issuer, for_api = ctx.request.issuer, scopes.API in granted
    kept = tuple(one for one in audience if _may_name(ctx, client, one) and (for_api or one != issuer))
    if not kept:
        raise InvalidTarget
    return kept


def _may_name(ctx: Context, client: Client, name: str) -> bool:
    """Whether the client may ask for a token for whom this name stands."""
    project_id, issuer = client.application.project_id, ctx.request.issuer
    known = {client.id, project_id, rfc8707.project_resource(project_id), *client.application.client_metadata.resources}
    if client.application.api_access:
        known.add(issuer)
    return name in known or rfc8707.project_resource(name) in known or _beside(ctx, client, name)


def _beside(ctx: Context, client: Client, client_id: str) -> bool:
    """Whether it is an application of the same project."""
    other = ctx.load(APPLICATION, client_id)
    return other.active and other.project_id == client.application.project_id


def presented(params: Mapping[str, str], name: str, ctx: Context) -> rfc9068.AccessToken:
    """An access token of ours that holds, and all of what it rests on; raises ``InvalidRequest`` (section 2.2.2)."""
    text = required(params, name)
    rfc8693.accept_type(required(params, f"{name}_type"), rfc8693.ACCESS_TOKEN, rfc8693.JWT)
    try:
        token = resolve_access_token(ctx, text)
        insist_on_standing(ctx, token)
    except InvalidToken as error:
        raise InvalidRequest(f"The {name} does not hold") from error
    return token


def answer(ctx: Context, client: Client, grounds: Grounds, kind: str) -> TokenResponse:
    """Section 2.2.1: the token of the requested kind; raises ``InvalidRequest`` where there can be none of that."""
    ctx.client_id = client.id
    user = ctx.load(USER, grounds.user_id)
    grant_type = GrantType.TOKEN_EXCHANGE.value
    about = Subject(user.organization_id, grounds.user_id, client, grounds.terms.audience, grant_type)
    place = Place.ID_TOKEN if kind == rfc8693.ID_TOKEN else Place.ACCESS_TOKEN
    claims = {**asked_claims(ctx, about, grounds.terms.scopes, place), rfc8693.ACT: dict(grounds.act)}
    # a machine is nobody to hide, and nothing but its token could tell who it is
    subject = grounds.user_id if user.kind is UserKind.MACHINE else subject_of(ctx, client, grounds.user_id)
    if place is Place.ID_TOKEN:
        return _id_token(ctx, client, grounds, subject, claims)
    token = rfc9068.AccessToken(
        subject=subject,
        client_id=client.id,
        audience=grounds.terms.audience,
        scopes=grounds.terms.scopes,
        token_id=grounds.terms.token_id,
        family_id=grounds.family_id,
        session_id=grounds.session_id,
        auth_time=grounds.auth_time,
        confirmation=client.confirmation,
        acr=grounds.acr,
    )
    usual = effective(ctx, LIFETIME, about.organization_id).access_token_lifetime
    lifetime = min(usual, grounds.until - ctx.now)
    return TokenResponse(
        access_token=made_access_token(ctx, client, token, claims, lifetime),
        issued_token_type=rfc8693.ACCESS_TOKEN,
        token_type=client.confirmation.token_type,
        expires_in=int(lifetime.total_seconds()),
        scope=" ".join(grounds.terms.scopes),
    )


def _id_token(
    ctx: Context, client: Client, grounds: Grounds, subject: str, claims: Mapping[str, JsonValue]
) -> TokenResponse:
    """It says when and how somebody signed in, so there has to be somebody who did, and ``openid``."""
    if grounds.auth_time is None or scopes.OPENID not in grounds.terms.scopes:
        raise InvalidRequest("There can be no ID token for this subject token")
    who = Authentication(
        subject, client.id, grounds.session_id, grounds.auth_time, methods=grounds.methods, acr=grounds.acr
    )
    usual = effective(ctx, LIFETIME, ctx.load(USER, grounds.user_id).organization_id).id_token_lifetime
    lifetime = min(usual, grounds.until - ctx.now)
    return TokenResponse(
        access_token=sign_id_token(ctx, client, who, Beside(), claims, lifetime),
        issued_token_type=rfc8693.ID_TOKEN,
        token_type=rfc8693.NO_SCHEME,
        expires_in=int(lifetime.total_seconds()),
        scope=" ".join(grounds.terms.scopes),
    )
