"""Steps of the model machine: appending, reading, dropping and forgetting."""

import uuid
from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Appended, Head, Outcome, Unit
from hexkeep.ports.storage import Storage
from hexkeep.testing import model_steps as steps
from hexkeep.testing.horizon import drop
from hexkeep.testing.twins import Connect, Twins, log_of, timeless_events, timeless_head


class Steps(RuleBasedStateMachine):
    """What all steps share: the twins, and two instances of this history alone."""

    def __init__(self, connect: Connect) -> None:
        super().__init__()
        self.mark = uuid.uuid4().hex[:12]
        self.twins = Twins(connect)

    def teardown(self) -> None:
        """Give the storages back."""
        self.twins.close()

    def name_of(self, instance: int) -> str:
        """The name of one of the instances."""
        return f"{self.mark}-{instance}"


class LogSteps(Steps):
    """Steps of the event store."""

    def __init__(self, connect: Connect) -> None:
        super().__init__(connect)
        self._sent: list[tuple[Unit, Outcome]] = []

    @initialize(drafts=steps.calls)
    def append_first(self, drafts: list[steps.Draft]) -> None:
        """A history begins with events."""
        self._append([self._unit(draft, number) for number, draft in enumerate(steps.independent(drafts))])

    @rule(drafts=steps.calls)
    def append(self, drafts: list[steps.Draft]) -> None:
        """Hand some units to the store in one call."""
        self.append_first(drafts)

    @rule(drafts=steps.calls)
    def append_more(self, drafts: list[steps.Draft]) -> None:
        """The same, so that it happens more often."""
        self.append_first(drafts)

    def _unit(self, draft: steps.Draft, number: int) -> Unit:
        instance = self.name_of(draft.instance)
        streams = [(draft.log, part.stream) for part in draft.parts]
        versions = self.twins.run(self.twins.model.events.versions(instance, streams))
        return steps.unit_of(draft, instance, versions, f"{self.mark}-{len(self._sent)}-{number}")

    def _append(self, units: Sequence[Unit]) -> None:
        self._sent += zip(units, self.twins.append(units), strict=True)

    @precondition(lambda self: self._sent)
    @rule(which=st.integers(0, 1000))
    def append_again(self, which: int) -> None:
        """Send a unit once more: what was applied has its first outcome, time included; the rest is judged anew."""
        unit, before = self._sent[which % len(self._sent)]
        (outcome,) = self.twins.append([unit])
        if isinstance(before, Appended):
            assert outcome == before
        self._sent.append((unit, outcome))

    def forget_units_of(self, instance: str) -> None:
        """The instance was wiped, and its unit ids with it."""
        self._sent = [(unit, outcome) for unit, outcome in self._sent if unit.instance != instance]

    @rule(place=steps.places, after=st.integers(0, 9), limit=st.integers(1, 5))
    def read_log(self, place: steps.Place, after: int, limit: int) -> None:
        """A page of a log, which may lie behind the horizon."""
        where = (self.name_of(place[0]), place[1])
        self.twins.same(lambda storage: storage.events.read_log(*where, after, limit), timeless_events)

    @rule(place=steps.places, stream=steps.streams, after=st.integers(0, 3), limit=st.integers(1, 3))
    def read_stream(self, place: steps.Place, stream: Ref, after: int, limit: int) -> None:
        """A page of a stream, which may straddle the horizon."""
        where = (self.name_of(place[0]), place[1])
        self.twins.same(lambda storage: storage.events.read_stream(*where, stream, after, limit), timeless_events)

    @rule(instance=steps.instances, upto=st.integers(0, 8), limit=st.integers(1, 4))
    def drop(self, instance: int, upto: int, limit: int) -> None:
        """Drop the beginning of an activity log, piece by piece."""
        name = self.name_of(instance)
        self.twins.same(lambda storage: drop(storage.events, name, upto, limit))

    @rule(instance=steps.instances, owner=steps.streams)
    def forget_keys(self, instance: int, owner: Ref) -> None:
        """Free everything that an owner holds."""
        name = self.name_of(instance)
        self.twins.same(lambda storage: storage.events.forget_keys(name, owner))

    def compare_logs(self) -> None:
        """Heads, events, versions, keys and their history must be the same."""
        self.twins.same(self._heads)
        for instance in map(self.name_of, steps.INSTANCES):
            for log in Log:
                self._compare_log(instance, log)

    def _compare_log(self, instance: str, log: Log) -> None:
        streams = [(log, stream) for stream in steps.STREAMS]
        self.twins.same(lambda storage: storage.events.versions(instance, streams))
        self.twins.same(lambda storage: log_of(storage, instance, log, steps.KEYS))

    async def _heads(self, storage: Storage) -> list[Head]:
        own = [head for head in await storage.events.heads() if head.instance.startswith(self.mark)]
        return [timeless_head(head) for head in sorted(own, key=lambda head: (head.instance, head.log.value))]
