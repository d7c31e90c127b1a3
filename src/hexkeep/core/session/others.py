"""Signing out everywhere else: for who has lost a device, or fears that somebody else is signed in."""

from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import Unauthenticated
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.view import And, Compare, Comparison, Not, Select, eq
from hexkeep.core.session.events import SessionEnded
from hexkeep.core.session.projection import SESSIONS
from hexkeep.core.session.state import SESSION

AT_ONCE = 200
"""Sessions that are ended by one call."""


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
    others = And(
        (
            eq("user_id", ctx.caller.user_id),
            eq("ended", value=False),
            Compare("expires_at", Comparison.GT, ctx.now),
            Not(eq("session_id", ctx.caller.session_id)),
        )
    )
    rows = ctx.ask(RowsOf(Select(SESSIONS, others, limit=AT_ONCE + 1), unscoped=True, current=True))
    ended = tuple(_ended(str(row["session_id"]), ctx) for row in rows[:AT_ONCE])
    changes = tuple(change for change in ended if change is not None)
    return Decision(SessionsEnded(ended=len(changes), more=len(rows) > AT_ONCE), *changes)


def _ended(session_id: str, ctx: Context) -> Append | None:
    """Nothing for a session that is over by now."""
    session = ctx.load(SESSION, session_id)
    mine = session.active(ctx.now) and session.user_id == ctx.caller.user_id
    return SESSION.append(session_id, SessionEnded()) if mine else None
