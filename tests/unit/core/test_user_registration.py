"""Making an account for oneself: where it is allowed, what it takes, and what nobody learns from it."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from hexkeep.core.code.errors import InvalidCode
from hexkeep.core.code.state import TRIES
from hexkeep.core.domain.state import domain_key
from hexkeep.core.kernel import ask as asks
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.decision import Context, Pending, Request
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    InvalidInput,
    PermissionDenied,
    ResourceExhausted,
)
from hexkeep.core.kernel.event import Log, Recorded
from hexkeep.core.kernel.permission import ANONYMOUS
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.organization.events import OrganizationDeactivated
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.policy.events import (
    DomainPolicySet,
    LoginPolicySet,
    PasswordComplexityPolicySet,
    UserNameScope,
)
from hexkeep.core.policy.state import INSTANCE_POLICIES, POLICIES
from hexkeep.core.setting.events import DefaultOrganizationSet
from hexkeep.core.setting.state import SETTINGS, SETTINGS_ID
from hexkeep.core.slices import SLICES
from hexkeep.core.user.events import HumanUserAdded, UserPasswordSet
from hexkeep.core.user.state import USER, user_name_key
from hexkeep.core.userregistration.commands import (
    PER_ADDRESS,
    PER_PLACE,
    RegisterUser,
    UserRegistration,
    VerifyUserRegistration,
    register_user,
)
from hexkeep.core.userregistration.events import UserRegistrationRequested
from hexkeep.core.userregistration.outbox import OUTBOX
from hexkeep.core.userregistration.state import SCOPE
from hexkeep.testing.answers import password_hash
from hexkeep.testing.decisions import ISSUER, NOW, Kit, Outcome, World
from tests.unit.core.worlds import human, organization

PASSWORD = "nine brave badgers"
OPEN = POLICIES.append(INSTANCE_POLICIES, LoginPolicySet(registration_allowed=True))
CLOSED_WORLD = (
    Kit(*SLICES)
    .given(
        *organization(),
        *organization("other"),
        *human(),
        SETTINGS.append(SETTINGS_ID, DefaultOrganizationSet(organization_id="acme")),
    )
    .as_(ANONYMOUS)
)
WORLD = CLOSED_WORLD.given(OPEN)
"""Anybody may make an account in `acme`, where Alice has one."""


def wish(**changes: Any) -> RegisterUser:
    """What Grace sends."""
    fields = {"email": "grace@example.com", "given_name": "Grace", "family_name": "Hopper", "password": PASSWORD}
    return RegisterUser.model_validate({**fields, "preferred_language": "de", **changes})


def requested(outcome: Outcome) -> UserRegistrationRequested:
    """The one thing that is written of a wish."""
    [append] = [change for change in outcome.changes if isinstance(change, Append)]
    [event] = append.events
    assert isinstance(event, UserRegistrationRequested)
    return event


def asked(before: World = WORLD, **changes: Any) -> tuple[World, VerifyUserRegistration]:
    """The world after a wish, and the request of who has read the mail."""
    outcome = before.when(wish(**changes))
    user_id = outcome.result.user_id
    code = requested(outcome).code or "BCDFGHJK"
    return outcome.world, VerifyUserRegistration(user_id=user_id, code=code, password=PASSWORD)


def test_a_wish_is_a_mail_and_nothing_that_lasts() -> None:
    """The code goes to the address; there is no user yet, and the mail holds nothing that a stranger has written."""
    outcome = WORLD.when(wish(given_name="Buy <b>now</b>"))
    event = requested(outcome)
    assert [change.ref.type for change in outcome.changes if isinstance(change, Append)] == ["user_registration"]
    assert event.link == f"{ISSUER}/ui/verify-registration?user={outcome.result.user_id}&code={event.code}"
    [message] = OUTBOX.deliveries(Recorded(event, "main", Log.ACTIVITY, 1, "user_registration", "id", 1, NOW, "", ""))
    assert (message.channel, message.payload["message"], message.subject) == ("mail", "register_user", "")
    assert (message.payload["to"], message.payload["language"]) == ("grace@example.com", "de")
    assert "Buy" not in str(message.payload)


def test_the_code_and_the_password_make_the_account() -> None:
    """It is active, the address is verified, and the user name is the address."""
    before, verify = asked()
    added = HumanUserAdded(
        organization_id="acme",
        user_name="grace@example.com",
        given_name="Grace",
        family_name="Hopper",
        display_name="Grace Hopper",
        email="grace@example.com",
        email_verified=True,
        preferred_language="de",
    )
    chosen = UserPasswordSet(hash=password_hash(PASSWORD), change_required=False, set_at=NOW)
    claim = Claim(user_name_key("grace@example.com"), USER.ref(verify.user_id))
    outcome = before.when(verify)
    outcome.then(USER.append(verify.user_id, added, chosen), claim)
    outcome.world.when(verify).refused(InvalidCode)


def test_another_user_name_may_be_chosen() -> None:
    """And several accounts may have one address, as everywhere."""
    world, verify = asked(user_name="gracie", email="alice@example.com")
    after = world.when(verify).world
    assert after.history("main").state(USER, verify.user_id).user_name == "gracie"


def test_the_password_is_asked_for_with_the_code() -> None:
    """Who has the mail alone makes no account with somebody else's password; the code is still good."""
    world, verify = asked()
    refused = world.when(verify.model_copy(update={"password": "eight loud lanterns"}))
    error = refused.refused(InvalidInput)
    assert isinstance(error, InvalidInput)
    assert [one.field for one in error.violations] == ["password"]
    assert refused.world.when(verify).changes


@pytest.mark.parametrize(
    "taken",
    [
        {"user_name": "ALICE"},
        {"user_name": "alice", "email": "alice@example.com"},
    ],
    ids=str,
)
def test_who_exists_is_told_to_the_mailbox_alone(taken: dict[str, Any]) -> None:
    """The answer is alike, no code is good, and the mail tells that there is an account."""
    outcome = WORLD.when(wish(**taken))
    assert isinstance(outcome.result, UserRegistration)
    event = requested(outcome)
    assert (event.message, event.code, event.link) == ("account_exists", "", f"{ISSUER}/ui/login")
    assert event.address == taken.get("email", "grace@example.com")
    _, verify = asked(**taken)
    outcome.world.when(verify.model_copy(update={"user_id": outcome.result.user_id})).refused(InvalidCode)


def test_a_login_name_of_an_organization_is_taken_as_well() -> None:
    """Who signs in as name@domain there would get the sign-ins of the newcomer."""
    policy = DomainPolicySet(user_names_unique_in=UserNameScope.ORGANIZATION)
    world = WORLD.given(
        POLICIES.append("other", policy),
        Claim(domain_key("other.example"), ORGANIZATION.ref("other")),
        Claim(user_name_key("bob", "other"), USER.ref("bob")),
    )
    assert requested(world.when(wish(email="bob@other.example"))).message == "account_exists"
    assert requested(world.when(wish(email="eve@other.example"))).message == "register_user"


def work(wanted: RegisterUser, before: World = WORLD) -> list[type[Ask[object]]]:
    """What a decision asks for, in order, until it is made or refused."""
    answers, kinds = list[tuple[Ask[object], object]](), list[type[Ask[object]]]()
    request = Request("main", ANONYMOUS, NOW, ISSUER, "", "test", before.address)
    answerer = before.answerer.copy()

    def resolve(ask: Ask[object]) -> object:
        for known, answer in answers:
            if known == ask:
                return answer
        raise Pending(ask)

    while True:
        try:
            register_user(wanted, Context(request, resolve))
        except Pending as pending:
            kinds.append(type(pending.ask))
            answers.append((pending.ask, answerer.answer(pending.ask, before, request)))
        except ResourceExhausted:
            return kinds
        else:
            return kinds


def test_as_much_work_is_done_whoever_exists() -> None:
    """Time would tell what the answer does not."""
    done = work(wish(user_name="gracie"))
    assert asks.HashPassword in done
    assert done == work(wish(user_name="alice"))


def test_a_name_that_was_taken_meanwhile_is_refused() -> None:
    """The first to prove the address has it; that one is told is no secret to who has proven one too."""
    first, verify = asked(user_name="grace")
    second = first.when(wish(user_name="grace", email="other@example.com"))
    later = VerifyUserRegistration(user_id=second.result.user_id, code=requested(second).code, password=PASSWORD)
    second.world.when(verify).world.when(later).refused(AlreadyExists)


@pytest.mark.parametrize(
    "changes",
    [
        (),
        (POLICIES.append(INSTANCE_POLICIES, LoginPolicySet(registration_allowed=True, password_allowed=False)),),
        (OPEN, POLICIES.append("acme", LoginPolicySet(registration_allowed=False))),
        (OPEN, ORGANIZATION.append("acme", OrganizationDeactivated())),
        (OPEN, SETTINGS.append(SETTINGS_ID, DefaultOrganizationSet(organization_id=""))),
    ],
)
def test_nobody_registers_where_it_is_not_allowed(changes: tuple[Append, ...]) -> None:
    """By the policy of the organization, which has to be active; one that does not exist is answered alike."""
    CLOSED_WORLD.given(*changes).when(wish()).refused(PermissionDenied)
    CLOSED_WORLD.given(*changes).when(wish(organization_id="nowhere")).refused(PermissionDenied)


def test_an_organization_may_open_itself_alone() -> None:
    """It is named in the wish then, and the account is there."""
    world = CLOSED_WORLD.given(POLICIES.append("other", LoginPolicySet(registration_allowed=True)))
    after, verify = asked(world, organization_id="other")
    assert after.when(verify).world.history("main").state(USER, verify.user_id).organization_id == "other"
    world.when(wish()).refused(PermissionDenied)


def test_no_organization_is_opened_by_the_way() -> None:
    """The instance's policy is about the default one: strangers could make themselves people of any other."""
    WORLD.when(wish(organization_id="other")).refused(PermissionDenied)
    assert WORLD.when(wish(organization_id="acme")).changes
    theirs = POLICIES.append("other", LoginPolicySet(registration_allowed=True))
    assert WORLD.given(theirs).when(wish(organization_id="other")).changes


def test_what_is_not_allowed_any_more_makes_no_account() -> None:
    """Whoever closes the door closes it for those with a code too."""
    world, verify = asked()
    shut = POLICIES.append(INSTANCE_POLICIES, LoginPolicySet(registration_allowed=False))
    world.given(shut).when(verify).refused(PermissionDenied)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"password": "short"}, "password"),
        ({"password": "password1"}, "password"),
        ({"password": "grace-hopper-1"}, "password"),
        ({"user_name": "grace"}, "user_name"),
        ({"email": f"{'g' * 60}@{'h' * 150}.example"}, "user_name"),
    ],
    ids=str,
)
def test_policies_hold_for_newcomers(changes: dict[str, str], field: str) -> None:
    """Those on passwords and on user names, before anything is sent."""
    world = WORLD.given(
        POLICIES.append(INSTANCE_POLICIES, DomainPolicySet(user_names_are_addresses=True)),
        POLICIES.append(INSTANCE_POLICIES, PasswordComplexityPolicySet(min_length=10)),
    )
    error = world.when(wish(**changes)).refused(InvalidInput)
    assert isinstance(error, InvalidInput)
    assert [one.field for one in error.violations] == [field]


def test_names_within_an_organization_are_claimed_there() -> None:
    """As an administrator's new users are."""
    scoped = POLICIES.append("acme", DomainPolicySet(user_names_unique_in=UserNameScope.ORGANIZATION))
    world, verify = asked(WORLD.given(scoped), user_name="gracie")
    assert Claim(user_name_key("gracie", "acme"), USER.ref(verify.user_id)) in world.when(verify).changes


def test_a_code_ends_and_cannot_be_guessed() -> None:
    """After an hour, and after five tries."""
    world, verify = asked()
    world.later(hours=1).when(verify).refused(InvalidCode)
    for _ in range(TRIES):
        refused = world.when(verify.model_copy(update={"code": "ZZZZZZZZ"}))
        refused.refused(InvalidCode)
        world = refused.world
    world.when(verify).refused(InvalidCode)


@pytest.mark.parametrize("name", ["victim@corp.example", "VICTIM\uff20corp.example", "grace@example.com.", "@"])
def test_nobody_is_called_by_an_address_of_somebody_else(name: str) -> None:
    """Others sign in by it, ask for it (CIBA Core section 7.1) or show it as who somebody is; it was not proven."""
    error = WORLD.when(wish(user_name=name)).refused(InvalidInput)
    assert isinstance(error, InvalidInput)
    assert [one.field for one in error.violations] == ["user_name"]
    assert requested(WORLD.when(wish(user_name="Grace@Example.com"))).message == "register_user"


@pytest.mark.parametrize("email", ["grace@fa\u00df.example", "\uff47race@example.com"])
def test_address_that_counts_as_another_one_is_no_user_name(email: str) -> None:
    """Two that are told apart by mail servers may be one name here: whoever proved the one is not the other."""
    WORLD.when(wish(email=email)).refused(InvalidInput)
    assert requested(WORLD.when(wish(email=email, user_name="grace"))).address == email


@pytest.mark.parametrize("name", ["gra\u202ece", "gra\x00ce", "gra\x7fce"])
def test_newcomer_is_called_by_a_plain_name(name: str) -> None:
    """As whoever an administrator names: nothing that is not seen, or that turns around what is."""
    with pytest.raises(ValidationError):
        wish(user_name=name)


def test_nothing_is_kept_of_a_wish_that_came_true() -> None:
    """From then on an erasure of the person reaches all there is."""
    world, verify = asked()
    place = (SCOPE, verify.user_id)
    assert place in world.answerer.kept
    assert place not in world.when(verify).world.answerer.kept


def test_wishes_beyond_the_limit_cost_no_hash() -> None:
    """It is slow on purpose: strangers must not have it made without end."""
    world = WORLD
    for number in range(PER_ADDRESS):
        world = world.when(wish(user_name=f"grace{number}")).world
    assert asks.HashPassword in work(wish())
    assert asks.HashPassword not in work(wish(), world)


def test_nobody_fills_a_mailbox_or_asks_without_end() -> None:
    """So many wishes with one address, in whatever case, and so many from one place."""
    world = WORLD
    for number in range(PER_ADDRESS):
        world = replace(world, address=f"198.51.100.{number}").when(wish(user_name=f"grace{number}")).world
    replace(world, address="198.51.100.99").when(wish(email="GRACE@example.com")).refused(ResourceExhausted)
    world = WORLD
    for number in range(PER_PLACE):
        world = world.when(wish(email=f"grace{number}@example.com")).world
    error = world.when(wish()).refused(ResourceExhausted)
    assert isinstance(error, ResourceExhausted)
    assert error.retry_after
