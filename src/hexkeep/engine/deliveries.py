"""The queue of deliveries: every change of a row that is in it, decided on the row as it is.

A leader *claims* rows under its lease's token before it delivers and *settles* them afterwards. A settlement counts
only while the claim is its own, so a leader that slept changes nothing when it wakes; a claim of an earlier leader is
free for the next one at once.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hexkeep.core.delivery.projection import DELIVERIES, DeliveryState
from hexkeep.core.kernel.view import (
    And,
    Compare,
    Comparison,
    Delete,
    In,
    Patch,
    Row,
    RowOperation,
    Select,
    Sort,
    Value,
    eq,
)
from hexkeep.engine.ledger import Ledger
from hexkeep.ports.clock import Clock

EXPIRED, INTERRUPTED = "Expired", "Interrupted"
PAGE = 500
HELD = 2**62
"""The claim of a row that is put by: above the token of every lease, so no leader ever takes it."""
ENDED = (DeliveryState.DELIVERED.value, DeliveryState.DISCARDED.value)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt. Without ``error`` it was delivered."""

    instance: str
    delivery_id: str
    token: int
    """Of the lease under which it was claimed."""
    error: str = ""
    permanent: bool = False
    pause: timedelta = timedelta(0)
    """Until the next attempt."""


class Deliveries:
    """The rows of all instances."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def claim(self, instance: str, channel: str, token: int, limit: int) -> list[Row]:
        """Take up to ``limit`` rows that are due; each has one attempt more then, so a crash is one as well.

        Rows that have no attempt left, or came too late, are given up on the way.
        """
        claimed: list[Row] = []

        async def decide() -> Sequence[RowOperation]:
            now = self._clock.now()
            claimed.clear()
            changes: list[RowOperation] = []
            for row in await self._ledger.select(instance, _due(channel, token, now, limit)):
                if error := _too_late(row, now):
                    changes.append(_dead(row, error, now))
                    continue
                attempts = _number(row, "attempts") + 1
                claimed.append({**row, "claim": token, "attempts": attempts})
                changes.append(_patch(row, claim=token, attempts=attempts))
            return changes

        await self._ledger.change(instance, decide)
        return claimed

    async def settle(self, instance: str, outcomes: Sequence[Outcome]) -> int:
        """Note what came of attempts in one instance; how many counted."""
        counted = 0

        async def decide() -> Sequence[RowOperation]:
            nonlocal counted
            rows = await self._rows(instance, [one.delivery_id for one in outcomes])
            own = [
                (rows[one.delivery_id], one)
                for one in outcomes
                if one.delivery_id in rows and _is_claimed(rows[one.delivery_id], one.token)
            ]
            counted = len(own)
            now = self._clock.now()
            return [_settled(row, outcome, now) for row, outcome in own]

        await self._ledger.change(instance, decide)
        return counted

    async def next_due(self, instance: str, channels: Iterable[str], token: int) -> datetime | None:
        """When the first row is due that this leader does not hold already; ``None`` when no row waits."""
        free = (_PENDING, In("channel", tuple(channels)), Compare("claim", Comparison.LT, token))
        rows = await self._ledger.select(instance, Select(DELIVERIES, And(free), (Sort("due_at"),), 1))
        due = rows[0]["due_at"] if rows else None
        return due if isinstance(due, datetime) else None

    async def retry(self, instance: str, delivery_id: str) -> DeliveryState:
        """Let a row be due at once, all attempts before it, whatever its expiry; the state it was in."""

        def changes(row: Row, now: datetime) -> dict[str, Value]:
            if not row["sealed"] or _number(row, "claim"):
                return {}  # what it carried is gone with its person; or it is on its way
            fresh: dict[str, Value] = {"attempts": 0, "due_at": now, "expires_at": None, "ended_at": None, "claim": 0}
            return {**fresh, "state": DeliveryState.PENDING.value, "error": ""}

        return await self._interfere(instance, delivery_id, changes)

    async def discard(self, instance: str, delivery_id: str) -> DeliveryState:
        """Give a row up; the state it was in."""
        given_up: dict[str, Value] = {"state": DeliveryState.DISCARDED.value, "claim": 0, "sealed": ""}
        return await self._interfere(instance, delivery_id, lambda _, now: {**given_up, "ended_at": now})

    async def give_up_late(self, instance: str) -> int:
        """Bury the rows that expired, also those of channels that nobody serves; how many."""
        late = And((_PENDING, Compare("expires_at", Comparison.LE, self._clock.now()), eq("claim", 0)))
        return await self._bounded(
            instance, Select(DELIVERIES, late, limit=PAGE), lambda row, now: _dead(row, EXPIRED, now)
        )

    async def remind(self, instance: str, overdue: timedelta) -> None:
        """Move the ledger's checkpoint where a row has waited for long, so that the next look finds it."""
        waiting = And((_PENDING, Compare("due_at", Comparison.LE, self._clock.now() - overdue)))
        if await self._ledger.select(instance, Select(DELIVERIES, waiting, limit=1)):
            await self._ledger.touch(instance)

    async def sweep(self, instance: str, kept: timedelta, kept_dead: timedelta) -> int:
        """Remove rows that ended longer ago than they are kept; how many. Their keys are forgotten with them."""
        removed = 0
        for states, age in ((ENDED, kept), ((DeliveryState.DEAD.value,), kept_dead)):
            ended = Compare("ended_at", Comparison.LT, self._clock.now() - age)
            old = Select(DELIVERIES, And((In("state", states), ended)), limit=PAGE)
            removed += await self._bounded(instance, old, lambda row, _: Delete(DELIVERIES, (row["delivery_id"],)))
        return removed

    async def count(self, instance: str, state: DeliveryState) -> int:
        """How many rows are in a state."""
        return await self._ledger.count(instance, Select(DELIVERIES, eq("state", state.value)))

    async def release(self, instance: str) -> None:
        """Let go of every row that was held, page by page."""
        query: Select | None = Select(DELIVERIES, limit=PAGE)
        while query is not None:
            query = await self._released(instance, query)

    async def _released(self, instance: str, query: Select) -> Select | None:
        """Let go of one page; which one is next."""
        rows: list[Row] = []

        async def decide() -> Sequence[RowOperation]:
            rows[:] = await self._ledger.select(instance, query)
            return [_patch(row, claim=0) for row in rows if row["claim"] == HELD]

        await self._ledger.change(instance, decide)
        return replace(query, after=query.cursor_of(rows[-1])) if rows else None

    async def _rows(self, instance: str, ids: Sequence[str]) -> dict[str, Row]:
        query = Select(DELIVERIES, In("delivery_id", tuple(ids)), limit=len(ids))
        return {str(row["delivery_id"]): row for row in await self._ledger.select(instance, query)}

    async def _interfere(self, instance: str, delivery_id: str, changes: "Changes") -> DeliveryState:
        found = DeliveryState.UNSPECIFIED

        async def decide() -> Sequence[RowOperation]:
            nonlocal found
            row = (await self._rows(instance, [delivery_id])).get(delivery_id)
            if row is None:
                return []
            found = DeliveryState(str(row["state"]))
            changed = changes(row, self._clock.now()) if found in _OPEN else {}
            return [_patch(row, **changed)] if changed else []

        await self._ledger.change(instance, decide)
        return found

    async def _bounded(self, instance: str, query: Select, change: "Change") -> int:
        """Change all rows of a query, page by page; each must no longer match then."""
        done = 0
        while count := await self._page(instance, query, change):
            done += count
            if count < query.limit:
                break
        return done

    async def _page(self, instance: str, query: Select, change: "Change") -> int:
        count = 0

        async def decide() -> Sequence[RowOperation]:
            nonlocal count
            rows = await self._ledger.select(instance, query)
            count = len(rows)
            now = self._clock.now()
            return [change(row, now) for row in rows]

        await self._ledger.change(instance, decide)
        return count


Change = Callable[[Row, datetime], RowOperation]
Changes = Callable[[Row, datetime], dict[str, Value]]

_PENDING = eq("state", DeliveryState.PENDING.value)
_OPEN = frozenset({DeliveryState.PENDING, DeliveryState.DEAD})


def _due(channel: str, token: int, now: datetime, limit: int) -> Select:
    """Rows that wait for a leader; those of an earlier one, whose token is smaller, among them."""
    due = Compare("due_at", Comparison.LE, now)
    where = And((_PENDING, eq("channel", channel), due, Compare("claim", Comparison.LT, token)))
    return Select(DELIVERIES, where, (Sort("due_at"),), limit)


def _too_late(row: Row, now: datetime) -> str:
    """Why a row is given up without another attempt, empty when it is not."""
    expires = row["expires_at"]
    if isinstance(expires, datetime) and expires <= now:
        return EXPIRED
    if _number(row, "attempts") >= _number(row, "max_attempts"):
        return str(row["error"]) or INTERRUPTED
    return ""


def _is_claimed(row: Row, token: int) -> bool:
    return row["state"] == DeliveryState.PENDING.value and row["claim"] == token


def _settled(row: Row, outcome: Outcome, now: datetime) -> Patch:
    if not outcome.error:
        return _patch(row, state=DeliveryState.DELIVERED.value, ended_at=now, claim=0, error="", sealed="")
    due, expires = now + outcome.pause, row["expires_at"]
    late = isinstance(expires, datetime) and expires <= due
    if outcome.permanent or late or _number(row, "attempts") >= _number(row, "max_attempts"):
        return _dead(row, outcome.error, now)
    return _patch(row, claim=0, error=outcome.error, due_at=due)


def _dead(row: Row, error: str, now: datetime) -> Patch:
    """Given up, with its payload: it may be retried."""
    return _patch(row, state=DeliveryState.DEAD.value, ended_at=now, claim=0, error=error)


def _patch(row: Row, **changes: Value) -> Patch:
    return Patch(DELIVERIES, (row["delivery_id"],), changes)


def _number(row: Row, column: str) -> int:
    value = row[column]
    return value if isinstance(value, int) else 0
