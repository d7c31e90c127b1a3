"""Sessions that an identity provider has ended there: those that did not end at once, ended portion by portion."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import PermissionDenied
from hexkeep.core.kernel.operation import ApiName, Message, Operation
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.kernel.portions import next_portion
from hexkeep.core.logout.settling import SessionsSettled
from hexkeep.core.oidc import participants
from hexkeep.core.session.projection import SESSIONS, begun_elsewhere
from hexkeep.core.session.state import SESSION

Hash = Annotated[str, StringConstraints(max_length=200)]


class EndIdpSessions(Message):
    """Which sessions, from where on: as in ``SessionIdpOthersEnded``."""

    name_hash: Hash = Field("", repr=False)
    index_hashes: tuple[Hash, ...] = Field((), repr=False)
    ended_at: datetime
    cursor: str = Field("", max_length=2000)


def end_idp_sessions(request: EndIdpSessions, ctx: Context) -> Decision[SessionsSettled]:
    """End what began by sessions at an identity provider that are over; the applications in them are told."""
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()
    where = begun_elsewhere(request.name_hash, request.index_hashes, request.ended_at)
    portion = next_portion(ctx, SESSIONS, where, request.cursor)
    ids = (str(row["session_id"]) for row in portion.rows)
    found = {session_id: ctx.load(SESSION, session_id, lapses=True) for session_id in ids}
    ending = [participants.ended(ctx, *one) for one in found.items() if one[1].active(ctx.now)]
    return Decision(SessionsSettled(next_cursor=portion.cursor), *ending)


END_IDP_SESSIONS: Operation[EndIdpSessions, SessionsSettled] = Operation(
    "EndIdpSessions",
    ApiName.PROTOCOL,
    EndIdpSessions,
    SessionsSettled,
    "system.session.end",
    end_idp_sessions,
)
