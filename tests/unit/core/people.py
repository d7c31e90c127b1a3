"""A small organization to sign in to, for the tests of sessions and of identity."""

from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.permission import INSTANCE, ROLES, Caller, CallerKind, Level, Membership, Role, Scope
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.membership.events import MembershipAdded
from hexkeep.core.membership.state import MEMBERSHIPS
from hexkeep.core.organization.events import OrganizationAdded
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.user.events import HumanUserAdded, MachineUserAdded, UserPasswordSet
from hexkeep.core.user.state import USER, user_name_key
from hexkeep.testing.answers import password_hash

PASSWORD = "four happy otters"


def organization(organization_id: str = "acme") -> tuple[Change, ...]:
    """An active organization."""
    return (ORGANIZATION.append(organization_id, OrganizationAdded(name=organization_id)),)


def human(
    user_id: str, organization_id: str = "acme", password: str = PASSWORD, *, outdated: bool = False
) -> tuple[Change, ...]:
    """A person who signs in under the own id; ``outdated`` asks for another password."""
    added = HumanUserAdded(
        organization_id=organization_id,
        user_name=user_id,
        given_name=user_id,
        family_name="Example",
        display_name=user_id,
        email=f"{user_id}@example.com",
        email_verified=True,
        preferred_language="",
    )
    chosen = UserPasswordSet(hash=password_hash(password), change_required=outdated)
    return (USER.append(user_id, added, chosen), Claim(user_name_key(user_id), USER.ref(user_id)))


def machine(user_id: str, organization_id: str = "acme") -> tuple[Change, ...]:
    """A program."""
    added = MachineUserAdded(organization_id=organization_id, user_name=user_id, display_name=user_id)
    return (USER.append(user_id, added), Claim(user_name_key(user_id), USER.ref(user_id)))


def owner_of_organization(user_id: str, organization_id: str = "acme") -> tuple[Change, ...]:
    """What makes a user the owner of an organization."""
    added = MembershipAdded(
        level=Level.ORGANIZATION,
        scope_id=organization_id,
        organization_id=organization_id,
        roles=("ORGANIZATION_OWNER",),
    )
    return (MEMBERSHIPS.append(user_id, added),)


def caller(user_id: str, role: str = "", organization_id: str = "") -> Caller:
    """A signed-in user, who may hold a role in an organization or, without one, in the instance."""
    scope = Scope(Level.ORGANIZATION, organization_id) if organization_id else INSTANCE
    held: tuple[Role, ...] = (ROLES[role],) if role else ()
    return Caller(CallerKind.USER, user_id=user_id, memberships=tuple(Membership(one, scope) for one in held))
