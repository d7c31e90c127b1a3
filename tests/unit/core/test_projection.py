"""What operators may do about projections, and what is recorded of it."""

from datetime import UTC, datetime

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.decision import FollowUp
from hexkeep.core.kernel.errors import FailedPrecondition, NotFound, PermissionDenied
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import INSTANCE, ROLES, Caller, CallerKind, Level, Membership, Scope
from hexkeep.core.projection import SLICE
from hexkeep.core.projection.asks import BuildState, ConsumerStatus, ParkedAggregate
from hexkeep.core.projection.commands import RebuildProjection, RetryParked, SkipParked
from hexkeep.core.projection.events import ParkedEventSkipped
from hexkeep.core.projection.queries import ListParked
from hexkeep.core.projection.state import SKIPS, SKIPS_ID, Skip
from hexkeep.testing.answers import Answerer
from hexkeep.testing.decisions import Kit, World

KIT = Kit(SLICE)
WHEN = datetime(2026, 1, 1, tzinfo=UTC)
REF = Ref("user", "ada")
SICK = ParkedAggregate("users", 1, REF, Log.DURABLE, 7, "KeyError", 1, WHEN)
WHOM = {"projection": "users", "aggregate_type": "user", "aggregate_id": "ada"}
RETRY = FollowUp("RetryParked", WHOM)
SKIP = SkipParked(**WHOM, position=7, reason="written by a broken import")
SKIPPED = SKIPS.append(SKIPS_ID, ParkedEventSkipped(**SKIP.model_dump()))


def world(caller: Caller | None = None, **known: object) -> World:
    """An instance in which one user is parked."""
    answers: dict[str, object] = {"parked": (SICK,), **known}
    found = World(KIT.registry, answerer=Answerer(**answers))  # type: ignore[arg-type]  # by name
    return World(found.registry, caller, answerer=found.answerer) if caller is not None else found


def holder(role: str, scope: Scope = INSTANCE) -> Caller:
    """A user who holds one role."""
    return Caller(CallerKind.USER, user_id="ada", memberships=(Membership(ROLES[role], scope),))


def test_a_skip_is_recorded_and_followed_by_a_retry() -> None:
    """Who did it and why is in the log of the instance; the aggregate goes on at once."""
    outcome = world().when(SKIP).then(SKIPPED)
    assert outcome.follow_ups == (RETRY,)
    assert outcome.world.history("main").state(SKIPS, SKIPS_ID).of("users") == {Skip(REF, 7)}
    assert outcome.world.history("main").state(SKIPS, SKIPS_ID).of("others") == frozenset()


def test_only_the_event_that_it_waits_at_is_skipped() -> None:
    """A position that is not the one shown is refused, and so is what is not parked."""
    world().when(SKIP.model_copy(update={"position": 8})).refused(FailedPrecondition)
    world(parked=()).when(SKIP).refused(NotFound)
    world().when(SKIP.model_copy(update={"projection": "others"})).refused(NotFound)


def test_a_repeated_skip_is_recorded_once() -> None:
    """The second one only tries again."""
    outcome = world().given(SKIPPED).when(SKIP).then()
    assert outcome.follow_ups == (RETRY,)


def test_a_retry_tells_whether_it_helped() -> None:
    """It concerns what is parked and nothing else."""
    assert world(mends=True).when(RetryParked(**WHOM)).result.mended
    assert not world(mends=False).when(RetryParked(**WHOM)).result.mended
    world(parked=()).when(RetryParked(**WHOM)).refused(NotFound)


def test_lists_show_where_everything_is() -> None:
    """Every build and process, and what is parked, of one projection if asked for."""
    status = ConsumerStatus("users", 2, BuildState.BUILDING, Log.DURABLE, 3, 9, 6, 1, "node", "unavailable", 4)
    [shown] = world(consumers=(status,)).when(Empty(), "ListProjections").result.projections
    assert (shown.projection, shown.build, shown.state, shown.lag) == ("users", 2, BuildState.BUILDING, 6)
    assert (shown.error, shown.retry_seconds) == ("unavailable", 4)
    [parked] = world().when(ListParked()).result.parked
    assert (parked.projection, parked.aggregate_id, parked.position, parked.error) == ("users", "ada", 7, "KeyError")
    assert world().when(ListParked(projection="others")).result.parked == ()


def test_a_rebuild_concerns_all_instances() -> None:
    """The owner of the only instance may ask for it; where there are several only the system may."""
    rebuild = RebuildProjection(projection="users")
    assert world().when(rebuild).result.build == 2
    assert world(instances=3).when(rebuild).result.build == 2
    assert world(holder("INSTANCE_OWNER")).when(rebuild).result.build == 2
    world(holder("INSTANCE_OWNER"), instances=3).when(rebuild).refused(PermissionDenied)


def test_who_may_look_may_not_change() -> None:
    """Viewers of the instance see projections; owners of an organization do not even that."""
    changes: tuple[Message, ...] = (SKIP, RetryParked(**WHOM), RebuildProjection(projection="users"))
    for request in changes:
        world(holder("INSTANCE_VIEWER")).when(request).refused(PermissionDenied)
    assert world(holder("INSTANCE_VIEWER")).when(ListParked()).result.parked
    owner = holder("ORGANIZATION_OWNER", Scope(Level.ORGANIZATION, "org"))
    for request in (*changes, ListParked()):
        world(owner).when(request).refused(PermissionDenied)
