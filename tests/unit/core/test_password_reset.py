"""Resetting a password: who gets the link, what it does, and what nobody learns from it."""

from dataclasses import replace

import pytest

from hexkeep.core.code.errors import InvalidCode
from hexkeep.core.code.state import TRIES, TRIES_PER_PLACE, TRIES_PER_USER
from hexkeep.core.kernel import ask as asks
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.decision import Change, Context, Pending, Request
from hexkeep.core.kernel.errors import (
    FailedPrecondition,
    InvalidInput,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
)
from hexkeep.core.kernel.event import Log, Recorded
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.permission import ANONYMOUS
from hexkeep.core.organization.events import OrganizationDeactivated
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.policy.events import NotificationPolicySet
from hexkeep.core.policy.state import INSTANCE_POLICIES, POLICIES
from hexkeep.core.user.events import (
    UserDeactivated,
    UserEmailChanged,
    UserLocked,
    UserPasswordSet,
    UserRemoved,
    UserUnlocked,
)
from hexkeep.core.user.outbox import OUTBOX as NOTICES
from hexkeep.core.user.reset import (
    PER_ADDRESS,
    PER_NAME,
    PER_PLACE,
    RequestPasswordReset,
    ResetPassword,
    SendPasswordReset,
    request_password_reset,
)
from hexkeep.core.user.state import USER
from hexkeep.core.user.status import LockReason
from hexkeep.testing.answers import password_hash
from hexkeep.testing.decisions import ISSUER, NOW, World
from tests.unit.core.codes import NEW_PASSWORD, WORLD, delivery, issued
from tests.unit.core.worlds import caller, human, member

MANAGER = caller("ORGANIZATION_USER_MANAGER", "acme")
ANYBODY = WORLD.as_(ANONYMOUS)
FORGOTTEN = RequestPasswordReset(login_name="alice")
LOCKED = USER.append("alice", UserLocked(reason="manager"))
OFF = USER.append("alice", UserDeactivated())
DOUBTED = USER.append("alice", UserEmailChanged(email="alice@example.com", verified=False))
CLOSED = ORGANIZATION.append("acme", OrganizationDeactivated())


def sent() -> tuple[str, World]:
    """The code of a link that was sent, and the world in which it was."""
    outcome = ANYBODY.when(FORGOTTEN)
    return issued(outcome).code, outcome.world


def reset(code: str, password: str = NEW_PASSWORD, user_id: str = "alice") -> ResetPassword:
    """The request of who has the link."""
    return ResetPassword(user_id=user_id, code=code, new_password=password)


def test_the_link_goes_to_the_verified_address() -> None:
    """It leads to our own page and holds 256 random bits."""
    event = issued(ANYBODY.when(RequestPasswordReset(login_name="ALICE")))
    message = delivery(event)
    assert (message.channel, message.payload["message"]) == ("mail", "reset_password")
    assert message.payload["to"] == "alice@example.com"
    assert event.link == f"{ISSUER}/ui/reset-password?user=alice&login=alice&code={event.code}"


def test_a_reset_sets_the_password_and_ends_what_rests_on_the_old_one() -> None:
    """The password's version moves, which is what sessions and tokens are judged by."""
    code, world = sent()
    outcome = world.when(reset(code))
    outcome.then(
        USER.append(
            "alice",
            UserPasswordSet(
                hash=password_hash(NEW_PASSWORD),
                change_required=False,
                set_at=NOW,
                told="alice@example.com",
                replaces=True,
            ),
        )
    )
    state = outcome.world.history("main").state(USER, "alice")
    assert not state.proven_by(1)


def test_a_code_resets_once() -> None:
    """A replay is refused."""
    code, world = sent()
    world.when(reset(code)).world.when(reset(code, "another good one")).refused(InvalidCode)


def test_a_link_expires() -> None:
    """After an hour it is of no use."""
    code, world = sent()
    world.later(hours=1).when(reset(code)).refused(InvalidCode)


def test_strangers_who_guess_do_not_void_the_link() -> None:
    """What has 256 random bits cannot be guessed, so to count wrong ones would only help those who keep people out."""
    code, world = sent()
    for number in range(TRIES_PER_USER + TRIES):
        outcome = replace(world, address=f"198.51.100.{number}").when(reset(f"guess-{number}"))
        outcome.refused(InvalidCode)
        world = outcome.world
    assert replace(world, address="192.0.2.1").when(reset(code)).changes


def test_guessing_from_one_place_is_limited() -> None:
    """Each try is work for us."""
    _, world = sent()
    for number in range(TRIES_PER_PLACE):
        world = world.when(reset(f"guess-{number}")).world
    world.when(reset("one more")).refused(ResourceExhausted)


def test_a_password_that_cannot_be_used_leaves_the_code() -> None:
    """Whoever chooses badly chooses again; who has no code does not learn what the names are."""
    code, world = sent()
    refused = world.when(reset(code, "password1"))
    error = refused.refused(InvalidInput)
    assert isinstance(error, InvalidInput)
    assert [one.field for one in error.violations] == ["new_password"]
    assert refused.world.when(reset(code)).changes
    world.when(reset("wrong", "alice-alice-alice")).refused(InvalidCode)


@pytest.mark.parametrize("change", [LOCKED, OFF, CLOSED, DOUBTED], ids=["locked", "off", "closed", "doubted"])
def test_nothing_is_sent_to_who_may_not_come_in_or_may_be_somebody_else(change: Change) -> None:
    """The answer is the same."""
    outcome = ANYBODY.given(change).when(FORGOTTEN).then()
    assert outcome.result == Empty()


@pytest.mark.parametrize("change", [LOCKED, OFF], ids=["locked", "off"])
def test_a_new_password_does_not_let_in_who_is_kept_out(change: Change) -> None:
    """A link that was sent before is void as long as that holds."""
    code, world = sent()
    world.given(change).when(reset(code)).refused(InvalidCode)


def test_guessing_does_not_keep_the_owner_of_the_address_out() -> None:
    """Strangers lock a user by failing on purpose; the person comes back by the own mailbox."""
    guessed = USER.append("alice", UserLocked(reason=LockReason.FAILED_ATTEMPTS.value))
    outcome = ANYBODY.given(guessed).when(FORGOTTEN)
    done = outcome.world.when(reset(issued(outcome).code))
    chosen = UserPasswordSet(
        hash=password_hash(NEW_PASSWORD), change_required=False, set_at=NOW, told="alice@example.com", replaces=True
    )
    done.then(USER.append("alice", chosen, UserUnlocked()))


def test_the_address_is_told_of_another_password() -> None:
    """Unless the policy says otherwise; the message holds nothing that would help anybody."""
    code, world = sent()
    [change] = world.when(reset(code)).changes
    assert isinstance(change, Append)
    [message] = NOTICES.posted(Recorded(change.events[0], "main", Log.DURABLE, 1, "user", "alice", 2, NOW, "", ""))
    assert message.delivery.payload["message"] == "password_changed"
    assert message.delivery.payload["to"] == "alice@example.com"
    silent = POLICIES.append(INSTANCE_POLICIES, NotificationPolicySet(password_changed=False))
    [change] = world.given(silent).when(reset(code)).changes
    assert isinstance(change, Append)
    assert NOTICES.posted(Recorded(change.events[0], "main", Log.DURABLE, 1, "user", "alice", 2, NOW, "", "")) == ()


def test_the_answer_does_not_tell_who_exists() -> None:
    """Known, unknown, without a password, a machine, removed: nobody can tell one from another."""
    world = ANYBODY.given(*human("bob"), *human("carol"), USER.append("carol", UserRemoved()))
    for name in ("alice", "nobody", "bob", "robot", "carol"):
        assert world.when(RequestPasswordReset(login_name=name)).result == Empty()


def test_wrong_codes_do_not_tell_who_exists() -> None:
    """One answer for all."""
    answers = [ANYBODY.when(reset("wrong", user_id=name)).refused(InvalidCode) for name in ("alice", "nobody", "robot")]
    assert len({str((one.code, one.message, one.details)) for one in answers}) == 1


def test_the_work_is_alike_whether_the_user_exists() -> None:
    """The same kinds of asks in the same order; where one is written to the log, a count is written for the other."""
    known, unknown = asked("alice"), asked("nobody")
    assert unknown[:-1] == known
    assert unknown[-1] is asks.CountUp


def asked(login_name: str) -> list[type[Ask[object]]]:
    """What a decision asks for, in order."""
    world, answers, kinds = ANYBODY, list[tuple[Ask[object], object]](), list[type[Ask[object]]]()
    request = Request("main", ANONYMOUS, world.now, ISSUER, "", "test", world.address)
    answerer = world.answerer.copy()

    def resolve(ask: Ask[object]) -> object:
        for known, answer in answers:
            if known == ask:
                return answer
        raise Pending(ask)

    while True:
        try:
            request_password_reset(RequestPasswordReset(login_name=login_name), Context(request, resolve))
        except Pending as pending:
            kinds.append(type(pending.ask))
            answers.append((pending.ask, answerer.answer(pending.ask, world, request)))
        else:
            return kinds


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_wishes_are_limited_alike_for_known_and_unknown_users(name: str) -> None:
    """By place and name, so that the limit tells nothing either; by name from everywhere, more generously."""
    world = ANYBODY
    for number in range(PER_PLACE):
        world = replace(world, address="192.0.2.1")
        world = world.when(RequestPasswordReset(login_name=name)).world
        assert number < PER_PLACE
    world.when(RequestPasswordReset(login_name=name)).refused(ResourceExhausted)
    for number in range(PER_NAME - PER_PLACE):
        world = replace(world, address=f"198.51.100.{number}")
        world = world.when(RequestPasswordReset(login_name=name)).world
    elsewhere = replace(world, address="203.0.113.9")
    elsewhere.when(RequestPasswordReset(login_name=name)).refused(ResourceExhausted)


def test_one_place_cannot_ask_for_everybody() -> None:
    """The network address is counted over all names."""
    world = ANYBODY
    for number in range(PER_ADDRESS):
        world = world.when(RequestPasswordReset(login_name=f"user-{number}")).world
    world.when(FORGOTTEN).refused(ResourceExhausted)


def test_managers_send_links_to_those_they_manage() -> None:
    """The address need not be verified: the manager vouches for it, and the reset verifies it."""
    request = SendPasswordReset(user_id="alice")
    world = WORLD.given(DOUBTED)
    outcome = world.as_(MANAGER).when(request)
    done = outcome.world.as_(ANONYMOUS).when(reset(issued(outcome).code))
    [change] = done.changes
    assert change == USER.append(
        "alice",
        UserPasswordSet(hash=password_hash(NEW_PASSWORD), change_required=False, set_at=NOW, replaces=True),
        UserEmailChanged(email="alice@example.com", verified=True),
    )
    world.as_(caller("ORGANIZATION_USER_MANAGER", "other")).when(request).refused(NotFound)
    world.as_(caller("ORGANIZATION_VIEWER", "acme")).when(request).refused(PermissionDenied)
    owner = world.given(*member("alice", "ORGANIZATION_OWNER", "acme"))
    owner.as_(MANAGER).when(request).refused(PermissionDenied)
    WORLD.given(*human("bob")).when(SendPasswordReset(user_id="bob")).refused(FailedPrecondition)
    WORLD.when(SendPasswordReset(user_id="robot")).refused(FailedPrecondition)
