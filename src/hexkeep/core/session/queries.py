"""Looking at sessions: at one's own, and at those of an organization's users."""

import enum
from collections.abc import Iterator
from datetime import datetime
from typing import Self

from pydantic import Field

from hexkeep.core.factor.state import Factor
from hexkeep.core.kernel.access import listed, visible_row
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.fields import Id, Line
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.paging import Page, PageRequest, page_of
from hexkeep.core.kernel.view import And, Compare, Comparison, Condition, Row, eq
from hexkeep.core.session.projection import CHECKED, SESSIONS
from hexkeep.core.session.state import methods
from hexkeep.core.user.state import USER

COPIED = ("session_id", "user_id", "organization_id", "user_agent", "password_checked_at", "expires_at", "created_at")


class SessionStatus(enum.StrEnum):
    """Where a session is in its life; ``UNSPECIFIED`` in a filter means any."""

    UNSPECIFIED = "unspecified"
    ACTIVE = "active"
    EXPIRED = "expired"
    ENDED = "ended"


class SessionCheck(Message):
    """A second factor that was proven in a session, and when it last was."""

    factor: Factor
    checked_at: datetime


class SessionView(Message):
    """A session as its readers see it. ``amr`` tells how its user has signed in (RFC 8176 section 2).

    Without ``password_checked_at``, a passkey that signs in alone or an identity provider it proves nothing yet; nor
    does it any more once the user has another password.
    """

    session_id: str
    user_id: str
    organization_id: str
    user_agent: str
    password_checked_at: datetime | None
    expires_at: datetime
    created_at: datetime
    status: SessionStatus
    checks: tuple[SessionCheck, ...]
    amr: tuple[str, ...]

    @classmethod
    def of(cls, row: Row, now: datetime) -> Self:
        """The view of a row at a time."""
        checked = {factor: row[column] for factor, column in CHECKED.items() if row[column] is not None}
        told = {
            "status": _status(row, now),
            "checks": tuple({"factor": factor, "checked_at": at} for factor, at in checked.items()),
            "amr": methods(
                checked,
                password=row["password_checked_at"] is not None,
                alone=row["alone_at"] is not None,
                external=row["idp_checked_at"] is not None,
            ),
        }
        return cls.model_validate({**{name: row[name] for name in COPIED}, **told})


class GetSession(Message):
    """Names the session to get."""

    session_id: Id


class GetMySession(Message):
    """Names one of the caller's own sessions."""

    session_id: Id


class SessionSort(enum.StrEnum):
    """What sessions can be sorted by; unspecified is by id, and so by age."""

    UNSPECIFIED = "unspecified"
    CREATED_AT = "created_at"
    EXPIRES_AT = "expires_at"


class ListSessions(PageRequest):
    """Which sessions to list."""

    user_id: Line = Field("", description="Only those of this user")
    status: SessionStatus = Field(SessionStatus.UNSPECIFIED, description="Only those with this status")
    sort: SessionSort = SessionSort.UNSPECIFIED


class ListMySessions(PageRequest):
    """Which of the caller's own sessions to list."""

    status: SessionStatus = Field(SessionStatus.UNSPECIFIED, description="Only those with this status")
    sort: SessionSort = SessionSort.UNSPECIFIED


class SessionPage(Page):
    """Some sessions."""

    sessions: tuple[SessionView, ...]


def get_session(request: GetSession, ctx: Context) -> Decision[SessionView]:
    """Get a session that the caller may read. There is none of a user who was erased."""
    row = visible_row(ctx, SESSIONS, request.session_id)
    if ctx.load(USER, str(row["user_id"])).erased:  # its own events still say that it was
        raise NotFound
    return Decision(SessionView.of(row, ctx.now))


def get_my_session(request: GetMySession, ctx: Context) -> Decision[SessionView]:
    """Get one of the caller's own sessions."""
    return Decision(SessionView.of(visible_row(ctx, SESSIONS, request.session_id), ctx.now))


def list_sessions(request: ListSessions, ctx: Context) -> Decision[SessionPage]:
    """List those sessions that the caller may read."""
    return _page(request, request.sort, _filters(request.user_id, request.status, ctx.now), ctx)


def list_my_sessions(request: ListMySessions, ctx: Context) -> Decision[SessionPage]:
    """List the caller's own sessions."""
    own = eq("user_id", ctx.caller.user_id)
    return _page(request, request.sort, (own, *_filters("", request.status, ctx.now)), ctx)


def _page(
    request: PageRequest, sort: SessionSort, conditions: Iterator[Condition] | tuple[Condition, ...], ctx: Context
) -> Decision[SessionPage]:
    column = "" if sort is SessionSort.UNSPECIFIED else sort.value
    select = page_of(SESSIONS, request, And(tuple(conditions)), sort=column)
    found = listed(ctx, request, select)
    views = tuple(SessionView.of(row, ctx.now) for row in found.rows)
    return Decision(SessionPage(sessions=views, next_cursor=found.next_cursor, total=found.total))


def _filters(user_id: str, status: SessionStatus, now: datetime) -> Iterator[Condition]:
    if user_id:
        yield eq("user_id", user_id)
    if status is not SessionStatus.UNSPECIFIED:
        yield eq("ended", status is SessionStatus.ENDED)
    if status is SessionStatus.ACTIVE:
        yield Compare("expires_at", Comparison.GT, now)
    if status is SessionStatus.EXPIRED:
        yield Compare("expires_at", Comparison.LE, now)


def _status(row: Row, now: datetime) -> SessionStatus:
    if row["ended"]:
        return SessionStatus.ENDED
    expires_at = row["expires_at"]
    alive = isinstance(expires_at, datetime) and now < expires_at
    return SessionStatus.ACTIVE if alive else SessionStatus.EXPIRED
