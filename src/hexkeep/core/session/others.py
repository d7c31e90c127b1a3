"""Signing out everywhere: for who has lost a device, or fears that somebody else is signed in."""

from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import PermissionDenied, Unauthenticated
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.view import And, Compare, Comparison, Condition, Not, Select, eq
from hexkeep.core.membership.state import MEMBERSHIPS, covers
from hexkeep.core.oidc import participants
from hexkeep.core.session.projection import SESSIONS
from hexkeep.core.session.state import SESSION
from hexkeep.core.user.state import USER

AT_ONCE = 200
"""Sessions that are ended by one call."""


class EndUserSessions(Message):
    """Names the user whose sessions are to end."""

    user_id: Id


class SessionsEnded(Message):
    """How many sessions were ended, and whether there are more, for another call."""

    ended: int
    more: bool


def end_all_my_other_sessions(_: Empty, ctx: Context) -> Decision[SessionsEnded]:
    """End all sessions of the caller but the one that the call is made in: sign out everywhere else.

    At most 200 are ended by one call; the answer says whether there are more. Tokens that were issued in a session end
    with it. What acts without a session, such as a personal access token, goes on; who calls by one ends all sessions.
    """
    if not ctx.caller.user_id:
        raise Unauthenticated("Only a user has sessions")
    own = ctx.caller
    return _all_ended(ctx, own.user_id, Not(eq("session_id", own.session_id)))


def end_user_sessions(request: EndUserSessions, ctx: Context) -> Decision[SessionsEnded]:
    """End all sessions of a user: sign the user out everywhere.

    At most 200 are ended by one call; the answer says whether there are more. Applications that take part in them are
    told. The caller must hold at least what the user holds. What applications may do offline goes on.
    """
    user = ctx.load(USER, request.user_id)
    reach(ctx, "session.read", exists=user.exists, organization=user.organization_id)
    if not all(covers(ctx.caller, held, ctx.roles()) for held in ctx.load(MEMBERSHIPS, request.user_id).held):
        raise PermissionDenied("The user holds roles that the caller does not")
    return _all_ended(ctx, request.user_id)


def _all_ended(ctx: Context, user_id: str, *which: Condition) -> Decision[SessionsEnded]:
    """Nothing is written for one that is over by now."""
    active = (eq("user_id", user_id), eq("ended", value=False), Compare("expires_at", Comparison.GT, ctx.now))
    select = Select(SESSIONS, And((*active, *which)), limit=AT_ONCE + 1)
    rows = ctx.ask(RowsOf(select, unscoped=True, current=True))
    changes: list[Append] = []
    for session_id in (str(row["session_id"]) for row in rows[:AT_ONCE]):
        session = ctx.load(SESSION, session_id)
        if session.active(ctx.now) and session.user_id == user_id:
            changes.append(participants.ended(ctx, session_id, session))
    return Decision(SessionsEnded(ended=len(changes), more=len(rows) > AT_ONCE), *changes)
