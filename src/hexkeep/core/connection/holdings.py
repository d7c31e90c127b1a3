"""What applications have of a person now: consents, refresh tokens, and parts in sessions, gathered by application."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from hexkeep.core.consent.projection import CONSENTS
from hexkeep.core.consent.state import CONSENT, consent_id
from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.view import And, Compare, Comparison, Row, Select, Sort, Table, eq
from hexkeep.core.policy.state import LIFETIME, effective
from hexkeep.core.session.projection import SESSIONS
from hexkeep.core.session.state import SESSION
from hexkeep.core.token.projection import TOKEN_FAMILIES
from hexkeep.core.token.state import TOKEN_FAMILY
from hexkeep.core.user.state import USER

LIMIT = 1000
"""Rows of each kind that are looked at: a person has few, and the newest come first."""


@dataclass(slots=True)
class Holding:
    """What one application has."""

    moments: list[datetime] = field(default_factory=list)
    """When each part of it was given or last used."""
    scopes: list[str] = field(default_factory=list)
    refresh_tokens: int = 0
    sessions: int = 0
    consented: bool = False

    def add(self, *moments: datetime, scopes: tuple[str, ...] = ()) -> None:
        """One more part of it."""
        self.moments += moments
        self.scopes += scopes


def holdings(ctx: Context, user_id: str) -> dict[str, Holding]:
    """By the application's id. Nothing is among it that holds no more, however it ended."""
    found: dict[str, Holding] = {}
    for consent in _rows(ctx, CONSENTS, user_id, "granted_at"):
        state = ctx.load(CONSENT, str(consent["consent_id"]))
        if state.granted_at is not None:
            held = found.setdefault(state.client_id, Holding())
            held.add(state.granted_at, scopes=state.scopes)
            held.consented = True
    _refresh_tokens(ctx, user_id, found)
    _sessions(ctx, user_id, found)
    return found


def _refresh_tokens(ctx: Context, user_id: str, found: dict[str, Holding]) -> None:
    user = ctx.load(USER, user_id)
    lifetimes = effective(ctx, LIFETIME, user.organization_id)
    for row in _rows(ctx, TOKEN_FAMILIES, user_id, "started_at"):
        family = ctx.load(TOKEN_FAMILY, str(row["family_id"]), lapses=True)
        if not family.refreshes(ctx.now, lifetimes) or not user.proven_by(family.password_version):
            continue
        given = tuple(at for at in (family.started_at, family.used_at) if at is not None)
        if ctx.load(CONSENT, consent_id(user_id, family.client_id)).revoked_since(given[0]):
            continue
        held = found.setdefault(family.client_id, Holding())
        held.add(*given, scopes=family.scopes)
        held.refresh_tokens += 1


def _sessions(ctx: Context, user_id: str, found: dict[str, Holding]) -> None:
    """An application's part in a session has ended with the consent, though nobody may have got to saying so."""
    for row in _rows(ctx, SESSIONS, user_id, "created_at"):
        session = ctx.load(SESSION, str(row["session_id"]), lapses=True)
        if not session.active(ctx.now):
            continue
        for one in session.clients:
            if ctx.load(CONSENT, consent_id(user_id, one.client_id)).revoked_since(one.joined_at):
                continue
            held = found.setdefault(one.client_id, Holding())
            held.add(one.joined_at)
            held.sessions += 1


def _rows(ctx: Context, table: Table, user_id: str, newest: str) -> Iterator[Row]:
    """As they are now: who looks has often just signed in somewhere, or taken something back."""
    active = (eq("ended", value=False), Compare("expires_at", Comparison.GT, ctx.now)) if table is SESSIONS else ()
    select = Select(table, And((eq("user_id", user_id), *active)), (Sort(newest, descending=True),), LIMIT)
    yield from ctx.ask(RowsOf(select, unscoped=True, current=True))
