import pytest
from pydantic import ValidationError

from hexkeep.core.kernel.errors import AlreadyExists, FailedPrecondition, NotFound, PermissionDenied
from hexkeep.core.kernel.operation import Message
from hexkeep.core.organization.commands import DeactivateOrganization
from hexkeep.core.project.commands import (
    CreateProject,
    DeactivateProject,
    DeleteProject,
    ReactivateProject,
    UpdateProject,
)
from hexkeep.core.project.events import (
    ProjectAdded,
    ProjectChanged,
    ProjectDeactivated,
    ProjectReactivated,
    ProjectRemoved,
    ProjectRoleAdded,
    ProjectRoleChanged,
    ProjectRoleRemoved,
)
from hexkeep.core.project.queries import GetProject, ListProjects, ProjectSort
from hexkeep.core.project.roles import (
    MAX_ROLES,
    CreateProjectRole,
    DeleteProjectRole,
    ListProjectRoles,
    UpdateProjectRole,
)
from hexkeep.core.project.state import PROJECT
from tests.unit.core.worlds import KIT, NOBODY, authorization, caller, human, organization, project

ACME = KIT.given(*organization())
SHOP = ACME.given(*project(roles=("editor", "viewer")))


def test_create_project_adds_it() -> None:
    """A new project gets a fresh id and belongs to its organization."""
    outcome = ACME.when(CreateProject(organization_id="acme", name="Shop", role_assertion=True))
    added = ProjectAdded(organization_id="acme", name="Shop", role_assertion=True, authorization_required=False)
    outcome.then(PROJECT.append("id-1", added))
    assert outcome.result.project_id == "id-1"


def test_create_project_needs_an_active_organization() -> None:
    """There is no adding to an organization that is not there or switched off."""
    request = CreateProject(organization_id="acme", name="Shop")
    KIT.given().when(request).refused(NotFound)
    ACME.when(DeactivateOrganization(organization_id="acme")).world.when(request).refused(FailedPrecondition)


def test_create_project_is_for_the_organization() -> None:
    """The right to one project is no right to make another."""
    request = CreateProject(organization_id="acme", name="Shop")
    assert ACME.as_(caller("ORGANIZATION_OWNER", "acme")).when(request).changes
    for who in (NOBODY, caller("ORGANIZATION_OWNER", "other"), caller("PROJECT_OWNER", "shop")):
        ACME.as_(who).when(request).refused(PermissionDenied)


def test_update_project_keeps_what_is_left_out() -> None:
    """Settings change one by one; no change is no event."""
    changed = ProjectChanged(name="Shop", role_assertion=False, authorization_required=True)
    SHOP.when(UpdateProject(project_id="shop", authorization_required=True)).then(PROJECT.append("shop", changed))
    SHOP.when(UpdateProject(project_id="shop", name="Shop", role_assertion=False)).then()


def test_deactivate_and_reactivate_alternate() -> None:
    """Only an active project is switched off, only an inactive one on."""
    off = SHOP.when(DeactivateProject(project_id="shop"))
    off.then(PROJECT.append("shop", ProjectDeactivated()))
    off.world.when(DeactivateProject(project_id="shop")).refused(FailedPrecondition)
    off.world.when(ReactivateProject(project_id="shop")).then(PROJECT.append("shop", ProjectReactivated()))
    SHOP.when(ReactivateProject(project_id="shop")).refused(FailedPrecondition)


def test_delete_project_is_for_good() -> None:
    """A removed project is not found any more by any operation."""
    outcome = SHOP.when(DeleteProject(project_id="shop"))
    outcome.then(PROJECT.append("shop", ProjectRemoved()))
    for request in (
        GetProject(project_id="shop"),
        ReactivateProject(project_id="shop"),
        CreateProjectRole(project_id="shop", key="x"),
        ListProjectRoles(project_id="shop"),
    ):
        outcome.world.when(request).refused(NotFound)


@pytest.mark.parametrize(
    "request_",
    [
        UpdateProject(project_id="shop", name="X"),
        DeactivateProject(project_id="shop"),
        DeleteProject(project_id="shop"),
        CreateProjectRole(project_id="shop", key="new"),
        UpdateProjectRole(project_id="shop", key="editor", group="X"),
        DeleteProjectRole(project_id="shop", key="editor"),
    ],
    ids=lambda request: type(request).__name__,
)
def test_writes_are_for_owners(request_: Message) -> None:
    """Owners of the organization or the project may; readers may not; strangers learn nothing."""
    for who in (caller("ORGANIZATION_OWNER", "acme"), caller("PROJECT_OWNER", "shop")):
        assert SHOP.as_(who).when(request_).changes
    for who in (caller("ORGANIZATION_VIEWER", "acme"), caller("PROJECT_VIEWER", "shop")):
        SHOP.as_(who).when(request_).refused(PermissionDenied)
    for who in (NOBODY, caller("ORGANIZATION_OWNER", "other"), caller("PROJECT_OWNER", "other")):
        SHOP.as_(who).when(request_).refused(NotFound)


def test_create_project_role_once() -> None:
    """A role's key is unique in its project; its display name is the key unless given."""
    SHOP.when(CreateProjectRole(project_id="shop", key="admin", group="Staff")).then(
        PROJECT.append("shop", ProjectRoleAdded(key="admin", display_name="admin", group="Staff"))
    )
    SHOP.when(CreateProjectRole(project_id="shop", key="editor")).refused(AlreadyExists)


def test_project_roles_are_bounded() -> None:
    """A project has five hundred roles at most."""
    full = ACME.given(*project(roles=tuple(f"r{number}" for number in range(MAX_ROLES))))
    full.when(CreateProjectRole(project_id="shop", key="one-more")).refused(FailedPrecondition)


@pytest.mark.parametrize("key", ["", "a b", "ä", "/", "-x", "x" * 101, "a\n"])
def test_role_keys_are_plain(key: str) -> None:
    """Keys stand in tokens and paths."""
    with pytest.raises(ValidationError):
        CreateProjectRole(project_id="shop", key=key)


def test_update_project_role_keeps_its_key() -> None:
    """A role can be shown otherwise; an unknown one is not found."""
    SHOP.when(UpdateProjectRole(project_id="shop", key="editor", display_name="Editor")).then(
        PROJECT.append("shop", ProjectRoleChanged(key="editor", display_name="Editor", group=""))
    )
    SHOP.when(UpdateProjectRole(project_id="shop", key="editor", display_name="editor")).then()
    SHOP.when(UpdateProjectRole(project_id="shop", key="nope", display_name="X")).refused(NotFound)


def test_delete_project_role_that_nobody_has() -> None:
    """A granted role stays, so that nobody gets a later role of the same key by accident."""
    granted = SHOP.given(*human(), *authorization(roles=("editor",)))
    granted.when(DeleteProjectRole(project_id="shop", key="editor")).refused(FailedPrecondition)
    granted.when(DeleteProjectRole(project_id="shop", key="viewer")).then(
        PROJECT.append("shop", ProjectRoleRemoved(key="viewer"))
    )
    SHOP.when(DeleteProjectRole(project_id="shop", key="nope")).refused(NotFound)


def test_list_project_roles_in_order() -> None:
    """Roles come as they were added, changed ones in their place."""
    world = SHOP.when(UpdateProjectRole(project_id="shop", key="editor", group="Staff")).world
    roles = world.as_(caller("PROJECT_VIEWER", "shop")).when(ListProjectRoles(project_id="shop")).result.roles
    assert [(role.key, role.group) for role in roles] == [("editor", "Staff"), ("viewer", "")]
    world.as_(NOBODY).when(ListProjectRoles(project_id="shop")).refused(NotFound)


def test_get_project_is_current() -> None:
    """A read by id shows the last write, and belongs to readers alone."""
    world = SHOP.when(UpdateProject(project_id="shop", name="New")).world
    assert world.as_(caller("PROJECT_VIEWER", "shop")).when(GetProject(project_id="shop")).result.name == "New"
    world.as_(caller("PROJECT_VIEWER", "other")).when(GetProject(project_id="shop")).refused(NotFound)


def test_role_events_move_the_projects_version() -> None:
    """A row stands at its aggregate's version, also after events that do not show in it."""
    from hexkeep.core.project.projection import PROJECTION, PROJECTS

    row = SHOP.history("main").rows(PROJECTION, PROJECTS)[("shop",)]
    assert row["version"] == 3


def test_list_projects_shows_what_may_be_read() -> None:
    """Organization readers see their organization's, project readers their project, in the order asked for."""
    world = SHOP.given(*project("zoo"), *organization("other"), *project("alien", "other"))

    def seen(role: str, scope: str, request: ListProjects) -> list[str]:
        return [one.project_id for one in world.as_(caller(role, scope)).when(request).result.projects]

    assert seen("ORGANIZATION_VIEWER", "acme", ListProjects(sort=ProjectSort.NAME, descending=True)) == ["zoo", "shop"]
    assert seen("PROJECT_VIEWER", "alien", ListProjects()) == ["alien"]
    assert seen("INSTANCE_VIEWER", "", ListProjects(organization_id="acme", name="ZO")) == ["zoo"]
    assert seen("PROJECT_VIEWER", "shop", ListProjects(organization_id="other")) == []
