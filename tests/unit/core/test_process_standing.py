"""How far a process is, for those who may look."""

from dataclasses import replace

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import NotFound, PermissionDenied
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.permission import Caller, CallerKind
from hexkeep.core.projection import SLICE
from hexkeep.core.projection.asks import ParkedAggregate, ProcessStanding
from hexkeep.core.projection.processes import GetProcess, GetProcessOutput
from hexkeep.testing.decisions import NOW, Kit, World

ASKED = GetProcess(process="departure", aggregate_id="acme")
PARKED = ParkedAggregate("process.departure", 1, Ref("departure", "acme"), Log.DURABLE, 7, "LookupError", 1, NOW)


def world(standing: ProcessStanding | None, *parked: ParkedAggregate) -> World:
    """A world in which a process is somewhere."""
    given = Kit(SLICE).given()
    return replace(given, answerer=replace(given.answerer, standing=standing, parked=parked))


def test_what_is_due_and_done_is_told() -> None:
    """With the class of the failure for which it is parked, if it is."""
    half = ProcessStanding("users-1-3", done=300, total=0)
    told = GetProcessOutput(step="users-1-3", done=300, total=0, error="")
    assert world(half).when(ASKED).result == told
    assert world(half, PARKED).when(ASKED).result == told.model_copy(update={"error": "LookupError"})


def test_an_unknown_process_is_not_found() -> None:
    """Whatever the aggregate."""
    world(None).when(ASKED).refused(NotFound)


def test_who_may_not_look_is_refused() -> None:
    """Before anything is looked up."""
    world(None).as_(Caller(CallerKind.USER, "ada")).when(ASKED).refused(PermissionDenied)
