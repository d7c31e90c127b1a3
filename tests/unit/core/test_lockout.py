"""Lockout and tarpit: they slow guessing down, tell nobody who exists, and keep no owner of the instance out."""

from dataclasses import replace
from typing import Any

import pytest

from hexkeep.core.kernel.errors import HexkeepError, PermissionDenied, ResourceExhausted
from hexkeep.core.kernel.permission import ANONYMOUS, SYSTEM, Level
from hexkeep.core.membership import SLICE as MEMBERSHIP
from hexkeep.core.membership.events import MembershipAdded
from hexkeep.core.membership.state import MEMBERSHIPS
from hexkeep.core.organization import SLICE as ORGANIZATIONS
from hexkeep.core.policy import SLICE as POLICY
from hexkeep.core.policy.events import LockoutPolicySet, LoginPolicySet, SecurityPolicySet
from hexkeep.core.policy.state import INSTANCE_POLICIES, POLICIES
from hexkeep.core.session import SLICE
from hexkeep.core.session.commands import CreateSession
from hexkeep.core.session.errors import InvalidCredentials, UnknownUser, UserKeptOut
from hexkeep.core.session.events import SignInFailed
from hexkeep.core.user import SLICE as USERS
from hexkeep.core.user.events import UserLocked, UserUnlocked
from hexkeep.core.user.lockout import LockAfterFailures
from hexkeep.core.user.state import USER
from hexkeep.testing.decisions import Kit, Outcome, World
from tests.unit.core.people import PASSWORD, caller, human, machine, organization

KIT = Kit(SLICE, ORGANIZATIONS, USERS, MEMBERSHIP, POLICY)
OPEN = SecurityPolicySet(hide_unknown_users=False)


def world(place: str = INSTANCE_POLICIES, **policy: Any) -> World:
    """Ada is anybody, Olga owns the instance; a lockout policy counts."""
    owner = MembershipAdded(level=Level.INSTANCE, scope_id="", organization_id="", roles=("INSTANCE_OWNER",))
    people = (*organization("acme"), *human("ada"), *human("olga"), *machine("robot"))
    set_ = POLICIES.append(place, LockoutPolicySet(**policy))
    return KIT.given(*people, MEMBERSHIPS.append("olga", owner), set_).as_(ANONYMOUS)


def sign_in(world_: World, name: str = "ada", password: str = PASSWORD) -> Outcome:
    """An attempt, each from another address, with what follows it."""
    outcome = world_.when(CreateSession(login_name=name, password=password))
    after = outcome.world
    for one in outcome.follow_ups:
        after = after.as_(SYSTEM).when(LockAfterFailures.model_validate(dict(one.fields))).world.as_(ANONYMOUS)
    return replace(outcome, before=after, changes=(), answerer=after.answerer, follow_ups=outcome.follow_ups)


def after(world_: World, times: int, name: str = "ada", password: str = "wrong", seconds: int = 0) -> World:
    """After so many attempts in vain."""
    for number in range(times):
        elsewhere = replace(world_.later(seconds=seconds), address=f"203.0.113.{number}")
        world_ = sign_in(elsewhere, name, password).world
    return replace(world_, address="192.0.2.1")


def answer(world_: World, name: str, password: str = "wrong") -> tuple[Any, ...]:
    """All that somebody sees of an attempt."""
    error: Any = sign_in(world_, name, password).error
    return type(error), error.message, dict(error.details), getattr(error, "retry_after", 0)


# --- locks ---------------------------------------------------------------------------------------------------------


def test_so_many_wrong_passwords_lock_a_user() -> None:
    """The right one is of no use then, and answered like a wrong one; the audit knows why."""
    tired = after(world(max_password_attempts=3), 3)
    assert tired.history("main").state(USER, "ada").locked
    refused = tired.when(CreateSession(login_name="ada", password=PASSWORD))
    assert isinstance(refused.error, InvalidCredentials)
    (recorded,) = refused.changes
    assert [event.reason for event in recorded.events if isinstance(event, SignInFailed)] == ["locked"]  # type: ignore[union-attr]  # an append
    assert not after(world(max_password_attempts=3), 2).history("main").state(USER, "ada").locked


def test_a_success_begins_the_row_anew() -> None:
    """What counts is how many fail in a row."""
    tired = after(world(max_password_attempts=3), 2)
    fresh = after(sign_in(tired).world, 2)
    assert sign_in(fresh).result.user_id == "ada"
    assert after(sign_in(fresh).world, 3).history("main").state(USER, "ada").locked


def test_whoever_is_let_in_again_has_all_attempts() -> None:
    """Those of before count no more."""
    locked = after(world(max_password_attempts=3), 5)
    again = locked.given(USER.append("ada", UserUnlocked()))
    assert sign_in(again).result.user_id == "ada"
    assert not after(again, 2).history("main").state(USER, "ada").locked
    assert after(again, 3).history("main").state(USER, "ada").locked


def test_organization_has_its_own_limit() -> None:
    """Zero locks nobody."""
    assert after(world("acme", max_password_attempts=2), 2).history("main").state(USER, "ada").locked
    never = world(max_password_attempts=2).given(POLICIES.append("acme", LockoutPolicySet()))
    assert not after(never, 9).history("main").state(USER, "ada").locked


def test_machines_are_not_locked() -> None:
    """They do not sign in: guessing at their names would switch off what they do."""
    assert not after(world(max_password_attempts=1), 3, "robot").history("main").state(USER, "robot").locked


def test_locking_follows_for_the_system_alone() -> None:
    """And it is done once."""
    request = LockAfterFailures(user_id="ada")
    world().as_(caller("eve", "INSTANCE_OWNER")).when(request).refused(PermissionDenied)
    locked = world().as_(SYSTEM).when(request)
    locked.then(USER.append("ada", UserLocked(reason="failed_attempts")))
    locked.world.when(request).then()
    world().as_(SYSTEM).when(LockAfterFailures(user_id="nobody")).then()


# --- attacks -------------------------------------------------------------------------------------------------------


def test_owner_of_the_instance_is_not_locked_for_good() -> None:
    """After a while the owner comes in, however often strangers have tried; and meanwhile from where they were."""
    home = sign_in(world(max_password_attempts=3, owner_lock_minutes=15), "olga").world
    tired = after(home, 20, "olga")
    assert not tired.history("main").state(USER, "olga").locked
    assert sign_in(tired, "olga").result.user_id == "olga"
    elsewhere = replace(tired, address="198.51.100.7")
    sign_in(elsewhere, "olga").refused(InvalidCredentials)
    assert sign_in(elsewhere.later(minutes=16), "olga").result.user_id == "olga"


def test_strangers_cannot_renew_the_lock_of_an_owner_while_it_holds() -> None:
    """Else they would only have to go on."""
    held = replace(after(world(max_password_attempts=3, owner_lock_minutes=15), 3, "olga"), address="198.51.100.7")
    for _ in range(14):
        held = replace(sign_in(held.later(minutes=1), "olga", "wrong").world, address="198.51.100.7")
    assert sign_in(held.later(minutes=2), "olga").result.user_id == "olga"


@pytest.mark.parametrize("policy", [{"max_password_attempts": 3}, {"tarpit_after": 2}, {"show_failures": True}, {}])
@pytest.mark.parametrize("attempts", range(6))
def test_unknown_users_are_answered_like_known_ones(policy: dict[str, Any], attempts: int) -> None:
    """At every attempt: the same class, text, details and wait; whether the password is right or not once locked."""
    start = world(**policy)
    known, unknown = after(start, attempts), after(start, attempts, "nobody-at-all")
    assert answer(known, "ada") == answer(unknown, "nobody-at-all")
    if policy.get("max_password_attempts", 99) <= attempts:
        assert answer(known, "ada", PASSWORD) == answer(unknown, "nobody-at-all", PASSWORD)
        owner = after(start, attempts, "olga")
        assert answer(owner, "olga", PASSWORD) == answer(unknown, "nobody-at-all", PASSWORD)


def test_an_organizations_own_policy_does_not_tell_its_users() -> None:
    """While users are hidden the waits are the instance's for everybody, and nothing is said of attempts left."""
    start = world("acme", tarpit_after=1, show_failures=True, max_password_attempts=9)
    for attempts in range(4):
        known, unknown = after(start, attempts), after(start, attempts, "nobody-at-all")
        assert answer(known, "ada") == answer(unknown, "nobody-at-all")


def test_what_is_asked_is_the_same_for_known_and_unknown_users() -> None:
    """So that the time does not tell either: as many counts and things kept."""
    start = world("acme", max_password_attempts=3)
    known, unknown = after(start, 1), after(start, 1, "nobody-at-all")
    assert len(known.answerer.kept) == len(unknown.answerer.kept)


# --- waits ---------------------------------------------------------------------------------------------------------


def test_each_failure_costs_a_longer_wait() -> None:
    """From so many on; the right password has to wait as well."""
    start = world(tarpit_after=2, tarpit_seconds=5)
    assert answer(after(start, 1), "ada")[0] is InvalidCredentials
    second = after(start, 2)
    error = sign_in(second).refused(ResourceExhausted)
    assert isinstance(error, ResourceExhausted)
    assert error.retry_after == 6
    third = sign_in(second.later(seconds=6), password="wrong")
    assert isinstance(third.error, InvalidCredentials)
    assert answer(third.world, "ada")[3] == 11
    assert sign_in(third.world.later(seconds=11)).result.user_id == "ada"


def test_wait_has_an_end_and_does_not_hold_where_the_user_was() -> None:
    """Strangers cannot make it last longer than some minutes."""
    home = sign_in(world(tarpit_after=1, tarpit_seconds=60)).world
    tired = after(home, 9, seconds=400)
    assert sign_in(tired).result.user_id == "ada"
    elsewhere = replace(tired, address="198.51.100.7")
    error = sign_in(elsewhere).refused(ResourceExhausted)
    assert isinstance(error, ResourceExhausted)
    assert error.retry_after <= 301
    assert sign_in(elsewhere.later(seconds=301)).result.user_id == "ada"


# --- where users are not hidden ------------------------------------------------------------------------------------


def test_open_instance_tells_what_went_wrong() -> None:
    """If it wants to: who is unknown, who is kept out, and how many attempts are left."""
    start = world(max_password_attempts=3, show_failures=True).given(POLICIES.append(INSTANCE_POLICIES, OPEN))
    assert answer(start, "nobody-at-all")[0] is UnknownUser
    assert answer(start, "ada")[2] == {"attempts_left": "2"}
    assert answer(after(start, 2), "ada")[2] == {"attempts_left": "0"}
    assert answer(after(start, 3), "ada", PASSWORD)[0] is UserKeptOut
    silent = world(max_password_attempts=3).given(POLICIES.append(INSTANCE_POLICIES, OPEN))
    assert answer(silent, "ada")[2] == {}


# --- the login policy ----------------------------------------------------------------------------------------------


def test_passwords_may_be_no_way_to_sign_in() -> None:
    """The answer is that to a wrong one; who owns the instance comes in all the same, to set it right again."""
    closed = world().given(POLICIES.append("acme", LoginPolicySet(password_allowed=False)))
    refused: HexkeepError | None = sign_in(closed).error
    assert isinstance(refused, InvalidCredentials)
    assert sign_in(closed, "olga").result.user_id == "olga"
