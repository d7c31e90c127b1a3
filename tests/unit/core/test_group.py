import pytest

from hexkeep.core.authorization.commands import CreateAuthorization
from hexkeep.core.authorization.queries import ListMyAuthorizations
from hexkeep.core.authorization.state import AUTHORIZATION, authorization_key
from hexkeep.core.group.commands import CreateGroup, DeleteGroup, UpdateGroup
from hexkeep.core.group.events import (
    GroupAdded,
    GroupChanged,
    GroupMemberAdded,
    GroupMemberRemoved,
    GroupRemoved,
)
from hexkeep.core.group.members import MAX_GROUPS, AddGroupMembers, RemoveGroupMembers
from hexkeep.core.group.queries import GetGroup, ListGroupMembers, ListGroups, ListUserGroups
from hexkeep.core.group.state import GROUP, USER_GROUPS, group_name_key
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    VersionConflict,
)
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import ROLES, SYSTEM, Caller, CallerKind, Level, Membership, Role, Scope
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.organization.commands import DeleteOrganization
from hexkeep.core.user.commands import DeleteUser
from hexkeep.testing.decisions import World
from tests.unit.core.worlds import KIT, NOBODY, added, caller, group, human, organization, project

BASE = KIT.given(*organization(), *organization("other"), *human(), *human("bob"), *human("zoe", "other"))
WORLD = BASE.given(*group("staff", "acme", "alice"), *project(roles=("editor", "viewer")))
OWNER = caller("ORGANIZATION_OWNER", "acme")
ALICE = Caller(CallerKind.USER, user_id="alice")
JOINED = GroupMemberAdded(group_id="staff", organization_id="acme")


def authorized(group_id: str = "staff", organization_id: str = "acme") -> tuple[Change, ...]:
    """Roles of a group in the project ``shop``."""
    event = added("", group_id=group_id, organization_id=organization_id)
    key = authorization_key("", "shop", group_id=group_id)
    return AUTHORIZATION.append("of-group", event), Claim(key, AUTHORIZATION.ref("of-group"))


def test_create_group_with_a_name_of_its_own() -> None:
    """The name is unique in the organization, whatever its case, and free in any other."""
    outcome = BASE.when(CreateGroup(organization_id="acme", name="Staff", description="All of us"))
    event = GroupAdded(organization_id="acme", name="Staff", description="All of us")
    outcome.then(GROUP.append("id-1", event), Claim(group_name_key("acme", "Staff"), GROUP.ref("id-1")))
    outcome.world.when(CreateGroup(organization_id="acme", name="STAFF")).refused(AlreadyExists)
    assert outcome.world.when(CreateGroup(organization_id="other", name="Staff")).changes
    BASE.when(CreateGroup(organization_id="nowhere", name="Staff")).refused(NotFound)


def test_update_group_moves_its_name() -> None:
    """Another name is claimed and the old one free; a change of case alone moves nothing."""
    outcome = WORLD.when(UpdateGroup(group_id="staff", name="crew"))
    ref = GROUP.ref("staff")
    outcome.then(
        GROUP.append("staff", GroupChanged(name="crew", description="")),
        Release(group_name_key("acme", "staff"), ref),
        Claim(group_name_key("acme", "crew"), ref),
    )
    outcome.world.when(UpdateGroup(group_id="staff", name="crew", description="")).then()
    described = WORLD.when(UpdateGroup(group_id="staff", description="d"))
    described.then(GROUP.append("staff", GroupChanged(name="staff", description="d")))
    WORLD.when(UpdateGroup(group_id="staff", name="crew", expected_version=7)).refused(VersionConflict)


def test_members_come_and_go() -> None:
    """Each once; who is in already, or not in, is passed over."""
    outcome = WORLD.as_(OWNER).when(AddGroupMembers(group_id="staff", user_ids=("bob", "alice", "bob")))
    outcome.then(USER_GROUPS.append("bob", JOINED))
    left = outcome.world.when(RemoveGroupMembers(group_id="staff", user_ids=("alice", "zoe")))
    left.then(USER_GROUPS.append("alice", GroupMemberRemoved(group_id="staff")))
    listed = left.world.when(ListGroupMembers(group_id="staff", count=True)).result
    assert [one.user_id for one in listed.members] == ["bob"]
    assert listed.total == 1


def test_members_are_users_whom_the_caller_may_know() -> None:
    """Nobody finds out by adding who is in another organization."""
    for user_id in ("zoe", "nobody-known"):
        WORLD.as_(OWNER).when(AddGroupMembers(group_id="staff", user_ids=("bob", user_id))).refused(NotFound)
    root = WORLD.as_(caller("INSTANCE_OWNER"))
    assert root.when(AddGroupMembers(group_id="staff", user_ids=("zoe",))).changes


def test_groups_of_a_user_are_bounded() -> None:
    """Those that are gone do not count."""
    many = [change for number in range(MAX_GROUPS) for change in group(f"g{number}", "acme", "bob")]
    world = WORLD.given(*many)
    add = AddGroupMembers(group_id="staff", user_ids=("bob",))
    world.when(add).refused(FailedPrecondition)
    assert world.when(DeleteGroup(group_id="g0")).world.when(add).changes


def test_who_lets_in_must_be_allowed_to_give_what_the_group_has() -> None:
    """Whoever manages groups alone gives nobody, themselves included, roles that they could not give."""
    clerk = Role("CLERK", Level.ORGANIZATION, ROLES["ORGANIZATION_VIEWER"].permissions | {"group.write"})
    held = Membership(clerk, Scope(Level.ORGANIZATION, "acme"))
    who = Caller(CallerKind.USER, user_id="alice", memberships=(held,))
    add = AddGroupMembers(group_id="staff", user_ids=("alice", "bob"))
    assert WORLD.as_(who).when(add).changes
    world = WORLD.given(*authorized())
    world.as_(who).when(add).refused(PermissionDenied)
    world.as_(who).when(RemoveGroupMembers(group_id="staff", user_ids=("alice",))).refused(PermissionDenied)
    assert world.as_(OWNER).when(add).changes
    assert world.as_(caller("ORGANIZATION_USER_MANAGER", "acme")).when(add).changes
    elsewhere = WORLD.given(*authorized(organization_id="other"))
    elsewhere.as_(OWNER).when(add).refused(PermissionDenied)
    assert elsewhere.as_(SYSTEM).when(add).changes


def test_group_is_authorized_like_a_user() -> None:
    """Once per project, for a group of the project's organization or one that the caller may read."""
    request = CreateAuthorization(group_id="staff", project_id="shop", roles=("editor",))
    outcome = WORLD.as_(OWNER).when(request)
    key = authorization_key("", "shop", group_id="staff")
    outcome.then(AUTHORIZATION.append("id-1", added("", group_id="staff")), Claim(key, AUTHORIZATION.ref("id-1")))
    outcome.world.when(request).refused(AlreadyExists)
    own = request.model_copy(update={"group_id": "", "user_id": "alice"})
    assert outcome.world.when(own).changes, "a user may have roles beside those of the group"
    WORLD.when(request.model_copy(update={"user_id": "alice"})).refused(InvalidInput)
    WORLD.when(request.model_copy(update={"group_id": ""})).refused(InvalidInput)
    foreign = WORLD.given(*group("theirs", "other"))
    theirs = request.model_copy(update={"group_id": "theirs"})
    foreign.as_(OWNER).when(theirs).refused(NotFound)
    assert foreign.as_(caller("INSTANCE_OWNER")).when(theirs).changes


def test_my_authorizations_include_those_of_my_groups() -> None:
    """Those of groups that are still there and that the caller is still in."""
    world = WORLD.given(*authorized(), *group("gone", "acme", "alice")).as_(ALICE)

    def mine(at: World) -> list[str]:
        answer = at.as_(ALICE).when(ListMyAuthorizations(count=True)).result
        assert answer.total == len(answer.authorizations)
        return [one.authorization_id for one in answer.authorizations]

    assert mine(world) == ["of-group"]
    assert mine(world.as_(SYSTEM).when(DeleteGroup(group_id="staff")).world) == []
    left = RemoveGroupMembers(group_id="staff", user_ids=("alice",))
    assert mine(world.as_(SYSTEM).when(left).world) == []
    assert world.as_(Caller(CallerKind.USER, user_id="bob")).when(ListMyAuthorizations()).result.authorizations == ()


def test_my_groups_are_those_that_are_there() -> None:
    """By name; what is gone is left out."""
    world = WORLD.given(*group("crew", "acme", "alice"))
    mine = world.as_(ALICE).when(Empty(), "ListMyGroups").result.groups
    assert [(one.group_id, one.name) for one in mine] == [("staff", "staff"), ("crew", "crew")]
    gone = world.when(DeleteGroup(group_id="crew")).world.as_(ALICE).when(Empty(), "ListMyGroups").result.groups
    assert [one.group_id for one in gone] == ["staff"]
    world.as_(SYSTEM).when(Empty(), "ListMyGroups").refused(Unauthenticated)


def test_groups_of_a_user_are_shown_as_far_as_they_may_be_read() -> None:
    """A reader of one organization is shown its groups alone."""
    world = WORLD.given(*group("theirs", "other", "alice"))

    def seen(who: Caller) -> list[str]:
        return [one.group_id for one in world.as_(who).when(ListUserGroups(user_id="alice")).result.groups]

    assert seen(caller("INSTANCE_VIEWER")) == ["staff", "theirs"]
    assert seen(caller("ORGANIZATION_VIEWER", "acme")) == ["staff"]
    world.as_(NOBODY).when(ListUserGroups(user_id="alice")).refused(PermissionDenied)


def test_deleted_group_frees_its_name_and_loses_its_members() -> None:
    """What is recorded of its members counts for nothing, and no list shows it."""
    outcome = WORLD.when(DeleteGroup(group_id="staff"))
    outcome.then(GROUP.append("staff", GroupRemoved()), Release(group_name_key("acme", "staff"), GROUP.ref("staff")))
    outcome.world.when(GetGroup(group_id="staff")).refused(NotFound)
    outcome.world.when(ListGroupMembers(group_id="staff")).refused(NotFound)
    assert outcome.world.when(ListUserGroups(user_id="alice")).result.groups == ()
    assert outcome.world.when(CreateGroup(organization_id="acme", name="staff")).changes


def test_removed_user_is_in_no_list_of_members() -> None:
    """The rows of a removed user go."""
    world = WORLD.when(DeleteUser(user_id="alice")).world
    assert world.when(ListGroupMembers(group_id="staff")).result.members == ()


def test_organization_with_groups_stays() -> None:
    """First the groups, then the organization."""
    world = BASE.given(*group("theirs", "other"))
    world = world.when(DeleteUser(user_id="zoe")).world
    refusal = world.when(DeleteOrganization(organization_id="other")).refused(FailedPrecondition)
    assert refusal.details["has"] == "groups"


@pytest.mark.parametrize(
    "request_",
    [
        CreateGroup(organization_id="acme", name="new"),
        UpdateGroup(group_id="staff", name="new"),
        DeleteGroup(group_id="staff"),
        AddGroupMembers(group_id="staff", user_ids=("bob",)),
        RemoveGroupMembers(group_id="staff", user_ids=("alice",)),
    ],
    ids=lambda request: type(request).__name__,
)
def test_groups_are_changed_by_those_who_manage_them(request_: Message) -> None:
    """Owners and managers of users may, readers may not, strangers learn nothing."""
    for role in ("ORGANIZATION_OWNER", "ORGANIZATION_USER_MANAGER"):
        assert WORLD.as_(caller(role, "acme")).when(request_).changes
    WORLD.as_(caller("ORGANIZATION_VIEWER", "acme")).when(request_).refused(PermissionDenied)
    for who in (NOBODY, ALICE, caller("ORGANIZATION_OWNER", "other")):
        hidden = PermissionDenied if isinstance(request_, CreateGroup) else NotFound
        WORLD.as_(who).when(request_).refused(hidden)


def test_list_groups_filters_and_shows_nobody_elses() -> None:
    """By organization and by a part of the name."""
    world = WORLD.given(*group("theirs", "other"), *group("crew"))

    def seen(**fields: str) -> list[str]:
        found = world.as_(OWNER).when(ListGroups.model_validate(fields)).result.groups
        return [one.group_id for one in found]

    assert seen() == ["crew", "staff"]
    assert seen(name="TAF") == ["staff"]
    assert seen(organization_id="other") == []
    assert seen(sort="name") == ["crew", "staff"]
    world.as_(caller("ORGANIZATION_OWNER", "other")).when(GetGroup(group_id="staff")).refused(NotFound)
