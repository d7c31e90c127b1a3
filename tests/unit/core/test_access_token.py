from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from hexkeep.core.accesstoken import state
from hexkeep.core.accesstoken.commands import (
    LONGEST,
    MAX_TOKENS,
    USUAL,
    CreateMyPersonalAccessToken,
    CreatePersonalAccessToken,
    DeleteMyPersonalAccessToken,
    DeletePersonalAccessToken,
    NewPersonalAccessToken,
)
from hexkeep.core.accesstoken.events import PersonalAccessTokenCreated, PersonalAccessTokenDeleted
from hexkeep.core.accesstoken.queries import ListMyPersonalAccessTokens, ListPersonalAccessTokens
from hexkeep.core.accesstoken.state import PERSONAL_ACCESS_TOKEN
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.errors import (
    FailedPrecondition,
    HexkeepError,
    InvalidInput,
    NotFound,
    PermissionDenied,
    ReauthenticationRequired,
    Unauthenticated,
    VersionConflict,
)
from hexkeep.core.kernel.event import Event
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.permission import ANONYMOUS, Caller, Level
from hexkeep.core.machinekey.commands import CreateMachineKey
from hexkeep.core.membership.events import MembershipAdded
from hexkeep.core.membership.state import MEMBERSHIPS
from hexkeep.core.organization.events import OrganizationDeactivated
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.session.commands import CreateSession, EndMySession
from hexkeep.core.slices import SLICES
from hexkeep.core.user.credentials import GenerateClientSecret
from hexkeep.core.user.events import SubjectErased, UserDeactivated, UserPasswordSet, UserRemoved
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import keyed_hash
from hexkeep.testing.decisions import NOW, Kit, World
from tests.unit.core.people import PASSWORD, caller, human, machine, organization, owner_of_organization
from tests.unit.core.test_identity import DOOR, WhoAmI, refused

KIT = Kit(*SLICES, DOOR)
WORLD = KIT.given(*organization(), *human("ada"), *machine("robot"), *owner_of_organization("ada"))
OWNER = caller("ada", "ORGANIZATION_OWNER", "acme")
TOKEN = "hexkeep_pat_id-1_secret-1"


def created(**changes: object) -> PersonalAccessTokenCreated:
    """What making the first token for the machine appends."""
    fields: dict[str, object] = {
        "user_id": "robot",
        "organization_id": "acme",
        "name": "Import",
        "token_hash": keyed_hash(state.PURPOSE, "secret-1"),
        "password_version": 0,
        "expires_at": NOW + USUAL,
    }
    return PersonalAccessTokenCreated.model_validate(fields | changes)


def with_token(start: World = WORLD) -> World:
    """The machine has a token; nobody calls."""
    made = start.as_(OWNER).when(CreatePersonalAccessToken(user_id="robot", name="Import"))
    assert made.result.token == TOKEN
    return made.world.as_(ANONYMOUS)


def signed_in() -> World:
    """Ada has a session and is calling in it."""
    opened = WORLD.as_(ANONYMOUS).when(CreateSession(login_name="ada", password=PASSWORD))
    known = opened.world.when(WhoAmI(token=opened.result.session_token))
    return opened.world.as_(replace(caller("ada"), session_id=known.result.session_id))


# --- making --------------------------------------------------------------------------------------------------------


def test_manager_makes_a_token_for_a_machine() -> None:
    """It is shown once; what is recorded is a hash."""
    outcome = WORLD.as_(OWNER).when(CreatePersonalAccessToken(user_id="robot", name="Import"))
    outcome.then(PERSONAL_ACCESS_TOKEN.append("id-1", created()))
    assert outcome.result == NewPersonalAccessToken(token_id="id-1", token=TOKEN, expires_at=NOW + USUAL)
    assert "secret-1" not in repr(outcome.result)


def test_person_in_a_session_makes_one_of_ones_own() -> None:
    """It belongs to the present password."""
    outcome = signed_in().when(CreateMyPersonalAccessToken(name="Laptop", expires_at=NOW + timedelta(days=1)))
    made = created(
        user_id="ada",
        name="Laptop",
        token_hash=keyed_hash(state.PURPOSE, "secret-2"),
        password_version=1,
        expires_at=NOW + timedelta(days=1),
    )
    outcome.then(PERSONAL_ACCESS_TOKEN.append(outcome.result.token_id, made))


def test_only_who_has_signed_in_makes_one_of_ones_own() -> None:
    """Neither a token of this kind, nor a program's access token, nor a session that was left open is good for it."""
    world = signed_in()
    request = CreateMyPersonalAccessToken(name="Laptop")
    world.as_(caller("ada")).when(request).refused(PermissionDenied)
    world.as_(replace(world.caller, client_id="console")).when(request).refused(PermissionDenied)
    over = world.when(EndMySession(session_id=world.caller.session_id)).world
    for stale in (over, world.later(minutes=16)):
        stale.when(request).refused(ReauthenticationRequired)


@pytest.mark.parametrize(
    "expires_at",
    [NOW, NOW - timedelta(days=1), NOW + LONGEST + timedelta(seconds=1), datetime(2026, 5, 1)],  # noqa: DTZ001 - that is it
)
def test_expiry_is_bounded(expires_at: datetime) -> None:
    """In the future, within five years, with a zone."""
    request = CreatePersonalAccessToken(user_id="robot", name="Import", expires_at=expires_at)
    error = WORLD.as_(OWNER).when(request).refused(InvalidInput)
    assert isinstance(error, InvalidInput)
    assert error.violations[0].field == "expires_at"


@pytest.mark.parametrize(
    "request_",
    [
        CreatePersonalAccessToken(user_id="robot", name="Import"),
        CreateMachineKey(user_id="robot"),
        GenerateClientSecret(user_id="robot"),
    ],
)
def test_no_machine_makes_credentials_for_itself(request_: Message) -> None:
    """Not even one that manages users: a token that was found is not good for another that outlives it."""
    manager = caller("robot", "ORGANIZATION_OWNER", "acme")
    WORLD.as_(manager).when(request_).refused(PermissionDenied)
    helper = caller("helper", "ORGANIZATION_OWNER", "acme")
    assert WORLD.given(*machine("helper")).as_(helper).when(request_).changes


def test_number_of_tokens_is_bounded() -> None:
    """A user has a hundred at most."""
    many = (PERSONAL_ACCESS_TOKEN.append(f"token-{n}", created()) for n in range(MAX_TOKENS))
    full = WORLD.given(*many).as_(OWNER)
    full.when(CreatePersonalAccessToken(user_id="robot", name="Import")).refused(FailedPrecondition)


@pytest.mark.parametrize(
    ("who", "error"),
    [
        (caller("eve"), NotFound),
        (caller("eve", "ORGANIZATION_OWNER", "other"), NotFound),
        (caller("eve", "ORGANIZATION_VIEWER", "acme"), PermissionDenied),
    ],
)
def test_strangers_make_and_delete_nothing(who: Caller, error: type[HexkeepError]) -> None:
    """Who may not see the user is told that there is none; who may see but not change it is refused."""
    world = with_token().as_(who)
    world.when(CreatePersonalAccessToken(user_id="robot", name="Mine")).refused(error)
    world.when(DeletePersonalAccessToken(token_id="id-1")).refused(error)


def test_nobody_becomes_more_than_they_are() -> None:
    """A machine with more rights than the caller gets no token from the caller, and loses none."""
    held = MembershipAdded(level=Level.INSTANCE, scope_id="", organization_id="", roles=("INSTANCE_OWNER",))
    world = with_token().given(MEMBERSHIPS.append("robot", held)).as_(OWNER)
    world.when(CreatePersonalAccessToken(user_id="robot", name="Mine")).refused(PermissionDenied)
    world.when(DeletePersonalAccessToken(token_id="id-1")).refused(PermissionDenied)


def test_a_person_gets_none_from_a_manager() -> None:
    """Nobody holds another person's token."""
    WORLD.as_(OWNER).when(CreatePersonalAccessToken(user_id="ada", name="Mine")).refused(FailedPrecondition)


# --- being somebody ------------------------------------------------------------------------------------------------


def test_token_stands_for_its_user() -> None:
    """With the user's memberships, in no session; the audit is told which token it was."""
    held = MembershipAdded(
        level=Level.ORGANIZATION, scope_id="acme", organization_id="acme", roles=("ORGANIZATION_VIEWER",)
    )
    found = with_token().given(MEMBERSHIPS.append("robot", held)).when(WhoAmI(token=TOKEN)).result
    assert (found.actor, found.organization_id, found.session_id) == ("robot", "acme", "")
    assert found.client_id == "personal_access_token:id-1"
    assert "ORGANIZATION_VIEWER" in found.memberships


@pytest.mark.parametrize(
    "presented",
    [
        "hexkeep_pat_",
        "hexkeep_pat_id-1",
        "hexkeep_pat_id-1_",
        "hexkeep_pat_id-1_secret-2",
        "hexkeep_pat_id-2_secret-1",
        "hexkeep_pat_id-1_secret-1 ",
        "HEXKEEP_PAT_id-1_secret-1",
        "hks_id-1_secret-1",
    ],
)
def test_wrong_token_is_refused(presented: str) -> None:
    """Kind, id and secret must all be right."""
    refused(with_token(), presented)


@pytest.mark.parametrize(
    "event",
    [UserDeactivated(), UserRemoved(), SubjectErased()],
    ids=lambda event: type(event).__name__,
)
def test_token_ends_at_once_with_its_user(event: Event) -> None:
    """Deactivation takes effect at once, not when the token expires."""
    refused(with_token().given(USER.append("robot", event)), TOKEN)


@pytest.mark.parametrize(
    "gone",
    [
        ORGANIZATION.append("acme", OrganizationDeactivated()),
        PERSONAL_ACCESS_TOKEN.append("id-1", PersonalAccessTokenDeleted()),
    ],
    ids=["organization", "token"],
)
def test_token_ends_at_once_with_what_it_rests_on(gone: Append) -> None:
    """The organization, and the token itself."""
    refused(with_token().given(gone), TOKEN)


def test_token_expires() -> None:
    """At its moment, not a second behind it."""
    world = with_token()
    assert world.at(NOW + USUAL - timedelta(seconds=1)).when(WhoAmI(token=TOKEN)).result.actor == "robot"
    refused(world.at(NOW + USUAL), TOKEN)


def test_token_is_worthless_in_another_instance() -> None:
    """Even where there is a user of the same id."""
    refused(with_token().given(*organization(), *machine("robot"), instance="other").within("other"), TOKEN)


def test_another_password_ends_a_persons_token() -> None:
    """Whoever knew the old password, and made a token with it, is out at once."""
    made = signed_in().when(CreateMyPersonalAccessToken(name="Laptop"))
    world = made.world.as_(ANONYMOUS)
    assert world.when(WhoAmI(token=made.result.token)).result.actor == "ada"
    changed = world.given(USER.append("ada", UserPasswordSet(hash="x", change_required=False)))
    refused(changed, made.result.token)


# --- deleting and listing ------------------------------------------------------------------------------------------


def test_delete_ends_a_token() -> None:
    """Once; what is gone is not found."""
    deleted = PERSONAL_ACCESS_TOKEN.append("id-1", PersonalAccessTokenDeleted())
    outcome = with_token().as_(OWNER).when(DeletePersonalAccessToken(token_id="id-1")).then(deleted)
    outcome.world.when(DeletePersonalAccessToken(token_id="id-1")).refused(NotFound)


def test_deletion_may_insist_on_a_version() -> None:
    """As everywhere; a token is created and deleted, so there is one version alone."""
    request = DeletePersonalAccessToken(token_id="id-1", expected_version=2)
    with_token().as_(OWNER).when(request).refused(VersionConflict)
    assert with_token().as_(OWNER).when(request.model_copy(update={"expected_version": 1})).changes


def test_a_token_deletes_itself_and_no_other_users() -> None:
    """One's own tokens are those of the calling user."""
    robot = with_token().given(*machine("other")).as_(caller("robot"))
    robot.when(DeleteMyPersonalAccessToken(token_id="id-1")).then(
        PERSONAL_ACCESS_TOKEN.append("id-1", PersonalAccessTokenDeleted())
    )
    robot.as_(caller("other")).when(DeleteMyPersonalAccessToken(token_id="id-1")).refused(NotFound)


def test_lists_show_no_token() -> None:
    """What is shown is what it is called and how long it holds."""
    world = with_token()
    (shown,) = world.as_(OWNER).when(ListPersonalAccessTokens(user_id="robot")).result.tokens
    assert (shown.token_id, shown.user_id, shown.name, shown.expires_at) == ("id-1", "robot", "Import", NOW + USUAL)
    assert "secret-1" not in shown.model_dump_json()
    assert world.as_(OWNER).when(ListPersonalAccessTokens(user_id="ada")).result.tokens == ()
    assert world.as_(caller("robot")).when(ListMyPersonalAccessTokens()).result.tokens == (shown,)
    assert world.as_(caller("ada")).when(ListMyPersonalAccessTokens()).result.tokens == ()
    world.as_(ANONYMOUS).when(ListMyPersonalAccessTokens()).refused(Unauthenticated)
    world.as_(caller("eve")).when(ListPersonalAccessTokens()).refused(PermissionDenied)


def test_tokens_leave_the_view_with_their_user() -> None:
    """And can still be deleted as the system, as an erasure does."""
    gone = with_token().given(USER.append("robot", UserRemoved()))
    assert gone.as_(OWNER).when(ListPersonalAccessTokens()).result.tokens == ()
    erased = with_token().given(USER.append("robot", SubjectErased()))
    erased.as_(KIT.given().caller).when(DeletePersonalAccessToken(token_id="id-1")).then(
        PERSONAL_ACCESS_TOKEN.append("id-1", PersonalAccessTokenDeleted())
    )
