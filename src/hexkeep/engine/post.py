"""The post: queue, consumers and courier of the outboxes as one part of the engine."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Protocol

from hexkeep.core.delivery.asks import GiveUp, RetryNow
from hexkeep.core.delivery.projection import DELIVERIES, QUEUE, DeliveryState
from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.outbox import Outbox
from hexkeep.core.kernel.view import Put, Row, RowOperation
from hexkeep.engine.answers import Answer
from hexkeep.engine.builds import Builds
from hexkeep.engine.courier import LEASE, Courier, Pace
from hexkeep.engine.deliveries import HELD, PAGE, Deliveries
from hexkeep.engine.envelopes import Envelopes
from hexkeep.engine.keyring import Keyring
from hexkeep.engine.leadership import Leadership
from hexkeep.engine.ledger import Ledger
from hexkeep.engine.outbox import OutboxConsumer, Starts
from hexkeep.engine.places import Places
from hexkeep.ports.clock import Clock
from hexkeep.ports.delivery import Deliverer
from hexkeep.ports.event_store import EventStore, Head
from hexkeep.ports.telemetry import Figure, Kind
from hexkeep.ports.views import Views

NOWHERE: Mapping[tuple[str, str, Log], int] = MappingProxyType({})
NO_DELIVERERS: Mapping[str, Deliverer] = MappingProxyType({})
COUNTED = (DeliveryState.PENDING, DeliveryState.DEAD)
OVERDUE = timedelta(minutes=1)
"""After so long the leader is told of a row that waits: it may not have heard of it."""


class PostPorts(Protocol):
    """The ports that this part reaches the outside through."""

    @property
    def events(self) -> EventStore:
        """The log."""

    @property
    def views(self) -> Views:
        """Where the queue lies."""

    @property
    def clock(self) -> Clock:
        """The time."""


class Post:
    """Parts of one node. ``start`` before the consumers run, then ``courier.start``."""

    def __init__(
        self,
        ports: PostPorts,
        outboxes: Mapping[str, Outbox],
        keyring: Keyring,
        builds: Builds,
        *,
        lead: Callable[[str], Leadership],
        deliverers: Mapping[str, Deliverer] = NO_DELIVERERS,
        pace: Pace | None = None,
    ) -> None:
        self.ledger = Ledger(QUEUE, ports.views, builds)
        envelopes = Envelopes(keyring)
        self._pace = pace or Pace()
        self._counted: Counter[DeliveryState] | None = None
        self._starts = Starts(outboxes.values(), self.ledger, ports.events, ports.views)
        self._places = Places(
            outboxes.values(), self.ledger, ports.views, ports.events, clock=ports.clock, look=self._pace.look
        )
        self.deliveries = Deliveries(self.ledger, ports.clock)
        self.courier = Courier(
            deliverers, self.deliveries, envelopes, self._places, lead(LEASE), clock=ports.clock, pace=self._pace
        )
        self.consumers = tuple(
            OutboxConsumer(one, self.ledger, envelopes, self.courier.put) for one in outboxes.values()
        )

    async def start(self) -> None:
        """Make the queue, and let new outboxes begin at the end of the logs."""
        await self.ledger.start()
        await self._starts.begin()

    async def tidy(self) -> None:
        """Bury what came too late and remove what ended long ago, in every instance."""
        counted = Counter[DeliveryState]()
        for instance in await self._places.instances():
            await self.deliveries.give_up_late(instance)
            await self.deliveries.sweep(instance, self._pace.kept, self._pace.kept_dead)
            await self.deliveries.remind(instance, OVERDUE)
            for state in COUNTED:
                counted[state] += await self.deliveries.count(instance, state)
        self._counted = counted

    def figures(self) -> Iterator[Figure]:
        """What this node knows of it, as numbers."""
        attempts = "Attempts to deliver that this node has made"
        yield Figure("delivery_attempts", Kind.COUNTER, attempts, self.courier.delivered, (("ended", "delivered"),))
        yield Figure("delivery_attempts", Kind.COUNTER, attempts, self.courier.failed, (("ended", "failed"),))
        yield Figure("deliveries_under_way", Kind.GAUGE, "Deliveries in hand on this node", self.courier.under_way)
        for state, count in (self._counted or {}).items():
            told = "Deliveries in the queue, as this node counted them last; only the node that tidies it up counts"
            yield Figure("deliveries", Kind.GAUGE, told, count, (("state", state.value),))

    def answers(self) -> dict[type[Ask[Any]], Answer]:
        """What decisions about deliveries have done."""
        return {
            RetryNow: lambda call, ask: self._retry(call.request.instance, ask.delivery_id),
            GiveUp: lambda call, ask: self.deliveries.discard(call.request.instance, ask.delivery_id),
        }

    async def _retry(self, instance: str, delivery_id: str) -> DeliveryState:
        found = await self.deliveries.retry(instance, delivery_id)
        self.courier.put(instance)
        return found

    # --- backup and restore ---------------------------------------------------------------------------------------

    async def loaded(self, heads: Iterable[Head], reached: Mapping[tuple[str, str, Log], int] = NOWHERE) -> None:
        """Logs were restored or imported up to ``heads``: nothing of them is delivered, all that follows is.

        ``reached`` says, by outbox, instance and log, where an outbox had not come so far: there it goes on. To be
        called after ``start`` and before anybody can write to them; until then the outboxes leave them alone.
        """
        await self._starts.go_on(heads, reached)

    async def hold(self, instance: str, rows: Iterable[Row]) -> None:
        """Put rows of a restored queue by, in pages, so that nobody has to remember them all: before ``loaded``.

        Nobody delivers them before ``release``. To be called with the ledger started.
        """
        batch: list[RowOperation] = []
        for row in rows:
            held = HELD if row["state"] == DeliveryState.PENDING.value else 0
            batch.append(Put(DELIVERIES, {**row, "claim": held}))
            if len(batch) == PAGE:
                await self._put(instance, batch)
                batch = []
        await self._put(instance, batch)

    async def release(self, instance: str) -> None:
        """All of an instance is there, the keys that its rows are sealed under as well: behind ``loaded``.

        What was pending in the backup is delivered from now on, perhaps for the second time, under the key it had.
        """
        await self.deliveries.release(instance)

    async def _put(self, instance: str, batch: Sequence[RowOperation]) -> None:
        async def decide() -> Sequence[RowOperation]:
            return batch

        await self.ledger.change(instance, decide)
