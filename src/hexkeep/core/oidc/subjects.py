"""What tokens and userinfo say about their subject, by the scopes they were granted and by the application's settings.

Two sorts of claims are told in different places. What an API decides by (roles, groups, organization) stands in every
token and in userinfo. What is about the person (metadata, as the claims of OIDC Core section 5.4) is told by userinfo,
and in an ID token only where the application has it so: it does not travel with every call of an API.
"""

import enum
from collections.abc import Collection
from dataclasses import dataclass

from pydantic import JsonValue

from hexkeep.core.asset.state import AVATAR, avatar_path
from hexkeep.core.domain.state import DOMAINS
from hexkeep.core.group.state import GROUP, USER_GROUPS
from hexkeep.core.kernel.ask import ChangedAt
from hexkeep.core.kernel.decision import Context
from hexkeep.core.metadata.state import USER_METADATA
from hexkeep.core.oidc import claims, scopes
from hexkeep.core.oidc.asks import EnricherArguments, TokenClaims
from hexkeep.core.oidc.claims_request import Wishes
from hexkeep.core.oidc.grants import roles_in
from hexkeep.core.oidc.oidc_core import Profile, behind, standard_claims
from hexkeep.core.oidc.pairwise import is_pairwise
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.rfc8707 import project_of
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.user.state import USER, User


class Place(enum.StrEnum):
    """Where claims are told; plugins are given it as well."""

    ACCESS_TOKEN = "access_token"
    ID_TOKEN = "id_token"
    USERINFO = "userinfo"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a token is about. ``user_id`` is empty for a client that acts for itself, ``client`` for a machine user."""

    organization_id: str
    user_id: str = ""
    client: Client | None = None
    resources: tuple[str, ...] = ()
    """RFC 8707: whom the token is for, as far as it was asked for; roles are told in the projects among them."""
    grant_type: str = ""
    """How it was come by; empty at userinfo."""

    @property
    def client_id(self) -> str:
        """Who got the token; a machine user is its own client."""
        return self.client.id if self.client else self.user_id

    @property
    def project_id(self) -> str:
        """The project of the application, empty for a machine user."""
        return self.client.application.project_id if self.client else ""


def asked_claims(
    ctx: Context, subject: Subject, granted: tuple[str, ...], place: Place = Place.ACCESS_TOKEN
) -> dict[str, JsonValue]:
    """Roles, groups, organization, metadata and what plugins add; empty of what was neither asked for nor asserted."""
    added = ctx.ask(
        TokenClaims(
            user_id=subject.user_id,
            client_id=subject.client_id,
            scopes=granted,
            token=place.value,
            grant_type=subject.grant_type,
            organization_id=subject.organization_id,
            project_id=subject.project_id,
            metadata=_for_plugins(ctx, subject),
        )
    )
    return {
        **claims.additional(added),
        **_organization(ctx, subject, granted),
        **_roles(ctx, subject, granted),
        **_groups(ctx, subject, granted),
        **_metadata(ctx, subject, granted, place),
    }


def _for_plugins(ctx: Context, subject: Subject) -> tuple[tuple[str, str], ...]:
    if not subject.user_id or "metadata" not in ctx.ask(EnricherArguments()):
        return ()
    return claims.metadata_texts(ctx.load(USER_METADATA, subject.user_id).entries)


def _organization(ctx: Context, subject: Subject, granted: tuple[str, ...]) -> dict[str, JsonValue]:
    if scopes.ORGANIZATION not in granted and not any(map(scopes.restricts, granted)):
        return {}
    organization_id = subject.organization_id
    name, primary = ctx.load(ORGANIZATION, organization_id).name, ctx.load(DOMAINS, organization_id).primary
    return claims.organization_claims(organization_id, name, primary)


def _roles(ctx: Context, subject: Subject, granted: tuple[str, ...]) -> dict[str, JsonValue]:
    """All roles, or of those that the person has the ones that were asked for by their keys."""
    client, keys = subject.client, scopes.role_keys(granted)
    if client is None or not subject.user_id:
        return {}
    every = scopes.ROLES in granted or client.asserts_roles
    if not every and not keys:
        return {}
    projects = dict.fromkeys((subject.project_id, *(project_of(one) for one in subject.resources)))
    held = {project_id: roles_in(ctx, subject.user_id, project_id) for project_id in projects if project_id}
    if not every:
        held = {project_id: tuple(key for key in roles if key in keys) for project_id, roles in held.items()}
    return claims.role_claims(held)


def _groups(ctx: Context, subject: Subject, granted: tuple[str, ...]) -> dict[str, JsonValue]:
    """The names of the person's groups, of the application's organization and of the person's own."""
    client = subject.client
    if client is None or not subject.user_id:
        return {}
    if scopes.GROUPS not in granted and not client.application.client_metadata.group_assertion:
        return {}
    near = {client.application.organization_id, subject.organization_id}
    ids = (one.group_id for one in ctx.load(USER_GROUPS, subject.user_id).groups if one.organization_id in near)
    groups = (ctx.load(GROUP, group_id) for group_id in ids)
    return claims.group_claims(group.name for group in groups if group.exists)


def _metadata(ctx: Context, subject: Subject, granted: tuple[str, ...], place: Place) -> dict[str, JsonValue]:
    client = subject.client
    if client is None or not subject.user_id or place is Place.ACCESS_TOKEN:
        return {}
    registered = client.application.client_metadata
    if place is Place.ID_TOKEN and not registered.id_token_userinfo_assertion:
        return {}
    if scopes.METADATA not in granted and not registered.metadata_assertion:
        return {}
    return claims.metadata_claims(ctx.load(USER_METADATA, subject.user_id).entries)


def told_of(
    ctx: Context, client: Client, user_id: str, granted: tuple[str, ...], wishes: Wishes
) -> dict[str, JsonValue]:
    """OIDC Core sections 5.4 and 5.5: the claims that scopes stand for, and those that were asked for by name."""
    names = {*behind(granted), *wishes}
    return standard_claims(_profile(ctx, client, user_id, names), names)


def _profile(ctx: Context, client: Client, user_id: str, names: Collection[str]) -> Profile:
    """A user in the words of OIDC Core section 5.1; what has to be looked for elsewhere only if it is in ``names``."""
    user = ctx.load(USER, user_id)
    return Profile(
        name=user.display_name,
        given_name=user.given_name,
        family_name=user.family_name,
        preferred_username=user.user_name,
        nickname=user.nickname,
        gender=user.gender,
        picture=_picture(ctx, client, user_id) if "picture" in names else "",
        locale=user.preferred_language,
        updated_at=_changed_at(ctx, user_id) if "updated_at" in names else 0,
        email=user.email,
        email_verified=user.email_verified,
        address=_address(user),
        phone_number=user.phone,
        phone_number_verified=user.phone_verified,
    )


def _address(user: User) -> dict[str, str]:
    """OIDC Core section 5.1.1: what is known of where a user lives."""
    members = {
        "formatted": user.formatted_address,
        "street_address": user.street_address,
        "locality": user.locality,
        "region": user.region,
        "postal_code": user.postal_code,
        "country": user.country,
    }
    return {name: text for name, text in members.items() if text}


def _picture(ctx: Context, client: Client, user_id: str) -> str:
    """Where the user's picture is. Its address tells the user's id, so applications with pairwise subjects get none."""
    avatar = ctx.load(AVATAR, user_id)
    if not avatar.name or is_pairwise(client.application):
        return ""
    return ctx.request.issuer + avatar_path(user_id, avatar.name)


def _changed_at(ctx: Context, user_id: str) -> int:
    """When the account last changed, in seconds since the epoch."""
    changed = ctx.ask(ChangedAt(USER, user_id))
    return int(changed.timestamp()) if changed is not None else 0
