"""A state machine that compares any storage with the memory storage: subclass ``ModelContract``, give it ``connect``.

Hypothesis makes up histories: appends with conflicts, guards, unique keys and repeated unit ids, drops, forgotten
owners, rows, parking and builds, seals, snapshots, wipes, restores, and reopening in between. Both storages are told
the same; as soon as they answer differently the history is printed as a program.
"""

from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.event import Log
from hexkeep.ports.seals import Seal
from hexkeep.ports.snapshots import Snapshot
from hexkeep.ports.storage import Loading, Storage
from hexkeep.testing import model_steps as steps
from hexkeep.testing.contract import Contract
from hexkeep.testing.instances import carry, loading
from hexkeep.testing.model_logs import LogSteps
from hexkeep.testing.model_views import ViewSteps
from hexkeep.testing.seals import seal
from hexkeep.testing.twins import Connect, log_of


class ModelMachine(LogSteps, ViewSteps):
    """Every step there is: those of logs, those of views, and those of the rest."""

    compared_every: ClassVar[int] = 5
    """How many steps may pass before everything is compared."""

    def __init__(self, connect: Connect) -> None:
        super().__init__(connect)
        self._steps = 0

    # --- seals and snapshots ------------------------------------------------------------------------------------------

    @rule(place=steps.places, count=st.integers(1, 3), number=steps.slips, first=steps.slips)
    def add_seal(self, place: steps.Place, count: int, number: int, first: int) -> None:
        """Seal behind the newest seal, or beside where one should."""
        instance, log = self.name_of(place[0]), place[1]
        newest = self.twins.run(self.twins.model.seals.newest(instance, log))
        behind = (newest.number, newest.last) if newest else (0, 0)
        begin = max(1, behind[1] + 1 + first)
        sent = seal(instance, max(1, behind[0] + 1 + number), begin, begin + count - 1, log)
        self.twins.same(lambda storage: storage.seals.add(sent))

    @rule(place=steps.places, after=st.integers(0, 4), limit=st.integers(1, 3), position=st.integers(0, 8))
    def read_seals(self, place: steps.Place, after: int, limit: int, position: int) -> None:
        """Page through a log's seals, and ask which holds a position."""
        instance, log = self.name_of(place[0]), place[1]

        async def page(storage: Storage) -> list[Seal]:
            return list(await storage.seals.list(instance, log, after, limit))

        self.twins.same(page)
        self.twins.same(lambda storage: storage.seals.newest(instance, log))
        self.twins.same(lambda storage: storage.seals.covering(instance, log, position))

    @rule(instance=steps.instances, stream=steps.streams, version=st.integers(1, 4), schema=st.sampled_from(("s", "t")))
    def put_snapshot(self, instance: int, stream: Ref, version: int, schema: str) -> None:
        """Keep a state, which may be older than the one there is."""
        sent = Snapshot(self.name_of(instance), stream, version, schema, f"{schema}{version}".encode())
        self.twins.same(lambda storage: storage.snapshots.put(sent))
        self._read_snapshot(sent.instance, stream)

    @rule(instance=steps.instances, named=st.sampled_from(((), ("kit",), ("other",), ("kit", "a"), ("kit", "b"))))
    def forget_snapshots(self, instance: int, named: tuple[str, ...]) -> None:
        """Remove some, or all, of an instance."""
        name = self.name_of(instance)
        self.twins.same(lambda storage: storage.snapshots.forget(name, *named))
        for one in steps.STREAMS:
            self._read_snapshot(name, one)

    def _read_snapshot(self, name: str, stream: Ref) -> None:
        self.twins.same(lambda storage: storage.snapshots.get(name, stream))

    # --- the whole ----------------------------------------------------------------------------------------------------

    @rule(sure=st.sampled_from((False, False, True)))
    def reopen(self, sure: bool) -> None:  # noqa: FBT001 - hypothesis names it
        """Close the storage and open it again, one time in three."""
        if sure:
            self.twins.reopen()

    @rule(instance=steps.instances)
    def wipe(self, instance: int) -> None:
        """Remove an instance, where the storage can."""
        if isinstance(self.twins.real, Loading):
            name = self.name_of(instance)

            async def wipe(storage: Storage) -> None:
                async with loading(storage) as loader:
                    await loader.wipe(name)

            self.twins.same(wipe)
            self.forget_units_of(name)

    @rule(instance=steps.instances)
    def restore(self, instance: int) -> None:
        """Carry a history, in small pieces, to an instance of another name, where the storage can."""
        if isinstance(self.twins.real, Loading):
            name = self.name_of(instance)
            there = f"{name}-restored"

            async def restore(storage: Storage) -> list[object]:
                async with loading(storage) as loader:
                    await loader.wipe(there)
                await carry(storage, name, storage, there)
                return [await log_of(storage, there, log, steps.KEYS) for log in Log]

            self.twins.same(restore)

    @invariant()
    def storages_agree(self) -> None:
        """Compare everything, every few steps."""
        self._steps += 1
        if self._steps % self.compared_every == 0:
            self.compare_logs()
            self.compare_views()


class ModelContract(Contract):
    """One rule: whatever happens to it, the storage answers as the memory storage does."""

    histories: ClassVar[int] = 15
    """Trait: how many histories are tried."""
    length: ClassVar[int] = 25
    """Trait: how many steps a history has at most."""
    same_each_time: ClassVar[bool] = True
    """Trait: try the same histories in every run; otherwise others each time, and look for the shortest that fails."""

    @pytest.fixture
    def connect(self) -> Connect:
        """Gives a storage that is not open yet, on the same database each time it is called."""
        raise NotImplementedError

    def test_storage_cannot_be_told_from_memory(self, connect: Connect) -> None:
        """Any history has the same outcomes, and leaves the same behind, as in memory."""
        profile = settings(
            max_examples=self.histories,
            stateful_step_count=self.length,
            derandomize=self.same_each_time,
            database=None,
            deadline=None,
            phases=[Phase.generate] if self.same_each_time else [Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )

        class Connected(ModelMachine):
            def __init__(self) -> None:
                super().__init__(connect)

        run_state_machine_as_test(Connected, settings=profile)
