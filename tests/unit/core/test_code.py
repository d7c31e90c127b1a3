"""Addresses that are verified by a code: who gets it, who may use it, how often, how long, and what for."""

import math
from dataclasses import replace
from typing import Any

import pytest

from hexkeep.core.code.errors import InvalidCode
from hexkeep.core.code.state import (
    CODE,
    FORMS,
    SENT_PER_ADDRESS,
    SENT_PER_USER,
    SYMBOLS,
    TRIES,
    TRIES_PER_PLACE,
    TRIES_PER_USER,
    Purpose,
    code_of,
)
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.errors import (
    FailedPrecondition,
    NotFound,
    PermissionDenied,
    ReauthenticationRequired,
    ResourceExhausted,
    Unauthenticated,
)
from hexkeep.core.kernel.event import Log, Personal, Recorded, hidden, sealings
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.outbox import Delivery
from hexkeep.core.kernel.permission import ANONYMOUS, Caller, CallerKind
from hexkeep.core.user.commands import UpdateHumanUser
from hexkeep.core.user.contact import (
    IssueCode,
    ResendEmailCode,
    ResendPhoneCode,
    SetMyEmail,
    SetMyPhone,
    VerifyEmail,
    VerifyMyEmail,
    VerifyMyPhone,
)
from hexkeep.core.user.errors import PasswordMismatch
from hexkeep.core.user.events import SubjectErased, UserEmailChanged, UserPhoneChanged, UserRemoved
from hexkeep.core.user.outbox import OUTBOX as NOTICES
from hexkeep.core.user.queries import GetUser
from hexkeep.core.user.reset import ResetPassword
from hexkeep.core.user.state import USER
from hexkeep.testing.decisions import ISSUER, NOW, World
from tests.unit.core.codes import ALICE, NEW_PASSWORD, PASSWORD, WORLD, back, delivery, followed, issued
from tests.unit.core.worlds import caller, human, member, session

MANAGER = caller("ORGANIZATION_USER_MANAGER", "acme")
NEW = "alice@new.example.com"
UNVERIFIED = WORLD.given(USER.append("alice", UserEmailChanged(email=NEW, verified=False)))
PHONE = "+41441234567"


def sent(world: World = UNVERIFIED) -> tuple[str, World]:
    """The code that Alice asked for, and the world in which she has it."""
    outcome = world.as_(ALICE).when(Empty(), "ResendMyEmailCode")
    return issued(outcome).code, outcome.world


def test_a_code_is_sent_to_the_address_and_goes_out_with_a_link() -> None:
    """The message says which kind it is, to whom, in which language, and leads to the instance's own page."""
    outcome = UNVERIFIED.as_(ALICE).when(Empty(), "ResendMyEmailCode")
    event = issued(outcome)
    outcome.then(CODE.append("id-1", event))
    message = delivery(event)
    assert (message.channel, message.subject, message.expires_at) == ("mail", "alice", event.expires_at)
    assert (message.payload["message"], message.payload["to"]) == ("verify_email", NEW)
    assert message.payload["language"] == "en"
    values = message.payload["values"]
    assert isinstance(values, dict)
    assert values["code"] == event.code
    assert values["link"] == f"{ISSUER}/ui/verify-email?user=alice&code={event.code}"


def test_the_code_in_the_log_is_sealed_and_hidden() -> None:
    """It is the person's data, gone with the person's key, and no history shows it."""
    event = issued(UNVERIFIED.as_(ALICE).when(Empty(), "ResendMyEmailCode"))
    marks = sealings(type(event))
    assert all(marks[name] == Personal("user_id") for name in ("address", "code", "link", "display_name", "language"))
    assert {"code", "link"} <= hidden(type(event))


@pytest.mark.parametrize("purpose", [Purpose.EMAIL, Purpose.PHONE])
def test_codes_that_are_typed_have_enough_symbols(purpose: Purpose) -> None:
    """At least six of twenty symbols: with the tries that are allowed, guessing one is a matter of luck in millions."""
    length = FORMS[purpose].symbols
    assert length >= 6
    assert len(set(SYMBOLS)) == 20
    assert TRIES_PER_USER / 20**length < 1e-6
    codes = {code_of(f"secret-{number}", length) for number in range(2000)}
    assert {len(code) for code in codes} == {length}
    assert set("".join(codes)) == set(SYMBOLS)
    assert len(codes) == 2000


def test_codes_in_links_hold_all_random_bits() -> None:
    """A link is not typed, so its code is as long as a secret of ours."""
    assert [FORMS[one].symbols for one in (Purpose.PASSWORD, Purpose.INVITATION)] == [0, 0]
    assert code_of("all of it", 0) == "all of it"
    assert math.log2(20 ** FORMS[Purpose.PHONE].symbols) > 25


def test_the_right_code_verifies_the_address() -> None:
    """However it is typed."""
    code, world = sent()
    verified = USER.append("alice", UserEmailChanged(email=NEW, verified=True))
    world.when(VerifyMyEmail(code=code)).then(verified)
    world.when(VerifyMyEmail(code=f" {code[:4].lower()}-{code[4:]} ")).then(verified)
    world.as_(ANONYMOUS).when(VerifyEmail(user_id="alice", code=code)).then(verified)


def test_a_code_is_good_once() -> None:
    """A replay proves nothing."""
    code, world = sent()
    after = world.when(VerifyMyEmail(code=code)).world
    after.when(VerifyMyEmail(code=code)).refused(InvalidCode)
    again = after.given(USER.append("alice", UserEmailChanged(email=NEW, verified=False)))
    again.when(VerifyMyEmail(code=code)).refused(InvalidCode)


def test_a_code_expires() -> None:
    """When its time is over nobody can use it."""
    code, world = sent()
    world.later(hours=23, minutes=59).when(VerifyMyEmail(code=code)).then(
        USER.append("alice", UserEmailChanged(email=NEW, verified=True))
    )
    world.later(hours=24).when(VerifyMyEmail(code=code)).refused(InvalidCode)


def test_a_new_code_voids_the_one_before() -> None:
    """What was sent last counts."""
    first, world = sent()
    second, world = sent(world)
    assert first != second
    world.when(VerifyMyEmail(code=first)).refused(InvalidCode)
    assert world.when(VerifyMyEmail(code=second)).changes


def test_a_code_can_be_tried_only_so_often() -> None:
    """After that even the right one is worth nothing."""
    code, world = sent()
    for _ in range(TRIES):
        outcome = world.when(VerifyMyEmail(code="ZZZZZZZZ"))
        outcome.refused(InvalidCode)
        world = outcome.world
    world.when(VerifyMyEmail(code=code)).refused(InvalidCode)


def test_strangers_who_guess_do_not_use_up_the_persons_tries() -> None:
    """They have as many of their own, for the link in the mail; the person who is signed in has not lost any."""
    code, world = sent()
    world = world.as_(ANONYMOUS)
    for number in range(TRIES_PER_USER + 1):
        world = replace(world, address=f"198.51.100.{number}").when(VerifyEmail(user_id="alice", code="ZZZZZZZZ")).world
    world.when(VerifyEmail(user_id="alice", code=code)).refused(ResourceExhausted)
    assert replace(world, address="192.0.2.1").as_(ALICE).when(VerifyMyEmail(code=code)).changes


def test_strangers_have_few_tries_as_well() -> None:
    """From wherever: the link is good for five of them."""
    code, world = sent()
    world = world.as_(ANONYMOUS)
    for number in range(TRIES):
        outcome = replace(world, address=f"198.51.100.{number}").when(VerifyEmail(user_id="alice", code="ZZZZZZZZ"))
        outcome.refused(InvalidCode)
        world = outcome.world
    world.when(VerifyEmail(user_id="alice", code=code)).refused(InvalidCode)


def test_new_codes_do_not_give_new_tries_without_end() -> None:
    """Tries are counted per user as well, and so are codes."""
    world, tries, error = UNVERIFIED.as_(ALICE), 0, None
    while not isinstance(error, ResourceExhausted):
        outcome = world.when(VerifyMyEmail(code="ZZZZZZZZ"))
        error, world, tries = outcome.error, outcome.world, tries + 1
        assert tries <= TRIES_PER_USER + 1
    assert tries == TRIES_PER_USER + 1


def test_guessing_on_many_users_from_one_place_is_limited() -> None:
    """The network address is counted, for users that exist and for others alike."""
    world = UNVERIFIED.as_(ANONYMOUS)
    errors = []
    for number in range(TRIES_PER_PLACE + 1):
        outcome = world.when(VerifyEmail(user_id=f"user-{number}", code="ZZZZZZZZ"))
        errors.append(type(outcome.error))
        world = outcome.world
    assert errors == [InvalidCode] * TRIES_PER_PLACE + [ResourceExhausted]


def test_a_code_is_for_one_purpose() -> None:
    """What verifies an address resets no password, and the other way round."""
    code, world = sent()
    reset = ResetPassword(user_id="alice", code=code, new_password=NEW_PASSWORD)
    world.as_(ANONYMOUS).when(reset).refused(InvalidCode)
    world.when(VerifyMyPhone(code=code)).refused(InvalidCode)


def test_a_code_is_for_one_user() -> None:
    """Bob cannot verify an address with what Alice was sent."""
    code, world = sent(UNVERIFIED.given(*human("bob")))
    bob = Caller(CallerKind.USER, user_id="bob")
    world.as_(bob).when(VerifyMyEmail(code=code)).refused(InvalidCode)
    world.as_(ANONYMOUS).when(VerifyEmail(user_id="bob", code=code)).refused(InvalidCode)


def test_a_code_is_worth_nothing_in_another_instance() -> None:
    """Even where somebody has the same id."""
    code, world = sent()
    theirs = world.given(*human(), instance="other").within("other").as_(ANONYMOUS)
    theirs.when(VerifyEmail(user_id="alice", code=code)).refused(InvalidCode)


def test_a_code_is_for_one_address() -> None:
    """Who has got a code and then changes the address has verified nothing."""
    code, world = sent()
    moved = world.given(USER.append("alice", UserEmailChanged(email="other@example.com", verified=False)))
    moved.when(VerifyMyEmail(code=code)).refused(InvalidCode)


def test_what_proves_a_code_tells_nothing_of_the_person() -> None:
    """The expiring store outlives an erasure by days, so neither code nor address are in it."""
    code, world = sent()
    kept = [value.decode() for value, _ in world.answerer.kept.values()]
    assert len(kept) == 1
    assert not [one for one in kept if code in one or NEW in one]


def test_wrong_user_and_wrong_code_are_answered_alike() -> None:
    """Nobody learns who exists; the removed and the erased have left nothing behind that would tell."""
    code, world = sent()
    removed = world.given(USER.append("alice", UserRemoved())).as_(ANONYMOUS)
    erased = world.given(USER.append("alice", SubjectErased())).as_(ANONYMOUS)
    answers = [
        (error.code, error.message, error.details)
        for error in (
            world.as_(ANONYMOUS).when(VerifyEmail(user_id="alice", code="ZZZZZZZZ")).refused(InvalidCode),
            world.as_(ANONYMOUS).when(VerifyEmail(user_id="nobody", code="ZZZZZZZZ")).refused(InvalidCode),
            world.as_(ANONYMOUS).when(VerifyEmail(user_id="robot", code="ZZZZZZZZ")).refused(InvalidCode),
            removed.when(VerifyEmail(user_id="alice", code=code)).refused(InvalidCode),
            erased.when(VerifyEmail(user_id="alice", code=code)).refused(InvalidCode),
        )
    ]
    assert len({str(answer) for answer in answers}) == 1


def test_codes_are_sent_only_so_often_to_a_user() -> None:
    """Whoever asks."""
    world = UNVERIFIED.as_(ALICE)
    for _ in range(SENT_PER_USER):
        world = world.when(Empty(), "ResendMyEmailCode").world
    world.when(Empty(), "ResendMyEmailCode").refused(ResourceExhausted)
    world.as_(MANAGER).when(ResendEmailCode(user_id="alice")).refused(ResourceExhausted)


def test_codes_are_sent_only_so_often_to_an_address() -> None:
    """Many accounts with one address do not fill somebody's mailbox."""
    world, errors = UNVERIFIED, list[object]()
    for number in range(SENT_PER_ADDRESS + 1):
        name = f"person-{number}"
        address = USER.append(name, UserEmailChanged(email=NEW.upper() if number % 2 else NEW, verified=False))
        outcome = world.given(*human(name), address).when(ResendEmailCode(user_id=name))
        errors.append(type(outcome.error))
        world = outcome.world
    assert errors == [type(None)] * SENT_PER_ADDRESS + [ResourceExhausted]


def test_managers_have_codes_sent_to_those_they_manage() -> None:
    """Strangers do not find the user; readers may not; nor may who holds less than the user."""
    request = ResendEmailCode(user_id="alice")
    assert issued(UNVERIFIED.as_(MANAGER).when(request)).address == NEW
    UNVERIFIED.as_(caller("ORGANIZATION_USER_MANAGER", "other")).when(request).refused(NotFound)
    UNVERIFIED.as_(caller("ORGANIZATION_VIEWER", "acme")).when(request).refused(PermissionDenied)
    owner = UNVERIFIED.given(*member("alice", "ORGANIZATION_OWNER", "acme"))
    owner.as_(MANAGER).when(request).refused(PermissionDenied)


def test_there_is_no_code_for_what_is_verified_or_is_not_there() -> None:
    """A verified address needs none, a missing one cannot get it, a machine has no address."""
    WORLD.as_(ALICE).when(Empty(), "ResendMyEmailCode").refused(FailedPrecondition)
    WORLD.as_(ALICE).when(Empty(), "ResendMyPhoneCode").refused(FailedPrecondition)
    WORLD.when(ResendPhoneCode(user_id="alice")).refused(FailedPrecondition)
    WORLD.when(ResendEmailCode(user_id="robot")).refused(FailedPrecondition)


def test_a_changed_address_is_unverified_and_sent_a_code() -> None:
    """The person's own change takes the password; the code follows it."""
    outcome = WORLD.as_(ALICE).when(SetMyEmail(email=NEW, present_password=PASSWORD))
    changed = UserEmailChanged(email=NEW, verified=False, previous="alice@example.com")
    outcome.then(USER.append("alice", changed))
    code = followed(outcome)
    assert issued(code).address == NEW
    world = back(code, ALICE)
    assert world.when(Empty(), "GetMyUser").result.email_verified is False
    assert world.when(VerifyMyEmail(code=issued(code).code)).world.when(Empty(), "GetMyUser").result.email_verified


def test_the_old_address_is_told_and_not_of_the_new_one() -> None:
    """Whoever reads it may be somebody else by now; an address that is only verified is told nothing."""
    outcome = WORLD.as_(ALICE).when(SetMyEmail(email=NEW, present_password=PASSWORD))
    [message] = notices(outcome.changes[0])
    assert (message.channel, message.payload["to"]) == ("mail", "alice@example.com")
    assert message.payload["message"] == "email_changed"
    assert NEW not in str(message.payload)
    code, world = sent()
    assert notices(world.when(VerifyMyEmail(code=code)).changes[0]) == ()


@pytest.mark.parametrize("change", [{"email": NEW}, {"email": NEW, "email_verified": True}, {"phone": "+41441234567"}])
def test_a_manager_changes_the_own_addresses_with_the_password(change: dict[str, Any]) -> None:
    """A stolen token of somebody who manages users does not suffice either; other things are changed as of anybody."""
    manager = replace(MANAGER, user_id="alice")
    world = WORLD.given(*member("alice", "ORGANIZATION_USER_MANAGER", "acme")).as_(manager)
    world.when(UpdateHumanUser(user_id="alice", **change)).refused(FailedPrecondition)
    assert world.when(UpdateHumanUser(user_id="alice", nickname="Al", email="alice@example.com")).changes


def test_changing_ones_address_takes_the_password() -> None:
    """A stolen session does not suffice to take the account over; the tries are counted with those for the password."""
    for request in (SetMyEmail(email=NEW), SetMyPhone(phone=PHONE, present_password="wrong one")):
        WORLD.as_(ALICE).when(request).refused(PasswordMismatch)
    world = WORLD.as_(ALICE)
    for _ in range(10):
        world = world.when(SetMyEmail(email=NEW)).world
    world.when(SetMyEmail(email=NEW, present_password=PASSWORD)).refused(ResourceExhausted)


def test_who_has_no_password_changes_the_address_without_one() -> None:
    """Whoever signs in elsewhere has none to give, and has done so lately; a token that was found does not suffice."""
    bob = Caller(CallerKind.USER, user_id="bob", session_id="s1")
    world = WORLD.given(*human("bob"), *session("bob", "s1"))
    for request in (SetMyEmail(email="bob@new.example.com"), SetMyPhone(phone=PHONE)):
        assert world.as_(bob).when(request).changes
        world.as_(bob).later(minutes=16).when(request).refused(ReauthenticationRequired)
        for token in (replace(bob, session_id=""), replace(bob, client_id="shop")):
            world.as_(token).when(request).refused(PermissionDenied)


def test_a_phone_number_is_set_verified_and_taken_away() -> None:
    """In international form, by a code of its own; the verified number is told when it goes."""
    outcome = WORLD.as_(ALICE).when(SetMyPhone(phone=PHONE, present_password=PASSWORD))
    outcome.then(USER.append("alice", UserPhoneChanged(phone=PHONE, verified=False)))
    code = followed(outcome)
    assert delivery(issued(code)).channel == "sms"
    assert issued(code).link == ""
    verified = back(code, ALICE).when(VerifyMyPhone(code=issued(code).code))
    verified.then(USER.append("alice", UserPhoneChanged(phone=PHONE, verified=True)))
    gone = verified.world.when(SetMyPhone(phone="", present_password=PASSWORD))
    gone.then(USER.append("alice", UserPhoneChanged(phone="", verified=False, previous=PHONE)))
    assert gone.follow_ups == ()
    [message] = notices(gone.changes[0])
    assert (message.channel, message.payload["to"]) == ("sms", PHONE)


@pytest.mark.parametrize("phone", ["0441234567", "+0441234567", "+4144", "+41 44 123 45 67", "+4144123456789012"])
def test_phone_numbers_have_the_international_form(phone: str) -> None:
    """E.164: a plus, a country code and at most fifteen digits."""
    with pytest.raises(ValueError, match="phone"):
        SetMyPhone(phone=phone)


def test_a_manager_changes_and_vouches_for_a_phone_number() -> None:
    """As for the e-mail address: another number is unverified unless said so."""
    change = UpdateHumanUser(user_id="alice", phone=PHONE)
    WORLD.as_(MANAGER).when(change).then(USER.append("alice", UserPhoneChanged(phone=PHONE, verified=False)))
    vouched = UpdateHumanUser(user_id="alice", phone=PHONE, phone_verified=True)
    world = WORLD.as_(MANAGER).when(vouched).world
    assert world.when(GetUser(user_id="alice")).result.phone_verified
    nothing = UpdateHumanUser(user_id="alice", phone_verified=True)
    WORLD.as_(MANAGER).when(nothing).then()


def test_only_persons_have_codes_of_their_own() -> None:
    """Nobody is nobody, and a machine has no address."""
    UNVERIFIED.as_(ANONYMOUS).when(Empty(), "ResendMyEmailCode").refused(Unauthenticated)
    robot = Caller(CallerKind.USER, user_id="robot")
    UNVERIFIED.as_(robot).when(Empty(), "ResendMyEmailCode").refused(FailedPrecondition)


def test_what_follows_is_the_systems_alone() -> None:
    """Nobody else has codes sent without being counted."""
    request = IssueCode(user_id="alice", purpose=Purpose.EMAIL.value)
    UNVERIFIED.as_(caller("INSTANCE_OWNER")).when(request).refused(PermissionDenied)
    assert issued(UNVERIFIED.when(request)).address == NEW
    UNVERIFIED.when(IssueCode(user_id="robot", purpose=Purpose.EMAIL.value)).refused(NotFound)


def notices(change: object) -> tuple[Delivery, ...]:
    """Who is told of a change."""
    assert isinstance(change, Append)
    recorded = Recorded(change.events[0], "main", Log.DURABLE, 1, "user", "alice", 2, NOW, "", "")
    return tuple(one.delivery for one in NOTICES.posted(recorded))
