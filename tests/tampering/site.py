"""A store with a sealed log in it, the way to write to it, and the way to verify it."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from hexkeep.core.kernel.event import Event, Log
from hexkeep.engine.codec import Origin
from hexkeep.engine.findings import LogReport
from hexkeep.engine.seal_keys import SealKeys
from hexkeep.engine.sealer import Sealer, Sealing
from hexkeep.engine.sealing import digest_of
from hexkeep.engine.verifier import KeptSeals, NothingKept, Place, Verifier, Verifying
from hexkeep.ports.event_store import KeyClaim, StoredEvent, StreamAppend, Unit
from hexkeep.ports.jose import Jwk
from hexkeep.ports.seals import Seal
from hexkeep.ports.storage import Storage
from tests.tampering.back_doors import BackDoor
from tests.unit.engine.notes import NOTE, NotePoked, NoteWritten
from tests.unit.engine.rig import Rig

SEALED = 4
"""Events under one seal."""


class HeldSeals(KeptSeals):
    """Seals kept elsewhere, here in memory."""

    def __init__(self, seals: Iterable[Seal]) -> None:
        self._seals = {((seal.instance, seal.log), seal.number): seal for seal in seals}

    def places(self) -> Iterable[Place]:
        """The logs that they are of."""
        return {place for place, _ in self._seals}

    def last(self, place: Place) -> int:
        """The highest number."""
        return max((number for known, number in self._seals if known == place), default=0)

    def get(self, place: Place, number: int) -> Seal | None:
        """One of them."""
        return self._seals.get((place, number))


@dataclass
class Site:
    """One instance's log on one storage, with its owner's back door."""

    rig: Rig
    storage: Storage
    door: BackDoor
    instance: str
    log: Log = Log.DURABLE

    @property
    def keys(self) -> SealKeys:
        """The keys that seals are made with."""
        return SealKeys(self.rig.machinery.keyring, self.rig.machinery.ports.jose)

    def sealer(self, keys: SealKeys | None = None) -> Sealer:
        """A sealer of small ranges."""
        ports = self.rig.machinery.ports
        return Sealer(Sealing(ports.events, ports.seals, keys or self.keys, ports.jose, ports.clock), SEALED)

    async def write(self, count: int, log: Log | None = None, instance: str = "") -> None:
        """Write events on a few aggregates, with an author, a caller and a sealed field."""
        codec, ids = self.rig.machinery.codec, self.rig.machinery.ids
        place = (instance or self.instance, log or self.log)
        versions = itertools.count(1)
        note_id = ids.new()
        for number in range(count):
            if number % 3 == 0:
                note_id, versions = ids.new(), itertools.count(1)
            ref, version = NOTE.ref(note_id), next(versions)
            poked, written = NotePoked(by=number), NoteWritten(title=f"n{number}", text="private ü", author="ada")
            event: Event = written if version == 1 else poked
            events = await codec.encode(*place, ref, version - 1, [event], Origin("ada", "course"))
            claims = (KeyClaim("title", note_id.encode()[-32:], ref),) if version == 1 else ()
            appends = (StreamAppend(ref, version - 1, events),)
            client = f"from {number}".encode()
            unit = Unit(ids.new(), *place, appends, claims, actor="ada", correlation_id="course", client=client)
            await self.storage.events.append([unit])

    async def events(self) -> list[StoredEvent]:
        """The log as it is."""
        return await self.storage.events.read_log(self.instance, self.log, 0, 10_000)

    async def seals(self) -> list[Seal]:
        """Its seals as they are."""
        return [*await self.storage.seals.list(self.instance, self.log, 0, 10_000)]

    async def rewrite(self, events: Sequence[StoredEvent], head: int | None = None) -> None:
        """Change the log by the back door; the head stays where it was unless told otherwise."""
        present = (await self.storage.events.head(self.instance, self.log)).position
        await self.door.rewrite(self.instance, self.log, events, present if head is None else head)

    async def rewrite_seals(self, seals: Sequence[Seal]) -> None:
        """Change its seals by the back door."""
        await self.door.rewrite_seals(self.instance, self.log, seals)

    async def verify(
        self, kept: KeptSeals | None = None, trusted: Sequence[Jwk] | None = None, *, restored: bool = False
    ) -> LogReport:
        """Verify the log from its beginning."""
        keys = await self.keys.trusted() if trusted is None else trusted
        jose = self.rig.machinery.ports.jose
        use = Verifying(self.storage.events, self.storage.seals, jose, keys, kept or NothingKept(), restored)
        verifier = Verifier(use)
        [head] = await verifier.heads(self.instance, self.log)
        report, _ = await verifier.verify(head)
        return report


def redigested(site: Site, event: StoredEvent) -> StoredEvent:
    """An event with the digest that its row ought to have."""
    return replace(event, digest=digest_of(site.instance, site.log, event))
