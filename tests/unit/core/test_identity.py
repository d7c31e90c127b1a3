import pytest
from pydantic import JsonValue

from hexkeep.core.identity import MAX_TOKEN, identify
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import Unauthenticated
from hexkeep.core.kernel.operation import ApiName, Message, Operation
from hexkeep.core.kernel.permission import ANONYMOUS, PUBLIC, ROLES, Level, Membership, Scope
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.key import SLICE as KEYS
from hexkeep.core.key.commands import created
from hexkeep.core.key.events import SigningKeyActivated, SigningKeyDeactivated, SigningKeyRemoved
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.membership import SLICE as MEMBERSHIP
from hexkeep.core.oidc.rfc9068 import LEEWAY_SECONDS
from hexkeep.core.organization import SLICE as ORGANIZATIONS
from hexkeep.core.organization.events import OrganizationDeactivated
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.session import SLICE as SESSIONS
from hexkeep.core.session.commands import CreateSession, EndMySession
from hexkeep.core.user import SLICE as USERS
from hexkeep.core.user.events import UserDeactivated
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import jwt, signing_key
from hexkeep.testing.decisions import ISSUER, NOW, Kit, World
from tests.unit.core.people import PASSWORD, caller, human, machine, organization, owner_of_organization


class WhoAmI(Message):
    """A token."""

    token: str


class Identified(Message):
    """The caller it stands for."""

    actor: str
    organization_id: str
    session_id: str
    client_id: str
    memberships: str


def who_am_i(request: WhoAmI, ctx: Context) -> Decision[Identified]:
    """Identify the token's caller."""
    found = identify(request.token, ctx)
    return Decision(
        Identified(
            actor=found.actor,
            organization_id=found.organization_id,
            session_id=found.session_id,
            client_id=found.client_id,
            memberships=repr(found.memberships),
        )
    )


DOOR = Slice("door", operations=(Operation("WhoAmI", ApiName.PROTOCOL, WhoAmI, Identified, PUBLIC, who_am_i),))
KIT = Kit(SESSIONS, ORGANIZATIONS, USERS, MEMBERSHIP, KEYS, DOOR)
KEY, STRANGE_KEY = signing_key("ES256", 1), signing_key("ES256", 2)
SECONDS = int(NOW.timestamp())
CLAIMS: dict[str, JsonValue] = {
    "iss": ISSUER,
    "sub": "ada",
    "aud": ["client", ISSUER],
    "client_id": "client",
    "iat": SECONDS,
    "exp": SECONDS + 300,
    "jti": "1",
}
SESSION_TOKEN = "hks_id-1_secret-1"


def world() -> World:
    """Ada owns an organization with a program in it and is signed in; the instance has one signing key."""
    people = (*organization(), *human("ada"), *machine("robot"), *owner_of_organization("ada"))
    keys = SIGNING_KEYS.append(SIGNING_KEYS_ID, created(KEY), SigningKeyActivated(key_id="key-1"))
    start = KIT.given(*people, keys).as_(ANONYMOUS)
    return start.when(CreateSession(login_name="ada", password=PASSWORD)).world


def token(**changes: JsonValue) -> str:
    """An access token for Ada with some claims changed, or with ``None`` left out."""
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return jwt(KEY.private, "at+jwt", claims)


def refused(start: World, presented: str) -> None:
    """Insist that a token stands for nobody, and that the answer does not say why."""
    error = start.when(WhoAmI(token=presented)).refused(Unauthenticated)
    assert error.message == Unauthenticated.title
    assert error.details == {}


# --- session tokens ------------------------------------------------------------------------------------------------


def test_session_token_stands_for_its_user() -> None:
    """The caller is the session's user with all that the user holds."""
    found = world().when(WhoAmI(token=SESSION_TOKEN)).result
    held = (Membership(ROLES["ORGANIZATION_OWNER"], Scope(Level.ORGANIZATION, "acme")),)
    assert (found.actor, found.organization_id, found.session_id, found.client_id) == ("ada", "acme", "id-1", "")
    assert found.memberships == repr(held)


@pytest.mark.parametrize(
    "presented", ["", "hks_", "hks_id-1", "hks_id-1_", "hks_id-1_secret-2", "hks_id-2_secret-1", "hks_id-1_secret-1 "]
)
def test_wrong_session_token_is_refused(presented: str) -> None:
    """Id and secret must both be right."""
    refused(world(), presented)


def test_session_that_is_over_is_refused() -> None:
    """An ended session ends at once, and every session after its lifetime."""
    ended = world().as_(caller("ada")).when(EndMySession(session_id="id-1")).world
    refused(ended.as_(ANONYMOUS), SESSION_TOKEN)
    refused(world().later(hours=12), SESSION_TOKEN)
    assert world().later(hours=11, minutes=59).when(WhoAmI(token=SESSION_TOKEN)).result.actor == "ada"


def test_session_without_a_proof_stands_for_nobody() -> None:
    """A session that was begun for a user does not speak for the user before the password was checked."""
    trusted = world().as_(caller("eve", "INSTANCE_OWNER"))
    opened = trusted.when(CreateSession(login_name="ada"))
    refused(opened.world.as_(ANONYMOUS), opened.result.session_token)


# --- access tokens -------------------------------------------------------------------------------------------------


def test_access_token_stands_for_its_subject() -> None:
    """The caller is the subject, acting through the client and, if there is one, in the session."""
    found = world().when(WhoAmI(token=token(sid="id-1"))).result
    assert (found.actor, found.organization_id, found.session_id, found.client_id) == ("ada", "acme", "id-1", "client")
    assert "ORGANIZATION_OWNER" in found.memberships


def test_program_is_identified_by_its_access_token() -> None:
    """Client credentials lead to a machine user."""
    assert world().when(WhoAmI(token=token(sub="robot"))).result.actor == "robot"


def test_audience_may_be_a_single_string() -> None:
    """RFC 7519 section 4.1.3 allows both forms."""
    assert world().when(WhoAmI(token=token(aud=ISSUER))).result.actor == "ada"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example.com"},
        {"iss": None},
        {"iss": [ISSUER]},
        {"aud": "client"},
        {"aud": ["client"]},
        {"aud": None},
        {"aud": []},
        {"aud": {ISSUER: True}},
        {"sub": None},
        {"sub": ""},
        {"sub": "nobody-known"},
        {"sub": 7},
        {"exp": None},
        {"exp": "never"},
        {"exp": True},
        {"exp": SECONDS},
        {"iat": None},
        {"iat": SECONDS + LEEWAY_SECONDS + 1},
        {"nbf": SECONDS + LEEWAY_SECONDS + 1},
        {"nbf": "tomorrow"},
    ],
    ids=str,
)
def test_access_token_with_wrong_claims_is_refused(changes: dict[str, JsonValue]) -> None:
    """Issuer, audience, times and subject must all hold; a missing one does not."""
    refused(world(), token(**changes))


@pytest.mark.parametrize(
    "changes",
    [{"exp": SECONDS + 1}, {"iat": SECONDS + LEEWAY_SECONDS}, {"nbf": SECONDS + LEEWAY_SECONDS}],
    ids=str,
)
def test_clocks_may_differ_a_little(changes: dict[str, JsonValue]) -> None:
    """Nodes whose clocks are seconds apart accept each other's tokens."""
    assert world().when(WhoAmI(token=token(**changes))).result.actor == "ada"


def test_only_published_keys_count() -> None:
    """A key that rests still verifies; a removed, an unused and a foreign one do not."""
    rests = world().given(SIGNING_KEYS.append(SIGNING_KEYS_ID, SigningKeyDeactivated(key_id="key-1")))
    assert rests.when(WhoAmI(token=token())).result.actor == "ada"
    refused(rests.given(SIGNING_KEYS.append(SIGNING_KEYS_ID, SigningKeyRemoved(key_id="key-1"))), token())
    foreign = jwt(STRANGE_KEY.private, "at+jwt", CLAIMS)
    refused(world(), foreign)
    refused(world().given(SIGNING_KEYS.append(SIGNING_KEYS_ID, created(STRANGE_KEY))), foreign)


@pytest.mark.parametrize("type_", ["JWT", "", "logout+jwt"])
def test_other_kinds_of_jwt_are_refused(type_: str) -> None:
    """An ID token is no access token, though the same key signed it (RFC 8725 section 3.11)."""
    refused(world(), jwt(KEY.private, type_, CLAIMS))


@pytest.mark.parametrize("presented", ["x", "a.b", "a.b.c", "....", "ä.ö.ü", "x" * (MAX_TOKEN + 1), "\x7f"])
def test_what_is_no_token_is_refused(presented: str) -> None:
    """Whatever is presented, the answer is the same."""
    refused(world(), presented)


# --- who is behind it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("presented", [SESSION_TOKEN, token()])
def test_inactive_user_and_organization_end_every_credential(presented: str) -> None:
    """Deactivation takes effect at once, not when tokens expire."""
    refused(world().given(USER.append("ada", UserDeactivated())), presented)
    refused(world().given(ORGANIZATION.append("acme", OrganizationDeactivated())), presented)


@pytest.mark.parametrize("presented", [SESSION_TOKEN, token()])
def test_credentials_are_worthless_in_another_instance(presented: str) -> None:
    """The same user id, even the same person, in another instance is somebody else."""
    elsewhere = world().given(*organization(), *human("ada"), instance="other").within("other")
    refused(elsewhere, presented)
