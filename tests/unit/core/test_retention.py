import pytest

from hexkeep.core.kernel.errors import InvalidInput, PermissionDenied
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.permission import INSTANCE, ROLES, Caller, CallerKind, Membership
from hexkeep.core.policy.events import LONGEST_LIFETIME
from hexkeep.core.retention import SLICE
from hexkeep.core.retention.commands import ActivityRetention, SetActivityRetention
from hexkeep.core.retention.events import ActivityRetentionSet
from hexkeep.core.retention.state import DEFAULT_DAYS, LEAST_DAYS, RETENTION, RETENTION_ID
from hexkeep.testing.decisions import Kit

KIT = Kit(SLICE)
GET = "GetActivityRetention"


def test_retention_is_recorded_when_it_changes_something() -> None:
    """The same again is no event."""
    changed = KIT.given().when(SetActivityRetention(days=500))
    changed.then(RETENTION.append(RETENTION_ID, ActivityRetentionSet(days=500)))
    changed.world.when(SetActivityRetention(days=500)).then()
    KIT.given().when(SetActivityRetention(days=DEFAULT_DAYS)).then()


def test_retention_is_for_ever_or_longer_than_anything_lives() -> None:
    """What may still be in use is never dropped: a token family is the longest."""
    KIT.given().when(SetActivityRetention(days=0)).then(RETENTION.append(RETENTION_ID, ActivityRetentionSet(days=0)))
    for days in (1, LEAST_DAYS - 1):
        KIT.given().when(SetActivityRetention(days=days)).refused(InvalidInput)
    KIT.given().when(SetActivityRetention(days=LEAST_DAYS))
    assert LONGEST_LIFETIME.days < LEAST_DAYS


def test_retention_is_read_as_set() -> None:
    """Before anybody has set it the default counts."""
    world = KIT.given()
    assert world.when(Empty(), GET).result == ActivityRetention(days=DEFAULT_DAYS)
    world = world.given(RETENTION.append(RETENTION_ID, ActivityRetentionSet(days=0)))
    assert world.when(Empty(), GET).result == ActivityRetention(days=0)


@pytest.mark.parametrize("role", ["INSTANCE_VIEWER", "ORGANIZATION_OWNER"])
def test_retention_is_set_by_those_who_own_the_instance(role: str) -> None:
    """To read everything is not to decide how long it is kept."""
    caller = Caller(CallerKind.USER, user_id="ada", memberships=(Membership(ROLES[role], INSTANCE),))
    KIT.given().as_(caller).when(SetActivityRetention(days=0)).refused(PermissionDenied)
