"""Second factors: set up by the person, looked at and taken away by who manages the person."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from hexkeep.core.factor import SLICE
from hexkeep.core.factor.addresses import DeleteUserOtpEmail, DeleteUserOtpSms
from hexkeep.core.factor.errors import InvalidFactor
from hexkeep.core.factor.events import (
    OtpEmailAdded,
    OtpEmailRemoved,
    OtpSmsAdded,
    OtpSmsRemoved,
    PasskeyRegistered,
    PasskeyRemoved,
    PasskeyRenamed,
    PasskeyUsed,
    RecoveryCodesRemoved,
    RecoveryCodeUsed,
    TotpRegistered,
    TotpRemoved,
    TotpVerified,
)
from hexkeep.core.factor.passkeys import (
    MOST,
    STARTS,
    DeleteMyPasskey,
    DeleteUserPasskey,
    FinishMyPasskeyRegistration,
    RecordPasskeyUse,
    StartMyPasskeyRegistration,
    UpdateMyPasskey,
)
from hexkeep.core.factor.proofs import TRIES
from hexkeep.core.factor.queries import ListUserFactors, ListUserPasskeys
from hexkeep.core.factor.recovery import CODES, DeleteUserRecoveryCodes, RecordRecoveryCodeUse
from hexkeep.core.factor.rfc6238 import new_secret
from hexkeep.core.factor.state import FACTORS, Factor
from hexkeep.core.factor.totp import DeleteUserTotp, VerifyMyTotp
from hexkeep.core.kernel.errors import (
    FailedPrecondition,
    NotFound,
    PermissionDenied,
    ReauthenticationRequired,
    ResourceExhausted,
    SecondFactorRequired,
    Unauthenticated,
)
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import ANONYMOUS, SYSTEM
from hexkeep.core.membership import SLICE as MEMBERSHIP
from hexkeep.core.organization import SLICE as ORGANIZATIONS
from hexkeep.core.session import SLICE as SESSIONS
from hexkeep.core.user import SLICE as USERS
from hexkeep.core.user.events import UserEmailChanged, UserPhoneChanged
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import authenticator_response
from hexkeep.testing.decisions import NOW, Kit, Outcome, World
from tests.unit.core.factors import BEFORE, by_mail, by_text, passkey, recovery, shown, totp
from tests.unit.core.people import caller, human, machine, organization, owner_of_organization
from tests.unit.core.worlds import session

KIT = Kit(SLICE, USERS, ORGANIZATIONS, MEMBERSHIP, SESSIONS)
ADA = replace(caller("ada"), session_id="s1")
MANAGER = caller("eve", "ORGANIZATION_USER_MANAGER", "acme")
VIEWER = caller("eve", "ORGANIZATION_VIEWER", "acme")
STRANGER = caller("eve", "ORGANIZATION_OWNER", "other")
PHONE = UserPhoneChanged(phone="+41441234567", verified=True)
APP = new_secret("secret-1")


def world(*changes: object) -> World:
    """Ada, whose addresses are verified, Bob elsewhere, and a program; Ada calls."""
    people = (*organization(), *human("ada"), USER.append("ada", PHONE), *machine("robot"))
    signed_in = (*session("ada", "s1"), *session("bob", "s2"))
    others = (*organization("other"), *human("bob", "other"))
    return KIT.given(*people, *others, *signed_in, *changes).as_(ADA)  # type: ignore[arg-type]  # changes of any kind


OWN: tuple[tuple[str, Message], ...] = (
    *((name, Empty()) for name in ("RegisterMyTotp", "DeleteMyTotp", "GenerateMyRecoveryCodes")),
    *((name, Empty()) for name in ("AddMyOtpEmail", "RemoveMyOtpEmail", "AddMyOtpSms", "RemoveMyOtpSms")),
    ("VerifyMyTotp", VerifyMyTotp(code="000000")),
    ("StartMyPasskeyRegistration", StartMyPasskeyRegistration()),
    ("FinishMyPasskeyRegistration", FinishMyPasskeyRegistration(credential=authenticator_response("x"), name="Mine")),
    ("UpdateMyPasskey", UpdateMyPasskey(passkey_id="our-key-1", name="Mine")),
    ("DeleteMyPasskey", DeleteMyPasskey(passkey_id="our-key-1")),
)


@pytest.mark.parametrize(("operation", "request_"), OWN, ids=[name for name, _ in OWN])
def test_a_token_that_was_found_makes_and_takes_no_factor(operation: str, request_: Message) -> None:
    """Neither a personal one nor an application's: with a passkey its finder would come back for ever."""
    personal = replace(ADA, session_id="", client_id="personal_access_token:t1")
    for who in (personal, replace(ADA, client_id="console")):
        world(totp(), passkey()).as_(who).when(request_, operation).refused(PermissionDenied)


# --- authenticator apps ----------------------------------------------------------------------------------------------


def registered() -> World:
    """Ada sets an app up."""
    return world().when(Empty(), "RegisterMyTotp").world


def test_secret_is_shown_once_and_counts_when_verified() -> None:
    """It is recorded sealed; a code of the app makes it a factor."""
    outcome = world().when(Empty(), "RegisterMyTotp")
    outcome.then(FACTORS.append("ada", TotpRegistered(user_id="ada", secret=APP)))
    assert outcome.result.secret == APP
    assert outcome.result.uri.startswith(f"otpauth://totp/id.example.com:ada?secret={APP}&issuer=id.example.com")
    assert APP not in repr(outcome.result)
    assert outcome.world.when(Empty(), "ListMyFactors").result.factors == ()
    verified = outcome.world.when(VerifyMyTotp(code=shown(outcome.world, APP)))
    verified.then(FACTORS.append("ada", TotpVerified(user_id="ada", verified_at=NOW)))
    [one] = verified.world.when(Empty(), "ListMyFactors").result.factors
    assert (one.factor, one.added_at) == (Factor.TOTP, NOW)


def test_wrong_late_and_used_codes_verify_nothing() -> None:
    """A replay within the step neither (RFC 6238 section 5.2)."""
    start = registered()
    right = shown(start, APP)
    start.when(VerifyMyTotp(code="000000")).refused(InvalidFactor)
    start.later(minutes=2).when(VerifyMyTotp(code=right)).refused(InvalidFactor)
    again = start.when(VerifyMyTotp(code=right)).world.when(Empty(), "DeleteMyTotp").world
    anew = again.given(FACTORS.append("ada", TotpRegistered(user_id="ada", secret=APP)))
    anew.when(VerifyMyTotp(code=right)).refused(InvalidFactor)
    anew.when(VerifyMyTotp(code=shown(anew, APP, 1))).then(
        FACTORS.append("ada", TotpVerified(user_id="ada", verified_at=NOW))
    )


def test_guessing_ends() -> None:
    """After some tries in an hour the right code is of no use either."""
    start = registered()
    for _ in range(TRIES):
        start = start.when(VerifyMyTotp(code="000000")).world
    start.when(VerifyMyTotp(code=shown(start, APP))).refused(ResourceExhausted)
    later = start.later(hours=1)
    assert later.when(VerifyMyTotp(code=shown(later, APP))).changes


def test_app_is_set_up_once() -> None:
    """A secret that was not verified is void once there is another; one that counts has to be deleted first."""
    second = registered().when(Empty(), "RegisterMyTotp").world
    second.when(VerifyMyTotp(code=shown(second, APP))).refused(InvalidFactor)
    world(totp()).when(Empty(), "RegisterMyTotp").refused(FailedPrecondition)
    world(totp()).when(VerifyMyTotp(code="123456")).refused(FailedPrecondition)
    world().when(VerifyMyTotp(code="123456")).refused(FailedPrecondition)


def test_app_is_deleted() -> None:
    """By the person or a manager; what is not there is not deleted again."""
    removed = FACTORS.append("ada", TotpRemoved(user_id="ada"))
    mine = world(totp()).when(Empty(), "DeleteMyTotp")
    mine.then(removed)
    mine.world.when(Empty(), "DeleteMyTotp").then()
    world(totp()).as_(MANAGER).when(DeleteUserTotp(user_id="ada")).then(removed)
    world().as_(MANAGER).when(DeleteUserTotp(user_id="ada")).then()


# --- recovery codes --------------------------------------------------------------------------------------------------


def test_recovery_codes_are_shown_once() -> None:
    """Ten different ones; their hashes are recorded, and another ten take their place."""
    outcome = world(totp()).when(Empty(), "GenerateMyRecoveryCodes")
    codes = outcome.result.codes
    assert len(set(codes)) == CODES
    assert all(len(code) == 19 for code in codes)
    assert not any(code in repr(outcome.changes) or code in repr(outcome.result) for code in codes)
    assert outcome.world.when(Empty(), "ListMyFactors").result.recovery_codes_left == CODES
    again = outcome.world.when(Empty(), "GenerateMyRecoveryCodes")
    assert not set(again.result.codes) & set(codes)
    state = again.world.history("main").state(FACTORS, "ada")
    assert (state.recovery_batch, state.codes_left) == (2, CODES)


def test_recovery_codes_are_for_who_has_a_factor() -> None:
    """They stand in for one, and are none."""
    world().when(Empty(), "GenerateMyRecoveryCodes").refused(FailedPrecondition)
    assert world(recovery()).when(Empty(), "ListMyFactors").result.factors == ()


def test_use_of_a_recovery_code_is_recorded_once() -> None:
    """By the system alone; one of an earlier batch is nothing any more."""
    use = RecordRecoveryCodeUse(user_id="ada", batch=1, number=0)
    start = world(totp(), recovery())
    used = start.as_(SYSTEM).when(use)
    used.then(FACTORS.append("ada", RecoveryCodeUsed(user_id="ada", batch=1, number=0)))
    assert used.world.history("main").state(FACTORS, "ada").codes_left == 0
    used.world.when(use).then()
    start.as_(SYSTEM).when(use.model_copy(update={"batch": 2})).then()
    start.as_(SYSTEM).when(use.model_copy(update={"number": 9})).then()
    start.as_(MANAGER).when(use).refused(PermissionDenied)


def test_recovery_codes_are_voided() -> None:
    """By a manager."""
    void = DeleteUserRecoveryCodes(user_id="ada")
    outcome = world(totp(), recovery()).as_(MANAGER).when(void)
    outcome.then(FACTORS.append("ada", RecoveryCodesRemoved(user_id="ada")))
    outcome.world.when(void).then()


# --- codes by mail and text message ----------------------------------------------------------------------------------


def test_addresses_become_factors() -> None:
    """Once; a manager takes them away as well as the person."""
    mail = world().when(Empty(), "AddMyOtpEmail")
    mail.then(FACTORS.append("ada", OtpEmailAdded(user_id="ada", added_at=NOW)))
    mail.world.when(Empty(), "AddMyOtpEmail").then()
    text = mail.world.when(Empty(), "AddMyOtpSms")
    text.then(FACTORS.append("ada", OtpSmsAdded(user_id="ada", added_at=NOW)))
    text.world.when(Empty(), "AddMyOtpSms").then()
    without_mail = FACTORS.append("ada", OtpEmailRemoved(user_id="ada"))
    without_text = FACTORS.append("ada", OtpSmsRemoved(user_id="ada"))
    both = text.world
    both.when(Empty(), "RemoveMyOtpEmail").then(without_mail)
    both.when(Empty(), "RemoveMyOtpSms").then(without_text)
    both.as_(MANAGER).when(DeleteUserOtpEmail(user_id="ada")).then(without_mail)
    both.as_(MANAGER).when(DeleteUserOtpSms(user_id="ada")).then(without_text)
    for name in ("RemoveMyOtpEmail", "RemoveMyOtpSms"):
        world().when(Empty(), name).then()


def test_only_verified_addresses_count() -> None:
    """One that is not cannot be added, and one that was added counts again once it is verified."""
    mail = USER.append("ada", UserEmailChanged(email="new@example.com", verified=False))
    text = USER.append("ada", UserPhoneChanged(phone="+41441234568", verified=False))
    world(mail).when(Empty(), "AddMyOtpEmail").refused(FailedPrecondition)
    world(text).when(Empty(), "AddMyOtpSms").refused(FailedPrecondition)
    changed = world(by_mail(), by_text(), mail, text)
    assert changed.when(Empty(), "ListMyFactors").result.factors == ()
    verified = changed.given(USER.append("ada", UserEmailChanged(email="new@example.com", verified=True)))
    [one] = verified.when(Empty(), "ListMyFactors").result.factors
    assert one.factor is Factor.OTP_EMAIL


# --- passkeys --------------------------------------------------------------------------------------------------------


def started(start: World | None = None, *, second: bool = False) -> Outcome:
    """The registration of a passkey is begun."""
    return (start or world()).when(StartMyPasskeyRegistration(second_factor_only=second))


def finished(outcome: Outcome, **response: object) -> FinishMyPasskeyRegistration:
    """What the kit's authenticator answers."""
    challenge = json.loads(outcome.result.options)["challenge"]
    answer = authenticator_response(challenge, **response)  # type: ignore[arg-type]  # passed on as they are
    return FinishMyPasskeyRegistration(credential=answer, name="Blue key")


def test_passkey_comes_and_goes_after_a_fresh_sign_in_alone() -> None:
    """With one of its own whoever got hold of a session would come back for ever; what began in time is finished."""
    stale = world(passkey()).later(minutes=16)
    for second in (False, True):
        stale.when(StartMyPasskeyRegistration(second_factor_only=second)).refused(ReauthenticationRequired)
    stale.when(DeleteMyPasskey(passkey_id="our-key-1")).refused(ReauthenticationRequired)
    begun = started(world().later(minutes=14))
    assert begun.world.later(minutes=2).when(finished(begun)).changes


def test_browser_is_told_what_to_ask() -> None:
    """W3C Web Authentication section 5.4: for this place, this person, a verified user, and no key twice."""
    options = json.loads(started(world(passkey(name="old"))).result.options)
    assert options["rp"]["id"] == "id.example.com"
    assert (options["user"]["id"], options["user"]["name"]) == ("YWRh", "ada")
    assert options["excludeCredentials"] == [{"type": "public-key", "id": "old"}]
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"
    beside = json.loads(started(second=True).result.options)["authenticatorSelection"]
    assert (beside["userVerification"], beside["residentKey"]) == ("discouraged", "discouraged")


@pytest.mark.parametrize("second", [False, True])
def test_passkey_is_registered(*, second: bool) -> None:
    """One that verifies its user signs in alone, any other beside a password."""
    begun = started(second=second)
    outcome = begun.world.when(finished(begun, verified=not second, count=3))
    event = PasskeyRegistered(
        user_id="ada",
        passkey_id="id-1",
        credential_id="key-1",
        public_key="public key-1",
        sign_count=3,
        name="Blue key",
        passwordless=not second,
        registered_at=NOW,
    )
    outcome.then(FACTORS.append("ada", event))
    [one] = outcome.world.when(Empty(), "ListMyPasskeys").result.passkeys
    assert (one.passkey_id, one.name, one.passwordless) == ("id-1", "Blue key", not second)
    [factor] = outcome.world.when(Empty(), "ListMyFactors").result.factors
    assert factor.factor is Factor.PASSKEY


def test_challenge_is_answered_once_in_time_by_its_own_user() -> None:
    """Replay, a late answer, another user's, and that of another instance are all alike."""
    begun = started()
    answer = finished(begun)
    done = begun.world.when(answer).world.when(DeleteMyPasskey(passkey_id="id-1")).world
    done.when(answer).refused(InvalidFactor)
    begun.world.later(minutes=5).when(answer).refused(InvalidFactor)
    begun.world.as_(replace(caller("bob"), session_id="s2")).when(answer).refused(InvalidFactor)
    sign_in = begun.world.when(Empty(), "StartPasskeySignIn")
    sign_in.world.when(finished(sign_in)).refused(InvalidFactor)


@pytest.mark.parametrize("wrong", [{"origin": "https://evil.example"}, {"verified": False}])
def test_origin_and_user_are_checked(wrong: dict[str, object]) -> None:
    """A page elsewhere gets nothing, and a passkey verifies who uses it."""
    begun = started()
    outcome = begun.world.when(finished(begun, **wrong))
    outcome.refused(InvalidFactor)
    outcome.world.when(finished(begun)).refused(InvalidFactor)


@pytest.mark.parametrize("text", ["{}", "[]", "nothing", '{"response": 1}', '{"response": {"clientDataJSON": "ISEh"}}'])
def test_nonsense_registers_nothing(text: str) -> None:
    """Whatever it is."""
    started().world.when(FinishMyPasskeyRegistration(credential=text, name="x")).refused(InvalidFactor)


def test_key_is_registered_once() -> None:
    """The same credential a second time is refused."""
    begun = started(world(passkey()))
    begun.world.when(finished(begun)).refused(InvalidFactor)


def test_passkeys_are_limited() -> None:
    """Twenty of one person."""
    full = world(*(passkey(name=f"key-{number}") for number in range(MOST)))
    full.when(StartMyPasskeyRegistration()).refused(FailedPrecondition)
    begun = started(world(*(passkey(name=f"other-{number}") for number in range(MOST - 1))))
    begun.world.given(passkey(name="last")).when(finished(begun)).refused(FailedPrecondition)


def test_passkey_is_renamed_and_deleted() -> None:
    """One's own; what there is not is not found."""
    start = world(passkey(), passkey(name="key-2"))
    renamed = start.when(UpdateMyPasskey(passkey_id="our-key-1", name="Red key"))
    renamed.then(FACTORS.append("ada", PasskeyRenamed(user_id="ada", passkey_id="our-key-1", name="Red key")))
    renamed.world.when(UpdateMyPasskey(passkey_id="our-key-1", name="Red key")).then()
    removed = FACTORS.append("ada", PasskeyRemoved(user_id="ada", passkey_id="our-key-1"))
    gone = renamed.world.when(DeleteMyPasskey(passkey_id="our-key-1"))
    gone.then(removed)
    assert [one.passkey_id for one in gone.world.when(Empty(), "ListMyPasskeys").result.passkeys] == ["our-key-2"]
    start.as_(MANAGER).when(DeleteUserPasskey(user_id="ada", passkey_id="our-key-1")).then(removed)
    start.when(DeleteMyPasskey(passkey_id="none")).refused(NotFound)
    start.when(UpdateMyPasskey(passkey_id="none", name="x")).refused(NotFound)
    start.as_(replace(caller("bob"), session_id="s2")).when(DeleteMyPasskey(passkey_id="our-key-1")).refused(NotFound)


def test_count_is_recorded_upwards() -> None:
    """By the system alone."""
    use = RecordPasskeyUse(user_id="ada", passkey_id="our-key-1", sign_count=7)
    counted = world(passkey(count=5)).as_(SYSTEM).when(use)
    counted.then(FACTORS.append("ada", PasskeyUsed(user_id="ada", passkey_id="our-key-1", sign_count=7)))
    counted.world.when(use).then()
    world().as_(SYSTEM).when(use).then()
    world(passkey()).as_(MANAGER).when(use).refused(PermissionDenied)


def test_sign_ins_that_are_begun_are_limited() -> None:
    """Anybody may, so there is a limit for each network."""
    start = world().as_(ANONYMOUS)
    for _ in range(STARTS):
        start = start.when(Empty(), "StartPasskeySignIn").world
    start.when(Empty(), "StartPasskeySignIn").refused(ResourceExhausted)
    assert replace(start, address="198.51.100.1").when(Empty(), "StartPasskeySignIn").result.options


# --- who may ---------------------------------------------------------------------------------------------------------

MANAGED: tuple[Message, ...] = (
    DeleteUserTotp(user_id="ada"),
    DeleteUserRecoveryCodes(user_id="ada"),
    DeleteUserOtpEmail(user_id="ada"),
    DeleteUserOtpSms(user_id="ada"),
    DeleteUserPasskey(user_id="ada", passkey_id="our-key-1"),
)
EVERYTHING = (totp(), recovery(), by_mail(), by_text(), passkey())


@pytest.mark.parametrize("request_", MANAGED, ids=lambda one: type(one).__name__)
def test_factors_are_taken_away_by_who_may_become_the_user_anyway(request_: Message) -> None:
    """Strangers find nobody, viewers may not, nor who holds less than the user."""
    start = world(*EVERYTHING)
    start.as_(STRANGER).when(request_).refused(NotFound)
    start.as_(VIEWER).when(request_).refused(PermissionDenied)
    start.given(*owner_of_organization("ada")).as_(MANAGER).when(request_).refused(PermissionDenied)
    start.as_(MANAGER).within("elsewhere").when(request_).refused(NotFound)
    assert start.as_(MANAGER).when(request_).changes


@pytest.mark.parametrize("request_", [ListUserFactors(user_id="ada"), ListUserPasskeys(user_id="ada")])
def test_factors_are_read_by_who_reads_users(request_: Message) -> None:
    """No secret is among what they read."""
    start = world(*EVERYTHING)
    start.as_(STRANGER).when(request_).refused(NotFound)
    told = start.as_(VIEWER).when(request_).result
    assert told.model_dump()
    assert "public" not in repr(told)


def test_all_factors_are_listed() -> None:
    """With how many recovery codes are left."""
    told = world(*EVERYTHING).as_(MANAGER).when(ListUserFactors(user_id="ada")).result
    assert [one.factor for one in told.factors] == [Factor.TOTP, Factor.OTP_EMAIL, Factor.OTP_SMS, Factor.PASSKEY]
    assert {one.added_at for one in told.factors} == {BEFORE}
    assert told.recovery_codes_left == 1


def test_programs_and_nobody_have_no_factors() -> None:
    """A machine has keys instead."""
    world().as_(caller("robot")).when(Empty(), "RegisterMyTotp").refused(FailedPrecondition)
    world().as_(ANONYMOUS).when(Empty(), "RegisterMyTotp").refused(Unauthenticated)
    world().as_(SYSTEM).when(Empty(), "ListMyFactors").refused(Unauthenticated)


def test_who_has_to_enrol_may_do_that_alone() -> None:
    """Whatever sets a first factor up is open, nothing else is."""
    enrolling = replace(ADA, enrolling=True)
    assert world().as_(enrolling).when(Empty(), "RegisterMyTotp").changes
    assert world().as_(enrolling).when(Empty(), "ListMyFactors").result.factors == ()
    world(passkey()).as_(enrolling).when(DeleteMyPasskey(passkey_id="our-key-1")).refused(SecondFactorRequired)
    world(totp()).as_(replace(enrolling, user_id="ada")).later(days=1).when(Empty(), "AddMyOtpEmail").then(
        FACTORS.append("ada", OtpEmailAdded(user_id="ada", added_at=NOW + timedelta(days=1)))
    )
