"""Passwords are what the policies of their user's organization ask for, whichever way they are set."""

from datetime import timedelta
from typing import Any

import pytest

from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.errors import InvalidInput, PermissionDenied
from hexkeep.core.kernel.permission import ANONYMOUS, SYSTEM
from hexkeep.core.membership import SLICE as MEMBERSHIP
from hexkeep.core.organization import SLICE as ORGANIZATIONS
from hexkeep.core.policy import SLICE as POLICY
from hexkeep.core.policy.events import (
    PasswordAgePolicySet,
    PasswordComplexityPolicy,
    PasswordComplexityPolicySet,
    PasswordHistoryPolicySet,
)
from hexkeep.core.policy.state import INSTANCE_POLICIES, POLICIES
from hexkeep.core.session import SLICE
from hexkeep.core.session.commands import CreateSession, SessionOpened
from hexkeep.core.user import SLICE as USERS
from hexkeep.core.user.commands import CreateHumanUser
from hexkeep.core.user.credentials import ChangePassword, ExpirePassword, SetPassword
from hexkeep.core.user.events import UserPasswordExpired, UserPasswordSet
from hexkeep.core.user.passwords import accept_password
from hexkeep.core.user.state import REMEMBERED, USER
from hexkeep.testing.answers import password_hash
from hexkeep.testing.decisions import NOW, Kit, World
from tests.unit.core.people import PASSWORD, caller, human, organization

KIT = Kit(SLICE, ORGANIZATIONS, USERS, MEMBERSHIP, POLICY)
MANAGER = caller("eve", "INSTANCE_OWNER")
GOOD = "Seven sad seagulls, 7"


def world(*policies: Any, place: str = INSTANCE_POLICIES) -> World:
    """Ada, and policies."""
    set_: tuple[Change, ...] = (POLICIES.append(place, *policies),) if policies else ()
    return KIT.given(*organization("acme"), *human("ada"), *set_).as_(MANAGER)


def fields_of(error: object) -> list[str]:
    """Which fields an error is about."""
    assert isinstance(error, InvalidInput)
    return [violation.field for violation in error.violations]


# --- what it is like -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "refused", "accepted"),
    [
        ({"min_length": 12}, "eleven char", "twelve chars"),
        ({"upper": True}, "no capital here", "Capital here"),
        ({"upper": True}, "keiner größer", "Äußerst groß"),
        ({"lower": True}, "SHOUTING ALOUD", "sHOUTING ALOUD"),
        ({"digit": True}, "no digit here", "1 digit here"),
        ({"symbol": True}, "nosymbolhere1", "no symbol but a blank"),
        ({"min_length": 20, "digit": True}, "short 1", "long enough and with 1"),
    ],
)
def test_composition_is_asked_for_by_policy_alone(wanted: dict[str, Any], refused: str, accepted: str) -> None:
    """In any script; without a policy none of it matters."""
    policy = PasswordComplexityPolicy(**wanted)
    with pytest.raises(InvalidInput) as caught:
        accept_password(refused, policy=policy)
    assert refused not in str(caught.value.violations)
    assert accept_password(accepted, policy=policy) == accepted
    assert accept_password("no capital here") == "no capital here"


def test_blocklist_can_be_switched_off() -> None:
    """The length stays; nothing makes it shorter than eight."""
    assert accept_password("password", "ada", policy=PasswordComplexityPolicy(blocklist=False)) == "password"
    with pytest.raises(InvalidInput):
        accept_password("passwor", policy=PasswordComplexityPolicy(blocklist=False))


@pytest.mark.parametrize("place", [INSTANCE_POLICIES, "acme"])
def test_every_way_to_set_a_password_is_held_to_the_policy(place: str) -> None:
    """By a manager, by the person, and with a new person; the field at fault is named."""
    strict = world(PasswordComplexityPolicySet(min_length=15, upper=True, digit=True), place=place)
    new = CreateHumanUser(
        organization_id="acme", user_name="bob", given_name="Bob", email="b@example.com", password=PASSWORD
    )
    assert fields_of(strict.when(new).refused(InvalidInput)) == ["password"]
    assert strict.when(new.model_copy(update={"password": GOOD})).error is None
    assert fields_of(strict.when(SetPassword(user_id="ada", password=PASSWORD)).refused(InvalidInput)) == ["password"]
    change = ChangePassword(present_password=PASSWORD, new_password="seven sad seagulls")
    ada = strict.as_(caller("ada"))
    assert fields_of(ada.when(change).refused(InvalidInput)) == ["new_password"]
    ada.when(change.model_copy(update={"new_password": GOOD})).then(
        USER.append(
            "ada",
            UserPasswordSet(
                hash=password_hash(GOOD), change_required=False, set_at=NOW, told="ada@example.com", replaces=True
            ),
        )
    )


def test_another_organizations_policy_does_not_count() -> None:
    """Nor does the instance's where the organization has its own."""
    strict, loose = PasswordComplexityPolicySet(min_length=40), PasswordComplexityPolicySet()
    assert world(strict, place="other").when(SetPassword(user_id="ada", password=GOOD)).error is None
    own = world(strict).given(POLICIES.append("acme", loose))
    assert own.when(SetPassword(user_id="ada", password=GOOD)).error is None


# --- whether the person has had it ---------------------------------------------------------------------------------


def changed(world_: World, *passwords: str) -> World:
    """After these passwords, one after the other."""
    for password in passwords:
        outcome = world_.when(SetPassword(user_id="ada", password=password))
        assert outcome.error is None
        world_ = outcome.world
    return world_


def test_last_passwords_are_not_chosen_again() -> None:
    """So many as the policy says, the present one included."""
    after = changed(world(PasswordHistoryPolicySet(remembered=3)), "first of them", "second of them", "third of them")
    for had in ("first of them", "second of them", "third of them"):
        assert fields_of(after.when(SetPassword(user_id="ada", password=had)).refused(InvalidInput)) == ["password"]
    assert after.when(SetPassword(user_id="ada", password=PASSWORD)).error is None
    mine = ChangePassword(present_password="third of them", new_password="first of them")
    assert fields_of(after.as_(caller("ada")).when(mine).refused(InvalidInput)) == ["new_password"]


def test_without_a_policy_nothing_is_held_against_anybody() -> None:
    """A policy that comes later counts for what was before as well."""
    after = changed(world(), "first of them", "second of them")
    assert after.when(SetPassword(user_id="ada", password="first of them")).error is None
    later = after.given(POLICIES.append("acme", PasswordHistoryPolicySet(remembered=24)))
    later.when(SetPassword(user_id="ada", password=PASSWORD)).refused(InvalidInput)


def test_no_more_passwords_are_known_than_a_policy_may_ask_for() -> None:
    """What is known of former passwords is bounded, and shown in no representation."""
    after = changed(world(), *(f"number {number} of many" for number in range(40)))
    assert len(after.history("main").state(USER, "ada").previous_hashes) == REMEMBERED
    assert "previous" not in repr(after.history("main").state(USER, "ada"))


# --- how old it is -------------------------------------------------------------------------------------------------


def opened(world_: World) -> SessionOpened:
    """Ada signs in."""
    result: SessionOpened = world_.as_(ANONYMOUS).when(CreateSession(login_name="ada", password=PASSWORD)).result
    return result


def aged(**policy: Any) -> World:
    """Ada's password is new and there is an age policy."""
    password = UserPasswordSet(hash=password_hash(PASSWORD), change_required=False, set_at=NOW)
    return world(PasswordAgePolicySet(**policy)).given(USER.append("ada", password))


def test_password_that_is_too_old_has_to_be_changed_at_sign_in() -> None:
    """The sign-in tells, and what follows it has the user's own log say so."""
    start = aged(max_days=30)
    assert not opened(start.later(days=29)).password_change_required
    outcome = start.later(days=30).as_(ANONYMOUS).when(CreateSession(login_name="ada", password=PASSWORD))
    assert outcome.result.password_change_required
    (follow_up,) = outcome.follow_ups
    expired = outcome.world.as_(SYSTEM).when(ExpirePassword.model_validate(dict(follow_up.fields)))
    expired.then(USER.append("ada", UserPasswordExpired()))
    assert expired.world.history("main").state(USER, "ada").password_change_required
    again = expired.world.as_(ANONYMOUS).when(CreateSession(login_name="ada", password=PASSWORD))
    assert (again.result.password_change_required, again.follow_ups) == (True, ())


def test_password_of_unknown_age_is_too_old() -> None:
    """It was set before anybody noted when."""
    assert opened(world(PasswordAgePolicySet(max_days=365))).password_change_required
    assert not opened(world()).password_change_required


def test_expiry_is_announced_in_time() -> None:
    """So many days before, with the day."""
    start = aged(max_days=30, warn_days=7)
    assert opened(start.later(days=22)).password_expires_at is None
    assert opened(start.later(days=23)).password_expires_at == NOW + timedelta(days=30)
    assert opened(start.later(days=30)).password_expires_at is None
    assert opened(aged(max_days=30).later(days=29)).password_expires_at is None


def test_new_password_ends_the_wait() -> None:
    """And what followed an older one changes nothing any more."""
    late = aged(max_days=30).later(days=31)
    renewed = late.as_(caller("ada")).when(ChangePassword(present_password=PASSWORD, new_password=GOOD)).world
    fresh = renewed.as_(ANONYMOUS).when(CreateSession(login_name="ada", password=GOOD)).result
    assert not fresh.password_change_required
    renewed.as_(SYSTEM).when(ExpirePassword(user_id="ada", password_version=2)).then()
    renewed.as_(MANAGER).when(ExpirePassword(user_id="ada", password_version=3)).refused(PermissionDenied)
