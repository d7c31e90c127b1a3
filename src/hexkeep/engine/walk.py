"""One walk along a log: what can be told from the events alone, in bounded memory. Pure."""

from collections import OrderedDict
from datetime import datetime

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.merkle import Tree
from hexkeep.engine.findings import Break, Fault
from hexkeep.engine.sealing import HINT, digest_of, leaf_of
from hexkeep.ports.event_store import StoredEvent
from hexkeep.ports.seals import Seal

FOLLOWED = 100_000
"""Aggregates whose last version is remembered; the one that was not met for the longest time is forgotten first."""


class Versions:
    """Whether the versions of each aggregate are 1, 2, 3 and so on."""

    def __init__(self, *, from_the_start: bool, bound: int = FOLLOWED) -> None:
        self._seen: OrderedDict[Ref, int] = OrderedDict()
        self._bound = bound
        self._all_known = from_the_start
        self.unfollowed = 0

    def knows(self, ref: Ref) -> bool:
        """Whether there is something to compare the next version of an aggregate with."""
        return ref in self._seen

    def recall(self, ref: Ref, version: int) -> None:
        """The last version of an aggregate, from where this has not been; 0 if it has none."""
        self._seen[ref] = version

    def follows(self, ref: Ref, version: int) -> bool:
        """Whether a version follows on the last one; true as well where that is not known any more."""
        before = self._seen.get(ref)
        if before is None and version != 1 and not self._all_known:
            self.unfollowed += 1
            before = version - 1
        self._seen[ref] = version
        self._seen.move_to_end(ref)
        if len(self._seen) > self._bound:
            self._seen.popitem(last=False)
            self._all_known = False
        return version == (before or 0) + 1


class Walk:
    """Judges events in the order of their positions, the first of them behind ``after``."""

    def __init__(self, instance: str, log: Log, after: int, *, from_the_start: bool) -> None:
        self._instance = instance
        self._log = log
        self._created_at: datetime | None = None
        self._versions = Versions(from_the_start=from_the_start)
        self.position = after
        self.events = 0

    @property
    def unfollowed(self) -> int:
        """Events whose version had nothing to be compared with."""
        return self._versions.unfollowed

    def knows(self, ref: Ref) -> bool:
        """Whether there is something to compare the next version of an aggregate with."""
        return self._versions.knows(ref)

    def recall(self, ref: Ref, version: int) -> None:
        """The last version of an aggregate in front of where the walk began; 0 if it has none there."""
        self._versions.recall(ref, version)

    def recall_time(self, created_at: datetime) -> None:
        """When the last event happened in front of where the walk began."""
        self._created_at = created_at

    def skip(self, last: int) -> None:
        """Pass over events that were dropped. What follows has versions whose beginnings are not known."""
        self.position = last
        self._versions = Versions(from_the_start=False)

    def meet(self, event: StoredEvent) -> Break | None:
        """What is wrong with the next event, if anything is."""
        expected = self.position + 1
        if event.position != expected:
            return Break(Fault.MISSING, expected, expected)
        fault = self._fault(event)
        self.position = event.position
        self.events += 1
        self._created_at = event.created_at
        return Break(fault, event.position, event.position) if fault else None

    def _fault(self, event: StoredEvent) -> Fault | None:
        if digest_of(self._instance, self._log, event) != event.digest:
            return Fault.DIGEST
        if self._created_at is not None and event.created_at < self._created_at:
            return Fault.TIME
        if not self._versions.follows(event.stream, event.version):
            return Fault.VERSION
        return None


class Covered:
    """Compares events with the seal that covers them."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self._tree = Tree()
        self._differs: int | None = None
        self._hinted = len(seal.leaves) == HINT * (seal.last - seal.first + 1)

    def meet(self, event: StoredEvent) -> None:
        """Take the next event of the range."""
        leaf, place = leaf_of(event), self._tree.size * HINT
        self._tree.add(leaf)
        hint = self._seal.leaves[place : place + HINT]
        if self._hinted and self._differs is None and leaf[:HINT] != hint:
            self._differs = event.position

    @property
    def differs(self) -> int | None:
        """The first position whose leaf does not begin as it did when it was sealed."""
        return self._differs

    def finding(self) -> Break | None:
        """What is wrong with the whole range, once all of it was met."""
        seal, same = self._seal, self._tree.root() == self._seal.root
        if not same and self._differs is not None:
            return Break(Fault.LEAF, self._differs, self._differs)
        if not same:
            return Break(Fault.RANGE, seal.first, seal.last)
        return None if self._hinted and self._differs is None else Break(Fault.HINTS, seal.first, seal.last)
