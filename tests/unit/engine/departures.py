"""A process that touches every user of an organization: who leaves takes everybody along, in bounded units."""

from dataclasses import dataclass, replace
from typing import ClassVar

from hexkeep.core.kernel.aggregate import Aggregate, Append
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, NotFound
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.operation import ApiName, Empty, Message, Operation
from hexkeep.core.kernel.portions import next_portion
from hexkeep.core.kernel.slice import Process, Progress, Slice, Step
from hexkeep.core.kernel.view import eq
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.user.events import UserDeactivated
from hexkeep.core.user.projection import USERS
from hexkeep.core.user.state import USER

SIZE = 3
"""Users of a portion; few, so that there are many portions."""


class DepartureRequested(Event):
    """Every user of the organization is to be deactivated."""

    type: ClassVar[str] = "departure.requested"


class UsersDeparted(Event):
    """A portion of them is."""

    type: ClassVar[str] = "departure.users_departed"
    cursor: str
    count: int


class DepartureEnded(Event):
    """All of them are."""

    type: ClassVar[str] = "departure.ended"


@dataclass(frozen=True, slots=True)
class Departure:
    """How far it is. ``run`` counts how often it was asked for."""

    run: int = 0
    portions: int = 0
    cursor: str = ""
    done: int = 0
    through: bool = False
    ended: bool = True


def _evolve(state: Departure, event: Event) -> Departure:
    match event:
        case DepartureRequested():
            return Departure(run=state.run + 1, ended=False)
        case UsersDeparted(cursor=cursor, count=count):
            moved = replace(state, portions=state.portions + 1, cursor=cursor, done=state.done + count)
            return replace(moved, through=not cursor)
        case DepartureEnded():
            return replace(state, ended=True)
        case _:
            return state


DEPARTURE = Aggregate(
    "departure", Log.DURABLE, Departure(), (DepartureRequested, UsersDeparted, DepartureEnded), _evolve
)


class OrganizationOf(Message):
    """Names the organization."""

    organization_id: str


def request_departure(request: OrganizationOf, ctx: Context) -> Decision[Empty]:
    """Let an organization and all its users go."""
    if not ctx.load(ORGANIZATION, request.organization_id).exists:
        raise NotFound
    if not ctx.load(DEPARTURE, request.organization_id).ended:
        raise FailedPrecondition
    return Decision(Empty(), DEPARTURE.append(request.organization_id, DepartureRequested()))


def deactivate_some(request: OrganizationOf, ctx: Context) -> Decision[Empty]:
    """Deactivate the next users and move the cursor, in one unit."""
    departure = ctx.load(DEPARTURE, request.organization_id)
    portion = next_portion(ctx, USERS, eq("organization_id", request.organization_id), departure.cursor, SIZE)
    changes: list[Append] = []
    for row in portion.rows:
        user_id = str(row["user_id"])
        if ctx.load(USER, user_id).active:
            changes.append(USER.append(user_id, UserDeactivated()))
    moved = UsersDeparted(cursor=portion.cursor, count=len(changes))
    return Decision(Empty(), *changes, DEPARTURE.append(request.organization_id, moved))


def end_departure(request: OrganizationOf, ctx: Context) -> Decision[Empty]:
    """Note that all are gone."""
    if ctx.load(DEPARTURE, request.organization_id).ended:
        return Decision(Empty())
    return Decision(Empty(), DEPARTURE.append(request.organization_id, DepartureEnded()))


def next_step(organization_id: str, state: Departure) -> Step | None:
    """A portion after the other, then the end."""
    if state.ended:
        return None
    request = OrganizationOf(organization_id=organization_id)
    if state.through:
        return Step(f"end-{state.run}", INSIDE, "EndDeparture", request)
    return Step(f"users-{state.run}-{state.portions}", INSIDE, "DeactivateSome", request, portion=True)


INSIDE = "test"
"""The instance of the engine's tests."""
REQUEST = Operation(
    "RequestDeparture", ApiName.MANAGEMENT, OrganizationOf, Empty, "organization.write", request_departure
)
SOME = Operation("DeactivateSome", ApiName.PROTOCOL, OrganizationOf, Empty, "user.write", deactivate_some)
END = Operation("EndDeparture", ApiName.PROTOCOL, OrganizationOf, Empty, "organization.write", end_departure)
PROCESS = Process(
    "departure",
    DEPARTURE,
    (DepartureRequested, UsersDeparted),
    next_step,
    progress=lambda state: Progress(state.done),
)
SLICE = Slice("departure", aggregates=(DEPARTURE,), operations=(REQUEST, SOME, END), processes=(PROCESS,))
