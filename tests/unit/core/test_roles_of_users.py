"""Which roles of a user count in a project: the user's own, those of groups, and those under grants."""

import pytest

from hexkeep.core.authorization.commands import DeactivateAuthorization
from hexkeep.core.authorization.events import AuthorizationAdded
from hexkeep.core.authorization.state import AUTHORIZATION, authorization_key
from hexkeep.core.group.commands import DeleteGroup
from hexkeep.core.group.events import GroupMemberRemoved
from hexkeep.core.group.members import RemoveGroupMembers
from hexkeep.core.group.state import USER_GROUPS
from hexkeep.core.kernel.decision import Change, Context, Decision
from hexkeep.core.kernel.operation import ApiName, Message, Operation
from hexkeep.core.kernel.permission import PUBLIC
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.oidc.grants import roles_in, standing_authorizations
from hexkeep.core.organization.commands import DeactivateOrganization
from hexkeep.core.project.commands import DeactivateProject
from hexkeep.core.projectgrant.commands import (
    DeactivateProjectGrant,
    DeleteProjectGrant,
    UpdateProjectGrant,
)
from hexkeep.testing.answers import claims_of
from hexkeep.testing.decisions import Kit, World
from tests.unit.core import oidc_world
from tests.unit.core.worlds import SLICES, added, group, human, organization, project, project_grant


class WhichRoles(Message):
    """Of whom to tell the roles."""

    user_id: str = "zoe"


class TheseRoles(Message):
    """The roles, and how many authorizations stand."""

    roles: tuple[str, ...]
    standing: int


def which_roles(request: WhichRoles, ctx: Context) -> Decision[TheseRoles]:
    """Tell the roles in the project."""
    standing = standing_authorizations(ctx, request.user_id, "shop")
    return Decision(TheseRoles(roles=roles_in(ctx, request.user_id, "shop"), standing=len(standing)))


OPERATION = Operation("WhichRoles", ApiName.PROTOCOL, WhichRoles, TheseRoles, PUBLIC, which_roles, writes=False)
KIT = Kit(*SLICES, Slice("probe", operations=(OPERATION,)))
BASE = KIT.given(
    *organization(),
    *organization("other"),
    *organization("third"),
    *human(),
    *human("zoe", "other"),
    *project(roles=("editor", "viewer", "admin")),
    *project_grant("lent", "other", ("editor", "viewer")),
    *group("staff", "acme", "zoe"),
    *group("theirs", "other", "zoe", "alice"),
)


def authorized(name: str, **fields: object) -> tuple[Change, ...]:
    """An authorization in the project, whoever it is for."""
    event = AuthorizationAdded.model_validate({**added().model_dump(), "user_id": "", **fields})
    key = authorization_key(event.user_id, "shop", group_id=event.group_id, project_grant_id=event.project_grant_id)
    return AUTHORIZATION.append(name, event), Claim(key, AUTHORIZATION.ref(name))


OWN = authorized("own", user_id="zoe", roles=("admin",))
STAFF = authorized("of-staff", group_id="staff", roles=("viewer",))
UNDER = authorized("under", user_id="zoe", organization_id="other", project_grant_id="lent", roles=("editor",))
THEIRS = authorized("of-theirs", group_id="theirs", organization_id="other", project_grant_id="lent", roles=("viewer",))


def roles(world: World, user_id: str = "zoe") -> tuple[str, ...]:
    """The roles that count."""
    found: TheseRoles = world.when(WhichRoles(user_id=user_id)).result
    return found.roles


def test_roles_are_those_of_all_ways() -> None:
    """Each way by itself, and all of them together, each role once."""
    assert roles(BASE) == ()
    assert roles(BASE.given(*OWN)) == ("admin",)
    assert roles(BASE.given(*STAFF)) == ("viewer",)
    assert roles(BASE.given(*UNDER)) == ("editor",)
    assert roles(BASE.given(*THEIRS)) == ("viewer",)
    everything = BASE.given(*OWN, *STAFF, *UNDER, *THEIRS)
    assert roles(everything) == ("admin", "editor", "viewer")
    assert everything.when(WhichRoles()).result.standing == 4
    assert roles(everything, "alice") == ("viewer",), "a member of a group of another organization, by its grant"
    assert roles(everything, "nobody-known") == ()


@pytest.mark.parametrize(
    ("request_", "left"),
    [
        (DeleteGroup(group_id="staff"), ("admin", "editor", "viewer")),
        (DeleteGroup(group_id="theirs"), ("admin", "editor")),
        (RemoveGroupMembers(group_id="theirs", user_ids=("zoe",)), ("admin", "editor")),
        (DeactivateAuthorization(authorization_id="own"), ("editor", "viewer")),
        (DeactivateProjectGrant(project_grant_id="lent"), ("admin",)),
        (DeleteProjectGrant(project_grant_id="lent"), ("admin",)),
        (UpdateProjectGrant(project_grant_id="lent", roles=("viewer",)), ("admin", "viewer")),
        (UpdateProjectGrant(project_grant_id="lent", roles=()), ("admin",)),
        (DeactivateProject(project_id="shop"), ()),
        (DeactivateOrganization(organization_id="other"), ("admin", "editor")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_ends_is_in_no_later_token(request_: Message, left: tuple[str, ...]) -> None:
    """Each thing that roles rest on takes them along at once."""
    world = BASE.given(*OWN, *UNDER, *THEIRS)
    if isinstance(request_, DeleteGroup) and request_.group_id == "staff":
        world = world.given(*STAFF)
    assert roles(world.when(request_).world) == left


def test_grant_to_another_organization_gives_its_users_nothing_here() -> None:
    """An authorization under a grant counts for those whose organization, or whose group's, it is."""
    world = BASE.given(*project_grant("elsewhere", "third", ("editor",)))
    fields = {"organization_id": "third", "project_grant_id": "elsewhere", "roles": ("editor",)}
    assert roles(world.given(*authorized("stray", user_id="zoe", **fields))) == ()
    assert roles(world.given(*authorized("stray", group_id="theirs", **fields))) == ()


def test_group_that_has_nothing_left_admits_nobody() -> None:
    """Projects that ask for an authorization count those that stand, whatever roles are left of them."""
    world = BASE.given(*UNDER)
    assert world.when(WhichRoles()).result.standing == 1
    fewer = world.when(UpdateProjectGrant(project_grant_id="lent", roles=())).world
    assert (roles(fewer), fewer.when(WhichRoles()).result.standing) == ((), 1)
    assert fewer.when(DeleteProjectGrant(project_grant_id="lent")).world.when(WhichRoles()).result.standing == 0


def test_tokens_and_userinfo_tell_what_comes_through_groups() -> None:
    """From the next token on, and gone from it as well."""
    clerks = authorized("of-staff", group_id="staff", roles=("clerk",))
    start = oidc_world.world(*group("staff", "acme", "ada"), *clerks)
    scope = "openid urn:hexkeep:roles"
    after, answer = oidc_world.tokens(start, scope=scope)
    assert claims_of(answer.access_token)["urn:hexkeep:roles"] == {"shop": ["clerk"]}
    left = after.given(USER_GROUPS.append("ada", GroupMemberRemoved(group_id="staff")))
    _, later = oidc_world.tokens(left, scope=scope)
    assert claims_of(later.access_token)["urn:hexkeep:roles"] == {"shop": []}
