"""Tokens issued to an application for a person: from the token endpoint, or in the authorization response."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from pydantic import JsonValue

from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc import rfc8707, rfc9068, scopes
from hexkeep.core.oidc.access_tokens import made_access_token
from hexkeep.core.oidc.claims_request import Target, parse
from hexkeep.core.oidc.oidc_core import Authentication, Beside
from hexkeep.core.oidc.pairwise import subject_of
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.signing import sign_id_token
from hexkeep.core.oidc.subjects import Place, Subject, asked_claims, told_of
from hexkeep.core.policy.state import LIFETIME, effective


@dataclass(frozen=True, slots=True)
class Sitting:
    """A person's sign-in to an application, out of which tokens are issued."""

    family_id: str
    client: Client
    organization_id: str
    authentication: Authentication
    resources: tuple[str, ...] = ()
    """RFC 8707: for whom the access token is; empty for who it is usually for."""
    authorization_details: str = ""
    """RFC 9396: what the access token is good for in detail, JSON or empty."""
    grant_type: str = ""
    claims: str = ""
    """The claims parameter of its request (OIDC Core section 5.5), or empty."""
    grant_id: str = ""
    """Under which its client manages the grant, or empty."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be issued: at the token endpoint everything, in an authorization response what was asked for.

    ``code`` and ``state`` are what goes back beside it there.
    """

    access_token: bool = True
    id_token: bool = True
    code: str = field(default="", repr=False)
    state: str = field(default="", repr=False)


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Issued:
    """What was issued, empty where nothing was. ``lifetime`` is the access token's."""

    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    lifetime: timedelta


def issued(ctx: Context, sitting: Sitting, granted: tuple[str, ...], wanted: Wanted = EVERYTHING) -> Issued:
    """RFC 6749 section 5.1 and OIDC Core section 3.1.3.3; an ID token comes with ``openid`` alone."""
    who = sitting.authentication
    subject = Subject(sitting.organization_id, who.subject, sitting.client, sitting.resources, sitting.grant_type)
    lifetimes = effective(ctx, LIFETIME, sitting.organization_id)
    access_token, id_token = "", ""
    if wanted.access_token:
        token = _access_token(ctx, sitting, granted)
        asked = asked_claims(ctx, subject, granted)
        access_token = made_access_token(ctx, sitting.client, token, asked, lifetimes.access_token_lifetime)
    if wanted.id_token and scopes.OPENID in granted:
        beside = Beside(access_token, wanted.code, wanted.state)
        asked = asked_claims(ctx, subject, granted, Place.ID_TOKEN)
        alone = not wanted.access_token and not wanted.code
        asked = {**asked, **_claims_in_id_token(ctx, sitting, granted, alone=alone)}
        told = replace(who, subject=subject_of(ctx, sitting.client, who.subject))
        id_token = sign_id_token(ctx, sitting.client, told, beside, asked, lifetimes.id_token_lifetime)
    return Issued(access_token, id_token, lifetimes.access_token_lifetime)


def _claims_in_id_token(
    ctx: Context, sitting: Sitting, granted: tuple[str, ...], *, alone: bool
) -> dict[str, JsonValue]:
    """What an ID token tells of its person: the claims that were asked for there by name.

    Those of the scopes only where it comes ``alone``, with nothing to ask userinfo with (OIDC Core section 5.4), or
    where the application has it so.
    """
    everything = alone or sitting.client.application.client_metadata.id_token_userinfo_assertion
    wishes = parse(sitting.claims).wishes(Target.ID_TOKEN)
    return told_of(ctx, sitting.client, sitting.authentication.subject, granted if everything else (), wishes)


def _access_token(ctx: Context, sitting: Sitting, granted: tuple[str, ...]) -> rfc9068.AccessToken:
    who = sitting.authentication
    return rfc9068.AccessToken(
        subject=subject_of(ctx, sitting.client, who.subject),
        client_id=sitting.client.id,
        audience=rfc8707.audience_of(sitting.client, sitting.resources, granted, ctx.request.issuer),
        scopes=granted,
        token_id=ctx.new_id(),
        family_id=sitting.family_id,
        session_id=who.session_id,
        auth_time=who.at,
        confirmation=sitting.client.confirmation,
        authorization_details=sitting.authorization_details,
        acr=who.acr,
    )
