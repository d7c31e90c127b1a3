"""Sessions that rest on nothing any more: ended one by one, so that the applications in them are told."""

from pydantic import Field

from hexkeep.core.consent.state import CONSENT, Consent, consent_id
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import PermissionDenied
from hexkeep.core.kernel.fields import Id, OptionalClientId
from hexkeep.core.kernel.operation import ApiName, Message, Operation
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.kernel.portions import next_portion
from hexkeep.core.kernel.view import And, eq
from hexkeep.core.oidc import participants
from hexkeep.core.session.projection import SESSIONS
from hexkeep.core.session.state import SESSION, Session
from hexkeep.core.user.state import USER, User


class SettleSessions(Message):
    """Whose sessions, from where on. With ``client_id`` it is about what one application has in them."""

    user_id: Id
    client_id: OptionalClientId = ""
    cursor: str = Field("", max_length=2000)


class SessionsSettled(Message):
    """Where to go on; empty: that was all."""

    next_cursor: str


def settle_sessions(request: SettleSessions, ctx: Context) -> Decision[SessionsSettled]:
    """End what has ended by itself: sessions of a user who is gone, or that rest on a former password.

    Until somebody says so they prove nothing, but nobody is told. With a client it is the client's part in the sessions
    that ends, where the user took back what the client had.
    """
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()
    open_ones = And((eq("user_id", request.user_id), eq("ended", value=False)))
    portion = next_portion(ctx, SESSIONS, open_ones, request.cursor)
    user = ctx.load(USER, request.user_id)
    consent = ctx.load(CONSENT, consent_id(request.user_id, request.client_id))
    changes: list[Append] = []
    for session_id in (str(row["session_id"]) for row in portion.rows):
        session = ctx.load(SESSION, session_id, lapses=True)
        if not session.exists or session.ended:
            continue
        if request.client_id:
            changes += _without(ctx, session_id, session, request.client_id, consent)
        elif _is_over(ctx, session, user):
            changes.append(participants.ended(ctx, session_id, session))
    return Decision(SessionsSettled(next_cursor=portion.cursor), *changes)


def _without(ctx: Context, session_id: str, session: Session, client_id: str, consent: Consent) -> tuple[Append, ...]:
    """Whoever has come back since, with the user's consent, stays."""
    joined = (one.joined_at for one in session.clients if one.client_id == client_id)
    gone = any(consent.revoked_since(at) for at in joined)
    return (participants.left(ctx, session_id, client_id),) if gone else ()


def _is_over(ctx: Context, session: Session, user: User) -> bool:
    """What was a session for an application may outlast the one here: of who is gone every one ends.

    Behind another password only those that were good for something until then.
    """
    if not user.active_at(ctx.now):
        return user.locked_until is None
    return session.active(ctx.now) and session.checked_at is not None and not user.proven_by(session.password_version)


SETTLE_SESSIONS: Operation[SettleSessions, SessionsSettled] = Operation(
    "SettleSessions", ApiName.PROTOCOL, SettleSessions, SessionsSettled, "system.session.settle", settle_sessions
)
