"""The view of sessions."""

from collections.abc import Iterable
from datetime import datetime

from hexkeep.core.factor.state import Factor
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.view import (
    And,
    Column,
    ColumnType,
    Compare,
    Comparison,
    Condition,
    DeleteWhere,
    In,
    Patch,
    Projection,
    Put,
    Row,
    RowOperation,
    Table,
    Visibility,
    eq,
)
from hexkeep.core.session.events import (
    SessionCreated,
    SessionEnded,
    SessionFactorChecked,
    SessionIdpChecked,
    SessionPasswordChecked,
    SubjectActivityErased,
)
from hexkeep.core.session.state import SESSION

CHECKED = {
    factor: f"{factor.value}_checked_at"
    for factor in (Factor.TOTP, Factor.RECOVERY_CODE, Factor.OTP_EMAIL, Factor.OTP_SMS, Factor.PASSKEY)
}
"""The columns that say when each second factor was last proven."""

SESSIONS = Table(
    "sessions",
    columns=(
        Column("session_id"),
        Column("user_id"),
        Column("organization_id"),
        Column("user_agent"),
        Column("password_checked_at", ColumnType.TIME, nullable=True),
        *(Column(name, ColumnType.TIME, nullable=True) for name in CHECKED.values()),
        Column("alone_at", ColumnType.TIME, nullable=True),
        Column("idp_checked_at", ColumnType.TIME, nullable=True),
        Column("idp_name_hash", nullable=True),
        Column("idp_index_hash", nullable=True),
        Column("expires_at", ColumnType.TIME),
        Column("ended", ColumnType.BOOLEAN),
    ),
    key=("session_id",),
    indexes=(("user_id",), ("organization_id",), ("created_at",), ("idp_name_hash",), ("idp_index_hash",)),
    of=SESSION.name,
    visibility=Visibility(organization="organization_id", user="user_id"),
)


def begun_elsewhere(name_hash: str, index_hashes: tuple[str, ...], upto: datetime | None = None) -> Condition:
    """Sessions that go on, by what an identity provider calls their person and by one of the sessions there.

    An empty hash says nothing of which, and both empty are nobody's. With ``upto`` those alone that had begun by then.
    """
    named = (eq("idp_name_hash", name_hash),) if name_hash or not index_hashes else ()
    indexed = (In("idp_index_hash", index_hashes),) if index_hashes else ()
    begun = (Compare("idp_checked_at", Comparison.LE, upto),) if upto is not None else ()
    return And((*named, *indexed, *begun, eq("ended", value=False)))


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event."""
    key = (recorded.aggregate_id,)
    match recorded.event:
        case SessionCreated() as event:
            yield Put(SESSIONS, _row(recorded.aggregate_id, event))
        case SessionPasswordChecked(checked_at=checked_at):
            yield Patch(SESSIONS, key, {"password_checked_at": checked_at})
        case SessionIdpChecked() as event:
            named = {"idp_name_hash": event.name_hash or None, "idp_index_hash": event.index_hash or None}
            yield Patch(SESSIONS, key, {"idp_checked_at": event.checked_at, **named})
        case SessionFactorChecked() as event if event.factor in set(CHECKED):
            alone: Row = {"alone_at": event.checked_at} if event.alone else {}
            yield Patch(SESSIONS, key, {CHECKED[Factor(event.factor)]: event.checked_at, **alone})
        case SessionEnded():
            yield Patch(SESSIONS, key, {"ended": True})
        case SubjectActivityErased(user_id=user_id):
            yield DeleteWhere(SESSIONS, {"user_id": user_id})


def _row(session_id: str, event: SessionCreated) -> Row:
    return {
        "session_id": session_id,
        "user_id": event.user_id,
        "organization_id": event.organization_id,
        "user_agent": event.user_agent,
        "expires_at": event.expires_at,
        "ended": False,
    }


PROJECTION = Projection("sessions", 5, Log.ACTIVITY, (SESSIONS,), (*SESSION.events, SubjectActivityErased), project)
