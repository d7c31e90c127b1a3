from dataclasses import replace
from datetime import timedelta

import pytest

from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.errors import (
    FailedPrecondition,
    InvalidInput,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    Unauthenticated,
)
from hexkeep.core.kernel.network import network
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.permission import ANONYMOUS
from hexkeep.core.membership import SLICE as MEMBERSHIP
from hexkeep.core.organization import SLICE as ORGANIZATIONS
from hexkeep.core.organization.events import OrganizationDeactivated
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.policy import SLICE as POLICY
from hexkeep.core.policy.events import LifetimePolicySet
from hexkeep.core.policy.state import INSTANCE_POLICIES, POLICIES
from hexkeep.core.session import SLICE
from hexkeep.core.session.commands import CheckSession, CreateSession, EndMySession, EndSession
from hexkeep.core.session.errors import InvalidCredentials
from hexkeep.core.session.events import (
    SessionCreated,
    SessionEnded,
    SessionPasswordChecked,
    SessionTokenRotated,
    SignInFailed,
)
from hexkeep.core.session.queries import GetMySession, GetSession, ListMySessions, ListSessions, SessionStatus
from hexkeep.core.session.sign_in import PER_ADDRESS, PER_PLACE, PER_USER, REMEMBERED, WINDOW_SECONDS
from hexkeep.core.session.state import SESSION, SIGN_IN, parse_token, proves, token_of
from hexkeep.core.user import SLICE as USERS
from hexkeep.core.user.events import UserDeactivated, UserPasswordSet, UserRemoved
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import keyed_hash, password_hash
from hexkeep.testing.decisions import NOW, Kit, World
from tests.unit.core.people import PASSWORD, caller, human, machine, organization, owner_of_organization

KIT = Kit(SLICE, ORGANIZATIONS, USERS, MEMBERSHIP, POLICY)
SIGN_IN_ADA = CreateSession(login_name="ada", password=PASSWORD)
WRONG = CreateSession(login_name="ada", password="wrong")


def world() -> World:
    """Two people of two organizations and a program, and nobody signed in."""
    acme = (*organization("acme"), *human("ada"), *machine("robot"))
    other = (*organization("other"), *human("bob", "other"))
    return KIT.given(*acme, *other).as_(ANONYMOUS)


def created(number: int = 1) -> SessionCreated:
    """What is recorded of Ada's sign-in with the ``number``-th secret."""
    return SessionCreated(
        user_id="ada",
        organization_id="acme",
        token_hash=keyed_hash("session", f"secret-{number}"),
        expires_at=NOW + timedelta(hours=12),
        user_agent="kit/1",
    )


def failed(user_id: str, reason: str, number: int = 1) -> Append:
    """What is recorded of an attempt in vain, under the ``number``-th id."""
    return SIGN_IN.append(f"id-{number}", SignInFailed(user_id=user_id, reason=reason))


def signed_in() -> World:
    """The same with Ada signed in."""
    return world().when(SIGN_IN_ADA).world


# --- signing in ----------------------------------------------------------------------------------------------------


def test_right_password_begins_a_session() -> None:
    """The session is recorded with the hash of its secret, and its token is shown to its holder."""
    outcome = world().when(SIGN_IN_ADA)
    outcome.then(SESSION.append("id-1", created(), SessionPasswordChecked(checked_at=NOW, password_version=1)))
    opened = outcome.result
    assert (opened.session_id, opened.session_token, opened.user_id) == ("id-1", "hks_id-1_secret-1", "ada")
    assert opened.expires_at == NOW + timedelta(hours=12)
    assert not opened.password_change_required
    assert "secret-1" not in repr(outcome.changes)


def test_session_lasts_as_long_as_the_policy_says() -> None:
    """That of the user's organization, else the instance's."""
    shorter = LifetimePolicySet(session_lifetime=timedelta(hours=1))
    for place, hours in ((INSTANCE_POLICIES, 1), ("acme", 1), ("other", 12)):
        opened = world().given(POLICIES.append(place, shorter)).when(SIGN_IN_ADA).result
        assert opened.expires_at == NOW + timedelta(hours=hours)


@pytest.mark.parametrize("name", ["ADA", " ada ", "\uff41\uff44\uff41"])
def test_user_name_is_found_in_any_spelling(name: str) -> None:
    """Case, width and surrounding blanks do not matter."""
    assert world().when(CreateSession(login_name=name, password=PASSWORD)).result.user_id == "ada"


def test_user_can_be_named_by_id() -> None:
    """A login page that knows who signs in again need not know the name."""
    assert world().when(CreateSession(user_id="ada", password=PASSWORD)).result.user_id == "ada"


def test_password_is_compared_in_normal_form() -> None:
    """Two ways to type the same character are one password (NFC)."""
    composed, decomposed = "caf\u00e9 und kuchen", "cafe\u0301 und kuchen"
    known = world().given(*human("eve", password=composed))
    assert known.when(CreateSession(login_name="eve", password=decomposed)).result.user_id == "eve"


def test_required_change_of_the_password_is_told() -> None:
    """A login page learns that it has to ask for another password."""
    forced = world().given(*human("eve", outdated=True))
    assert forced.when(CreateSession(login_name="eve", password=PASSWORD)).result.password_change_required


@pytest.mark.parametrize("named", [{}, {"login_name": "ada", "user_id": "ada"}])
def test_exactly_one_way_to_name_the_user(named: dict[str, str]) -> None:
    """Neither nobody nor perhaps two people sign in."""
    request = CreateSession.model_validate({**named, "password": PASSWORD})
    world().when(request).refused(InvalidInput)


# --- failing to ----------------------------------------------------------------------------------------------------


def test_wrong_password_is_recorded_for_the_user() -> None:
    """The audit has the failure, and there is no session."""
    world().when(WRONG).refused(InvalidCredentials, failed("ada", "password"))


@pytest.mark.parametrize("named", [{"login_name": "nobody-known"}, {"user_id": "nobody-known"}])
def test_unknown_user_gets_the_same_answer_and_leaves_no_trace(named: dict[str, str]) -> None:
    """A stranger can neither find out who exists nor fill the log."""
    request = CreateSession.model_validate({**named, "password": PASSWORD})
    unknown = world().when(request).refused(InvalidCredentials)
    known = world().when(WRONG).refused(InvalidCredentials, failed("ada", "password"))
    assert (unknown.code, unknown.status, unknown.message, unknown.details) == (
        known.code,
        known.status,
        known.message,
        known.details,
    )
    assert isinstance(unknown, Unauthenticated)


def test_inactive_user_is_not_signed_in() -> None:
    """The right password of a deactivated user is answered like a wrong one."""
    off = world().given(USER.append("ada", UserDeactivated()))
    off.when(SIGN_IN_ADA).refused(InvalidCredentials, failed("ada", "inactive"))


def test_user_of_an_inactive_organization_is_not_signed_in() -> None:
    """Deactivating an organization keeps all its users out."""
    off = world().given(ORGANIZATION.append("acme", OrganizationDeactivated()))
    off.when(SIGN_IN_ADA).refused(InvalidCredentials, failed("ada", "inactive"))


def test_removed_user_is_unknown() -> None:
    """Nothing is recorded of somebody who is gone, even while the name's owner has yet to be released."""
    gone = world().given(USER.append("ada", UserRemoved()))
    gone.when(SIGN_IN_ADA).refused(InvalidCredentials)


def test_machine_user_is_not_signed_in() -> None:
    """Programs have no password, so none fits."""
    request = CreateSession(login_name="robot", password=PASSWORD)
    world().when(request).refused(InvalidCredentials, failed("robot", "machine"))


# --- guessing ------------------------------------------------------------------------------------------------------


def attempts(start: World, count: int, request: CreateSession = WRONG) -> World:
    """The world after a number of failed attempts."""
    for _ in range(count):
        start = start.when(request).world
    return start


def from_address(start: World, number: int) -> World:
    """The same world, called from another network address."""
    return replace(start, address=f"198.51.100.{number}")


def from_everywhere(start: World, request: CreateSession = WRONG) -> World:
    """The world after as many failed attempts from as many addresses as it takes to use up a name."""
    for number in range(PER_USER // PER_PLACE):
        start = attempts(from_address(start, number), PER_PLACE, request)
    return start


def test_guessing_one_users_password_is_limited() -> None:
    """After ten attempts from one place even the right password waits there, however the user is named."""
    tired = attempts(world(), PER_PLACE)
    error = tired.when(SIGN_IN_ADA).refused(ResourceExhausted)
    assert isinstance(error, ResourceExhausted)
    assert error.retry_after == WINDOW_SECONDS
    tired.when(CreateSession(login_name="ADA", password=PASSWORD)).refused(ResourceExhausted)
    tired.when(CreateSession(user_id="ada", password=PASSWORD)).refused(ResourceExhausted)
    assert tired.when(CreateSession(login_name="bob", password=PASSWORD)).result.user_id == "bob"


def test_limit_ends_with_its_window() -> None:
    """Nobody is locked out for good."""
    tired = attempts(world(), PER_PLACE).later(seconds=WINDOW_SECONDS)
    assert tired.when(SIGN_IN_ADA).result.user_id == "ada"


def test_one_address_cannot_lock_a_user_out() -> None:
    """However often one place tries, the user signs in from any other."""
    tired = attempts(world(), PER_ADDRESS + 10)
    assert from_address(tired, 7).when(SIGN_IN_ADA).result.user_id == "ada"


def test_guessing_from_many_addresses_is_limited() -> None:
    """Fifty attempts on one name are enough, from however many places."""
    from_address(from_everywhere(world()), 99).when(SIGN_IN_ADA).refused(ResourceExhausted)


def test_users_are_not_kept_out_where_they_signed_in_lately() -> None:
    """Strangers who use up a name do not lock its user out of the own place, for thirty days."""
    home = world().when(SIGN_IN_ADA).world
    tired = replace(from_everywhere(home), address=home.address)
    assert tired.when(SIGN_IN_ADA).result.user_id == "ada"
    attempts(tired, PER_PLACE).when(SIGN_IN_ADA).refused(ResourceExhausted)
    forgotten = from_everywhere(home.at(NOW + REMEMBERED))
    replace(forgotten, address=home.address).when(SIGN_IN_ADA).refused(ResourceExhausted)


def test_unknown_users_are_limited_like_known_ones() -> None:
    """The limits do not tell who exists."""
    unknown = CreateSession(login_name="nobody-known", password="wrong")
    attempts(world(), PER_PLACE, unknown).when(unknown).refused(ResourceExhausted)
    from_address(from_everywhere(world(), unknown), 99).when(unknown).refused(ResourceExhausted)


def test_one_address_cannot_try_many_names() -> None:
    """One password tried on many users meets the limit of its address, and others' addresses do not."""
    tired = world()
    for number in range(PER_ADDRESS):
        tired = tired.when(CreateSession(login_name=f"name-{number}", password="Summer2025")).world
    tired.when(SIGN_IN_ADA).refused(ResourceExhausted)
    assert replace(tired, address="198.51.100.7").when(SIGN_IN_ADA).result.user_id == "ada"


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("a socket", "a socket"),
    ],
)
def test_address_stands_for_its_subscriber(address: str, counted_as: str) -> None:
    """Who has a whole IPv6 network has one allowance all the same."""
    assert network(address) == counted_as


# --- without a password at first -----------------------------------------------------------------------------------


def test_session_without_a_proof_needs_trust() -> None:
    """Strangers learn nothing by leaving the password out."""
    for name in ("ada", "nobody-known"):
        world().when(CreateSession(login_name=name)).refused(InvalidInput)
    outsider = world().as_(caller("bob", "ORGANIZATION_OWNER", "other"))
    outsider.when(CreateSession(login_name="ada")).refused(InvalidInput)


def test_who_may_write_sessions_may_begin_one_without_a_proof() -> None:
    """It is a session, but nobody has proven anything in it yet."""
    trusted = world().as_(caller("eve", "ORGANIZATION_OWNER", "acme"))
    trusted.when(CreateSession(login_name="ada")).then(SESSION.append("id-1", created()))
    world().as_(caller("eve", "INSTANCE_OWNER")).when(CreateSession(login_name="who")).refused(NotFound)
    off = trusted.given(USER.append("ada", UserDeactivated()))
    off.when(CreateSession(user_id="ada")).refused(FailedPrecondition)


def test_check_adds_the_proof_and_rotates_the_token() -> None:
    """The token that was good before the proof is worth nothing after it."""
    trusted = world().as_(caller("eve", "ORGANIZATION_OWNER", "acme"))
    begun = trusted.when(CreateSession(login_name="ada")).world.as_(ANONYMOUS).later(minutes=1)
    check = CheckSession(session_id="id-1", session_token="hks_id-1_secret-1", password=PASSWORD)
    outcome = begun.when(check)
    outcome.then(
        SESSION.append(
            "id-1",
            SessionPasswordChecked(checked_at=NOW + timedelta(minutes=1), password_version=1),
            SessionTokenRotated(token_hash=keyed_hash("session", "secret-2")),
        )
    )
    assert outcome.result.session_token == "hks_id-1_secret-2"
    assert outcome.result.expires_at == NOW + timedelta(hours=12)
    outcome.world.when(check).refused(InvalidCredentials)


def test_check_with_a_wrong_password_fails_and_counts() -> None:
    """A session's token is no way around the limit."""
    check = CheckSession(session_id="id-1", session_token="hks_id-1_secret-1", password="wrong")
    start = signed_in()
    start.when(check).refused(InvalidCredentials, failed("ada", "password", 2))
    for _ in range(PER_PLACE - 1):
        start = start.when(check).world
    start.when(check).refused(ResourceExhausted)


@pytest.mark.parametrize(
    "token", ["", "hks_id-1_", "hks_id-1_secret-9", "hks_id-2_secret-1", "x", "hks_id-1_secret-1\n"]
)
def test_check_needs_the_sessions_own_token(token: str) -> None:
    """Whoever does not hold the session cannot even try a password on it."""
    signed_in().when(CheckSession(session_id="id-1", session_token=token, password=PASSWORD)).refused(
        InvalidCredentials
    )


@pytest.mark.parametrize("over", [SessionEnded(), None])
def test_check_needs_a_session_that_is_not_over(over: SessionEnded | None) -> None:
    """Neither an ended nor an expired session comes back to life."""
    start = signed_in().given(SESSION.append("id-1", over)) if over else signed_in().later(hours=12)
    check = CheckSession(session_id="id-1", session_token="hks_id-1_secret-1", password=PASSWORD)
    start.when(check).refused(InvalidCredentials)


def test_token_reads_back_as_it_was_written() -> None:
    """The secret may hold what separates the parts; ids do not."""
    assert parse_token(token_of("0198c6f2-0000-7000-8000-000000000001", "a_b-c_")) == (
        "0198c6f2-0000-7000-8000-000000000001",
        "a_b-c_",
    )
    assert parse_token("hks_\0_secret") is None
    assert parse_token("hks_" + "a" * 500 + "_secret") is None


# --- another password ----------------------------------------------------------------------------------------------


def test_outdated_hash_is_replaced_behind_the_sign_in() -> None:
    """The engine gets the stronger hash to store, whatever surface the sign-in came by; the answer has none of it."""
    start = world()
    answerer = replace(start.answerer.copy(), outdated=frozenset({password_hash(PASSWORD)}))
    outcome = replace(start, answerer=answerer).when(SIGN_IN_ADA)
    (follow_up,) = outcome.follow_ups
    assert follow_up.operation == "ReplacePasswordHash"
    assert follow_up.fields == {"user_id": "ada", "outdated": password_hash(PASSWORD), "hash": "$kit$new"}
    assert "$kit$" not in outcome.result.model_dump_json() + repr(follow_up)
    assert start.when(SIGN_IN_ADA).follow_ups == ()


def test_session_of_an_earlier_password_can_be_proven_anew() -> None:
    """Who holds the session and knows the new password goes on with a new token."""
    changed = signed_in().given(USER.append("ada", UserPasswordSet(hash=password_hash("new"), change_required=False)))
    check = CheckSession(session_id="id-1", session_token="hks_id-1_secret-1", password="new")
    world_after = changed.when(check).world
    session, user = world_after.history("main").state(SESSION, "id-1"), world_after.history("main").state(USER, "ada")
    assert proves(session, user, NOW)
    assert not proves(changed.history("main").state(SESSION, "id-1"), user, NOW)


# --- ending --------------------------------------------------------------------------------------------------------


def test_user_ends_the_own_session() -> None:
    """Signing out is recorded once."""
    ada = signed_in().as_(caller("ada"))
    outcome = ada.when(EndMySession(session_id="id-1"))
    outcome.then(SESSION.append("id-1", SessionEnded()))
    outcome.world.when(EndMySession(session_id="id-1")).then()


@pytest.mark.parametrize("request_", [EndMySession(session_id="id-1"), GetMySession(session_id="id-1")])
def test_sessions_of_others_are_not_found_among_ones_own(request_: Message) -> None:
    """Not even an administrator reaches others' sessions this way, and nobody finds what is not there."""
    signed_in().as_(caller("bob", "INSTANCE_OWNER")).when(request_).refused(NotFound)
    world().as_(caller("ada")).when(request_).refused(NotFound)
    signed_in().as_(ANONYMOUS).when(request_).refused(Unauthenticated)


def test_manager_ends_sessions_of_the_organization() -> None:
    """Who manages an organization's users can sign them out."""
    manager = signed_in().as_(caller("eve", "ORGANIZATION_USER_MANAGER", "acme"))
    manager.when(EndSession(session_id="id-1")).then(SESSION.append("id-1", SessionEnded()))
    manager.later(hours=13).when(EndSession(session_id="id-1")).then()


def test_sessions_of_those_who_hold_more_cannot_be_ended() -> None:
    """A manager does not sign an owner out again and again."""
    owner = signed_in().given(*owner_of_organization("ada"))
    owner.as_(caller("eve", "ORGANIZATION_USER_MANAGER", "acme")).when(EndSession(session_id="id-1")).refused(
        PermissionDenied
    )
    assert owner.as_(caller("eve", "ORGANIZATION_OWNER", "acme")).when(EndSession(session_id="id-1")).changes


def test_sessions_of_another_organization_cannot_be_ended() -> None:
    """A stranger is told nothing, a viewer is told no."""
    stranger = signed_in().as_(caller("bob", "ORGANIZATION_OWNER", "other"))
    stranger.when(EndSession(session_id="id-1")).refused(NotFound)
    stranger.when(EndSession(session_id="id-9")).refused(NotFound)
    viewer = signed_in().as_(caller("eve", "ORGANIZATION_VIEWER", "acme"))
    viewer.when(EndSession(session_id="id-1")).refused(PermissionDenied)


# --- reading -------------------------------------------------------------------------------------------------------


def test_session_shows_what_is_known_of_it_and_no_hash() -> None:
    """Who, since when, until when, from which program."""
    view = signed_in().as_(caller("ada")).when(GetMySession(session_id="id-1")).result
    assert (view.user_id, view.user_agent, view.password_checked_at) == ("ada", "kit/1", NOW)
    assert (view.created_at, view.expires_at) == (NOW, NOW + timedelta(hours=12))
    assert view.status is SessionStatus.ACTIVE
    assert keyed_hash("session", "secret-1") not in view.model_dump_json()


def test_lists_show_each_caller_the_right_sessions() -> None:
    """One's own, an organization's, all: never more."""
    both = signed_in().when(CreateSession(login_name="bob", password=PASSWORD)).world

    def seen(request: Message, user: str, role: str = "", organization_id: str = "") -> list[str]:
        page = both.as_(caller(user, role, organization_id)).when(request).result
        return [session.user_id for session in page.sessions]

    assert seen(ListMySessions(), "ada") == ["ada"]
    assert seen(ListMySessions(), "eve", "INSTANCE_OWNER") == []
    assert seen(ListSessions(), "eve", "ORGANIZATION_VIEWER", "acme") == ["ada"]
    assert seen(ListSessions(), "eve", "INSTANCE_VIEWER") == ["ada", "bob"]
    assert seen(ListSessions(user_id="bob"), "eve", "INSTANCE_VIEWER") == ["bob"]
    both.as_(caller("ada")).when(ListSessions()).refused(PermissionDenied)
    both.as_(caller("eve", "ORGANIZATION_VIEWER", "other")).when(GetSession(session_id="id-1")).refused(NotFound)


def test_lists_filter_by_status() -> None:
    """Active, expired and ended sessions are told apart by the time of the question."""
    start = signed_in().when(SIGN_IN_ADA).world.later(hours=11).when(SIGN_IN_ADA).world
    ada = start.as_(caller("ada")).when(EndMySession(session_id="id-2")).world.later(hours=1)
    expected = {SessionStatus.ACTIVE: ["id-3"], SessionStatus.EXPIRED: ["id-1"], SessionStatus.ENDED: ["id-2"]}
    for status, ids in expected.items():
        page = ada.when(ListMySessions(status=status)).result
        assert [(one.session_id, one.status) for one in page.sessions] == [(one, status) for one in ids]
    assert len(ada.when(ListMySessions()).result.sessions) == 3
