import pytest
from pydantic import ValidationError

from hexkeep.core.kernel.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Unauthenticated,
)
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.permission import ANONYMOUS, SYSTEM
from hexkeep.core.organization.commands import (
    CreateOrganization,
    DeactivateOrganization,
    DeleteOrganization,
    OrganizationCreated,
    ReactivateOrganization,
    UpdateOrganization,
)
from hexkeep.core.organization.events import (
    OrganizationAdded,
    OrganizationDeactivated,
    OrganizationReactivated,
    OrganizationRemoved,
    OrganizationRenamed,
)
from hexkeep.core.organization.queries import GetOrganization, ListOrganizations, OrganizationSort
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.policy.state import INSTANCE_POLICIES
from hexkeep.core.project.commands import DeleteProject
from hexkeep.core.text.state import INSTANCE as INSTANCE_TEXTS
from hexkeep.core.user.commands import DeleteUser
from tests.unit.core.worlds import KIT, NOBODY, caller, human, member, organization, project

ACME = KIT.given(*organization())


def test_create_organization_adds_it() -> None:
    """A new organization gets a fresh id and is active."""
    outcome = KIT.given().when(CreateOrganization(name="  Acme "))
    outcome.then(ORGANIZATION.append("id-1", OrganizationAdded(name="Acme")))
    assert outcome.result == OrganizationCreated(organization_id="id-1")


def test_no_organization_is_called_as_the_instance_is() -> None:
    """Its owner would set the policies and texts of the instance, which have that id."""
    assert INSTANCE_POLICIES == INSTANCE_TEXTS == "instance"
    KIT.given().when(CreateOrganization(name="Acme", organization_id=INSTANCE_POLICIES)).refused(InvalidInput)


def test_create_organization_takes_a_chosen_id_once() -> None:
    """An id that was ever used is refused, even after removal."""
    world = KIT.given().when(CreateOrganization(name="Acme", organization_id="acme-inc")).world
    world.when(CreateOrganization(name="B", organization_id="acme-inc")).refused(AlreadyExists)
    gone = world.when(DeleteOrganization(organization_id="acme-inc")).world
    gone.when(CreateOrganization(name="B", organization_id="acme-inc")).refused(AlreadyExists)


def test_create_organization_is_for_the_instance() -> None:
    """The owner of an organization cannot create another one."""
    for who in (NOBODY, caller("ORGANIZATION_OWNER", "acme")):
        ACME.as_(who).when(CreateOrganization(name="B")).refused(PermissionDenied)
    ACME.as_(ANONYMOUS).when(CreateOrganization(name="B")).refused(Unauthenticated)
    assert ACME.as_(caller("INSTANCE_OWNER")).when(CreateOrganization(name="B")).result


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "a\x00b", "x" * 201, "abc\u202etxt"])
def test_organization_name_is_one_plain_line(name: str) -> None:
    """Names are bounded, not empty and free of what breaks a line or turns it round."""
    with pytest.raises(ValidationError):
        CreateOrganization(name=name)


def test_update_organization_renames_it() -> None:
    """Another name is an event; the same one, or none, is nothing."""
    renamed = ORGANIZATION.append("acme", OrganizationRenamed(name="Acme Inc."))
    ACME.when(UpdateOrganization(organization_id="acme", name="Acme Inc.")).then(renamed)
    ACME.when(UpdateOrganization(organization_id="acme", name="Acme")).then()
    ACME.when(UpdateOrganization(organization_id="acme")).then()


def test_deactivate_and_reactivate_alternate() -> None:
    """Only an active organization is switched off, only an inactive one on."""
    off = ACME.when(DeactivateOrganization(organization_id="acme"))
    off.then(ORGANIZATION.append("acme", OrganizationDeactivated()))
    off.world.when(DeactivateOrganization(organization_id="acme")).refused(FailedPrecondition)
    off.world.when(ReactivateOrganization(organization_id="acme")).then(
        ORGANIZATION.append("acme", OrganizationReactivated())
    )
    ACME.when(ReactivateOrganization(organization_id="acme")).refused(FailedPrecondition)


def test_nobody_locks_the_owners_of_the_instance_out() -> None:
    """Where they are it takes instance-wide rights to switch an organization off, and an owner elsewhere."""
    world = ACME.given(*human("alice"), *member("alice", "INSTANCE_OWNER"))
    off = DeactivateOrganization(organization_id="acme")
    for who in (SYSTEM, caller("INSTANCE_OWNER", user_id="alice")):
        world.as_(who).when(off).refused(FailedPrecondition)
    world.as_(caller("ORGANIZATION_OWNER", "acme")).when(off).refused(PermissionDenied)
    more = world.given(*organization("other"), *human("bob", "other"), *member("bob", "INSTANCE_OWNER"))
    more.as_(caller("ORGANIZATION_OWNER", "acme")).when(off).refused(PermissionDenied)
    assert more.as_(caller("INSTANCE_OWNER", user_id="bob")).when(off).changes


def test_a_suspended_organization_does_not_switch_itself_on() -> None:
    """An owner of it who is of another organization may switch it off, but not on again."""
    owner = caller("ORGANIZATION_OWNER", "acme")
    off = ACME.as_(owner).when(DeactivateOrganization(organization_id="acme")).world
    off.when(ReactivateOrganization(organization_id="acme")).refused(PermissionDenied)
    assert off.as_(caller("INSTANCE_OWNER")).when(ReactivateOrganization(organization_id="acme")).changes


def test_delete_organization_needs_it_empty() -> None:
    """An organization with users or projects stays; without them it goes for good."""
    full = ACME.given(*human(), *project())
    assert full.when(DeleteOrganization(organization_id="acme")).refused(FailedPrecondition).details == {"has": "users"}
    half = full.when(DeleteUser(user_id="alice")).world
    error = half.when(DeleteOrganization(organization_id="acme")).refused(FailedPrecondition)
    assert error.details == {"has": "projects"}
    empty = half.when(DeleteProject(project_id="shop")).world
    outcome = empty.when(DeleteOrganization(organization_id="acme"))
    outcome.then(ORGANIZATION.append("acme", OrganizationRemoved()))
    outcome.world.when(UpdateOrganization(organization_id="acme", name="X")).refused(NotFound)
    outcome.world.when(GetOrganization(organization_id="acme")).refused(NotFound)


def test_delete_organization_sees_what_its_remover_may_not() -> None:
    """Somebody who may not read users cannot remove an organization that has some either."""
    world = ACME.given(*human()).as_(caller("ORGANIZATION_OWNER", "acme"))
    world.when(DeleteOrganization(organization_id="acme")).refused(FailedPrecondition)


@pytest.mark.parametrize(
    "request_",
    [
        UpdateOrganization(organization_id="acme", name="X"),
        DeactivateOrganization(organization_id="acme"),
        ReactivateOrganization(organization_id="acme"),
        DeleteOrganization(organization_id="acme"),
    ],
)
def test_writes_are_for_those_who_may(
    request_: UpdateOrganization | DeactivateOrganization | ReactivateOrganization | DeleteOrganization,
) -> None:
    """A reader is told that they may not; a stranger does not even learn that the organization exists."""
    ACME.as_(caller("ORGANIZATION_VIEWER", "acme")).when(request_).refused(PermissionDenied)
    ACME.as_(caller("ORGANIZATION_OWNER", "other")).when(request_).refused(NotFound)
    ACME.as_(NOBODY).when(request_).refused(NotFound)


def test_get_organization_shows_the_present() -> None:
    """A read after writes has all of them."""
    world = ACME.when(UpdateOrganization(organization_id="acme", name="New")).world
    view = world.when(DeactivateOrganization(organization_id="acme")).world.when(
        GetOrganization(organization_id="acme")
    )
    assert (view.result.name, view.result.status) == ("New", Status.INACTIVE)


def test_get_organization_hides_it_from_others() -> None:
    """Another organization's reader gets not found; one without any such right is refused."""
    ACME.as_(caller("ORGANIZATION_VIEWER", "other")).when(GetOrganization(organization_id="acme")).refused(NotFound)
    ACME.as_(NOBODY).when(GetOrganization(organization_id="acme")).refused(PermissionDenied)


def test_list_organizations_filters_sorts_and_pages() -> None:
    """Filters narrow, sorting orders, and cursors walk through all pages without repeating."""
    world = KIT.given(*organization("beta"), *organization("alpha"), *organization("gamma"))
    by_name = ListOrganizations(sort=OrganizationSort.NAME, limit=2)
    first = world.when(by_name).result
    second = world.when(by_name.model_copy(update={"cursor": first.next_cursor})).result
    assert [one.name for one in (*first.organizations, *second.organizations)] == ["Alpha", "Beta", "Gamma"]
    assert not second.next_cursor
    assert [one.name for one in world.when(ListOrganizations(name="AMM")).result.organizations] == ["Gamma"]
    assert not world.when(ListOrganizations(status=Status.INACTIVE)).result.organizations


def test_list_organizations_shows_the_callers_own() -> None:
    """A list holds what the caller may read and nothing else."""
    world = KIT.given(*organization("alpha"), *organization("beta"))
    page = world.as_(caller("ORGANIZATION_VIEWER", "beta")).when(ListOrganizations()).result
    assert [one.organization_id for one in page.organizations] == ["beta"]
