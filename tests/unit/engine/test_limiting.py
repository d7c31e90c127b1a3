"""How many calls are admitted, by all nodes together."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from hexkeep.adapters.memory.settings import MemorySettings
from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.core.instance.limits import USAGE, usage_key
from hexkeep.core.instance.state import SYSTEM_INSTANCE, UNLIMITED, Limits
from hexkeep.core.kernel.ask import Kept
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.kernel.permission import ANONYMOUS, Caller, CallerKind
from hexkeep.engine.assembly import Tuning
from hexkeep.engine.limiting import BLOCKS, MINUTE, PAUSE, Limiter
from hexkeep.engine.secrets import ShortLived
from tests.unit.engine.rig import ports_of, rig_with

INSTANCE = "acme"
ALICE = Caller(CallerKind.USER, user_id="alice", client_id="shop")
BOB = Caller(CallerKind.USER, user_id="bob", client_id="shop")


class Hands:
    """A clock that is turned by hand; it begins a minute before a new month."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        """The present time."""
        return datetime(2026, 1, 31, 23, 59, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Seconds since it was made."""
        return self.seconds


class Cluster:
    """Nodes with one storage."""

    def __init__(self, short_lived: ShortLived, clock: Hands) -> None:
        self.short_lived, self.clock = short_lived, clock
        self.told: list[tuple[str, str, int]] = []

    def node(self) -> Limiter:
        """One more node."""
        return Limiter(self.short_lived, self.clock)

    async def reached(self, instance: str, month: str, percent: int) -> None:
        """Remember what was told."""
        self.told.append((instance, month, percent))

    async def admitted(self, node: Limiter, limits: Limits, times: int, address: str = "192.0.2.1") -> int:
        """How many of so many calls get in."""
        count = 0
        for _ in range(times):
            try:
                await node.admit_address(INSTANCE, limits, address, self.reached)
            except ResourceExhausted:
                continue
            count += 1
        return count


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    """Counters in memory."""
    clock = Hands()
    storage = MemoryStorage(MemorySettings(), clock)
    await storage.open()
    machinery = rig_with(ports_of(storage), (), Tuning()).machinery
    yield Cluster(ShortLived(storage.expiring, machinery.keyring), clock)
    await storage.close()


async def test_without_limits_everything_is_admitted(cluster: Cluster) -> None:
    """And nothing is counted."""
    node = cluster.node()
    assert await cluster.admitted(node, UNLIMITED, 1000) == 1000


async def test_the_addresses_of_one_subscriber_are_one(cluster: Cluster) -> None:
    """Of IPv6 everybody has at least 2 to the power of 64 (RFC 6177), and would have as many times the limit."""
    limits = Limits(calls_per_minute_per_address=10)
    node = cluster.node()
    admitted = [await cluster.admitted(node, limits, 1, f"2001:db8:0:1::{number:x}") for number in range(20)]
    assert sum(admitted) == 10
    assert await cluster.admitted(node, limits, 1, "2001:db8:0:2::1") == 1
    assert await cluster.admitted(node, limits, 20, "::ffff:192.0.2.7") == 10
    assert await cluster.admitted(node, limits, 1, "192.0.2.7") == 0


@pytest.mark.parametrize("limit", [1, 7, 50, 500])
async def test_a_limit_is_kept_to_exactly_by_one_node(cluster: Cluster, limit: int) -> None:
    """So many calls within a minute, and not one more; each address has its own."""
    limits = Limits(calls_per_minute_per_address=limit)
    node = cluster.node()
    assert await cluster.admitted(node, limits, limit + 20) == limit
    assert await cluster.admitted(node, limits, 1, "192.0.2.2") == 1
    cluster.clock.seconds += MINUTE
    assert await cluster.admitted(node, limits, 1) == 1


async def test_nodes_share_a_limit(cluster: Cluster) -> None:
    """Together they admit what one would, and lose at most the rest of a block each."""
    limits = Limits(calls_per_minute=1000)
    nodes = [cluster.node() for _ in range(4)]
    counts = await asyncio.gather(*(cluster.admitted(node, limits, 600) for node in nodes))
    assert 1000 - 4 * (1000 // BLOCKS) <= sum(counts) <= 1000


async def test_calls_at_the_same_moment_lose_nothing(cluster: Cluster) -> None:
    """Blocks that are fetched side by side are all spent."""
    limits = Limits(calls_per_minute=200)
    node = cluster.node()
    counts = await asyncio.gather(*(cluster.admitted(node, limits, 1) for _ in range(300)))
    assert sum(counts) == 200


async def test_a_refusal_tells_when_to_come_back_and_costs_nothing(cluster: Cluster) -> None:
    """For a moment it is given again without a look at the counter; then the new limit of an operator holds."""
    node, limits = cluster.node(), Limits(calls_per_minute=1)
    await cluster.admitted(node, limits, 1)
    with pytest.raises(ResourceExhausted) as refused:
        await node.admit_address(INSTANCE, limits, "", cluster.reached)
    assert refused.value.retry_after == MINUTE
    assert await cluster.admitted(node, Limits(calls_per_minute=100), 5) == 5
    cluster.clock.seconds += PAUSE
    assert await cluster.admitted(node, limits, 1) == 0


async def test_users_and_applications_have_limits_of_their_own(cluster: Cluster) -> None:
    """One user's calls do not use up another's, but all that come through an application count for it."""
    node, limits = cluster.node(), Limits(calls_per_minute_per_user=2, calls_per_minute_per_client=3)
    for caller in (ALICE, ALICE, BOB, ANONYMOUS, ANONYMOUS):
        await node.admit_caller(INSTANCE, limits, caller)
    with pytest.raises(ResourceExhausted):
        await node.admit_caller(INSTANCE, limits, ALICE)
    with pytest.raises(ResourceExhausted):
        await node.admit_caller(INSTANCE, limits, BOB)


@pytest.mark.parametrize("quota", [10, 4000])
async def test_a_quota_lasts_for_a_month(cluster: Cluster, quota: int) -> None:
    """Its shares are told once; the usage can be read; with the next month it begins anew."""
    limits = Limits(calls_per_month=quota)
    nodes = [cluster.node(), cluster.node()]
    half = quota // 2
    assert await cluster.admitted(nodes[0], limits, half) == half
    assert await cluster.admitted(nodes[1], limits, quota) >= half - quota // 100
    assert cluster.told == [(INSTANCE, "2026-01", 80), (INSTANCE, "2026-01", 100)]
    with pytest.raises(ResourceExhausted) as refused:
        await nodes[0].admit_address(INSTANCE, limits, "", cluster.reached)
    assert 0 < refused.value.retry_after <= MINUTE + 1
    for reader in (SYSTEM_INSTANCE, INSTANCE):
        kept = await cluster.short_lived.kept(reader, Kept(USAGE, usage_key(INSTANCE, "2026-01")))
        assert kept == str(quota).encode()
    cluster.clock.seconds += MINUTE
    assert await cluster.admitted(nodes[0], limits, 1) == 1


async def test_a_quota_may_only_be_recorded(cluster: Cluster) -> None:
    """Calls beyond it are admitted and counted."""
    limits = Limits(calls_per_month=10, refuse_beyond_quota=False)
    assert await cluster.admitted(cluster.node(), limits, 25) == 25
    assert [percent for *_, percent in cluster.told] == [80, 100]
    kept = await cluster.short_lived.kept(INSTANCE, Kept(USAGE, usage_key(INSTANCE, "2026-01")))
    assert kept == b"25"
