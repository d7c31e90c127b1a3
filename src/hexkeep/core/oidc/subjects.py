"""What tokens and userinfo say about their subject, by the scopes they were granted."""

from dataclasses import dataclass

from pydantic import JsonValue

from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc import claims, scopes
from hexkeep.core.oidc.asks import TokenClaims
from hexkeep.core.oidc.grants import roles_in
from hexkeep.core.oidc.oidc_core import Profile
from hexkeep.core.oidc.parties import Client
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.user.state import User


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a token is about. ``user_id`` is empty for a client that acts for itself, ``client`` for a machine user."""

    organization_id: str
    user_id: str = ""
    client: Client | None = None

    @property
    def client_id(self) -> str:
        """Who got the token; a machine user is its own client."""
        return self.client.id if self.client else self.user_id


def asked_claims(ctx: Context, subject: Subject, granted: tuple[str, ...]) -> dict[str, JsonValue]:
    """Roles, organization and what plugins add: the same in ID token, access token and userinfo."""
    added = claims.additional(ctx.ask(TokenClaims(subject.user_id, subject.client_id, granted)))
    return {**added, **_organization(ctx, subject, granted), **_roles(ctx, subject, granted)}


def _organization(ctx: Context, subject: Subject, granted: tuple[str, ...]) -> dict[str, JsonValue]:
    if scopes.ORGANIZATION not in granted:
        return {}
    name = ctx.load(ORGANIZATION, subject.organization_id).name
    return claims.organization_claims(subject.organization_id, name)


def _roles(ctx: Context, subject: Subject, granted: tuple[str, ...]) -> dict[str, JsonValue]:
    client = subject.client
    if client is None or not subject.user_id or not (scopes.ROLES in granted or client.asserts_roles):
        return {}
    project_id = client.application.project_id
    return claims.role_claims(project_id, roles_in(ctx, subject.user_id, project_id))


def profile_of(user: User) -> Profile:
    """A user in the words of OIDC Core section 5.1."""
    return Profile(
        name=user.display_name,
        given_name=user.given_name,
        family_name=user.family_name,
        preferred_username=user.user_name,
        locale=user.preferred_language,
        email=user.email,
        email_verified=user.email_verified,
    )
