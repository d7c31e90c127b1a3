import base64

import pytest

from hexkeep.core.kernel.errors import FailedPrecondition, NotFound, PermissionDenied, Unauthenticated
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.permission import SYSTEM, Caller, CallerKind
from hexkeep.core.metadata import SLICE as METADATA
from hexkeep.core.metadata import messages
from hexkeep.core.metadata.events import (
    OrganizationMetadataRemoved,
    OrganizationMetadataSet,
    ProjectMetadataSet,
    UserMetadataRemoved,
    UserMetadataSet,
)
from hexkeep.core.metadata.messages import (
    MAX_ENTRIES,
    MAX_TOTAL,
    MAX_VALUE,
    BulkSetUserMetadata,
    DeleteUserMetadata,
    GetUserMetadata,
    ListMyMetadata,
    ListUserMetadata,
    MetadataEntry,
    SetUserMetadata,
)
from hexkeep.core.metadata.state import ORGANIZATION_METADATA, PROJECT_METADATA, USER_METADATA
from hexkeep.core.user.commands import DeleteUser
from hexkeep.testing.decisions import Kit, World
from tests.unit.core.worlds import NOBODY, SLICES, caller, human, member, organization, project

KIT = Kit(*SLICES, METADATA)
BASE = KIT.given(*organization(), *organization("other"), *human(), *human("zoe", "other"), *project())
OWNER = caller("ORGANIZATION_OWNER", "acme")
ALICE = Caller(CallerKind.USER, user_id="alice")
PINK = SetUserMetadata(user_id="alice", key="colour", value=b"pink")


def text(value: bytes) -> str:
    """A value as it is recorded."""
    return base64.b64encode(value).decode()


def kept(**values: bytes) -> World:
    """A world in which these are kept with Alice."""
    events = (UserMetadataSet(user_id="alice", key=key, value=text(value)) for key, value in values.items())
    return BASE.given(USER_METADATA.append("alice", *events))


def test_value_is_kept_in_place_of_the_one_before() -> None:
    """Any bytes; the same again is no change."""
    request = SetUserMetadata(user_id="alice", key="colour", value=b"\x00\xff")
    outcome = BASE.when(request)
    event = UserMetadataSet(user_id="alice", key="colour", value=text(b"\x00\xff"))
    outcome.then(USER_METADATA.append("alice", event))
    assert outcome.world.when(GetUserMetadata(user_id="alice", key="colour")).result.value == b"\x00\xff"
    outcome.world.when(request).then()
    changed = outcome.world.when(PINK).world
    assert changed.when(GetUserMetadata(user_id="alice", key="colour")).result.value == b"pink"
    changed.when(GetUserMetadata(user_id="alice", key="size")).refused(NotFound)


def test_several_are_kept_at_once() -> None:
    """What is kept already is passed over; of one key the last value stays."""
    entries = tuple(MetadataEntry(key=key, value=value) for key, value in (("a", b"1"), ("b", b"2"), ("b", b"3")))
    outcome = kept(a=b"1").when(BulkSetUserMetadata(user_id="alice", entries=entries))
    events = (UserMetadataSet(user_id="alice", key="b", value=text(value)) for value in (b"2", b"3"))
    outcome.then(USER_METADATA.append("alice", *events))
    assert outcome.world.when(GetUserMetadata(user_id="alice", key="b")).result.value == b"3"


def test_metadata_is_bounded_in_number_and_size() -> None:
    """So many keys, and so much in all."""
    full = kept(**{f"k{number}": b"" for number in range(MAX_ENTRIES)})
    full.when(PINK).refused(FailedPrecondition)
    assert full.when(SetUserMetadata(user_id="alice", key="k0", value=b"other")).changes
    much = kept(**{f"k{number}": b"x" * MAX_VALUE for number in range(MAX_TOTAL // MAX_VALUE - 1)})
    much.when(SetUserMetadata(user_id="alice", key="last", value=b"x" * MAX_VALUE)).refused(FailedPrecondition)
    assert much.when(PINK).changes


@pytest.mark.parametrize("key", ["", "a/b", ".", "..", "a\nb", "k" * 201])
def test_what_is_no_key(key: str) -> None:
    """One line that can stand in a path."""
    with pytest.raises(ValueError, match="key"):
        SetUserMetadata(user_id="alice", key=key, value=b"")


def test_value_too_large_is_refused() -> None:
    """A bound for each."""
    with pytest.raises(ValueError, match="value"):
        SetUserMetadata(user_id="alice", key="k", value=b"x" * (MAX_VALUE + 1))


def test_metadata_is_removed_by_key() -> None:
    """Several at once; what is not there is passed over."""
    outcome = kept(a=b"1", b=b"2").when(DeleteUserMetadata(user_id="alice", keys=("b", "c", "b")))
    outcome.then(USER_METADATA.append("alice", UserMetadataRemoved(user_id="alice", key="b")))
    outcome.world.when(DeleteUserMetadata(user_id="alice", keys=("b",))).then()


def test_metadata_is_listed_by_the_beginning_of_keys() -> None:
    """By key; to the user themselves as well."""
    world = kept(**{"app.size": b"1", "app.colour": b"2", "crm": b"3"})

    def keys(request: Message, who: Caller = OWNER) -> list[str]:
        return [one.key for one in world.as_(who).when(request).result.entries]

    assert keys(ListUserMetadata(user_id="alice")) == ["app.colour", "app.size", "crm"]
    assert keys(ListUserMetadata(user_id="alice", key_prefix="app.")) == ["app.colour", "app.size"]
    assert keys(ListMyMetadata(key_prefix="c"), ALICE) == ["crm"]
    assert keys(ListMyMetadata(), NOBODY) == []
    world.as_(SYSTEM).when(ListMyMetadata()).refused(Unauthenticated)


def test_who_may_change_a_user_may_change_what_is_kept_with_it() -> None:
    """Not its readers, nor the user, nor who holds less than the user does."""
    world = kept(a=b"1")
    for request in (PINK, DeleteUserMetadata(user_id="alice", keys=("a",))):
        assert world.as_(caller("ORGANIZATION_USER_MANAGER", "acme")).when(request).changes
        world.as_(caller("ORGANIZATION_VIEWER", "acme")).when(request).refused(PermissionDenied)
        for who in (NOBODY, ALICE, caller("ORGANIZATION_OWNER", "other")):
            world.as_(who).when(request).refused(NotFound)
        owning = world.given(*member("alice", "ORGANIZATION_OWNER", "acme"))
        owning.as_(caller("ORGANIZATION_USER_MANAGER", "acme")).when(request).refused(PermissionDenied)
        assert owning.as_(OWNER).when(request).changes
    world.as_(ALICE).when(GetUserMetadata(user_id="alice", key="a")).refused(NotFound)


def test_nothing_is_kept_with_who_is_gone() -> None:
    """Nor read."""
    world = kept(a=b"1").when(DeleteUser(user_id="alice")).world
    world.when(PINK).refused(NotFound)
    world.when(ListUserMetadata(user_id="alice")).refused(NotFound)


def test_organizations_and_projects_have_metadata_of_their_own() -> None:
    """For those who may change them; readers read."""
    entry = MetadataEntry(key="k", value=b"v")
    of_acme = messages.BulkSetOrganizationMetadata(organization_id="acme", entries=(entry,))
    outcome = BASE.as_(OWNER).when(of_acme)
    outcome.then(ORGANIZATION_METADATA.append("acme", OrganizationMetadataSet(key="k", value=text(b"v"))))
    read = messages.GetOrganizationMetadata(organization_id="acme", key="k")
    assert outcome.world.as_(caller("ORGANIZATION_VIEWER", "acme")).when(read).result.value == b"v"
    outcome.world.as_(caller("ORGANIZATION_VIEWER", "acme")).when(of_acme).refused(PermissionDenied)
    outcome.world.as_(caller("ORGANIZATION_OWNER", "other")).when(read).refused(NotFound)
    delete = messages.DeleteOrganizationMetadata(organization_id="acme", keys=("k",))
    outcome.world.when(delete).then(ORGANIZATION_METADATA.append("acme", OrganizationMetadataRemoved(key="k")))
    of_shop = messages.SetProjectMetadata(project_id="shop", key="k", value=b"v")
    done = BASE.as_(caller("PROJECT_OWNER", "shop")).when(of_shop)
    done.then(PROJECT_METADATA.append("shop", ProjectMetadataSet(key="k", value=text(b"v"))))
    listed = done.world.as_(caller("PROJECT_VIEWER", "shop")).when(messages.ListProjectMetadata(project_id="shop"))
    assert [one.value for one in listed.result.entries] == [b"v"]
    done.world.as_(caller("PROJECT_VIEWER", "shop")).when(of_shop).refused(PermissionDenied)
    done.world.as_(NOBODY).when(messages.DeleteProjectMetadata(project_id="shop", keys=("k",))).refused(NotFound)
