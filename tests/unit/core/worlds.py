"""What the tests of the slices share: the kit, resources to begin with, and callers with roles."""

from datetime import datetime, timedelta

from hexkeep.core.application import SLICE as APPLICATIONS
from hexkeep.core.application.events import OidcApplicationAdded
from hexkeep.core.application.state import APPLICATION
from hexkeep.core.authorization import SLICE as AUTHORIZATIONS
from hexkeep.core.authorization.events import AuthorizationAdded
from hexkeep.core.authorization.state import AUTHORIZATION, authorization_key
from hexkeep.core.domain import SLICE as DOMAINS
from hexkeep.core.group import SLICE as GROUPS
from hexkeep.core.group.events import GroupAdded, GroupMemberAdded
from hexkeep.core.group.state import GROUP, USER_GROUPS, group_name_key
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.permission import ROLES, Caller, CallerKind, Level, Membership, Scope
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.membership import SLICE as MEMBERSHIP
from hexkeep.core.membership.events import MembershipAdded
from hexkeep.core.membership.state import MEMBERSHIPS
from hexkeep.core.organization import SLICE as ORGANIZATIONS
from hexkeep.core.organization.events import OrganizationAdded
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.project import SLICE as PROJECTS
from hexkeep.core.project.events import ProjectAdded, ProjectRoleAdded
from hexkeep.core.project.state import PROJECT
from hexkeep.core.projectgrant import SLICE as PROJECT_GRANTS
from hexkeep.core.projectgrant.events import ProjectGrantAdded
from hexkeep.core.projectgrant.state import PROJECT_GRANT, project_grant_key
from hexkeep.core.session.events import SessionCreated, SessionPasswordChecked
from hexkeep.core.session.state import SESSION
from hexkeep.core.user import SLICE as USERS
from hexkeep.core.user.events import HumanUserAdded, MachineUserAdded
from hexkeep.core.user.state import USER, user_name_key
from hexkeep.testing.decisions import NOW, Kit

SLICES = (ORGANIZATIONS, USERS, PROJECTS, APPLICATIONS, AUTHORIZATIONS, MEMBERSHIP, DOMAINS, GROUPS, PROJECT_GRANTS)
KIT = Kit(*SLICES)


def caller(role: str, scope_id: str = "", user_id: str = "caller") -> Caller:
    """A user who holds one role, at the level where it can be held."""
    held = Membership(ROLES[role], Scope(ROLES[role].level, scope_id))
    return Caller(CallerKind.USER, user_id=user_id, memberships=(held,))


NOBODY = Caller(CallerKind.USER, user_id="nobody")
"""A signed-in user without any role."""


def organization(organization_id: str = "acme") -> tuple[Change, ...]:
    """An organization."""
    return (ORGANIZATION.append(organization_id, OrganizationAdded(name=organization_id.title())),)


def human(user_id: str = "alice", organization_id: str = "acme") -> tuple[Change, ...]:
    """A person whose user name is the id."""
    return (USER.append(user_id, human_added(user_id, organization_id)), _named(user_id))


def human_added(user_name: str = "alice", organization_id: str = "acme") -> HumanUserAdded:
    """The event behind a person."""
    return HumanUserAdded(
        organization_id=organization_id,
        user_name=user_name,
        given_name="Given",
        family_name="Family",
        display_name="Given Family",
        email=f"{user_name}@example.com",
        email_verified=True,
        preferred_language="en",
    )


def machine(user_id: str = "robot", organization_id: str = "acme") -> tuple[Change, ...]:
    """A machine user whose user name is the id."""
    added = MachineUserAdded(organization_id=organization_id, user_name=user_id, display_name="Robot")
    return (USER.append(user_id, added), _named(user_id))


def session(user_id: str = "alice", session_id: str = "session", *, checked_at: datetime = NOW) -> tuple[Change, ...]:
    """A session in which a person has given the password, by default a moment ago."""
    expires_at = NOW + timedelta(hours=12)
    created = SessionCreated(user_id=user_id, organization_id="acme", token_hash="hash", expires_at=expires_at)
    return (SESSION.append(session_id, created, SessionPasswordChecked(checked_at=checked_at)),)


def _named(user_id: str) -> Change:
    return Claim(user_name_key(user_id), USER.ref(user_id))


def project(project_id: str = "shop", organization_id: str = "acme", roles: tuple[str, ...] = ()) -> tuple[Change, ...]:
    """A project with roles."""
    added = ProjectAdded(
        organization_id=organization_id, name=project_id.title(), role_assertion=False, authorization_required=False
    )
    keys = (ProjectRoleAdded(key=key, display_name=key, group="") for key in roles)
    return (PROJECT.append(project_id, added, *keys),)


def application_added(**changes: object) -> OidcApplicationAdded:
    """The event behind a confidential web application, or another."""
    fields: dict[str, object] = {
        "organization_id": "acme",
        "project_id": "shop",
        "name": "Web shop",
        "application_type": "web",
        "auth_method": "basic",
        "secret_hash": "kit.hash",
        "redirect_uris": ("https://shop.example.com/callback",),
        "post_logout_redirect_uris": (),
        "grant_types": ("authorization_code", "refresh_token"),
        "consent_required": False,
        "api_access": False,
        "role_assertion": False,
    }
    return OidcApplicationAdded.model_validate({**fields, **changes})


def application(client_id: str = "web-shop", **changes: object) -> tuple[Change, ...]:
    """An application."""
    return (APPLICATION.append(client_id, application_added(**changes)),)


def authorization(
    authorization_id: str = "grant", user_id: str = "alice", roles: tuple[str, ...] = ("editor",)
) -> tuple[Change, ...]:
    """Roles of a user in the project ``shop``."""
    key = authorization_key(user_id, "shop")
    event = added(user_id, roles=roles)
    return (AUTHORIZATION.append(authorization_id, event), Claim(key, AUTHORIZATION.ref(authorization_id)))


def added(
    user_id: str = "alice",
    *,
    organization_id: str = "acme",
    group_id: str = "",
    project_grant_id: str = "",
    roles: tuple[str, ...] = ("editor",),
) -> AuthorizationAdded:
    """The event behind an authorization in the project ``shop``."""
    return AuthorizationAdded(
        organization_id=organization_id,
        user_id=user_id,
        group_id=group_id,
        project_id="shop",
        project_grant_id=project_grant_id,
        roles=roles,
    )


def group(group_id: str = "staff", organization_id: str = "acme", *user_ids: str) -> tuple[Change, ...]:
    """A group whose name is the id, with members."""
    event = GroupAdded(organization_id=organization_id, name=group_id, description="")
    joined = GroupMemberAdded(group_id=group_id, organization_id=organization_id)
    return (
        GROUP.append(group_id, event),
        Claim(group_name_key(organization_id, group_id), GROUP.ref(group_id)),
        *(USER_GROUPS.append(user_id, joined) for user_id in user_ids),
    )


def project_grant(
    grant_id: str = "lent", granted_organization_id: str = "other", roles: tuple[str, ...] = ("editor",)
) -> tuple[Change, ...]:
    """The project ``shop`` of ``acme``, granted to another organization."""
    event = ProjectGrantAdded(
        organization_id="acme", project_id="shop", granted_organization_id=granted_organization_id, roles=roles
    )
    key = project_grant_key("shop", granted_organization_id)
    return PROJECT_GRANT.append(grant_id, event), Claim(key, PROJECT_GRANT.ref(grant_id))


def member(user_id: str, role: str, scope_id: str = "", organization_id: str = "") -> tuple[Change, ...]:
    """A role held by a user."""
    level = ROLES[role].level
    owner = scope_id if level is Level.ORGANIZATION else organization_id
    return (
        MEMBERSHIPS.append(
            user_id, MembershipAdded(level=level, scope_id=scope_id, organization_id=owner, roles=(role,))
        ),
    )
