import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from hexkeep.core.kernel.errors import InvalidInput, VersionConflict
from hexkeep.core.kernel.fields import Id, Line, Name
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.update import UpdateRequest
from hexkeep.core.organization.commands import DeactivateOrganization, UpdateOrganization
from hexkeep.core.organization.events import OrganizationDeactivated, OrganizationRenamed
from hexkeep.core.organization.queries import ListOrganizations
from hexkeep.core.organization.state import ORGANIZATION
from tests.unit.core.worlds import KIT, NOBODY, organization


class UpdatePlace(UpdateRequest):
    """Something to change."""

    place_id: Id
    name: Name | None = None
    note: Line | None = None
    tags: tuple[str, ...] | None = None
    limits: dict[str, int] | None = None
    size: int | None = Field(default=None, ge=0)
    depth: int | None = Field(default=None, ge=1)
    open: bool | None = None
    status: Status | None = None


FIELDS = ("name", "note", "tags", "limits", "size", "depth", "open", "status")


def test_without_a_mask_what_is_given_changes() -> None:
    """What is left out stays."""
    assert UpdatePlace(place_id="p", note="x", open=False).changes() == {"note": "x", "open": False}
    assert UpdatePlace(place_id="p").changes() == {}


def test_a_mask_names_what_changes() -> None:
    """Nothing else does, and what it names but is left out becomes empty."""
    request = UpdatePlace(place_id="p", name="Here", note="x", update_mask="name,tags,limits,size,open,status")
    assert request.changes() == {
        "name": "Here",
        "tags": (),
        "limits": {},
        "size": 0,
        "open": False,
        "status": Status.UNSPECIFIED,
    }


@pytest.mark.parametrize("name", ["name", "depth"])
def test_what_must_not_be_empty_is_not_emptied(name: str) -> None:
    """The refusal names the field."""
    with pytest.raises(InvalidInput) as refused:
        UpdatePlace(place_id="p", update_mask=name).changes()
    assert [one.field for one in refused.value.violations] == [name]


def test_a_star_stands_for_everything() -> None:
    """As if each field had been named."""
    given_ = UpdatePlace(place_id="p", name="Here", depth=2, update_mask="*").changes()
    assert tuple(given_) == FIELDS
    assert given_["note"] == ""


@pytest.mark.parametrize("mask", ["nothing", "name,place_id", "expected_version", "update_mask"])
def test_a_mask_names_only_what_may_change(mask: str) -> None:
    """Neither the resource's id nor anything unknown."""
    with pytest.raises(InvalidInput):
        UpdatePlace(place_id="p", name="Here", update_mask=mask).changes()


@pytest.mark.parametrize("mask", ["name,", ",name", "name,,note", "Name", "name note", "*,name", "a.b"])
def test_a_mask_has_its_form(mask: str) -> None:
    """Names of fields, separated by commas."""
    with pytest.raises(ValidationError):
        UpdatePlace(place_id="p", update_mask=mask)


@given(st.sets(st.sampled_from(FIELDS), min_size=1))
def test_exactly_what_the_mask_names_changes(named: set[str]) -> None:
    """Whatever else is given."""
    whole = UpdatePlace(
        place_id="p",
        name="n",
        note="x",
        tags=("t",),
        limits={"a": 1},
        size=1,
        depth=1,
        open=True,
        status=Status.ACTIVE,
        update_mask=",".join(sorted(named)),
    )
    assert whole.changes() == {name: getattr(whole, name) for name in named}


ACME = KIT.given(*organization())


def test_a_change_may_insist_on_a_version() -> None:
    """It is made at that version and at no other."""
    seen = UpdateOrganization(organization_id="acme", name="New", expected_version=1)
    after = ACME.when(seen).then(ORGANIZATION.append("acme", OrganizationRenamed(name="New"))).world
    error = after.when(seen).refused(VersionConflict)
    assert error.details == {"expected": "1", "actual": "2"}
    stop = DeactivateOrganization(organization_id="acme", expected_version=2)
    after.when(stop).then(ORGANIZATION.append("acme", OrganizationDeactivated()))


def test_a_version_is_told_to_nobody_who_may_not_see_the_resource() -> None:
    """Who may not read it is refused as if there were none, whatever version they name."""
    wrong = UpdateOrganization(organization_id="acme", name="New", expected_version=7)
    error = ACME.as_(NOBODY).when(wrong).error
    missing = KIT.given().as_(NOBODY).when(wrong).error
    assert type(error) is type(missing)
    assert not isinstance(error, VersionConflict)


def test_a_list_counts_when_asked() -> None:
    """All that the caller may see, whatever the page; and not unasked."""
    world = KIT.given(*organization(), *organization("other"))
    assert world.when(ListOrganizations(limit=1)).result.total is None
    counted = world.when(ListOrganizations(limit=1, count=True)).result
    assert (len(counted.organizations), counted.total) == (1, 2)
