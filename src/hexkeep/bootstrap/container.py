"""The composition root: which object is made of which, and nothing else.

Everything here is built without waiting and without touching the world, for an adapter's construction only keeps its
settings; ``hexkeep.bootstrap.embed`` opens and closes what holds resources. An adapter that is not chosen is neither
built nor imported: each port's adapter has a container of its own.
"""

from dependency_injector import containers, providers

from hexkeep.adapters.argon2.hashing import Argon2Hashing
from hexkeep.adapters.cryptography.certificates import X509Certificates
from hexkeep.adapters.cryptography.cipher import AesGcmCipher
from hexkeep.adapters.joserfc.jose import JoserfcJose
from hexkeep.adapters.jsonlines.tombstones import JsonLinesTombstones
from hexkeep.adapters.logout.deliverer import CHANNELS as LOGOUT_CHANNELS
from hexkeep.adapters.logout.deliverer import Logouts
from hexkeep.adapters.notify.deliverer import CHANNELS, Notifications
from hexkeep.adapters.offload.processes import Processes
from hexkeep.adapters.offload.settings import OffloadSettings
from hexkeep.adapters.offload.threads import Threads
from hexkeep.adapters.oidc.backchannel import BackchannelPings
from hexkeep.adapters.outbound.client import GuardedOutbound
from hexkeep.adapters.pillow.images import PillowImages
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.adapters.system.ids import SystemIds
from hexkeep.adapters.webauthn.webauthn import PyWebAuthn
from hexkeep.adapters.xmlsec.port import LxmlXml
from hexkeep.bootstrap.adapters import BLOBS, LOCKS, PUBSUB, STORAGE
from hexkeep.bootstrap.errors import ConfigurationError, Problem
from hexkeep.bootstrap.master_key import master_key, previous_master_keys
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.registry import AdapterRegistry
from hexkeep.bootstrap.roles import configured_roles
from hexkeep.bootstrap.settings import FROM_STORAGE, AdapterChoice, OutboxSettings, Settings
from hexkeep.bootstrap.system_callers import system_callers
from hexkeep.core.backchannelauth.outbox import PING
from hexkeep.core.idp.catalog import KINDS
from hexkeep.core.idp.factory import kind_slice
from hexkeep.core.kernel.operation import AnyOperation
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.kernel.view import Projection
from hexkeep.core.slices import SLICES
from hexkeep.engine.assembly import Machinery, Ports, Tuning
from hexkeep.engine.committer import Bounds
from hexkeep.engine.courier import Pace
from hexkeep.engine.iam import Iam
from hexkeep.engine.masters import MasterKey
from hexkeep.engine.presence import Presence
from hexkeep.engine.registry import Registry, build_registry, with_extensions
from hexkeep.engine.spooler import Rhythm
from hexkeep.engine.survey import Survey
from hexkeep.engine.watch import Watchfulness
from hexkeep.ports.adapter import Adapter
from hexkeep.ports.clock import Clock
from hexkeep.ports.delivery import Deliverer
from hexkeep.ports.hashing import PasswordHashing
from hexkeep.ports.jose import Jose
from hexkeep.ports.offload import Offload
from hexkeep.ports.storage import Storage

OWN = "own"
"""The port is served by an adapter of its own, not by the storage."""


def _adapter(registry: AdapterRegistry, settings: Settings, port: str) -> Adapter:
    choice: AdapterChoice = getattr(settings, port)
    name, table = choice.adapter, choice.tables.get(choice.adapter, {})
    return registry.create(port, name, registry.settings(port, name, table, settings.data.folder))


def _registry(plugins: Plugins) -> AdapterRegistry:
    registry = AdapterRegistry()
    registry.discover()
    for entry in plugins.adapters():
        registry.add(entry)
    return registry


def _slices(plugins: Plugins, settings: Settings) -> tuple[Slice, ...]:
    own = (*SLICES, *plugins.slices(), *_of_kinds(plugins))
    added, roles = plugins.operations(), plugins.roles()
    operations = (*(operation for one in own for operation in one.operations), *added)
    others = (*(role for one in own for role in one.roles), *roles)
    configured = configured_roles(settings, operations, others)
    return with_extensions(own, plugins.projections(), added, (*roles, *configured))


def _of_kinds(plugins: Plugins) -> tuple[Slice, ...]:
    """The operations of the kinds of identity providers that plugins bring; ours have theirs in the core."""
    kinds = (offer.kind for offer in plugins.identity_providers().values())
    return tuple(kind_slice(kind) for kind in kinds if kind not in KINDS)


def _tuning(settings: Settings) -> Tuning:
    spooler, engine, sealing = settings.spooler, settings.engine, settings.sealing
    return Tuning(
        rhythm=Rhythm(spooler.lease.total_seconds(), spooler.look.total_seconds(), grace=spooler.grace.total_seconds()),
        bounds=Bounds(engine.batch, engine.batch_bytes, engine.queue),
        cached_states=engine.cached_states,
        pace=_pace(settings.outbox),
        watchfulness=Watchfulness(sealing.every, sealing.verify, sealing.verify_all, sealing.events),
        day_keys_kept=settings.data.unattributed,
        former_masters=tuple(map(MasterKey, previous_master_keys(settings))),
        cached_keys_seconds=engine.cached_keys.total_seconds(),
    )


def _offload(settings: OffloadSettings) -> Offload:
    return Processes(settings.processes) if settings.processes else Threads()


def _pace(outbox: OutboxSettings) -> Pace:
    return Pace(
        deliver=outbox.deliver,
        at_once=outbox.at_once,
        timeout=outbox.timeout.total_seconds(),
        first_pause=outbox.first_pause.total_seconds(),
        longest_pause=outbox.longest_pause.total_seconds(),
        kept=outbox.keep,
        kept_dead=outbox.keep_dead,
    )


def _deliverers(
    plugins: Plugins, notifications: Notifications, logouts: Logouts, pings: BackchannelPings
) -> dict[str, Deliverer]:
    """Who brings what outside: mails, text messages and what clients are told we do, unless a plugin does."""
    return {
        **dict.fromkeys(CHANNELS, notifications),
        **dict.fromkeys(LOGOUT_CHANNELS, logouts),
        PING: pings,
        **plugins.deliverers(),
    }


def _registered(slices: tuple[Slice, ...]) -> Registry:
    try:
        return build_registry(slices)
    except ValueError as error:
        raise ConfigurationError(Problem(f"a slice does not fit: {error}")) from error


class AdapterContainer(containers.DeclarativeContainer):
    """One port's adapter."""

    registry = providers.Dependency(instance_of=AdapterRegistry)
    settings = providers.Dependency(instance_of=Settings)
    port = providers.Dependency(instance_of=str)
    adapter = providers.Singleton(_adapter, registry, settings, port)


class Container(containers.DeclarativeContainer):
    """The program. ``settings`` and ``plugins`` are given; ``config`` says where a port comes from."""

    config = providers.Configuration(strict=True)
    settings = providers.Dependency(instance_of=Settings)
    plugins = providers.Dependency(instance_of=Plugins)
    registry = providers.Singleton(_registry, plugins)

    storage_adapter = providers.Container(AdapterContainer, registry=registry, settings=settings, port=STORAGE)
    locks_adapter = providers.Container(AdapterContainer, registry=registry, settings=settings, port=LOCKS)
    pubsub_adapter = providers.Container(AdapterContainer, registry=registry, settings=settings, port=PUBSUB)

    blobs_adapter = providers.Container(AdapterContainer, registry=registry, settings=settings, port=BLOBS)

    storage = storage_adapter.adapter
    locks = providers.Selector(config.locks, storage=storage.provided.locks, own=locks_adapter.adapter)
    pubsub = providers.Selector(config.pubsub, storage=storage.provided.pubsub, own=pubsub_adapter.adapter)
    blobs = providers.Selector(config.blobs, storage=storage.provided.blobs, own=blobs_adapter.adapter)

    clock = providers.Singleton(SystemClock)
    ids = providers.Singleton(SystemIds)
    cipher = providers.Singleton(AesGcmCipher)
    jose = providers.Singleton(JoserfcJose)
    hashing = providers.Singleton(Argon2Hashing, settings.provided.hashing)
    images = providers.Singleton(PillowImages, settings.provided.images)
    webauthn = providers.Singleton(PyWebAuthn)
    certificates = providers.Singleton(X509Certificates)
    offload = providers.Singleton(_offload, settings.provided.offload)
    xml = providers.Singleton(LxmlXml, offload)
    outbound = providers.Singleton(GuardedOutbound, settings.provided.outbound)
    master = providers.Singleton(MasterKey, providers.Callable(master_key, settings))

    tombstones = providers.Singleton(JsonLinesTombstones, settings.provided.erasures_file)

    ports = providers.Singleton(
        Ports,
        events=storage.provided.events,
        views=storage.provided.views,
        pubsub=pubsub,
        locks=locks,
        expiring=storage.provided.expiring,
        keys=storage.provided.keys,
        seals=storage.provided.seals,
        snapshots=storage.provided.snapshots,
        blobs=blobs,
        tombstones=tombstones,
        cipher=cipher,
        hashing=hashing,
        images=images,
        jose=jose,
        webauthn=webauthn,
        certificates=certificates,
        offload=offload,
        xml=xml,
        clock=clock,
        ids=ids,
        outbound=outbound,
    )
    notifications = providers.Singleton(Notifications, outbound, clock)
    logouts = providers.Singleton(Logouts, outbound)
    pings = providers.Singleton(BackchannelPings, outbound)
    slices = providers.Singleton(_slices, plugins, settings)
    registered = providers.Singleton(_registered, slices)
    machinery = providers.Singleton(
        Machinery,
        ports,
        master,
        slices,
        providers.Factory(_tuning, settings),
        plugins.provided.token_claims.call(),
        providers.Callable(_deliverers, plugins, notifications, logouts, pings),
        offers=plugins.provided.identity_providers.call(),
    )
    iam = providers.Singleton(Iam, machinery, providers.Callable(system_callers, settings, jose))
    presence = providers.Singleton(
        Presence, locks, storage.provided.events, ids, settings.provided.spooler.lease.total_seconds.call()
    )
    survey = providers.Singleton(Survey, registered, storage.provided.events, storage.provided.views, locks)


class Program:
    """The container's roots with their types, which the container itself cannot tell a type checker.

    Raises ``ConfigurationError`` for settings and plugins that do not fit, before anything is opened.
    """

    def __init__(self, settings: Settings, plugins: Plugins) -> None:
        self.settings = settings
        self.plugins = plugins
        self._container = Container(settings=settings, plugins=plugins)
        self._container.config.from_dict({port: _origin(settings, port) for port in (LOCKS, PUBSUB, BLOBS)})
        self.registry: AdapterRegistry = self._container.registry()
        self.registry.check(settings)
        self._registered: Registry = self._container.registered()

    @property
    def storage(self) -> Storage:
        """The chosen storage."""
        storage: Storage = self._container.storage()
        return storage

    @property
    def adapters(self) -> dict[str, Adapter]:
        """Everything that has to be opened, in this order, by port."""
        own = {LOCKS: self._container.locks, PUBSUB: self._container.pubsub, BLOBS: self._container.blobs}
        chosen = {port: provider() for port, provider in own.items() if _origin(self.settings, port) == OWN}
        return {STORAGE: self.storage, **chosen}

    @property
    def operations(self) -> tuple[AnyOperation, ...]:
        """Every operation that the API will have, known without opening anything."""
        return tuple(self._registered.operations.values())

    @property
    def projections(self) -> tuple[Projection, ...]:
        """Every projection that will run, known without opening anything."""
        return tuple(self._registered.projections.values())

    @property
    def survey(self) -> Survey:
        """A look at all nodes' projections, for which nothing but storage and locks has to be open."""
        survey: Survey = self._container.survey()
        return survey

    @property
    def presence(self) -> Presence:
        """What nodes and a restore keep each other away with, while storage and locks are open."""
        presence: Presence = self._container.presence()
        return presence

    @property
    def hashing(self) -> PasswordHashing:
        """The pool of hashing threads."""
        hashing: PasswordHashing = self._container.hashing()
        return hashing

    @property
    def offload(self) -> Offload:
        """What does work beside the event loop."""
        offload: Offload = self._container.offload()
        return offload

    @property
    def images(self) -> PillowImages:
        """The pool of drawing threads."""
        images: PillowImages = self._container.images()
        return images

    @property
    def clock(self) -> Clock:
        """The machine's clock."""
        clock: Clock = self._container.clock()
        return clock

    @property
    def jose(self) -> Jose:
        """Keys and signatures."""
        jose: Jose = self._container.jose()
        return jose

    @property
    def iam(self) -> Iam:
        """The engine, not started. Reads the master key, or makes it on the first run."""
        iam: Iam = self._container.iam()
        notifications: Notifications = self._container.notifications()
        notifications.attach(iam)
        logouts: Logouts = self._container.logouts()
        logouts.attach(iam)
        pings: BackchannelPings = self._container.pings()
        pings.attach(iam)
        return iam


def _origin(settings: Settings, port: str) -> str:
    return FROM_STORAGE if getattr(settings, port).adapter == FROM_STORAGE else OWN
