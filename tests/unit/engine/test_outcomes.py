"""What is read off the code of a decision: its events and its errors."""

from functools import partial

import pytest

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import AlreadyExists, Conflict, FailedPrecondition, IdempotencyMismatch, NotFound
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Operation
from hexkeep.core.organization import commands
from hexkeep.core.organization.events import OrganizationAdded, OrganizationRenamed
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.slices import SLICES
from hexkeep.engine.outcomes import ANY_CALL, outcomes

OPERATIONS = {operation.name: operation for one in SLICES for operation in one.operations}


def operation(handle: object, *, writes: bool = True) -> AnyOperation:
    """An operation that decides by ``handle``."""
    made: AnyOperation = Operation("Try", ApiName.ADMIN, Empty, Empty, "try.write", handle, writes=writes)  # type: ignore[arg-type]  # whatever a test brings
    return made


def by_itself(_: Empty, ctx: Context) -> Decision[Empty]:
    """Append."""
    ctx.authorize()
    return Decision(Empty(), ORGANIZATION.append("a", OrganizationAdded(name="A")))


def by_others(request: Empty, ctx: Context) -> Decision[Empty]:
    """Leave it to other functions, one of another module, one in a table, one within."""

    def inner() -> None:
        raise FailedPrecondition

    inner()
    return commands.update_organization(request, ctx) if ctx.instance else TABLE["x"](request, ctx)  # type: ignore[arg-type]  # never run


TABLE = {"x": partial(by_itself)}


def test_events_and_errors_of_the_function_itself() -> None:
    """And those of the methods of its context."""
    found = outcomes(operation(by_itself))
    assert found.events == (OrganizationAdded,)
    assert {"permission_denied", "unauthenticated", "version_conflict"} <= {error.code for error in found.errors}
    assert FailedPrecondition not in found.errors


def test_events_and_errors_of_what_it_calls() -> None:
    """Through modules, tables, partial functions and functions within functions."""
    found = outcomes(operation(by_others))
    assert found.events == (OrganizationAdded, OrganizationRenamed)
    assert FailedPrecondition in found.errors


def test_what_reads_appends_nothing() -> None:
    """Whatever its code names: the bus refuses it."""
    assert outcomes(operation(by_itself, writes=False)).events == ()


@pytest.mark.parametrize(
    ("name", "events", "error"),
    [
        ("CreateOrganization", ["organization.added"], IdempotencyMismatch),
        ("CreateHumanUser", ["user.human.added", "user.password.set"], AlreadyExists),
        ("DeactivateProject", ["project.deactivated"], FailedPrecondition),
        ("SetDefaultLoginPolicy", ["policy.login.set"], Conflict),
    ],
)
def test_operations_of_the_slices(name: str, events: list[str], error: type[Exception]) -> None:
    """Some that are known, of each kind."""
    found = outcomes(OPERATIONS[name])
    assert [event.type for event in found.events] == events
    assert any(issubclass(one, error) for one in found.errors)


def test_what_any_call_may_end_with_is_told_once() -> None:
    """It is not repeated for each operation."""
    assert NotFound in ANY_CALL
    assert all(set(outcomes(one).errors).isdisjoint(ANY_CALL) for one in OPERATIONS.values())
