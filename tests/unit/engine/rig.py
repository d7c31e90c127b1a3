"""The engine on the memory storage, without HTTP and without the built-in slices."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from hexkeep.adapters.argon2.hashing import Argon2Hashing, Argon2Settings
from hexkeep.adapters.cryptography.certificates import X509Certificates
from hexkeep.adapters.cryptography.cipher import AesGcmCipher
from hexkeep.adapters.joserfc.jose import JoserfcJose
from hexkeep.adapters.memory.settings import MemorySettings
from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.adapters.offload.threads import Threads
from hexkeep.adapters.pillow.images import PillowImages
from hexkeep.adapters.pillow.settings import PillowSettings
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.adapters.system.ids import SystemIds
from hexkeep.adapters.webauthn.webauthn import PyWebAuthn
from hexkeep.adapters.xmlsec.port import LxmlXml
from hexkeep.core.instance.adoption import AdoptInstance
from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.decision import Request
from hexkeep.core.kernel.operation import I, O, Operation
from hexkeep.core.kernel.permission import SYSTEM, Caller
from hexkeep.core.kernel.slice import Slice, Step
from hexkeep.engine.answers import Call
from hexkeep.engine.assembly import Machinery, Ports, Tuning
from hexkeep.engine.masters import MasterKey
from hexkeep.engine.post import NO_DELIVERERS
from hexkeep.engine.reads import Freshness
from hexkeep.engine.spooler import Rhythm
from hexkeep.ports.api import PositionToken
from hexkeep.ports.delivery import Deliverer
from hexkeep.ports.storage import Storage
from tests.fakes.tombstones import ListedTombstones

INSTANCE = "test"
MASTER = MasterKey(b"m" * 32)
QUICK = Argon2Settings.model_construct(memory_kib=64, time=1, parallelism=1, threads=None, max_waiting=256)
"""Hashes that cost next to nothing, which no setting allows: those of programs, and what is tested of hashing, cost."""
FAST = Rhythm(lease=1.0, look=0.05, longest_pause=0.2)
"""A lease that one turn of the event loop of a busy machine does not outlast."""


def ports_of(storage: Storage) -> Ports:
    """The engine's ports over one storage."""
    clock = SystemClock()
    offload = Threads()
    return Ports(
        events=storage.events,
        views=storage.views,
        pubsub=storage.pubsub,
        locks=storage.locks,
        expiring=storage.expiring,
        keys=storage.keys,
        seals=storage.seals,
        snapshots=storage.snapshots,
        blobs=storage.blobs,
        tombstones=ListedTombstones(),
        cipher=AesGcmCipher(),
        hashing=Argon2Hashing(QUICK),
        images=PillowImages(PillowSettings()),
        jose=JoserfcJose(),
        webauthn=PyWebAuthn(),
        certificates=X509Certificates(),
        offload=offload,
        xml=LxmlXml(offload),
        clock=clock,
        ids=SystemIds(),
    )


@dataclass
class Rig:
    """An engine and shorthands to call it."""

    machinery: Machinery

    def call(self, caller: Caller = SYSTEM, permission: str = "note.write", *positions: PositionToken) -> Call:
        """A call of the test instance."""
        clock = self.machinery.clock
        request = Request(INSTANCE, caller, clock.now(), permission=permission)
        return Call(request, Freshness(positions, clock.monotonic() + 2.0))

    async def run(
        self, operation: Operation[I, O], input_: I, *positions: PositionToken, caller: Caller = SYSTEM
    ) -> tuple[O, PositionToken | None]:
        """Run an operation; its output and position."""
        call = self.call(caller, operation.permission, *positions)
        done = await self.machinery.bus.run(operation, input_, call)
        assert isinstance(done.output, operation.output)
        if done.appended is None or done.log is None:
            return done.output, None
        return done.output, PositionToken(INSTANCE, done.log, done.appended.epoch, done.appended.last)

    async def adopt(self, instance: str = INSTANCE) -> None:
        """Tell ``system`` that the logs of an instance were loaded. Needs the slice of instances."""
        origin = f"https://{instance}.example"
        input_ = AdoptInstance(instance_id=instance, name=instance, origin=origin, default_organization_id="first")
        operation = self.machinery.registry.operations["AdoptInstance"]
        call = self.call(SYSTEM, operation.permission)
        within = Call(replace(call.request, instance=SYSTEM_INSTANCE), call.freshness)
        await self.machinery.bus.run(operation, input_, within)

    async def step(self, step: Step, unit_id: str) -> None:
        """Run a process's step."""
        operation = self.machinery.registry.operations[step.operation]
        await self.machinery.bus.run(operation, step.input, self.call(SYSTEM, operation.permission), unit_id)


def rig_on(storage: Storage, slices: Iterable[Slice], node: str = "") -> Rig:
    """An engine that is not started yet."""
    return rig_with(ports_of(storage), slices, Tuning(node=node, rhythm=FAST))


def rig_with(
    ports: Ports, slices: Iterable[Slice], tuning: Tuning, deliverers: Mapping[str, Deliverer] = NO_DELIVERERS
) -> Rig:
    """The same on ports and with a tuning and deliverers of one's own."""
    rig = Rig(Machinery(ports, MASTER, slices, tuning, deliverers=deliverers))
    rig.machinery.on_step(rig.step)
    return rig


@asynccontextmanager
async def memory_storage() -> AsyncIterator[MemoryStorage]:
    """An open memory storage."""
    storage = MemoryStorage(MemorySettings(), SystemClock())
    await storage.open()
    yield storage
    await storage.close()


@asynccontextmanager
async def started(*slices: Slice) -> AsyncIterator[Rig]:
    """A started engine on a memory storage of its own."""
    async with memory_storage() as storage:
        rig = rig_on(storage, slices)
        await rig.machinery.start()
        try:
            yield rig
        finally:
            await rig.machinery.stop()
