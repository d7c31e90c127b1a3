import pytest
from pydantic import ValidationError

from hexkeep.core.kernel.errors import (
    AlreadyExists,
    FailedPrecondition,
    NotFound,
    PermissionDenied,
    Unauthenticated,
)
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import ANONYMOUS, SYSTEM, Caller, CallerKind, Level, Role
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.membership.events import MembershipAdded
from hexkeep.core.membership.state import MEMBERSHIPS
from hexkeep.core.organization.commands import DeactivateOrganization
from hexkeep.core.user.commands import (
    CreateHumanUser,
    CreateMachineUser,
    DeactivateUser,
    DeleteUser,
    ReactivateUser,
    UpdateHumanUser,
    UpdateMachineUser,
    UpdateUserName,
)
from hexkeep.core.user.credentials import DeleteClientSecret, GenerateClientSecret, SetPassword
from hexkeep.core.user.events import (
    HumanUserAdded,
    MachineUserAdded,
    UserDeactivated,
    UserEmailChanged,
    UserNameChanged,
    UserPasswordSet,
    UserProfileChanged,
    UserReactivated,
    UserRemoved,
)
from hexkeep.core.user.queries import GetUser, ListUsers, UserSort
from hexkeep.core.user.state import USER, UserKind, user_name_key
from hexkeep.core.user.status import UserStatus
from hexkeep.testing.answers import password_hash
from hexkeep.testing.decisions import NOW, Kit
from tests.unit.core.worlds import KIT, NOBODY, SLICES, caller, human, machine, member, organization

ACME = KIT.given(*organization())
FULL = ACME.given(*human(), *machine())
MANAGER = caller("ORGANIZATION_USER_MANAGER", "acme")
ALICE = Caller(CallerKind.USER, user_id="alice")


def bob(**changes: object) -> CreateHumanUser:
    """A request for a person."""
    fields = {"organization_id": "acme", "user_name": "bob", "given_name": "Bob", "email": "bob@example.com"}
    return CreateHumanUser.model_validate({**fields, **changes})


def added(**changes: object) -> HumanUserAdded:
    """What follows from ``bob``."""
    fields = {
        "organization_id": "acme",
        "user_name": "bob",
        "given_name": "Bob",
        "family_name": "",
        "display_name": "Bob",
        "email": "bob@example.com",
        "email_verified": False,
        "preferred_language": "",
    }
    return HumanUserAdded.model_validate({**fields, **changes})


def moved(*, verified: bool) -> UserEmailChanged:
    """What follows from another address for Alice."""
    return UserEmailChanged(email="a@example.org", verified=verified, previous="alice@example.com")


def named(user_name: str, user_id: str) -> Claim:
    """The claim of a user name."""
    return Claim(user_name_key(user_name), USER.ref(user_id))


def test_create_human_user_claims_the_user_name() -> None:
    """A person is added without a password, under a name that is then taken."""
    outcome = ACME.when(bob())
    outcome.then(USER.append("id-1", added()), named("bob", "id-1"))
    assert outcome.result.user_id == "id-1"


def test_create_human_user_names_the_person_in_full() -> None:
    """Without a display name it is given and family name."""
    ACME.when(bob(family_name="Builder")).then(
        USER.append("id-1", added(family_name="Builder", display_name="Bob Builder")), named("bob", "id-1")
    )
    ACME.when(bob(display_name="Bobby")).then(USER.append("id-1", added(display_name="Bobby")), named("bob", "id-1"))


def test_create_human_user_hashes_the_password() -> None:
    """Only the hash of a password is recorded, with whether it is to be changed."""
    password = UserPasswordSet(hash=password_hash("four happy otters"), change_required=True, set_at=NOW)
    ACME.when(bob(password="four happy otters", password_change_required=True)).then(
        USER.append("id-1", added(), password), named("bob", "id-1")
    )


def test_create_human_user_refuses_a_taken_name() -> None:
    """User names are unique in the instance, whatever their case, across organizations and kinds."""
    world = ACME.given(*organization("other"), *human("bob", "other"))
    for name in ("bob", "BOB", "\uff22ob"):
        world.when(bob(user_name=name)).refused(AlreadyExists)
    world.when(CreateMachineUser(organization_id="acme", user_name="Bob")).refused(AlreadyExists)


def test_add_user_needs_an_active_organization() -> None:
    """There is no adding to an organization that is not there or switched off."""
    KIT.given().when(bob()).refused(NotFound)
    ACME.when(DeactivateOrganization(organization_id="acme")).world.when(bob()).refused(FailedPrecondition)


def test_add_user_is_for_managers_of_that_organization() -> None:
    """Neither a reader nor another organization's manager can add users, and neither learns of the organization."""
    ACME.as_(MANAGER).when(bob()).then(USER.append("id-1", added()), named("bob", "id-1"))
    for who in (NOBODY, caller("ORGANIZATION_VIEWER", "acme"), caller("ORGANIZATION_OWNER", "other")):
        ACME.as_(who).when(bob()).refused(PermissionDenied)
        KIT.given().as_(who).when(bob()).refused(PermissionDenied)


def test_add_user_with_a_chosen_id_is_for_the_instance() -> None:
    """An id may be chosen with instance-wide rights, and never one that was used before."""
    chosen = bob(user_id="first-admin")
    assert ACME.when(chosen).result.user_id == "first-admin"
    ACME.as_(MANAGER).when(chosen).refused(PermissionDenied)
    gone = ACME.when(chosen).world.when(DeleteUser(user_id="first-admin")).world
    gone.when(chosen).refused(AlreadyExists)


@pytest.mark.parametrize(
    "changes",
    [
        {"user_name": "with space"},
        {"user_name": ""},
        {"user_name": "b\x00b"},
        {"user_name": "x" * 201},
        {"email": "nobody"},
        {"email": "a@b@c"},
        {"email": "a b@example.com"},
        {"preferred_language": "not a language"},
        {"given_name": "\x1b[31m"},
        {"user_id": "system"},
        {"unknown": "field"},
    ],
)
def test_create_human_user_refuses_malformed_input(changes: dict[str, str]) -> None:
    """Each field has a form, and there are no other fields."""
    with pytest.raises(ValidationError):
        bob(**changes)


def test_create_machine_user_has_no_person_about_it() -> None:
    """A machine has a name to act under and one to show."""
    ACME.when(CreateMachineUser(organization_id="acme", user_name="importer")).then(
        USER.append("id-1", MachineUserAdded(organization_id="acme", user_name="importer", display_name="importer")),
        named("importer", "id-1"),
    )


def test_update_human_user_records_what_changed() -> None:
    """Profile and e-mail are separate facts; what stays the same is none."""
    profile = UserProfileChanged(
        given_name="Alice", family_name="Family", display_name="Given Family", preferred_language="en"
    )
    FULL.when(UpdateHumanUser(user_id="alice", given_name="Alice")).then(USER.append("alice", profile))
    both = UpdateHumanUser(user_id="alice", given_name="Alice", email="a@example.org")
    FULL.when(both).then(USER.append("alice", profile, moved(verified=False)))
    FULL.when(UpdateHumanUser(user_id="alice", given_name="Given", email="alice@example.com")).then()


def test_update_human_user_keeps_verification_to_the_address() -> None:
    """Another address counts as unverified unless the manager vouches for it."""
    vouched = UpdateHumanUser(user_id="alice", email="a@example.org", email_verified=True)
    FULL.when(vouched).then(USER.append("alice", moved(verified=True)))
    doubted = UpdateHumanUser(user_id="alice", email_verified=False)
    FULL.when(doubted).then(USER.append("alice", UserEmailChanged(email="alice@example.com", verified=False)))


def test_changes_fit_the_kind() -> None:
    """What only a person has cannot be changed about a machine, nor the other way round."""
    FULL.when(UpdateHumanUser(user_id="robot", given_name="R")).refused(FailedPrecondition)
    FULL.when(SetPassword(user_id="robot", password="four happy otters")).refused(FailedPrecondition)
    FULL.when(UpdateMachineUser(user_id="alice", display_name="R")).refused(FailedPrecondition)
    FULL.when(GenerateClientSecret(user_id="alice")).refused(FailedPrecondition)
    FULL.when(DeleteClientSecret(user_id="alice")).refused(FailedPrecondition)


def test_update_machine_user_renames_it() -> None:
    """A machine's display name is its whole profile."""
    profile = UserProfileChanged(given_name="", family_name="", display_name="R2", preferred_language="")
    FULL.when(UpdateMachineUser(user_id="robot", display_name="R2")).then(USER.append("robot", profile))
    FULL.when(UpdateMachineUser(user_id="robot", display_name="Robot")).then()


def test_update_user_name_moves_the_key() -> None:
    """The old name is free and the new one taken, in one decision."""
    outcome = FULL.when(UpdateUserName(user_id="alice", user_name="alicia"))
    outcome.then(
        USER.append("alice", UserNameChanged(user_name="alicia")),
        Release(user_name_key("alice"), USER.ref("alice")),
        named("alicia", "alice"),
    )
    assert outcome.world.when(bob(user_name="alice")).result
    FULL.when(UpdateUserName(user_id="alice", user_name="robot")).refused(AlreadyExists)


def test_update_user_name_keeps_the_key_where_only_the_case_changes() -> None:
    """A name that is the same key moves nothing; the same name is no change at all."""
    FULL.when(UpdateUserName(user_id="alice", user_name="Alice")).then(
        USER.append("alice", UserNameChanged(user_name="Alice"))
    )
    FULL.when(UpdateUserName(user_id="alice", user_name="alice")).then()


def test_deactivate_and_reactivate_alternate() -> None:
    """Only an active user is switched off, only an inactive one on."""
    off = FULL.when(DeactivateUser(user_id="alice"))
    off.then(USER.append("alice", UserDeactivated()))
    off.world.when(DeactivateUser(user_id="alice")).refused(FailedPrecondition)
    off.world.when(ReactivateUser(user_id="alice")).then(USER.append("alice", UserReactivated()))
    FULL.when(ReactivateUser(user_id="alice")).refused(FailedPrecondition)


def test_delete_user_frees_the_name_for_good() -> None:
    """A removed user is not found any more, keeps no data in its state, and its name can be taken."""
    outcome = FULL.when(DeleteUser(user_id="alice"))
    outcome.then(USER.append("alice", UserRemoved()), Release(user_name_key("alice"), USER.ref("alice")))
    for request in (GetUser(user_id="alice"), DeleteUser(user_id="alice"), ReactivateUser(user_id="alice")):
        outcome.world.when(request).refused(NotFound)
    assert outcome.world.history("main").state(USER, "alice").email == ""
    assert outcome.world.when(bob(user_name="Alice")).result


MANAGING: list[Message] = [
    UpdateHumanUser(user_id="alice", email="mallory@example.com"),
    UpdateUserName(user_id="alice", user_name="other"),
    DeactivateUser(user_id="alice"),
    DeleteUser(user_id="alice"),
    SetPassword(user_id="alice", password="four happy otters"),
]


@pytest.mark.parametrize("request_", MANAGING, ids=lambda request: type(request).__name__)
def test_managing_is_for_managers(request_: Message) -> None:
    """A reader may not, a stranger learns nothing, and having an account is no right to manage it."""
    assert FULL.as_(MANAGER).when(request_).changes
    FULL.as_(caller("ORGANIZATION_VIEWER", "acme")).when(request_).refused(PermissionDenied)
    FULL.as_(caller("ORGANIZATION_OWNER", "other")).when(request_).refused(NotFound)
    FULL.as_(ALICE).when(request_).refused(NotFound)


@pytest.mark.parametrize("request_", MANAGING, ids=lambda request: type(request).__name__)
def test_managing_takes_as_much_as_the_user_holds(request_: Message) -> None:
    """Who could set an owner's password could become the owner; so only an owner manages an owner."""
    another = (*human("carol"), *member("carol", "INSTANCE_OWNER"))
    world = FULL.given(*member("alice", "INSTANCE_OWNER"), *another)
    world.as_(MANAGER).when(request_).refused(PermissionDenied)
    world.as_(caller("ORGANIZATION_OWNER", "acme")).when(request_).refused(PermissionDenied)
    assert world.as_(caller("INSTANCE_OWNER")).when(request_).changes
    lesser = FULL.given(*member("alice", "ORGANIZATION_OWNER", "acme"))
    lesser.as_(MANAGER).when(request_).refused(PermissionDenied)
    assert lesser.as_(caller("ORGANIZATION_OWNER", "acme")).when(request_).changes


@pytest.mark.parametrize("request_", [DeactivateUser(user_id="alice"), DeleteUser(user_id="alice")], ids=repr)
def test_the_last_owner_of_the_instance_stays(request_: Message) -> None:
    """Neither is switched off nor removed, whoever asks, unless another owner can sign in."""
    alone = FULL.given(*member("alice", "INSTANCE_OWNER"))
    for who in (SYSTEM, caller("INSTANCE_OWNER"), caller("INSTANCE_OWNER", user_id="alice")):
        alone.as_(who).when(request_).refused(FailedPrecondition)
    two = alone.given(*human("carol", "other"), *member("carol", "INSTANCE_OWNER"))
    two.when(request_).refused(FailedPrecondition)
    assert two.given(*organization("other")).when(request_).changes
    off = two.given(*organization("other"), USER.append("carol", UserDeactivated()))
    off.when(request_).refused(FailedPrecondition)


def test_managing_takes_as_much_as_a_plugins_role_gives() -> None:
    """Roles that plugins register count like the built-in ones."""
    auditor = Role("AUDITOR", Level.INSTANCE, frozenset({"event.read", "audit.sign"}))
    kit = Kit(*SLICES, Slice("audit", roles=(auditor,)))
    held = MembershipAdded(level=Level.INSTANCE, scope_id="", organization_id="", roles=("AUDITOR",))
    world = kit.given(*organization(), *human(), MEMBERSHIPS.append("alice", held))
    request = SetPassword(user_id="alice", password="four happy otters")
    world.as_(caller("ORGANIZATION_OWNER", "acme")).when(request).refused(PermissionDenied)
    assert world.as_(caller("INSTANCE_OWNER")).when(request).changes


def test_managing_a_machine_takes_as_much_as_it_holds() -> None:
    """A secret for a machine that is an owner is for owners to make."""
    world = FULL.given(*member("robot", "PROJECT_OWNER", "shop", "acme"))
    world.as_(MANAGER).when(GenerateClientSecret(user_id="robot")).refused(PermissionDenied)
    assert world.as_(caller("ORGANIZATION_OWNER", "acme")).when(GenerateClientSecret(user_id="robot")).changes


def test_get_user_shows_state_but_no_secret() -> None:
    """Readers see whether there is a password or secret, never its hash."""
    world = FULL.when(SetPassword(user_id="alice", password="four happy otters")).world
    view = world.when(GetUser(user_id="alice")).result
    assert (view.has_password, view.password_change_required, view.has_client_secret) == (True, True, False)
    assert password_hash("four happy otters") not in view.model_dump_json()


def test_get_user_is_for_readers_of_the_organization() -> None:
    """Other organizations' users are not found; the user's own door is the auth API."""
    assert FULL.as_(caller("ORGANIZATION_VIEWER", "acme")).when(GetUser(user_id="alice")).result
    FULL.as_(caller("ORGANIZATION_VIEWER", "other")).when(GetUser(user_id="alice")).refused(NotFound)
    FULL.as_(ALICE).when(GetUser(user_id="alice")).refused(PermissionDenied)


def test_get_my_user_is_the_callers_own() -> None:
    """Whoever is signed in reads their own account, and who has none reads nothing."""
    assert FULL.as_(ALICE).when(Empty(), "GetMyUser").result.user_name == "alice"
    for who in (SYSTEM, ANONYMOUS):
        FULL.as_(who).when(Empty(), "GetMyUser").refused(Unauthenticated)
    off = FULL.when(DeactivateUser(user_id="alice")).world
    off.as_(ALICE).when(Empty(), "GetMyUser").refused(Unauthenticated)


def test_list_users_filters_and_sorts() -> None:
    """Filters narrow by organization, kind, status and text, whatever its case."""
    world = FULL.given(*organization("other"), *human("zoe", "other")).when(DeactivateUser(user_id="zoe")).world

    def names(request: ListUsers) -> list[str]:
        return [user.user_name for user in world.when(request).result.users]

    assert names(ListUsers(sort=UserSort.USER_NAME, descending=True)) == ["zoe", "robot", "alice"]
    assert names(ListUsers(organization_id="other")) == ["zoe"]
    assert names(ListUsers(kind=UserKind.MACHINE)) == ["robot"]
    assert names(ListUsers(status=UserStatus.INACTIVE)) == ["zoe"]
    assert names(ListUsers(user_name="AL")) == ["alice"]
    assert names(ListUsers(search="ZOE@EXAMPLE")) == ["zoe"]
    assert names(ListUsers(email="ZOE@example.com")) == ["zoe"]
    assert names(ListUsers(email="oe@example.com")) == []
    assert names(ListUsers(phone="+41441234567")) == []
    assert names(ListUsers(search="%")) == []


def test_list_users_shows_readers_their_organization() -> None:
    """Users of other organizations are not in the list, even when asked for."""
    world = FULL.given(*organization("other"), *human("zoe", "other"))
    viewer = caller("ORGANIZATION_VIEWER", "other")
    assert [user.user_name for user in world.as_(viewer).when(ListUsers()).result.users] == ["zoe"]
    assert not world.as_(viewer).when(ListUsers(organization_id="acme")).result.users
    world.as_(ALICE).when(ListUsers()).refused(PermissionDenied)
