"""What waits for a person's answer, and what was answered, as the events of the activity log make it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hexkeep.core.backchannelauth.events import BackchannelApproved, BackchannelDenied, BackchannelRequested
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.oidc.ciba import REMEMBERED

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's yes: in which session, and when the person had last proved who it is."""

    session_id: str
    auth_time: datetime
    approved_at: datetime
    acr: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, with its answer once there is one."""

    client_id: str
    scopes: tuple[str, ...]
    binding_message: str
    authorization_details: str
    requested_at: datetime
    expires_at: datetime
    acr_values: tuple[str, ...] = ()
    approval: Approval | None = None
    denied: bool = False

    def waits(self, now: datetime) -> bool:
        """Whether the person may still answer."""
        return self.approval is None and not self.denied and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Backchannel:
    """Requests to one person, by id, the oldest first; what is long over is forgotten when another one comes."""

    requests: Mapping[str, Request] = field(default_factory=dict)


def _requested(state: Backchannel, event: BackchannelRequested) -> Backchannel:
    known = {one: it for one, it in state.requests.items() if event.requested_at < it.expires_at + REMEMBERED}
    added = Request(
        client_id=event.client_id,
        scopes=event.scopes,
        binding_message=event.binding_message,
        authorization_details=event.authorization_details,
        requested_at=event.requested_at,
        expires_at=event.expires_at,
        acr_values=event.acr_values,
    )
    return Backchannel({**known, event.request_id: added})


def _evolve(state: Backchannel, event: Event) -> Backchannel:
    match event:
        case BackchannelRequested():
            return _requested(state, event)
        case BackchannelApproved() if event.request_id in state.requests:
            approval = Approval(event.session_id, event.auth_time, event.approved_at, event.acr)
            answered = replace(state.requests[event.request_id], approval=approval)
            return Backchannel({**state.requests, event.request_id: answered})
        case BackchannelDenied() if event.request_id in state.requests:
            answered = replace(state.requests[event.request_id], denied=True)
            return Backchannel({**state.requests, event.request_id: answered})
        case _:
            return state


BACKCHANNEL = Aggregate(
    name="backchannel_authentication",
    log=Log.ACTIVITY,
    initial=Backchannel(),
    events=(BackchannelRequested, BackchannelApproved, BackchannelDenied),
    evolve=_evolve,
)
"""One per person and day: the list is as new as the last write, and nothing outlives what the log keeps (ADR 15)."""


def inbox(user_id: str, at: datetime) -> str:
    """The id of the aggregate with what a person is asked on the day of ``at``."""
    return f"{user_id}.{at:%Y%m%d}"


def requests_to(ctx: Context, user_id: str) -> dict[str, tuple[str, Request]]:
    """What a person is asked now or was lately, by id, the oldest first, each with the aggregate that it is in.

    None waits longer than half an hour, so it is of today or of yesterday.
    """
    inboxes = [inbox(user_id, at) for at in (ctx.now - DAY, ctx.now)]
    return {one: (box, it) for box in inboxes for one, it in ctx.load(BACKCHANNEL, box).requests.items()}
