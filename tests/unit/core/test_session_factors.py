"""Second factors in sessions: each proven once, by its own user, in its own session; and what a session is good for."""

import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from hexkeep.core.code import SLICE as CODES
from hexkeep.core.code.events import CodeIssued
from hexkeep.core.code.outbox import deliveries
from hexkeep.core.factor import SLICE as FACTOR_SLICE
from hexkeep.core.factor.events import TotpRemoved, TotpVerified
from hexkeep.core.factor.proofs import TRIES
from hexkeep.core.factor.state import FACTORS, Factor
from hexkeep.core.factor.totp import VerifyMyTotp
from hexkeep.core.identity import identify
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Context, FollowUp, Pending, Request
from hexkeep.core.kernel.errors import (
    FailedPrecondition,
    InvalidInput,
    PermissionDenied,
    ResourceExhausted,
    Unauthenticated,
)
from hexkeep.core.kernel.event import Log, Recorded
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.permission import ANONYMOUS, SYSTEM, Caller
from hexkeep.core.membership import SLICE as MEMBERSHIP
from hexkeep.core.oidc.possession import Presented
from hexkeep.core.organization import SLICE as ORGANIZATIONS
from hexkeep.core.policy import SLICE as POLICY
from hexkeep.core.policy.events import LockoutPolicySet, LoginPolicySet
from hexkeep.core.policy.state import INSTANCE_POLICIES, POLICIES
from hexkeep.core.session import SLICE
from hexkeep.core.session.commands import CheckSession, CreateSession, RecordEnrolledFactor, RequestSessionChallenge
from hexkeep.core.session.errors import InvalidCredentials, InvalidSecondFactor
from hexkeep.core.session.events import (
    SessionCreated,
    SessionFactorChecked,
    SessionPasswordChecked,
    SessionTokenRotated,
    SignInFailed,
)
from hexkeep.core.session.queries import GetMySession
from hexkeep.core.session.state import SESSION, SIGN_IN, Standing, methods, standing
from hexkeep.core.user import SLICE as USERS
from hexkeep.core.user.events import UserDeactivated, UserPasswordSet, UserPhoneChanged
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import authenticator_response, keyed_hash, password_hash
from hexkeep.testing.decisions import INSTANCE_ID, ISSUER, NOW, Kit, Outcome, World
from tests.unit.core.factors import CODE, by_mail, by_text, passkey, recovery, shown, totp
from tests.unit.core.people import PASSWORD, caller, human, machine, organization

KIT = Kit(SLICE, FACTOR_SLICE, CODES, ORGANIZATIONS, USERS, MEMBERSHIP, POLICY)
PHONE = UserPhoneChanged(phone="+41441234567", verified=True)
FORCED = POLICIES.append("acme", LoginPolicySet(force_mfa=True))


def world(*changes: Append) -> World:
    """Ada with some factors, Bob, and a program; nobody calls."""
    people = (*organization(), *human("ada"), USER.append("ada", PHONE), *machine("robot"), *human("bob"))
    return KIT.given(*people, *changes).as_(ANONYMOUS)


def sign_in(**proofs: str) -> CreateSession:
    """Ada's password, and what is given besides."""
    return CreateSession(login_name="ada", password=PASSWORD, **proofs)


def begun(start: World) -> Outcome:
    """Ada gave her password."""
    return start.when(sign_in())


def check(outcome: Outcome, **proofs: str) -> CheckSession:
    """A further proof for the session of an outcome."""
    opened = outcome.result
    return CheckSession(session_id=opened.session_id, session_token=opened.session_token, **proofs)


def checked(factor: Factor, at: datetime = NOW, **changes: object) -> SessionFactorChecked:
    """What is recorded of a factor."""
    return SessionFactorChecked.model_validate({"factor": factor.value, "checked_at": at, **changes})


def called(world_: World, token: str) -> Caller:
    """Who calls with a token."""
    answerer = world_.answerer.copy()
    answers: list[tuple[object, object]] = []
    request = Request(INSTANCE_ID, ANONYMOUS, world_.now, ISSUER, "", "test", world_.address, world_.user_agent)

    def resolve(ask: object) -> object:
        for known, answer in answers:
            if known == ask:
                return answer
        raise Pending(ask)  # type: ignore[arg-type]  # an ask of any answer

    while True:
        try:
            return identify(Presented(token), Context(request, resolve))
        except Pending as pending:
            answers.append((pending.ask, answerer.answer(pending.ask, world_, request)))


def stands(outcome: Outcome) -> tuple[bool, bool]:
    """Whether a second factor is asked for, or one has to be set up."""
    return outcome.result.second_factor_required, outcome.result.enrolment_required


# --- authenticator apps ----------------------------------------------------------------------------------------------


def test_session_of_who_has_a_factor_is_good_for_nothing_before_it_is_proven() -> None:
    """Whatever the policy says: who set one up wants it to be asked for."""
    first = begun(world(totp()))
    assert stands(first) == (True, False)
    assert first.result.factors == (Factor.TOTP,)
    with pytest.raises(Unauthenticated):
        called(first.world, first.result.session_token)
    second = first.world.when(check(first, totp_code=shown(first.world)))
    rotated = SessionTokenRotated(token_hash=keyed_hash("session", "secret-2"))
    second.then(SESSION.append("id-1", checked(Factor.TOTP), rotated))
    assert stands(second) == (False, False)
    assert called(second.world, second.result.session_token).user_id == "ada"
    with pytest.raises(Unauthenticated):
        called(second.world, first.result.session_token)


def test_both_proofs_begin_a_session_at_once() -> None:
    """Each that is given has to be right."""
    start = world(totp())
    outcome = start.when(sign_in(totp_code=shown(start)))
    [change] = outcome.changes
    assert isinstance(change, Append)
    assert isinstance(change.events[0], SessionCreated)
    assert change.events[1:] == (SessionPasswordChecked(checked_at=NOW, password_version=1), checked(Factor.TOTP))
    assert stands(outcome) == (False, False)
    start.when(sign_in(totp_code="000000")).refused(
        InvalidSecondFactor, SIGN_IN.append("id-1", SignInFailed(user_id="ada", reason="totp"))
    )
    wrong = CreateSession(login_name="ada", password="wrong", totp_code=shown(start))
    start.when(wrong).refused(
        InvalidCredentials, SIGN_IN.append("id-1", SignInFailed(user_id="ada", reason="password"))
    )


def failed(reason: str, number: int = 2) -> Append:
    """What is recorded of a proof that did not hold."""
    return SIGN_IN.append(f"id-{number}", SignInFailed(user_id="ada", reason=reason))


def test_used_code_is_refused_in_every_session() -> None:
    """RFC 6238 section 5.2; the next one is good."""
    start = world(totp())
    code = shown(start)
    used = start.when(sign_in(totp_code=code)).world
    other = begun(used)
    other.world.when(check(other, totp_code=code)).refused(InvalidSecondFactor, failed("totp", 3))
    later = other.world.later(seconds=30)
    assert later.when(check(other, totp_code=shown(later))).changes


def test_code_of_another_user_and_of_no_app_are_refused() -> None:
    """Nor does one that is only being set up count."""
    start = world(totp(), totp("bob", "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43UOV3HO6DZ"))
    first = begun(start)
    others = shown(start, "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43UOV3HO6DZ")
    first.world.when(check(first, totp_code=others)).refused(InvalidSecondFactor, failed("totp"))
    none = begun(world())
    none.world.when(check(none, totp_code=shown(start))).refused(InvalidSecondFactor, failed("totp"))


def test_second_factors_are_not_guessed() -> None:
    """Twenty tries an hour, whatever the session."""
    first = begun(world(totp()))
    at = first.world
    for _ in range(TRIES):
        at = at.when(check(first, totp_code="000000")).world
    at.when(check(first, totp_code=shown(at))).refused(ResourceExhausted)
    later = at.later(hours=1)
    assert later.when(check(first, totp_code=shown(later))).changes


def test_policy_locks_after_wrong_codes_in_a_row() -> None:
    """And not after as many with a right one between them."""
    strict = POLICIES.append("acme", LockoutPolicySet(max_otp_attempts=2))
    first = begun(world(totp(), strict))
    wrong = check(first, totp_code="000000")
    one = first.world.when(wrong)
    assert one.follow_ups == ()
    assert one.world.when(wrong).follow_ups == (FollowUp("LockAfterFailures", {"user_id": "ada"}),)
    right = one.world.when(check(first, totp_code=shown(one.world)))
    assert right.world.later(seconds=1).when(check(right, totp_code="000000")).follow_ups == ()


def test_session_is_held_by_its_token_alone() -> None:
    """The token of another, an old one and one of another instance prove nothing, nor ask for anything."""
    first = begun(world(totp()))
    stolen = CheckSession(session_id="id-1", session_token="hks_id-1_wrong", totp_code=shown(first.world))
    first.world.when(stolen).refused(InvalidCredentials)
    ask = RequestSessionChallenge(session_id="id-1", session_token="hks_id-1_wrong")
    first.world.when(ask).refused(InvalidCredentials)
    first.world.within("elsewhere").when(check(first, totp_code=shown(first.world))).refused(InvalidCredentials)
    first.world.when(check(first)).refused(InvalidInput)


def test_inactive_user_proves_nothing() -> None:
    """The right code neither."""
    first = begun(world(totp()))
    gone = first.world.given(USER.append("ada", UserDeactivated()))
    gone.when(check(first, totp_code=shown(gone))).refused(InvalidSecondFactor, failed("totp"))


# --- recovery codes --------------------------------------------------------------------------------------------------


def test_recovery_code_stands_in_once() -> None:
    """At once by the expiring store, for good by what follows."""
    first = begun(world(totp(), recovery()))
    assert first.result.factors == (Factor.TOTP, Factor.RECOVERY_CODE)
    typed = "bcdf-ghjk lmnp-qrst"
    used = first.world.when(check(first, recovery_code=typed))
    assert stands(used) == (False, False)
    [follow_up] = used.follow_ups
    assert (follow_up.operation, follow_up.fields) == (
        "RecordRecoveryCodeUse",
        {"user_id": "ada", "batch": 1, "number": 0},
    )
    again = begun(used.world)
    again.world.when(check(again, recovery_code=CODE)).refused(InvalidSecondFactor, failed("recovery_code", 3))


def test_recovery_codes_of_others_and_of_before_are_refused() -> None:
    """And one alone is none: there has to be a factor that it stands in for."""
    first = begun(world(totp(), recovery("bob"), recovery("ada", "X" * 16)))
    first.world.when(check(first, recovery_code=CODE)).refused(InvalidSecondFactor, failed("recovery_code"))
    alone = begun(world(recovery()))
    assert alone.result.factors == ()
    alone.world.when(check(alone, recovery_code=CODE)).refused(InvalidSecondFactor, failed("recovery_code"))


# --- codes that are sent ---------------------------------------------------------------------------------------------


def sent(outcome: Outcome) -> CodeIssued:
    """The code that went out."""
    [append] = [change for change in outcome.changes if isinstance(change, Append)]
    [event] = append.events
    assert isinstance(event, CodeIssued)
    return event


def challenge(outcome: Outcome, factor: Factor, at: World | None = None) -> Outcome:
    """A challenge for the session of an outcome."""
    opened = outcome.result
    ask = RequestSessionChallenge(session_id=opened.session_id, session_token=opened.session_token, factor=factor)
    return (at or outcome.world).when(ask)


@pytest.mark.parametrize(
    ("factor", "field", "channel", "address"),
    [
        (Factor.OTP_EMAIL, "otp_email_code", "mail", "ada@example.com"),
        (Factor.OTP_SMS, "otp_sms_code", "sms", "+41441234567"),
    ],
)
def test_code_is_sent_and_proves_once(factor: Factor, field: str, channel: str, address: str) -> None:
    """To the verified address; the message is of the kind that says so."""
    first = begun(world(by_mail() if factor is Factor.OTP_EMAIL else by_text()))
    asked = challenge(first, factor)
    event = sent(asked)
    [delivery] = deliveries(Recorded(event, "main", Log.ACTIVITY, 1, "code", "id-1", 1, NOW, "", ""))
    assert (delivery.channel, delivery.payload["to"]) == (channel, address)
    assert delivery.payload["message"] == "one_time_code"
    proven = asked.world.when(check(first, **{field: event.code.lower()}))
    assert stands(proven) == (False, False)
    asked.world.later(minutes=5).when(check(first, **{field: event.code})).refused(
        InvalidSecondFactor, failed(factor.value, 3)
    )
    proven.world.when(check(proven, **{field: event.code})).refused(InvalidSecondFactor, failed(factor.value, 3))


def test_codes_go_to_who_has_them_as_a_factor() -> None:
    """Nothing is sent to others, and a code for one factor is none for the other."""
    first = begun(world(totp()))
    challenge(first, Factor.OTP_EMAIL).refused(FailedPrecondition)
    assert challenge(first, Factor.UNSPECIFIED).result.factors == (Factor.TOTP,)
    assert challenge(first, Factor.TOTP).result.options == ""
    both = begun(world(by_mail(), by_text()))
    asked = challenge(both, Factor.OTP_EMAIL)
    code = sent(asked).code
    asked.world.when(check(both, otp_sms_code=code)).refused(InvalidSecondFactor, failed("otp_sms", 3))


# --- passkeys --------------------------------------------------------------------------------------------------------


def challenged(outcome: Outcome) -> str:
    """The challenge in the options of an outcome."""
    return str(json.loads(outcome.result.options)["challenge"])


def signing(start: World, **response: object) -> tuple[World, CreateSession]:
    """A sign-in with a passkey alone, as the kit's authenticator answers."""
    asked = start.when(Empty(), "StartPasskeySignIn")
    options = json.loads(asked.result.options)
    assert (options["rpId"], options["userVerification"], options["allowCredentials"]) == (
        "id.example.com",
        "required",
        [],
    )
    answer = authenticator_response(challenged(asked), **{"user": "ada", **response})  # type: ignore[arg-type]  # passed on as they are
    return asked.world, CreateSession(passkey=answer)


def test_passkey_signs_in_alone() -> None:
    """It stands for password and second factor, and lasts like the password."""
    at, request = signing(world(passkey(), FORCED))
    outcome = at.when(request)
    [change] = outcome.changes
    assert isinstance(change, Append)
    assert change.events[1:] == (checked(Factor.PASSKEY, alone=True, password_version=1),)
    assert stands(outcome) == (False, False)
    assert called(outcome.world, outcome.result.session_token).user_id == "ada"
    changed = USER.append("ada", UserPasswordSet(hash=password_hash("new"), change_required=False))
    with pytest.raises(Unauthenticated):
        called(outcome.world.given(changed), outcome.result.session_token)


@pytest.mark.parametrize(
    "response",
    [
        {"key": "key-2"},
        {"verified": False},
        {"origin": "https://evil.example"},
        {"user": "bob"},
        {"user": "nobody"},
        {"user": "robot"},
    ],
    ids=str,
)
def test_wrong_passkeys_sign_nobody_in(response: dict[str, object]) -> None:
    """All alike, whether there is such a user or not."""
    at, request = signing(world(passkey()), **response)
    outcome = at.when(request)
    assert isinstance(outcome.error, InvalidCredentials)
    assert str(outcome.error) == str(at.when(CreateSession(login_name="ada", password="wrong")).error)


def test_assertion_is_answered_once_and_in_time() -> None:
    """A replay begins no session, and a challenge for something else neither."""
    at, request = signing(world(passkey()))
    at.when(request).world.when(request).refused(InvalidCredentials, failed("passkey"))
    at.later(minutes=5).when(request).refused(InvalidCredentials, failed("passkey", 1))
    first = begun(world(passkey()))
    asked = challenge(first, Factor.PASSKEY)
    stolen = CreateSession(passkey=authenticator_response(challenged(asked), user="ada"))
    asked.world.when(stolen).refused(InvalidCredentials, failed("passkey"))
    nobody = CreateSession(passkey=authenticator_response(challenged(asked)))
    asked.world.when(nobody).refused(InvalidInput)


@pytest.mark.parametrize("strange", ["\0", "a b", "\ud800", "\u202e"])
def test_strange_names_and_challenges_are_none(strange: str) -> None:
    """What no store could keep is not asked for."""
    start = world(passkey())
    told = json.dumps({"challenge": strange, "origin": ISSUER})
    client = base64.urlsafe_b64encode(told.encode()).decode()
    handle = base64.urlsafe_b64encode(strange.encode("utf-8", "surrogatepass")).decode()
    for user in (handle, "YWRh"):
        answer = {"id": strange, "response": {"clientDataJSON": client, "userHandle": user}}
        outcome = start.when(CreateSession(passkey=json.dumps(answer)))
        assert isinstance(outcome.error, InvalidCredentials if user == "YWRh" else InvalidInput)


def test_passkey_strengthens_the_session_it_was_asked_for() -> None:
    """And no other."""
    start = world(passkey(alone=False))
    first, other = begun(start), None
    asked = challenge(first, Factor.PASSKEY)
    assert json.loads(asked.result.options)["allowCredentials"] == [{"type": "public-key", "id": "key-1"}]
    answer = authenticator_response(challenged(asked), verified=False)
    proven = asked.world.when(check(first, passkey=answer))
    rotated = SessionTokenRotated(token_hash=keyed_hash("session", "secret-3"))
    proven.then(SESSION.append("id-1", checked(Factor.PASSKEY), rotated))
    assert stands(proven) == (False, False)
    other = begun(asked.world)
    other.world.when(check(other, passkey=answer)).refused(InvalidSecondFactor, failed("passkey", 3))


def test_key_beside_a_password_does_not_sign_in_alone() -> None:
    """Nor does any where the policy wants passwords."""
    at, request = signing(world(passkey(alone=False)), verified=False)
    at.when(request).refused(InvalidCredentials, failed("passkey", 1))
    passwords = POLICIES.append("acme", LoginPolicySet(passwordless_allowed=False))
    at, request = signing(world(passkey(), passwords))
    at.when(request).refused(InvalidCredentials, failed("passkey", 1))


def test_strangers_do_not_use_up_the_tries_of_second_factors() -> None:
    """They need no password to present a passkey; the person has as many tries as before."""
    at = world(totp(), passkey())
    for number in range(TRIES + 1):
        guess = CreateSession(login_name="ada", passkey=authenticator_response("guess", key="our-key-1"))
        at = replace(at, address=f"198.51.100.{number}").when(guess).world
    at = replace(at, address="192.0.2.1").as_(ANONYMOUS)
    assert stands(at.when(sign_in(totp_code=shown(at)))) == (False, False)


def test_count_that_went_back_is_told_in_the_audit() -> None:
    """W3C Web Authentication section 6.1.1; one that counts on is noted."""
    at, request = signing(world(passkey(count=5)), count=5)
    at.when(request).refused(InvalidCredentials, failed("sign_count", 1))
    at, request = signing(world(passkey(count=5)), count=0)
    at.when(request).refused(InvalidCredentials, failed("sign_count", 1))
    at, request = signing(world(passkey(count=5)), count=6)
    [follow_up] = at.when(request).follow_ups
    assert follow_up.operation == "RecordPasskeyUse"
    assert follow_up.fields == {"user_id": "ada", "passkey_id": "our-key-1", "sign_count": 6}


# --- what a session is good for --------------------------------------------------------------------------------------


def stood(at: World) -> Standing:
    """What Ada's session is good for."""
    history, answers = at.history("main"), at.answerer.copy()
    request = Request(INSTANCE_ID, ANONYMOUS, at.now)
    context = Context(request, lambda ask: answers.answer(ask, at, request))
    return standing(context, history.state(SESSION, "id-1"), history.state(USER, "ada"))


def test_password_is_enough_where_nothing_forces_more() -> None:
    """As it has always been."""
    outcome = begun(world())
    assert stands(outcome) == (False, False)
    assert outcome.result.factors == ()
    assert not called(outcome.world, outcome.result.session_token).enrolling


@pytest.mark.parametrize("place", ["acme", INSTANCE_POLICIES])
@pytest.mark.parametrize("field", ["force_mfa", "force_mfa_local"])
def test_policy_forces_who_has_none_to_set_one_up(place: str, field: str) -> None:
    """The session takes no role until then, and goes on without a further proof once the factor is shown there."""
    forced = POLICIES.append(place, LoginPolicySet.model_validate({field: True}))
    outcome = begun(world(forced))
    assert stands(outcome) == (False, True)
    ada = called(outcome.world, outcome.result.session_token)
    assert (ada.enrolling, ada.memberships) == (True, ())
    registered = outcome.world.as_(ada).when(Empty(), "RegisterMyTotp")
    verified = registered.world.when(VerifyMyTotp(code=shown(registered.world, registered.result.secret)))
    assert stood(verified.world) is Standing.SECOND_FACTOR
    [follow_up] = verified.follow_ups
    assert follow_up.operation == "RecordEnrolledFactor"
    recorded = verified.world.as_(SYSTEM).when(RecordEnrolledFactor.model_validate(follow_up.fields))
    recorded.then(SESSION.append("id-1", checked(Factor.TOTP)))
    assert stood(recorded.world) is Standing.PROVEN


def test_enrolment_is_recorded_by_the_system_in_the_users_own_session() -> None:
    """And by nobody else, nor in one that is over."""
    outcome = begun(world())
    request = RecordEnrolledFactor(session_id="id-1", user_id="ada", factor=Factor.TOTP)
    outcome.world.as_(caller("eve", "INSTANCE_OWNER")).when(request).refused(PermissionDenied)
    system = outcome.world.as_(SYSTEM)
    system.when(request.model_copy(update={"user_id": "bob"})).then()
    system.later(days=1).when(request).then()


def test_sessions_from_before_a_factor_go_on_unless_the_policy_insists() -> None:
    """Those that begin later need it, even if an older factor was taken away meanwhile."""
    outcome = begun(world())
    hour = NOW + timedelta(hours=1)
    later = replace(outcome.world, now=hour + timedelta(hours=1))
    verified = FACTORS.append("ada", *totp().events[:1], TotpVerified(user_id="ada", verified_at=hour))
    assert stood(later.given(verified)) is Standing.PROVEN
    assert stood(later.given(verified, FORCED)) is Standing.SECOND_FACTOR
    newer = passkey().events[0].model_copy(update={"registered_at": hour + timedelta(hours=2)})
    swapped = begun(world(totp())).world.given(
        FACTORS.append("ada", newer), FACTORS.append("ada", TotpRemoved(user_id="ada"))
    )
    assert stood(swapped) is Standing.SECOND_FACTOR


def test_second_factor_lasts_as_long_as_the_policy_says() -> None:
    """Eighteen hours unless it says otherwise; the password alone does not bring it back."""
    start = world(totp(), POLICIES.append("acme", LoginPolicySet(second_factor_check_lifetime=timedelta(hours=1))))
    outcome = start.when(sign_in(totp_code=shown(start)))
    assert stood(outcome.world.later(hours=1)) is Standing.PROVEN
    over = outcome.world.later(hours=1, seconds=1)
    assert stood(over) is Standing.SECOND_FACTOR
    again = over.when(check(outcome, password=PASSWORD))
    assert stands(again) == (True, False)


def test_second_factor_alone_proves_nothing() -> None:
    """A session that was begun without a password needs it as well."""
    trusted = world(totp()).as_(caller("eve", "INSTANCE_OWNER")).when(CreateSession(user_id="ada"))
    assert trusted.result.factors == (Factor.TOTP,)
    anybody = trusted.world.as_(ANONYMOUS)
    second = anybody.when(check(trusted, totp_code=shown(anybody)))
    with pytest.raises(Unauthenticated):
        called(second.world, second.result.session_token)
    both = second.world.when(check(second, password=PASSWORD))
    assert called(both.world, both.result.session_token).user_id == "ada"


def test_view_tells_how_its_user_signed_in() -> None:
    """Each factor with its time, and the references of RFC 8176."""
    start = world(totp())
    outcome = start.when(sign_in(totp_code=shown(start)))
    view = outcome.world.as_(caller("ada")).when(GetMySession(session_id="id-1")).result
    assert [(one.factor, one.checked_at) for one in view.checks] == [(Factor.TOTP, NOW)]
    assert view.amr == ("pwd", "otp", "mfa")
    at, request = signing(world(passkey()))
    alone = at.when(request).world.as_(caller("ada")).when(GetMySession(session_id="id-1")).result
    assert alone.amr == ("swk", "user", "mfa")
    assert alone.password_checked_at is None


def test_references_are_not_repeated() -> None:
    """Two factors may have the same; what is unknown is left out."""
    assert methods(("totp", "recovery_code", "otp_sms", "new"), password=True, alone=False) == (
        "pwd",
        "otp",
        "sms",
        "mfa",
    )
    assert methods((), password=True, alone=False) == ("pwd",)
    assert methods(("totp",), password=False, alone=False) == ("otp",)
