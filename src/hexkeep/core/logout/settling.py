"""Sessions that rest on nothing any more: ended one by one, so that the applications in them are told."""

from pydantic import Field

from hexkeep.core.consent.state import CONSENT, consent_id
from hexkeep.core.idplink.state import IDENTITY_PROVIDER_LINK
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import PermissionDenied
from hexkeep.core.kernel.fields import OptionalClientId, OptionalId
from hexkeep.core.kernel.operation import ApiName, Message, Operation
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.kernel.portions import next_portion
from hexkeep.core.kernel.view import And, Condition, eq
from hexkeep.core.oidc import participants
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.session.projection import SESSIONS
from hexkeep.core.session.state import SESSION, Session
from hexkeep.core.user.state import USER


class SettleSessions(Message):
    """Whose sessions, from where on: those of a user, or of all users of an organization.

    With ``client_id`` it is about what one application has in a user's. ``but`` is a session that goes on.
    """

    user_id: OptionalId = ""
    organization_id: OptionalId = ""
    client_id: OptionalClientId = ""
    but: OptionalId = ""
    cursor: str = Field("", max_length=2000)


class SessionsSettled(Message):
    """Where to go on; empty: that was all."""

    next_cursor: str


def settle_sessions(request: SettleSessions, ctx: Context) -> Decision[SessionsSettled]:
    """End what has ended by itself: sessions of users and organizations that are gone, or by what counts no more.

    That is a former password, or a link to an account elsewhere that was removed.

    But for those by such a link they prove nothing before either, but nobody is told. With a client it is the client's
    part in the sessions that ends, where the user took back what the client had.
    """
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()
    portion = next_portion(ctx, SESSIONS, And((_whose(request), eq("ended", value=False))), request.cursor)
    changes: list[Append] = []
    for session_id in (str(row["session_id"]) for row in portion.rows):
        session = ctx.load(SESSION, session_id, lapses=True)
        if not session.exists or session.ended or session_id == request.but:
            continue
        if request.client_id:
            changes += _without(ctx, session_id, session, request.client_id)
        elif _is_over(ctx, session):
            changes.append(participants.ended(ctx, session_id, session))
    return Decision(SessionsSettled(next_cursor=portion.cursor), *changes)


def _whose(request: SettleSessions) -> Condition:
    if request.organization_id:
        return eq("organization_id", request.organization_id)
    return eq("user_id", request.user_id)


def _without(ctx: Context, session_id: str, session: Session, client_id: str) -> tuple[Append, ...]:
    """Whoever has come back since, with the user's consent, stays."""
    consent = ctx.load(CONSENT, consent_id(session.user_id, client_id))
    joined = (one.joined_at for one in session.clients if one.client_id == client_id)
    gone = any(consent.revoked_since(at) for at in joined)
    return (participants.left(ctx, session_id, client_id),) if gone else ()


def _is_over(ctx: Context, session: Session) -> bool:
    """What was a session for an application may outlast the one here: of who is gone every one ends.

    Behind another password, or a link to an account elsewhere that was removed, only those that were good for something
    until then. What was proven in a session since counts.
    """
    user = ctx.load(USER, session.user_id)
    if not ctx.load(ORGANIZATION, user.organization_id).active:
        return True
    if not user.active_at(ctx.now):
        return user.locked_until is None
    if not session.active(ctx.now) or session.checked_at is None:
        return False
    return _is_unlinked(ctx, session) or not user.proven_by(session.password_version)


def _is_unlinked(ctx: Context, session: Session) -> bool:
    by_link = session.external and bool(session.idp_link_id)
    return by_link and not ctx.load(IDENTITY_PROVIDER_LINK, session.idp_link_id).exists


SETTLE_SESSIONS: Operation[SettleSessions, SessionsSettled] = Operation(
    "SettleSessions", ApiName.PROTOCOL, SettleSessions, SessionsSettled, "system.session.settle", settle_sessions
)
