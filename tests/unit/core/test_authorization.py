import pytest

from hexkeep.core.authorization.commands import (
    CreateAuthorization,
    DeactivateAuthorization,
    DeleteAuthorization,
    ReactivateAuthorization,
    UpdateAuthorization,
)
from hexkeep.core.authorization.events import (
    AuthorizationChanged,
    AuthorizationDeactivated,
    AuthorizationReactivated,
    AuthorizationRemoved,
)
from hexkeep.core.authorization.queries import GetAuthorization, ListAuthorizations, ListMyAuthorizations
from hexkeep.core.authorization.state import AUTHORIZATION, authorization_key, granted_roles
from hexkeep.core.kernel.ask import StateOf
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Unauthenticated,
)
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.permission import SYSTEM, Caller, CallerKind
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.project.commands import DeactivateProject, DeleteProject
from hexkeep.core.project.roles import CreateProjectRole, DeleteProjectRole
from hexkeep.core.project.state import PROJECT
from hexkeep.core.projectgrant.commands import CreateProjectGrant, UpdateProjectGrant
from hexkeep.core.projectgrant.events import ProjectGrantAdded
from hexkeep.core.projectgrant.state import PROJECT_GRANT
from hexkeep.testing.decisions import World
from tests.unit.core.asking import asked_for
from tests.unit.core.worlds import KIT, NOBODY, added, authorization, caller, human, organization, project

BASE = KIT.given(*organization(), *human(), *project(roles=("editor", "viewer")))
WORLD = BASE.given(*authorization())
OWNER = caller("PROJECT_OWNER", "shop")
ALICE = Caller(CallerKind.USER, user_id="alice")
EDITOR = CreateAuthorization(user_id="alice", project_id="shop", roles=("editor",))


def test_create_authorization_once_per_user_and_project() -> None:
    """Roles are recorded sorted, each once, under a key that allows no second authorization."""
    roles = ("viewer", "editor", "viewer")
    outcome = BASE.when(CreateAuthorization(user_id="alice", project_id="shop", roles=roles))
    event = added(roles=("editor", "viewer"))
    claim = Claim(authorization_key("alice", "shop"), AUTHORIZATION.ref("id-1"))
    outcome.then(AUTHORIZATION.append("id-1", event), claim)
    assert outcome.result.authorization_id == "id-1"
    outcome.world.when(EDITOR).refused(AlreadyExists)


def test_create_authorization_needs_known_roles() -> None:
    """A role that the project does not have cannot be granted, by adding or by changing."""
    BASE.when(CreateAuthorization(user_id="alice", project_id="shop", roles=("editor", "nope"))).refused(InvalidInput)
    WORLD.when(UpdateAuthorization(authorization_id="grant", roles=("nope",))).refused(InvalidInput)


def test_role_that_is_removed_at_that_moment_is_not_given() -> None:
    """The project has to be as it was found; the other way round, see the roles of projects."""
    project = StateOf(PROJECT, "shop", guarded=True)
    assert project in asked_for(BASE, EDITOR)
    assert project in asked_for(WORLD, UpdateAuthorization(authorization_id="grant", roles=("viewer",)))
    grant = CreateProjectGrant(project_id="shop", granted_organization_id="other", roles=("editor",))
    world = BASE.given(*organization("other"))
    assert project in asked_for(world, grant)
    granted = world.when(grant).world
    under = CreateAuthorization(user_id="zoe", project_grant_id="id-1", roles=("editor",))
    assert project in asked_for(granted.given(*human("zoe", "other")), under)
    assert project in asked_for(granted, UpdateProjectGrant(project_grant_id="id-1", roles=("viewer",)))


@pytest.mark.parametrize("left", ["authorization", "project_grant"])
def test_role_is_not_added_while_somebody_has_one_of_that_key(left: str) -> None:
    """Whoever was given a role while it was being removed does not have the next one of that key."""
    if left == "authorization":
        world = BASE.given(AUTHORIZATION.append("late", added(roles=("gone",))))
    else:
        fields = {"organization_id": "acme", "project_id": "shop", "granted_organization_id": "other"}
        world = BASE.given(PROJECT_GRANT.append("late", ProjectGrantAdded(**fields, roles=("gone",))))
    world.when(CreateProjectRole(project_id="shop", key="gone")).refused(FailedPrecondition)
    assert world.when(CreateProjectRole(project_id="shop", key="new")).changes


def test_create_authorization_needs_user_and_project() -> None:
    """Neither nobody nor nothing can be authorized."""
    BASE.when(CreateAuthorization(user_id="bob", project_id="shop", roles=("editor",))).refused(NotFound)
    BASE.when(CreateAuthorization(user_id="alice", project_id="zoo", roles=("editor",))).refused(NotFound)


def test_create_authorization_for_a_user_of_elsewhere() -> None:
    """Who cannot read another organization's users cannot find out by granting who they are."""
    world = BASE.given(*organization("other"), *human("zoe", "other"))
    request = CreateAuthorization(user_id="zoe", project_id="shop", roles=("editor",))
    world.as_(OWNER).when(request).refused(NotFound)
    assert world.as_(caller("INSTANCE_OWNER")).when(request).changes


def test_update_authorization_replaces_the_roles() -> None:
    """The same roles in another order are no change."""
    outcome = WORLD.when(UpdateAuthorization(authorization_id="grant", roles=("viewer", "editor")))
    outcome.then(AUTHORIZATION.append("grant", AuthorizationChanged(roles=("editor", "viewer"))))
    outcome.world.when(UpdateAuthorization(authorization_id="grant", roles=("editor", "viewer", "editor"))).then()
    gone = WORLD.when(DeleteProject(project_id="shop")).world
    gone.when(UpdateAuthorization(authorization_id="grant", roles=("viewer",))).refused(NotFound)


def test_deactivate_and_reactivate_alternate() -> None:
    """Only an active authorization is switched off, only an inactive one on."""
    off = WORLD.when(DeactivateAuthorization(authorization_id="grant"))
    off.then(AUTHORIZATION.append("grant", AuthorizationDeactivated()))
    off.world.when(DeactivateAuthorization(authorization_id="grant")).refused(FailedPrecondition)
    off.world.when(ReactivateAuthorization(authorization_id="grant")).then(
        AUTHORIZATION.append("grant", AuthorizationReactivated())
    )
    WORLD.when(ReactivateAuthorization(authorization_id="grant")).refused(FailedPrecondition)


def test_delete_authorization_frees_the_key() -> None:
    """After removal the user can be authorized anew."""
    outcome = WORLD.when(DeleteAuthorization(authorization_id="grant"))
    key = authorization_key("alice", "shop")
    outcome.then(AUTHORIZATION.append("grant", AuthorizationRemoved()), Release(key, AUTHORIZATION.ref("grant")))
    assert outcome.world.when(EDITOR).changes
    outcome.world.when(GetAuthorization(authorization_id="grant")).refused(NotFound)
    outcome.world.when(DeleteAuthorization(authorization_id="grant")).refused(NotFound)


def test_granted_roles_count_only_while_all_is_well() -> None:
    """An inactive authorization or project grants nothing, nor does a role that is gone."""

    def roles(world: World) -> tuple[str, ...]:
        history = world.history("main")
        return granted_roles(history.state(AUTHORIZATION, "grant"), history.state(PROJECT, "shop"))

    assert roles(WORLD) == ("editor",)
    assert roles(WORLD.when(DeactivateAuthorization(authorization_id="grant")).world) == ()
    assert roles(WORLD.when(DeleteAuthorization(authorization_id="grant")).world) == ()
    assert roles(WORLD.when(DeactivateProject(project_id="shop")).world) == ()
    assert roles(WORLD.when(DeleteProject(project_id="shop")).world) == ()
    changed = WORLD.when(UpdateAuthorization(authorization_id="grant", roles=("viewer",))).world
    assert roles(changed.when(DeleteProjectRole(project_id="shop", key="editor")).world) == ("viewer",)


@pytest.mark.parametrize(
    "request_",
    [
        EDITOR.model_copy(update={"user_id": "bob"}),
        UpdateAuthorization(authorization_id="grant", roles=("viewer",)),
        DeactivateAuthorization(authorization_id="grant"),
        DeleteAuthorization(authorization_id="grant"),
    ],
    ids=lambda request: type(request).__name__,
)
def test_writes_are_for_owners(request_: Message) -> None:
    """Owners of the project may, readers may not, strangers learn nothing, and nobody grants to themselves."""
    world = WORLD.given(*human("bob"))
    assert world.as_(OWNER).when(request_).changes
    world.as_(caller("PROJECT_VIEWER", "shop")).when(request_).refused(PermissionDenied)
    for who in (NOBODY, ALICE, caller("PROJECT_OWNER", "zoo")):
        world.as_(who).when(request_).refused(NotFound)


def test_list_authorizations_filters() -> None:
    """By user, project, organization, role and status; readers of the project see its own."""
    world = WORLD.given(*human("bob"), *authorization("second", "bob", ("viewer",)))
    world = world.when(DeactivateAuthorization(authorization_id="second")).world.as_(OWNER)

    def seen(request: ListAuthorizations) -> list[str]:
        return [one.authorization_id for one in world.when(request).result.authorizations]

    assert seen(ListAuthorizations()) == ["grant", "second"]
    assert seen(ListAuthorizations(user_id="bob")) == ["second"]
    assert seen(ListAuthorizations(project_id="zoo")) == []
    assert seen(ListAuthorizations(organization_id="acme", role="editor")) == ["grant"]
    assert seen(ListAuthorizations(status=Status.ACTIVE)) == ["grant"]
    world.as_(ALICE).when(ListAuthorizations()).refused(PermissionDenied)


def test_list_my_authorizations_shows_nobody_elses() -> None:
    """A user sees their own, also without any role, and an owner sees their own here alone."""
    world = WORLD.given(*human("bob"), *authorization("second", "bob", ("viewer",)))
    mine = world.as_(ALICE).when(ListMyAuthorizations()).result.authorizations
    assert [one.authorization_id for one in mine] == ["grant"]
    assert not world.as_(ALICE).when(ListMyAuthorizations(project_id="zoo")).result.authorizations
    assert not world.as_(caller("INSTANCE_OWNER")).when(ListMyAuthorizations()).result.authorizations
    world.as_(SYSTEM).when(ListMyAuthorizations()).refused(Unauthenticated)
