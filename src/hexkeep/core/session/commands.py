"""Beginning, strengthening and ending sessions."""

from datetime import datetime

from pydantic import Field

from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.ask import KeyedHash, VerifyKeyedHash
from hexkeep.core.kernel.decision import Context, Decision, FollowUp
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, NotFound, PermissionDenied, Violation
from hexkeep.core.kernel.event import Event
from hexkeep.core.kernel.fields import Id, Line, Password
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.membership.state import MEMBERSHIPS, covers
from hexkeep.core.policy.state import LIFETIME, effective
from hexkeep.core.session.errors import InvalidCredentials
from hexkeep.core.session.events import SessionCreated, SessionEnded, SessionPasswordChecked, SessionTokenRotated
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
from hexkeep.core.session.state import SESSION, TOKEN_PURPOSE, Session, parse_token, token_of

MAX_USER_AGENT = 256


class CreateSession(Message):
    """Says who signs in, by name or by id, and what proves it."""

    login_name: Line = Field("", description="The user name; this or `user_id`", examples=["ada"])
    user_id: Line = Field("", description="The user's id; this or `login_name`")
    password: Password = Field("", description="The user's password; whoever may write sessions can add it later")


class CheckSession(Message):
    """Adds a proof to a session."""

    session_id: Id
    session_token: str = Field(max_length=400, repr=False, description="The session's present token")
    password: Password = Field(description="The user's password")


class SessionOpened(Message):
    """A session and the token that its holder presents from now on, shown this once.

    ``password_change_required`` tells that the user has to choose another password before anything else;
    ``password_expires_at`` when that will be so, in the last days before, as the policy says.
    """

    session_id: str
    session_token: str = Field(repr=False)
    user_id: str
    expires_at: datetime
    password_change_required: bool
    password_expires_at: datetime | None = None


class EndMySession(Message):
    """Names one of the caller's own sessions."""

    session_id: Id


class EndSession(Message):
    """Names the session to end."""

    session_id: Id


def create_session(request: CreateSession, ctx: Context) -> Decision[SessionOpened]:
    """Sign a user in: begin a session and get its token.

    A wrong user and a wrong password are answered alike. Without a password the session proves nothing yet, and only
    callers who may write the user's sessions get one.
    """
    candidate = _candidate(request, ctx)
    if not request.password:
        _insist_on_trust(candidate, ctx)
        return _opened(candidate, (), ctx)
    verdict = _judged(candidate, request.password, ctx)
    if verdict.failure is not None:
        return _refused(candidate, verdict.failure, ctx)
    return _opened(candidate, (_checked(candidate, ctx),), ctx, verdict.then)


def check_session(request: CheckSession, ctx: Context) -> Decision[SessionOpened]:
    """Prove who holds a session by the user's password. The session gets a new token; the old one holds no more.

    A session that a change of the password has ended comes to life again this way.
    """
    session = _held(request, ctx)
    candidate = candidate_with_id(session.user_id, ctx)
    verdict = _judged(candidate, request.password, ctx)
    if verdict.failure is not None:
        return _refused(candidate, verdict.failure, ctx)
    secret = ctx.new_secret()
    rotated = SessionTokenRotated(token_hash=ctx.ask(KeyedHash(TOKEN_PURPOSE, secret)))
    change = SESSION.append(request.session_id, _checked(candidate, ctx), rotated)
    token = token_of(request.session_id, secret)
    expires_at = session.expires_at or ctx.now
    answer = _answer(request.session_id, token, candidate, expires_at, ctx)
    return Decision(answer, change, then=verdict.then)


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
    if bool(request.login_name) == bool(request.user_id):
        raise InvalidInput("", Violation("login_name", "Give either the login name or the user id"))
    if request.login_name:
        return candidate_named(request.login_name, ctx)
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


def _opened(
    candidate: Candidate, checks: tuple[Event, ...], ctx: Context, then: tuple[FollowUp, ...] = ()
) -> Decision[SessionOpened]:
    session_id, secret = ctx.new_id(), ctx.new_secret()
    created = SessionCreated(
        user_id=candidate.user_id,
        organization_id=candidate.user.organization_id,
        token_hash=ctx.ask(KeyedHash(TOKEN_PURPOSE, secret)),
        expires_at=ctx.now + effective(ctx, LIFETIME, candidate.user.organization_id).session_lifetime,
        user_agent=_printable(ctx.request.user_agent),
    )
    token = token_of(session_id, secret)
    answer = _answer(session_id, token, candidate, created.expires_at, ctx)
    return Decision(answer, SESSION.append(session_id, created, *checks), then=then)


def _printable(user_agent: str) -> str:
    return "".join(character for character in user_agent if character.isprintable())[:MAX_USER_AGENT]


def _answer(session_id: str, token: str, candidate: Candidate, expires_at: datetime, ctx: Context) -> SessionOpened:
    return SessionOpened(
        session_id=session_id,
        session_token=token,
        user_id=candidate.user_id,
        expires_at=expires_at,
        password_change_required=candidate.user.password_change_required or has_expired(candidate.user, ctx),
        password_expires_at=expiry_to_tell(candidate.user, ctx),
    )


def _refused(candidate: Candidate, failure: Failure, ctx: Context) -> Decision[SessionOpened]:
    refusal = after_failure(candidate, failure, ctx)
    nothing = SessionOpened(
        session_id="", session_token="", user_id="", expires_at=ctx.now, password_change_required=False
    )
    changes = failure_recorded(candidate, failure, ctx)
    return Decision(nothing, *changes, error=refusal.error, then=refusal.then)


def _held(request: CheckSession, ctx: Context) -> Session:
    """The active session whose token was presented; raises ``InvalidCredentials`` for any other."""
    parsed = parse_token(request.session_token)
    session = ctx.load(SESSION, request.session_id)
    if parsed is None or parsed[0] != request.session_id or not session.active(ctx.now):
        raise InvalidCredentials
    if not ctx.ask(VerifyKeyedHash(TOKEN_PURPOSE, parsed[1], session.token_hash)):
        raise InvalidCredentials
    return session


def _ended(session_id: str, session: Session, ctx: Context) -> tuple[Append, ...]:
    return (SESSION.append(session_id, SessionEnded()),) if session.active(ctx.now) else ()
