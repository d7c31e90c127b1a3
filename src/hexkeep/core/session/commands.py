"""Beginning, strengthening and ending sessions."""

from datetime import datetime

from pydantic import Field

from hexkeep.core.code.state import FORMS, Receiver, count_wish, issue
from hexkeep.core.factor.state import FACTORS, Factor
from hexkeep.core.factor.webauthn import HOLDS, for_session, new_challenge, request_options
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.ask import KeyedHash, VerifyKeyedHash
from hexkeep.core.kernel.decision import Context, Decision, FollowUp
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, NotFound, PermissionDenied, Violation
from hexkeep.core.kernel.event import Event
from hexkeep.core.kernel.fields import Id, Line, Password
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.membership.state import MEMBERSHIPS, covers
from hexkeep.core.oidc import participants
from hexkeep.core.policy.state import LIFETIME, effective
from hexkeep.core.session.errors import InvalidCredentials, InvalidSecondFactor
from hexkeep.core.session.events import (
    SessionCreated,
    SessionFactorChecked,
    SessionPasswordChecked,
    SessionTokenRotated,
)
from hexkeep.core.session.factors import (
    Checked,
    Proofs,
    SessionProofs,
    after_wrong_factor,
    check_factors,
    named_by,
    sent_to,
    signs_in_alone,
)
from hexkeep.core.session.lockout import after_failure, after_success
from hexkeep.core.session.password_age import expiry_to_tell, has_expired
from hexkeep.core.session.sign_in import (
    Candidate,
    Failure,
    Verdict,
    candidate_named,
    candidate_with_id,
    check_password,
    count_attempt,
    failure_recorded,
    may_sign_in,
    remember_place,
)
from hexkeep.core.session.state import SESSION, TOKEN_PURPOSE, Session, Standing, parse_token, standing, token_of

MAX_USER_AGENT = 256


class CreateSession(Proofs):
    """Says who signs in, by name or by id, and what proves it."""

    login_name: Line = Field("", description="The user name; this or `user_id`", examples=["ada"])
    user_id: Line = Field("", description="The user's id; this or `login_name`")
    password: Password = Field("", description="The user's password; whoever may write sessions can add it later")
    organization_id: Line = Field(
        "", description="Users of this organization alone are meant: their names need no domain, others are unknown"
    )


class CheckSession(SessionProofs):
    """Adds proofs to a session."""

    session_id: Id
    session_token: str = Field(max_length=400, repr=False, description="The session's present token")
    password: Password = Field("", description="The user's password")


class SessionOpened(Message):
    """A session and the token that its holder presents from now on, shown this once.

    ``password_change_required`` tells that the user has to choose another password before anything else;
    ``password_expires_at`` when that will be so, in the last days before, as the policy says.

    ``second_factor_required`` tells that the session is good for nothing until one of the ``factors`` is proven too,
    ``enrolment_required`` that its holder has to set one up first, and may do nothing else.
    """

    session_id: str
    session_token: str = Field(repr=False)
    user_id: str
    expires_at: datetime
    password_change_required: bool
    password_expires_at: datetime | None = None
    second_factor_required: bool = False
    enrolment_required: bool = False
    factors: tuple[Factor, ...] = ()


class RequestSessionChallenge(Message):
    """The session that is to be strengthened, and by what; unspecified only asks which factors there are."""

    session_id: Id
    session_token: str = Field(max_length=400, repr=False, description="The session's present token")
    factor: Factor = Factor.UNSPECIFIED


class SessionChallenge(Message):
    """The factors that the user can prove now. ``options`` is JSON for the browser, for a passkey alone."""

    factors: tuple[Factor, ...]
    options: str = ""
    expires_at: datetime | None = None


class RecordEnrolledFactor(Message):
    """The factor that was set up in a session."""

    session_id: Id
    user_id: Id
    factor: Factor


class EndMySession(Message):
    """Names one of the caller's own sessions."""

    session_id: Id


class EndSession(Message):
    """Names the session to end."""

    session_id: Id


def create_session(request: CreateSession, ctx: Context) -> Decision[SessionOpened]:
    """Sign a user in: begin a session and get its token.

    By password, or by a passkey that verifies who uses it; the challenge for that is from `StartPasskeySignIn`. A wrong
    user and a wrong password are answered alike. Without a proof the session proves nothing yet, and only callers who
    may write the user's sessions get one. Every proof that is given has to be right.
    """
    candidate = _candidate(request, ctx)
    if not request.password and not request.passkey:
        _insist_on_trust(candidate, ctx)
        return opened(candidate, (), ctx)
    first = _by_password(candidate, request.password, ctx) if request.password else _by_passkey(candidate, request, ctx)
    if first.failure is not None:
        return _refused(candidate, first.failure, ctx)
    more = request if request.password else request.model_copy(update={"passkey": ""})
    second = check_factors(candidate, more, "", ctx)
    if second.failure is not None:
        return _not_proven(candidate, second.failure, ctx)
    return opened(candidate, (*first.events, *second.events), ctx, (*first.then, *second.then))


def check_session(request: CheckSession, ctx: Context) -> Decision[SessionOpened]:
    """Prove more of who holds a session: the password, a second factor, or both. It gets a new token; the old one ends.

    The challenges for passkeys and codes that are sent are from `RequestSessionChallenge`. A session that a change of
    the password has ended comes to life again by the new one.
    """
    session = _held(request.session_id, request.session_token, ctx)
    if not request.password and not request.given:
        raise InvalidInput("", Violation("password", "Give the password or a second factor"))
    candidate = candidate_with_id(session.user_id, ctx)
    first = _by_password(candidate, request.password, ctx) if request.password else Checked()
    if first.failure is not None:
        return _refused(candidate, first.failure, ctx)
    second = check_factors(candidate, request, request.session_id, ctx)
    if second.failure is not None:
        return _not_proven(candidate, second.failure, ctx)
    secret = ctx.new_secret()
    rotated = SessionTokenRotated(token_hash=ctx.ask(KeyedHash(TOKEN_PURPOSE, secret)))
    events = (*first.events, *second.events, rotated)
    token = token_of(request.session_id, secret)
    answer = _answer(request.session_id, token, candidate, SESSION.fold(events, session), ctx)
    return Decision(answer, SESSION.append(request.session_id, *events), then=(*first.then, *second.then))


def request_session_challenge(request: RequestSessionChallenge, ctx: Context) -> Decision[SessionChallenge]:
    """Get what a session can be strengthened with, and a challenge for one of these factors.

    For a passkey it is what `navigator.credentials.get` is to be called with; for mail and text message a code is sent
    to the user's own verified address. Nothing else needs a challenge.
    """
    session = _held(request.session_id, request.session_token, ctx)
    candidate = candidate_with_id(session.user_id, ctx)
    factors = ctx.load(FACTORS, session.user_id)
    usable = factors.usable(candidate.user)
    if request.factor is Factor.UNSPECIFIED:
        return Decision(SessionChallenge(factors=usable))
    if request.factor not in usable:
        raise FailedPrecondition("The user does not have this factor")
    if request.factor is Factor.PASSKEY:
        challenge = new_challenge(ctx, for_session(request.session_id))
        options = request_options(ctx, challenge, factors.passkeys, "preferred")
        return Decision(SessionChallenge(factors=usable, options=options, expires_at=ctx.now + HOLDS))
    if request.factor in {Factor.OTP_EMAIL, Factor.OTP_SMS}:
        return _code_sent(candidate, request.factor, usable, ctx)
    return Decision(SessionChallenge(factors=usable))


def record_enrolled_factor(request: RecordEnrolledFactor, ctx: Context) -> Decision[Empty]:
    """Note that a factor was proven in a session when it was set up there. Follows that."""
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()
    session = ctx.load(SESSION, request.session_id)
    if not session.active(ctx.now) or session.user_id != request.user_id:
        return Decision(Empty())
    checked = SessionFactorChecked(factor=request.factor.value, checked_at=ctx.now)
    return Decision(Empty(), SESSION.append(request.session_id, checked))


def _code_sent(
    candidate: Candidate, factor: Factor, usable: tuple[Factor, ...], ctx: Context
) -> Decision[SessionChallenge]:
    purpose, address = sent_to(candidate, factor)
    count_wish(ctx, purpose, candidate.user_id, address)
    user = candidate.user
    receiver = Receiver(candidate.user_id, address, user.user_name, user.display_name, user.preferred_language)
    answer = SessionChallenge(factors=usable, expires_at=ctx.now + FORMS[purpose].lifetime)
    return Decision(answer, issue(ctx, purpose, receiver))


def _by_password(candidate: Candidate, password: str, ctx: Context) -> Checked:
    verdict = _judged(candidate, password, ctx)
    if verdict.failure is not None:
        return Checked(verdict.failure)
    return Checked(events=(_checked(candidate, ctx),), then=verdict.then)


def _by_passkey(candidate: Candidate, request: CreateSession, ctx: Context) -> Checked:
    count_attempt(candidate, ctx)
    checked = signs_in_alone(candidate, request.passkey, ctx)
    if checked.failure is None:
        remember_place(candidate, ctx)
    return checked


def _not_proven(candidate: Candidate, failure: Failure, ctx: Context) -> Decision[SessionOpened]:
    changes = failure_recorded(candidate, failure, ctx)
    then = after_wrong_factor(candidate, ctx)
    return Decision(nothing(ctx), *changes, error=InvalidSecondFactor(), then=then)


def _judged(candidate: Candidate, password: str, ctx: Context) -> Verdict:
    """Whether the password signs the candidate in, after all that was tried before."""
    count_attempt(candidate, ctx)
    verdict = check_password(candidate, password, ctx)
    if verdict.failure is not None:
        return verdict
    kept_out = after_success(candidate, ctx)
    if kept_out is not None:
        return Verdict(kept_out)
    remember_place(candidate, ctx)
    return verdict


def _checked(candidate: Candidate, ctx: Context) -> SessionPasswordChecked:
    return SessionPasswordChecked(checked_at=ctx.now, password_version=candidate.user.password_version)


def end_my_session(request: EndMySession, ctx: Context) -> Decision[Empty]:
    """End one of the caller's own sessions: sign out. A session that is over already stays so."""
    session = ctx.load(SESSION, request.session_id)
    if not session.exists or session.user_id != ctx.caller.user_id:
        raise NotFound
    ctx.authorize(user=session.user_id)
    return Decision(Empty(), *_ended(request.session_id, session, ctx))


def end_session(request: EndSession, ctx: Context) -> Decision[Empty]:
    """End a user's session. A session that is over already stays so.

    The caller must hold at least what the user holds: nobody keeps those out who could set things right.
    """
    session = ctx.load(SESSION, request.session_id)
    reach(ctx, "session.read", exists=session.exists, organization=session.organization_id)
    if not all(covers(ctx.caller, held, ctx.roles()) for held in ctx.load(MEMBERSHIPS, session.user_id).held):
        raise PermissionDenied("The user holds roles that the caller does not")
    return Decision(Empty(), *_ended(request.session_id, session, ctx))


def _candidate(request: CreateSession, ctx: Context) -> Candidate:
    """Who is meant; where one organization's people are, everybody else is as unknown as nobody."""
    meant = _meant(request, ctx)
    elsewhere = request.organization_id not in {"", meant.user.organization_id}
    return Candidate(meant.login) if elsewhere else meant


def _meant(request: CreateSession, ctx: Context) -> Candidate:
    if request.passkey and not request.password and not (request.login_name or request.user_id):
        return candidate_with_id(named_by(request.passkey), ctx)
    if bool(request.login_name) == bool(request.user_id):
        raise InvalidInput("", Violation("login_name", "Give either the login name or the user id"))
    if request.login_name:
        return candidate_named(request.login_name, ctx, request.organization_id)
    return candidate_with_id(request.user_id, ctx)


def _insist_on_trust(candidate: Candidate, ctx: Context) -> None:
    """Without a proof nobody learns here whether a user exists, but those who may write that user's sessions."""
    user = candidate.user
    if not ctx.caller.may("session.write", organization=user.organization_id):
        raise InvalidInput("", Violation("password", "Give the password"))
    if not user.exists:
        raise NotFound
    if not may_sign_in(user, ctx):
        raise FailedPrecondition("The user or the user's organization is not active")


def opened(
    candidate: Candidate,
    checks: tuple[Event, ...],
    ctx: Context,
    then: tuple[FollowUp, ...] = (),
    *,
    ends: datetime | None = None,
) -> Decision[SessionOpened]:
    """A session of who has shown what ``checks`` say; it is over at ``ends``, if it is not before."""
    session_id, secret = ctx.new_id(), ctx.new_secret()
    lasts_until = ctx.now + effective(ctx, LIFETIME, candidate.user.organization_id).session_lifetime
    created = SessionCreated(
        user_id=candidate.user_id,
        organization_id=candidate.user.organization_id,
        token_hash=ctx.ask(KeyedHash(TOKEN_PURPOSE, secret)),
        expires_at=min(lasts_until, ends or lasts_until),
        user_agent=_printable(ctx.request.user_agent),
    )
    token = token_of(session_id, secret)
    answer = _answer(session_id, token, candidate, SESSION.fold((created, *checks)), ctx)
    return Decision(answer, SESSION.append(session_id, created, *checks), then=then)


def _printable(user_agent: str) -> str:
    return "".join(character for character in user_agent if character.isprintable())[:MAX_USER_AGENT]


def _answer(session_id: str, token: str, candidate: Candidate, session: Session, ctx: Context) -> SessionOpened:
    stands = standing(ctx, session, candidate.user)
    return SessionOpened(
        session_id=session_id,
        session_token=token,
        user_id=candidate.user_id,
        expires_at=session.expires_at or ctx.now,
        password_change_required=candidate.user.password_change_required or has_expired(candidate.user, ctx),
        password_expires_at=expiry_to_tell(candidate.user, ctx),
        second_factor_required=stands is Standing.SECOND_FACTOR,
        enrolment_required=stands is Standing.ENROLMENT,
        factors=ctx.load(FACTORS, candidate.user_id).usable(candidate.user),
    )


def _refused(candidate: Candidate, failure: Failure, ctx: Context) -> Decision[SessionOpened]:
    refusal = after_failure(candidate, failure, ctx)
    changes = failure_recorded(candidate, failure, ctx)
    return Decision(nothing(ctx), *changes, error=refusal.error, then=refusal.then)


def nothing(ctx: Context) -> SessionOpened:
    """What there is in place of a session where there is none."""
    return SessionOpened(
        session_id="", session_token="", user_id="", expires_at=ctx.now, password_change_required=False
    )


def _held(session_id: str, session_token: str, ctx: Context) -> Session:
    """The active session whose token was presented; raises ``InvalidCredentials`` for any other."""
    parsed = parse_token(session_token)
    session = ctx.load(SESSION, session_id)
    if parsed is None or parsed[0] != session_id or not session.active(ctx.now):
        raise InvalidCredentials
    if not ctx.ask(VerifyKeyedHash(TOKEN_PURPOSE, parsed[1], session.token_hash)):
        raise InvalidCredentials
    return session


def _ended(session_id: str, session: Session, ctx: Context) -> tuple[Append, ...]:
    return (participants.ended(ctx, session_id, session),) if session.active(ctx.now) else ()
