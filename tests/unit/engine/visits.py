"""A small slice in the activity log: visits, which begin and end."""

from dataclasses import dataclass

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.operation import ApiName, Message, Operation
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.kernel.view import Column, Patch, Projection, Put, RowOperation, Table


class VisitBegun(Event):
    type = "visit.begun"
    who: str


class VisitEnded(Event):
    type = "visit.ended"


@dataclass(frozen=True, slots=True)
class Visit:
    who: str = ""
    ended: bool = False


def _evolve(state: Visit, event: Event) -> Visit:
    match event:
        case VisitBegun(who=who):
            return Visit(who)
        case VisitEnded():
            return Visit(state.who, ended=True)
        case _:
            return state


VISIT = Aggregate("visit", Log.ACTIVITY, Visit(), (VisitBegun, VisitEnded), _evolve)
VISITS = Table("visits", (Column("visit_id"), Column("title")), key=("visit_id",), of="visit")


def _project(recorded: Recorded[Event]) -> list[RowOperation]:
    match recorded.event:
        case VisitBegun(who=who):
            return [Put(VISITS, {"visit_id": recorded.aggregate_id, "title": who})]
        case VisitEnded():
            return [Patch(VISITS, (recorded.aggregate_id,), {"title": "ended"})]
        case _:
            return []


VISITS_PROJECTION = Projection("visits", 1, Log.ACTIVITY, (VISITS,), (VisitBegun, VisitEnded), _project)


class Begin(Message):
    who: str


class VisitId(Message):
    visit_id: str


class Shown(Message):
    visit_id: str
    who: str = ""


def begin(request: Begin, ctx: Context) -> Decision[VisitId]:
    """Begin a visit."""
    ctx.authorize()
    visit_id = ctx.new_id()
    return Decision(VisitId(visit_id=visit_id), VISIT.append(visit_id, VisitBegun(who=request.who)))


def end(request: VisitId, ctx: Context) -> Decision[VisitId]:
    """End a visit, whether there is one or not."""
    ctx.authorize()
    ctx.load(VISIT, request.visit_id)
    return Decision(request, VISIT.append(request.visit_id, VisitEnded()))


def prove(request: VisitId, ctx: Context) -> Decision[Shown]:
    """Show a visit as a proof, which lapses with it."""
    ctx.authorize()
    return Decision(Shown(visit_id=request.visit_id, who=ctx.load(VISIT, request.visit_id, lapses=True).who))


BEGIN = Operation("BeginVisit", ApiName.MANAGEMENT, Begin, VisitId, "visit.write", begin)
END = Operation("EndVisit", ApiName.MANAGEMENT, VisitId, VisitId, "visit.write", end)
PROVE = Operation("ProveVisit", ApiName.MANAGEMENT, VisitId, Shown, "visit.read", prove, writes=False)
VISIT_SLICE = Slice("visit", (VISIT,), (VISITS_PROJECTION,), (BEGIN, END, PROVE))
