"""Second factors in a session: what was presented, whether it holds, and what is recorded of it."""

from dataclasses import dataclass
from datetime import timedelta

from pydantic import Field, JsonValue

from hexkeep.core.code.state import Purpose, try_code, use_up
from hexkeep.core.factor.proofs import count_try, recovery_code_number, signed_by, totp_fits
from hexkeep.core.factor.state import FACTORS, Factor, Factors
from hexkeep.core.factor.webauthn import SIGN_IN, Response, for_session, read_response
from hexkeep.core.kernel.ask import CountUp, Keep, Kept
from hexkeep.core.kernel.decision import Context, FollowUp
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.event import Event
from hexkeep.core.kernel.operation import Message
from hexkeep.core.policy.state import LOCKOUT, LOGIN, effective
from hexkeep.core.session.events import SessionFactorChecked
from hexkeep.core.session.sign_in import Candidate, Failure, may_sign_in
from hexkeep.core.user.state import UserKind

MAX_CODE = 100
FAILED = "factor.failures"
"""Under which the expiring store remembers when a user last proved a second factor."""
WINDOW = timedelta(days=1)
"""What has failed longer ago counts no more."""


class Proofs(Message):
    """Base of inputs that may hold proofs of second factors. Each that is given has to be right."""

    totp_code: str = Field("", max_length=MAX_CODE, repr=False, description="What the authenticator app shows")
    recovery_code: str = Field("", max_length=MAX_CODE, repr=False, description="A recovery code, used up by this")
    passkey: str = Field(
        "", max_length=20_000, repr=False, description="The `AuthenticationResponseJSON` of the browser, as a text"
    )

    @property
    def given(self) -> tuple[tuple[Factor, str], ...]:
        """What was presented for which factor."""
        texts = {Factor.TOTP: self.totp_code, Factor.RECOVERY_CODE: self.recovery_code, Factor.PASSKEY: self.passkey}
        return tuple((factor, text.strip()) for factor, text in texts.items() if text.strip())


class SessionProofs(Proofs):
    """The same for a session that there is already: codes are sent to its user."""

    otp_email_code: str = Field("", max_length=MAX_CODE, repr=False, description="The code that was sent by mail")
    otp_sms_code: str = Field("", max_length=MAX_CODE, repr=False, description="The code that was sent as a text")

    @property
    def given(self) -> tuple[tuple[Factor, str], ...]:
        """What was presented for which factor."""
        texts = {Factor.OTP_EMAIL: self.otp_email_code, Factor.OTP_SMS: self.otp_sms_code}
        sent = tuple((factor, text.strip()) for factor, text in texts.items() if text.strip())
        return (*super().given, *sent)


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of the proofs: why not, or what is recorded of them and follows."""

    failure: Failure | None = None
    events: tuple[Event, ...] = ()
    then: tuple[FollowUp, ...] = ()


def check_factors(candidate: Candidate, proofs: Proofs, session_id: str, ctx: Context) -> Checked:
    """Judge every proof for a session, or for one that is to begin where no id is given.

    Raises ``ResourceExhausted`` after too many tries for one user. What a passkey signs cannot be guessed, so it does
    not count: strangers may present one, and would use up the tries of the person.
    """
    events: tuple[Event, ...] = ()
    then: tuple[FollowUp, ...] = ()
    for factor, text in proofs.given:
        if factor is not Factor.PASSKEY:
            count_try(ctx, candidate.user_id or candidate.login)
        one = _check(candidate, factor, text, session_id, ctx)
        if one.failure is not None:
            return one
        events, then = (*events, *one.events), (*then, *one.then)
    if events and _most_wrong(candidate, ctx):
        ctx.ask(Keep(FAILED, candidate.user_id, f"{ctx.now.timestamp()}".encode(), ctx.now + WINDOW))
    return Checked(events=events, then=then)


def after_wrong_factor(candidate: Candidate, ctx: Context) -> tuple[FollowUp, ...]:
    """What follows when a second factor did not hold: the user is locked after as many in a row as the policy says.

    Whoever got here knows the password. Who owns the instance is not locked; see ``LockAfterFailures``.
    """
    most = _most_wrong(candidate, ctx)
    if not most or not candidate.user_id:
        return ()
    row = (ctx.ask(Kept(FAILED, candidate.user_id)) or b"").decode()
    bucket = f"factor/failed/{candidate.user_id}/{candidate.user.let_in}/{row}"
    failures = ctx.ask(CountUp(bucket, int(WINDOW.total_seconds())))
    return (FollowUp("LockAfterFailures", {"user_id": candidate.user_id}),) if failures >= most else ()


def _most_wrong(candidate: Candidate, ctx: Context) -> int:
    return effective(ctx, LOCKOUT, candidate.user.organization_id).max_otp_attempts


def signs_in_alone(candidate: Candidate, passkey: str, ctx: Context) -> Checked:
    """Whether a passkey, which has to verify who uses it, begins a session in place of a password."""
    one = _passkey(candidate, ctx.load(FACTORS, candidate.user_id or "nobody"), read_response(passkey), SIGN_IN, ctx)
    alone = any(isinstance(event, SessionFactorChecked) and event.alone for event in one.events)
    return one if one.failure is not None or alone else Checked(Failure.PASSKEY)


def named_by(passkey: str) -> str:
    """The user whom an authenticator says it is of; raises ``InvalidInput`` when it names nobody."""
    user_id = read_response(passkey).user_handle
    if not user_id or len(user_id) > MAX_CODE:
        raise InvalidInput("", Violation("passkey", "names no user: give the login name as well"))
    return user_id


def _check(candidate: Candidate, factor: Factor, text: str, session_id: str, ctx: Context) -> Checked:
    factors = ctx.load(FACTORS, candidate.user_id)
    if factor is Factor.PASSKEY:
        purpose = for_session(session_id) if session_id else SIGN_IN
        return _passkey(candidate, factors, read_response(text), purpose, ctx)
    if not _may(candidate, ctx) or factor not in factors.usable(candidate.user):
        return Checked(Failure(factor.value))
    match factor:
        case Factor.TOTP:
            fits = totp_fits(ctx, candidate.user_id, factors.totp_secret, text)
            return _checked(factor, ctx) if fits else Checked(Failure.TOTP)
        case Factor.RECOVERY_CODE:
            return _recovery_code(candidate, factors, text, ctx)
        case _:
            return _sent(candidate, factor, text, ctx)


def _recovery_code(candidate: Candidate, factors: Factors, text: str, ctx: Context) -> Checked:
    number = recovery_code_number(ctx, candidate.user_id, factors, text)
    if number is None:
        return Checked(Failure.RECOVERY_CODE)
    fields: dict[str, JsonValue] = {"user_id": candidate.user_id, "batch": factors.recovery_batch, "number": number}
    return _checked(Factor.RECOVERY_CODE, ctx, FollowUp("RecordRecoveryCodeUse", fields))


def _sent(candidate: Candidate, factor: Factor, text: str, ctx: Context) -> Checked:
    purpose, address = sent_to(candidate, factor)
    try:
        use_up(ctx, try_code(ctx, purpose, candidate.user_id, address, text))
    except InvalidInput:
        return Checked(Failure(factor.value))
    return _checked(factor, ctx)


def sent_to(candidate: Candidate, factor: Factor) -> tuple[Purpose, str]:
    """What a code for a factor is for, and where it goes."""
    if factor is Factor.OTP_SMS:
        return Purpose.OTP_SMS, candidate.user.phone
    return Purpose.OTP_EMAIL, candidate.user.email


def _passkey(candidate: Candidate, factors: Factors, response: Response, purpose: str, ctx: Context) -> Checked:
    signed = signed_by(ctx, factors, response, purpose)
    if signed is None or not _may(candidate, ctx):
        return Checked(Failure.PASSKEY)
    if signed.regressed:
        return Checked(Failure.SIGN_COUNT)
    alone = signed.verified and effective(ctx, LOGIN, candidate.user.organization_id).passwordless_allowed
    fields: dict[str, JsonValue] = {
        "user_id": candidate.user_id,
        "passkey_id": signed.passkey.passkey_id,
        "sign_count": signed.sign_count,
    }
    counted = (FollowUp("RecordPasskeyUse", fields),) if signed.sign_count else ()
    version = candidate.user.password_version if alone else 0
    event = SessionFactorChecked(factor=Factor.PASSKEY.value, checked_at=ctx.now, alone=alone, password_version=version)
    return Checked(events=(event,), then=counted)


def _may(candidate: Candidate, ctx: Context) -> bool:
    human = candidate.user.kind is UserKind.HUMAN
    return human and may_sign_in(candidate.user, ctx)


def _checked(factor: Factor, ctx: Context, *then: FollowUp) -> Checked:
    return Checked(events=(SessionFactorChecked(factor=factor.value, checked_at=ctx.now),), then=then)
