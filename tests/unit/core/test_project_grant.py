import pytest

from hexkeep.core.authorization.commands import CreateAuthorization, DeleteAuthorization, UpdateAuthorization
from hexkeep.core.authorization.events import AuthorizationAdded
from hexkeep.core.authorization.queries import GetAuthorization, ListAuthorizations
from hexkeep.core.authorization.state import AUTHORIZATION, authorization_key
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidInput,
    NotFound,
    PermissionDenied,
)
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.permission import Level
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.membership.commands import CreateMembership, MembershipLevel
from hexkeep.core.membership.events import MembershipAdded
from hexkeep.core.membership.queries import ListMemberships
from hexkeep.core.membership.state import MEMBERSHIPS
from hexkeep.core.project.commands import DeleteProject
from hexkeep.core.project.roles import DeleteProjectRole
from hexkeep.core.projectgrant.commands import (
    CreateProjectGrant,
    DeactivateProjectGrant,
    DeleteProjectGrant,
    ReactivateProjectGrant,
    UpdateProjectGrant,
)
from hexkeep.core.projectgrant.events import (
    ProjectGrantAdded,
    ProjectGrantChanged,
    ProjectGrantDeactivated,
    ProjectGrantReactivated,
    ProjectGrantRemoved,
)
from hexkeep.core.projectgrant.queries import (
    GetGrantedProject,
    GetProjectGrant,
    ListGrantedProjects,
    ListProjectGrants,
)
from hexkeep.core.projectgrant.state import PROJECT_GRANT, project_grant_key
from tests.unit.core.worlds import KIT, NOBODY, added, caller, group, human, organization, project, project_grant

BASE = KIT.given(
    *organization(),
    *organization("other"),
    *human(),
    *human("zoe", "other"),
    *group("theirs", "other", "zoe"),
    *project(roles=("editor", "viewer")),
)
WORLD = BASE.given(*project_grant())
OWNER = caller("ORGANIZATION_OWNER", "acme")
THEIRS = caller("ORGANIZATION_OWNER", "other")
LENT = caller("PROJECT_GRANT_OWNER", "lent")
UNDER = CreateAuthorization(user_id="zoe", project_grant_id="lent", roles=("editor",))
KEY = project_grant_key("shop", "other")


def given_under_grant() -> tuple[Change, ...]:
    """A role that the other organization has given to a user of its own."""
    event = added("zoe", organization_id="other", project_grant_id="lent")
    key = authorization_key("zoe", "shop", project_grant_id="lent")
    return AUTHORIZATION.append("under", event), Claim(key, AUTHORIZATION.ref("under"))


def test_project_is_granted_once_per_organization() -> None:
    """With roles that it has, sorted, each once; not to its own organization."""
    request = CreateProjectGrant(project_id="shop", granted_organization_id="other", roles=("viewer", "editor"))
    outcome = BASE.as_(OWNER).when(request)
    event = ProjectGrantAdded(
        organization_id="acme", project_id="shop", granted_organization_id="other", roles=("editor", "viewer")
    )
    outcome.then(PROJECT_GRANT.append("id-1", event), Claim(KEY, PROJECT_GRANT.ref("id-1")))
    outcome.world.when(request).refused(AlreadyExists)
    BASE.when(request.model_copy(update={"roles": ("nope",)})).refused(InvalidInput)
    BASE.when(request.model_copy(update={"granted_organization_id": "acme"})).refused(FailedPrecondition)
    BASE.when(request.model_copy(update={"project_id": "zoo"})).refused(NotFound)


def test_granting_does_not_tell_which_organizations_there_are() -> None:
    """Who may read them is told; to anybody else any id will do."""
    request = CreateProjectGrant(project_id="shop", granted_organization_id="nowhere", roles=("editor",))
    BASE.as_(caller("INSTANCE_OWNER")).when(request).refused(NotFound)
    assert BASE.as_(OWNER).when(request).changes


def test_grant_changes_its_roles_and_rests() -> None:
    """Other roles in place of the present ones; switched off and on; the same again is no change."""
    outcome = WORLD.as_(OWNER).when(UpdateProjectGrant(project_grant_id="lent", roles=("viewer",)))
    outcome.then(PROJECT_GRANT.append("lent", ProjectGrantChanged(roles=("viewer",))))
    outcome.world.when(UpdateProjectGrant(project_grant_id="lent", roles=("viewer",))).then()
    off = WORLD.when(DeactivateProjectGrant(project_grant_id="lent"))
    off.then(PROJECT_GRANT.append("lent", ProjectGrantDeactivated()))
    off.world.when(DeactivateProjectGrant(project_grant_id="lent")).refused(FailedPrecondition)
    on = off.world.when(ReactivateProjectGrant(project_grant_id="lent"))
    on.then(PROJECT_GRANT.append("lent", ProjectGrantReactivated()))


def test_deleted_grant_lets_the_project_be_granted_anew() -> None:
    """What was given under the old one belongs to the old one."""
    outcome = WORLD.when(DeleteProjectGrant(project_grant_id="lent"))
    outcome.then(PROJECT_GRANT.append("lent", ProjectGrantRemoved()), Release(KEY, PROJECT_GRANT.ref("lent")))
    again = CreateProjectGrant(project_id="shop", granted_organization_id="other", roles=("editor",))
    assert outcome.world.when(again).changes
    outcome.world.when(UNDER).refused(NotFound)


def test_granted_organization_authorizes_its_own() -> None:
    """Its managers, and those of the grant, give the grant's roles to its users and groups; it manages what it gave."""
    for who in (THEIRS, LENT):
        outcome = WORLD.as_(who).when(UNDER)
        event = added("zoe", organization_id="other", project_grant_id="lent")
        key = authorization_key("zoe", "shop", project_grant_id="lent")
        outcome.then(AUTHORIZATION.append("id-1", event), Claim(key, AUTHORIZATION.ref("id-1")))
        seen = outcome.world.as_(who).when(ListAuthorizations(project_grant_id="lent")).result.authorizations
        assert [one.authorization_id for one in seen] == ["id-1"]
        assert outcome.world.as_(who).when(DeleteAuthorization(authorization_id="id-1")).changes
    of_group = CreateAuthorization(group_id="theirs", project_id="shop", project_grant_id="lent", roles=("editor",))
    (change, _) = WORLD.as_(THEIRS).when(of_group).changes
    assert isinstance(change.events[0], AuthorizationAdded)  # type: ignore[union-attr]  # an append, as above
    assert change.events[0].group_id == "theirs"  # type: ignore[union-attr]


def test_granted_organization_gives_no_more_than_it_was_granted() -> None:
    """Neither another role, nor to others than its own, nor in the project itself, nor while the grant is off."""
    world = WORLD.as_(THEIRS)
    world.when(UNDER.model_copy(update={"roles": ("viewer",)})).refused(InvalidInput)
    world.when(UNDER.model_copy(update={"user_id": "alice"})).refused(NotFound)
    WORLD.as_(caller("INSTANCE_OWNER")).when(UNDER.model_copy(update={"user_id": "alice"})).refused(NotFound)
    world.when(CreateAuthorization(user_id="zoe", project_id="shop", roles=("editor",))).refused(NotFound)
    world.when(UNDER.model_copy(update={"project_id": "zoo"})).refused(InvalidInput)
    off = WORLD.when(DeactivateProjectGrant(project_grant_id="lent")).world
    off.as_(THEIRS).when(UNDER).refused(FailedPrecondition)
    given = WORLD.given(*given_under_grant()).as_(THEIRS)
    more = UpdateAuthorization(authorization_id="under", roles=("editor", "viewer"))
    given.when(more).refused(InvalidInput)
    gone = WORLD.given(*given_under_grant()).when(DeleteProjectGrant(project_grant_id="lent")).world
    gone.as_(THEIRS).when(UpdateAuthorization(authorization_id="under", roles=("editor",))).refused(NotFound)
    no_project = WORLD.when(DeleteProject(project_id="shop")).world
    no_project.as_(THEIRS).when(UNDER).refused(NotFound)


def test_strangers_do_not_learn_of_a_grant() -> None:
    """Neither by giving under it nor by reading what was given."""
    world = WORLD.given(*given_under_grant(), *organization("third"))
    for who in (NOBODY, caller("ORGANIZATION_OWNER", "third"), caller("PROJECT_GRANT_OWNER", "another")):
        world.as_(who).when(UNDER).refused(NotFound)
        world.as_(who).when(DeleteAuthorization(authorization_id="under")).refused(NotFound)
    world.as_(caller("PROJECT_GRANT_VIEWER", "lent")).when(UNDER).refused(PermissionDenied)
    world.as_(caller("PROJECT_GRANT_VIEWER", "lent")).when(GetAuthorization(authorization_id="under"))
    overseer = world.as_(caller("PROJECT_OWNER", "shop"))
    assert overseer.when(GetAuthorization(authorization_id="under")).result.project_grant_id == "lent"


@pytest.mark.parametrize(
    "request_",
    [
        CreateProjectGrant(project_id="shop", granted_organization_id="third", roles=("editor",)),
        UpdateProjectGrant(project_grant_id="lent", roles=("viewer",)),
        DeactivateProjectGrant(project_grant_id="lent"),
        DeleteProjectGrant(project_grant_id="lent"),
    ],
    ids=lambda request: type(request).__name__,
)
def test_grants_are_changed_by_those_who_manage_the_project(request_: Message) -> None:
    """Not by its readers, and not by those to whom it is granted."""
    for who in (OWNER, caller("PROJECT_OWNER", "shop")):
        assert WORLD.as_(who).when(request_).changes
    WORLD.as_(caller("PROJECT_VIEWER", "shop")).when(request_).refused(PermissionDenied)
    for who in (NOBODY, THEIRS, LENT, caller("ORGANIZATION_USER_MANAGER", "other")):
        WORLD.as_(who).when(request_).refused(NotFound)


def test_role_that_is_granted_cannot_be_removed_from_the_project() -> None:
    """A later role of the same key would silently be the organization's to give."""
    refusal = WORLD.when(DeleteProjectRole(project_id="shop", key="editor")).refused(FailedPrecondition)
    assert refusal.details["has"] == "project_grants"
    assert WORLD.when(DeleteProjectRole(project_id="shop", key="viewer")).changes


def test_each_side_lists_its_own() -> None:
    """Who grants sees to whom; to whom it is granted sees what, with its name; nobody sees the other list."""
    world = WORLD.given(*project_grant("second", "third", ("viewer",)))

    def granted(role: str, scope: str) -> list[tuple[str, str]]:
        found = world.as_(caller(role, scope)).when(ListGrantedProjects(count=True)).result
        assert found.total == len(found.granted_projects)
        return [(one.project_grant_id, one.name) for one in found.granted_projects]

    def grants(role: str, scope: str, **fields: str) -> list[str]:
        request = ListProjectGrants.model_validate(fields)
        return [one.project_grant_id for one in world.as_(caller(role, scope)).when(request).result.project_grants]

    assert granted("ORGANIZATION_VIEWER", "other") == [("lent", "Shop")]
    assert granted("PROJECT_GRANT_VIEWER", "second") == [("second", "Shop")]
    assert granted("ORGANIZATION_OWNER", "acme") == []
    assert grants("ORGANIZATION_VIEWER", "acme") == ["lent", "second"]
    assert grants("PROJECT_VIEWER", "shop", granted_organization_id="third") == ["second"]
    assert grants("ORGANIZATION_VIEWER", "acme", status=Status.INACTIVE) == []
    assert grants("ORGANIZATION_OWNER", "other") == []
    view = world.as_(THEIRS).when(GetGrantedProject(project_grant_id="lent")).result
    assert (view.name, view.roles, view.organization_id, view.version) == ("Shop", ("editor",), "acme", 1)
    world.as_(THEIRS).when(GetProjectGrant(project_grant_id="lent")).refused(NotFound)
    world.as_(OWNER).when(GetGrantedProject(project_grant_id="lent")).refused(NotFound)
    assert world.as_(OWNER).when(GetProjectGrant(project_grant_id="lent")).result.roles == ("editor",)


def test_managers_of_a_grant_are_appointed_by_the_granted_organization() -> None:
    """By nobody of the organization that grants, and by nobody with less than they give."""
    request = CreateMembership(
        user_id="zoe", level=MembershipLevel.PROJECT_GRANT, scope_id="lent", roles=("PROJECT_GRANT_OWNER",)
    )
    event = MembershipAdded(
        level=Level.PROJECT_GRANT, scope_id="lent", organization_id="other", roles=("PROJECT_GRANT_OWNER",)
    )
    outcome = WORLD.as_(THEIRS).when(request)
    outcome.then(MEMBERSHIPS.append("zoe", event))
    WORLD.as_(OWNER).when(request).refused(NotFound)
    WORLD.as_(LENT).when(request).refused(PermissionDenied)
    WORLD.as_(THEIRS).when(request.model_copy(update={"roles": ("PROJECT_OWNER",)})).refused(InvalidInput)
    WORLD.as_(THEIRS).when(request.model_copy(update={"scope_id": "nowhere"})).refused(NotFound)
    shown = outcome.world.as_(LENT).when(ListMemberships()).result.memberships
    assert [(one.user_id, one.level) for one in shown] == [("zoe", MembershipLevel.PROJECT_GRANT)]
