"""How the engine's parts fit together. The composition root hands in ports; nothing here chooses an adapter."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from hexkeep.core.asset.asks import Picture, RedrawPicture
from hexkeep.core.execution.asks import Registered, RegisteredNames
from hexkeep.core.factor.asks import Asserted, Attested, VerifyAssertion, VerifyAttestation
from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.slice import Slice, Step
from hexkeep.core.kernel.view import Projection
from hexkeep.core.oidc.x509 import Certificate, Name, ReadCertificate, ReadName
from hexkeep.core.saml.asks import NewCertifiedKey, ReadXml, VerifyOctets, VerifyXml, WriteQuery, WriteXml
from hexkeep.engine.answers import NO_CLAIMS, Answer, Answers, Call, EnrichToken, Sources
from hexkeep.engine.belonging import Belonging
from hexkeep.engine.blobs import BlobStore
from hexkeep.engine.builds import Builds
from hexkeep.engine.bus import Bus
from hexkeep.engine.client_data import ClientData
from hexkeep.engine.client_jwks import ClientKeys
from hexkeep.engine.client_logos import ClientLogos
from hexkeep.engine.codec import Codec
from hexkeep.engine.committer import Bounds, Committer
from hexkeep.engine.consumer import Consumer, Reader
from hexkeep.engine.courier import Pace
from hexkeep.engine.erasure import Erasure, ErasureConsumer
from hexkeep.engine.figures import Figures
from hexkeep.engine.heads import Heads
from hexkeep.engine.history import History
from hexkeep.engine.idempotency import Idempotency
from hexkeep.engine.instances import Instances
from hexkeep.engine.jobs import jobs_of
from hexkeep.engine.keyring import CACHED_SECONDS, Keyring
from hexkeep.engine.leadership import Leadership
from hexkeep.engine.ledger import Ledger
from hexkeep.engine.limiting import Limiter
from hexkeep.engine.maintenance import Maintenance
from hexkeep.engine.masters import MasterKey, Masters
from hexkeep.engine.memory import Memory
from hexkeep.engine.names import registered_names
from hexkeep.engine.operators import Operators
from hexkeep.engine.outside import answers_of
from hexkeep.engine.post import NO_DELIVERERS, Post
from hexkeep.engine.processes import ProcessConsumer, RunStep
from hexkeep.engine.projector import Projector
from hexkeep.engine.providers import NO_OFFERS, Offers, Providers
from hexkeep.engine.reads import Reads
from hexkeep.engine.registry import Registry, build_registry
from hexkeep.engine.retirement import Retirement
from hexkeep.engine.rotation import Rotation
from hexkeep.engine.scheduler import JOBS_LEDGER, LEASE, Scheduler
from hexkeep.engine.search import Search
from hexkeep.engine.secrets import Secrets, ShortLived
from hexkeep.engine.share import Share
from hexkeep.engine.skips import SkippedEvents
from hexkeep.engine.snapshots import StateSnapshots
from hexkeep.engine.spooler import Goal, Rhythm, Spooler
from hexkeep.engine.spoolers import Spoolers
from hexkeep.engine.states import States
from hexkeep.engine.streaming import Streams
from hexkeep.engine.survey import Survey
from hexkeep.engine.tail import Tail
from hexkeep.engine.units import Units
from hexkeep.engine.waiting import Progress
from hexkeep.engine.watch import Watch, Watchfulness
from hexkeep.ports.blobs import Blobs
from hexkeep.ports.certificates import Certificates
from hexkeep.ports.cipher import Cipher
from hexkeep.ports.clock import Clock, Ids
from hexkeep.ports.delivery import Deliverer
from hexkeep.ports.event_store import Appended, EventStore, Unit
from hexkeep.ports.expiring import Expiring
from hexkeep.ports.hashing import PasswordHashing
from hexkeep.ports.images import Images
from hexkeep.ports.jose import Jose
from hexkeep.ports.keys import Keys
from hexkeep.ports.locks import Locks
from hexkeep.ports.offload import Offload
from hexkeep.ports.outbound import Nowhere, Outbound
from hexkeep.ports.pubsub import Hint, PubSub
from hexkeep.ports.seals import Seals
from hexkeep.ports.snapshots import Snapshots
from hexkeep.ports.tombstones import Tombstones
from hexkeep.ports.views import Build, Views
from hexkeep.ports.webauthn import WebAuthn
from hexkeep.ports.xml import Xml


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything the engine reaches the outside through, opened."""

    events: EventStore
    views: Views
    pubsub: PubSub
    locks: Locks
    expiring: Expiring
    keys: Keys
    seals: Seals
    snapshots: Snapshots
    blobs: Blobs
    tombstones: Tombstones
    cipher: Cipher
    hashing: PasswordHashing
    images: Images
    jose: Jose
    webauthn: WebAuthn
    certificates: Certificates
    offload: Offload
    xml: Xml
    clock: Clock
    ids: Ids
    outbound: Outbound = field(default_factory=Nowhere)


@dataclass(frozen=True, slots=True)
class Tuning:
    """What an operator may set about the engine. ``node`` names this process among the cluster's."""

    node: str = ""
    rhythm: Rhythm = field(default_factory=Rhythm)
    bounds: Bounds = field(default_factory=Bounds)
    cached_states: int = 50_000
    watchfulness: Watchfulness = field(default_factory=Watchfulness)
    pace: Pace = field(default_factory=Pace)
    cached_keys_seconds: float = CACHED_SECONDS
    day_keys_kept: timedelta = timedelta(days=30)
    former_masters: tuple[MasterKey, ...] = ()
    """Master keys that what is in the storage may still be wrapped by."""


class Machinery:
    """The engine's parts, connected."""

    def __init__(
        self,
        ports: Ports,
        master: MasterKey,
        slices: Iterable[Slice],
        tuning: Tuning | None = None,
        enrich: EnrichToken = NO_CLAIMS,
        deliverers: Mapping[str, Deliverer] = NO_DELIVERERS,
        *,
        offers: Offers = NO_OFFERS,
    ) -> None:
        tuning = tuning or Tuning()
        self.ports, self._offers = ports, offers
        self.clock, self.ids = ports.clock, ports.ids
        self.node = tuning.node or ports.ids.new()
        self.registry: Registry = build_registry(slices)
        self.masters = Masters.local(ports.cipher, master, tuning.former_masters)
        self.keyring = Keyring(ports.keys, ports.cipher, self.masters, ports.clock, tuning.cached_keys_seconds)
        self.codec = Codec(self.registry.events, self.keyring)
        self.snapshots = StateSnapshots(ports.snapshots, self.keyring)
        self.states = States(ports.events, self.codec, tuning.cached_states, self.snapshots)
        self.secrets = Secrets(self.keyring)
        self.blobs = BlobStore(ports.blobs, self.keyring, ports.clock)
        self.skips = SkippedEvents(self.states, ports.clock)
        self.builds = Builds(ports.views, ports.events)
        self.progress = Progress(ports.views, self.builds, ports.clock)
        self.reads = Reads(
            self.registry, ports.events, ports.views, self.codec, self.progress, self.builds, skips=self.skips
        )
        self.committer = Committer(ports.events, self._settled, tuning.bounds)
        self.instances = Instances(ports.events, self.states, self.secrets, ports.clock)
        self.post = Post(
            ports,
            self.registry.outboxes,
            self.keyring,
            self.builds,
            lead=self._leadership(tuning.rhythm),
            deliverers=deliverers,
            pace=tuning.pace,
        )
        self._assemble_bus(enrich)
        self._step: RunStep | None = None
        self.processes = {
            process.name: ProcessConsumer(process, self.states, self.run_step)
            for process in self.registry.processes.values()
        }
        self.erasure = Erasure(self)
        self._assemble_work(tuning)

    def _assemble_work(self, tuning: Tuning) -> None:
        """What runs by itself, and what tells of it."""
        ports = self.ports
        self.tail, self.heads = Tail(ports.events, self.codec), Heads(ports.events, ports.clock)
        self.memory = Memory(self.keyring, self.states, self.tail)
        self.streams = Streams(self.heads, tuning.rhythm.look)
        self.day_keys_kept = tuning.day_keys_kept
        self.spoolers = self._spoolers(tuning.rhythm)
        self.watch = Watch(ports, self.keyring, tuning.watchfulness)
        self.scheduler = self._assemble_scheduler(tuning.rhythm)
        self.survey = Survey(self.registry, ports.events, ports.views, ports.locks, self.instances.is_whole)
        self.figures = Figures(self.survey, self.spoolers, self.builds, self.committer, ports.clock)
        for source in (self.watch.figures, self.post.figures, self.scheduler.figures, self.streams.figures):
            self.figures.add(source)
        self.maintenance = Maintenance(
            *(self.survey, self.spoolers.of, ports.events, ports.views),
            codec=self.codec,
            builds=self.builds,
            skips=self.skips,
        )
        self.answers.add(self.post.answers())
        self.answers.add({**self.blobs.answers(), RedrawPicture: self._redraw})
        fetches = Share(ports.outbound)
        self.answers.add(answers_of(fetches))
        self.answers.add(ClientKeys(fetches, ports.clock).answers())
        self.answers.add(ClientLogos(ports.outbound, ports.clock, ports.images).answers())
        self.answers.add(
            Providers(self._offers, Share(ports.outbound), ports.jose, ports.clock, ports.offload).answers()
        )
        self.answers.add({RegisteredNames: self._names})
        self.answers.add({VerifyAttestation: self._attested, VerifyAssertion: self._asserted})
        self.answers.add({ReadCertificate: self._certificate, ReadName: self._distinguished_name})
        self.answers.add(_xml_answers(ports.xml))
        rotation = Rotation(ports.keys, self.keyring, self.masters, ports.events)
        self.answers.add(rotation.answers())
        self.answers.add(Operators(self.registry, self.maintenance, ports.events, self.processes).answers())

    def _assemble_bus(self, enrich: EnrichToken) -> None:
        ports = self.ports
        self._registered = registered_names(self.registry)
        short_lived, client_data = ShortLived(ports.expiring, self.keyring), ClientData(self.keyring)
        self.limiter = Limiter(short_lived, ports.clock)
        self.history = History(self.registry, ports.events, self.codec, client_data)
        belonging = Belonging(self.registry, ports.events, self.codec)
        self.search = Search(self.registry, ports.events, self.codec, client_data, belonging)
        sources = Sources(
            states=self.states,
            store=ports.events,
            reads=self.reads,
            history=self.history,
            search=self.search,
            secrets=self.secrets,
            short_lived=short_lived,
            hashing=ports.hashing,
            jose=ports.jose,
            ids=ports.ids,
            roles=MappingProxyType(self.registry.roles),
            enrich=enrich,
        )
        self.answers = Answers(sources)
        self.idempotency = Idempotency(short_lived)
        units = Units(self.registry, self.codec, self.secrets, client_data, ports.ids)
        self.bus = Bus(self.registry, self.answers, units, self.states, self.committer)

    def _assemble_scheduler(self, rhythm: Rhythm) -> Scheduler:
        ledger = Ledger(JOBS_LEDGER, self.ports.views, self.builds)
        declared = (Ledger(one, self.ports.views, self.builds) for one in self.registry.ledgers.values())
        self.ledgers = (ledger, *declared)
        return Scheduler(jobs_of(self), ledger, self._leadership(rhythm)(LEASE), self.clock, self.node)

    def _leadership(self, rhythm: Rhythm) -> Callable[[str], Leadership]:
        return lambda name: Leadership(name, self.ports.locks, self.node, self.ids, rhythm)

    async def _names(self, _: Call, _ask: RegisteredNames) -> Registered:
        return self._registered

    async def _redraw(self, _: Call, ask: RedrawPicture) -> Picture:
        return await self.ports.images.redraw(ask.content, ask.longest_edge)

    async def _attested(self, _: Call, ask: VerifyAttestation) -> Attested | None:
        return await self.ports.webauthn.attested(ask)

    async def _asserted(self, _: Call, ask: VerifyAssertion) -> Asserted | None:
        return await self.ports.webauthn.asserted(ask)

    async def _certificate(self, _: Call, ask: ReadCertificate) -> Certificate | None:
        return self.ports.certificates.read(ask.der)

    async def _distinguished_name(self, _: Call, ask: ReadName) -> Name | None:
        return self.ports.certificates.name(ask.text)

    def on_step(self, run_step: RunStep) -> None:
        """Say who runs the steps of processes."""
        self._step = run_step

    async def prepare(self) -> None:
        """Make the tables that are missing. Enough for who calls operations and consumes nothing."""
        await self.builds.start(self.registry.projections.values())
        for ledger in self.ledgers:
            await ledger.start()
        await self.post.start()

    async def start(self, *, deliver: bool = True) -> None:
        """Prepare, and begin to consume the logs; without ``deliver`` nothing is brought outside."""
        await self.prepare()
        self.spoolers.start()
        self.scheduler.start()
        self.memory.start()
        if deliver:
            self.post.courier.start()

    async def stop(self) -> None:
        """End streams, finish the writes in line, then stop consuming."""
        self.streams.close()
        await self.memory.stop()
        await self.scheduler.stop()
        await self.committer.close()
        await self.spoolers.stop()
        await self.post.courier.stop()

    def _spoolers(self, rhythm: Rhythm) -> Spoolers:
        ports = self.ports

        def of_build(projection: Projection, build: Build) -> Spooler:
            def pending() -> bool:
                return self.builds.of(projection).building == build

            goal = Goal(pending, lambda: self.builds.switch(build))
            return self._spooler(Projector(projection, build.number), rhythm, goal)

        return Spoolers(
            (self._spooler(one, rhythm) for one in self._constant()),
            of_build,
            self.builds,
            Retirement(ports.views, ports.locks, ports.clock, self.node, rhythm),
            ports.pubsub,
            rhythm.look,
            tell=self._hinted,
        )

    def _constant(self) -> Iterable[Consumer]:
        """The consumers that have no builds."""
        yield from self.processes.values()
        yield from self.post.consumers
        if self.registry.erases:
            yield ErasureConsumer(self.erasure)

    def _spooler(self, consumer: Consumer, rhythm: Rhythm, goal: Goal | None = None) -> Spooler:
        ports = self.ports
        reader = Reader(consumer, self.tail, ports.views, self.progress, ports.clock, self.skips)
        return Spooler(
            *(reader, ports.events, self.heads, ports.locks, self.node, rhythm),
            may_follow=self.instances.is_whole,
            goal=goal,
        )

    def _settled(self, unit: Unit, appended: Appended | None) -> None:
        for append in unit.appends:
            if appended is None:
                self.states.distrust(unit.instance, append.stream)
            else:
                self.states.grown(unit.instance, append.stream, append.expected_version + len(append.events))
        if appended is not None and appended.first <= appended.last:
            self.ports.pubsub.publish(Hint(unit.instance, unit.log))

    def _hinted(self, instance: str, log: Log) -> None:
        self.post.courier.tell(instance, log)
        self.streams.tell(instance)

    async def run_step(self, step: Step, unit_id: str) -> None:
        """Call an operation as the system under a unit id."""
        if self._step is None:
            raise RuntimeError("nobody runs the steps of processes")
        await self._step(step, unit_id)


def _xml_answers(xml: Xml) -> Mapping[type[Ask[Any]], Answer]:
    """What the asks of ``hexkeep.core.saml.asks`` are answered with."""
    return {
        ReadXml: lambda _, ask: xml.read(ask),
        VerifyXml: lambda _, ask: xml.verify(ask),
        VerifyOctets: lambda _, ask: xml.verify_octets(ask),
        WriteQuery: lambda _, ask: xml.query(ask),
        WriteXml: lambda _, ask: xml.write(ask),
        NewCertifiedKey: lambda _, ask: xml.new_key(ask),
    }
