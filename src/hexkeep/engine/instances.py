"""Routing: which instance a host belongs to, and what adapters must know of it."""

from hexkeep.core.instance.state import INSTANCE, SYSTEM_INSTANCE, InstanceStatus, host_key
from hexkeep.core.kernel.errors import NotFound
from hexkeep.engine.secrets import Secrets
from hexkeep.engine.states import States
from hexkeep.ports.api import InstanceInfo
from hexkeep.ports.clock import Clock
from hexkeep.ports.event_store import FIRST_EPOCH, EventStore, Head

KNOWN_SECONDS = 2.0
KNOWN_HOSTS = 10_000


def hostname(host: str) -> str:
    """The name in a ``Host`` header, without port, in lower case; IPv6 literals keep their brackets."""
    name = host.strip().lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.partition(":")[0].rstrip(".")


class Instances:
    """Resolves hosts, remembering each for a moment, so that a removed host is gone within two seconds."""

    def __init__(self, store: EventStore, states: States, secrets: Secrets, clock: Clock) -> None:
        self._store = store
        self._states = states
        self._secrets = secrets
        self._clock = clock
        self._known: dict[str, tuple[float, InstanceInfo]] = {}
        self._whole: set[str] = set()

    async def by_host(self, host: str) -> InstanceInfo:
        """The active instance that owns a host; raises ``NotFound``."""
        name = hostname(host)
        known = self._known.get(name)
        if known is not None and known[0] > self._clock.monotonic():
            return known[1]
        key = host_key(name)
        owner = await self._store.key_owner(SYSTEM_INSTANCE, key.kind, await self._secrets.unique(SYSTEM_INSTANCE, key))
        if owner is None:
            self._known.pop(name, None)
            raise NotFound("No instance answers under this host")
        info = await self.by_id(owner.id)
        if len(self._known) >= KNOWN_HOSTS:
            self._known.clear()
        self._known[name] = (self._clock.monotonic() + KNOWN_SECONDS, info)
        return info

    async def by_id(self, instance_id: str) -> InstanceInfo:
        """A ready and active instance by id; raises ``NotFound``."""
        if instance_id == SYSTEM_INSTANCE:
            return InstanceInfo(SYSTEM_INSTANCE, "", ())
        _, state = await self._states.load(SYSTEM_INSTANCE, INSTANCE, instance_id)
        if not state.exists or not state.active:
            raise NotFound("There is no such instance")
        return InstanceInfo(instance_id, state.origin, state.hosts, state.limits)

    async def is_whole(self, head: Head) -> bool:
        """Whether a log may be followed: not while it is loaded, when later events and all keys are still to come.

        What is loaded is in a later epoch, and ``system`` is told of its instance when all of it is there.
        """
        if head.epoch == FIRST_EPOCH or head.instance == SYSTEM_INSTANCE or head.instance in self._whole:
            return True
        _, state = await self._states.load(SYSTEM_INSTANCE, INSTANCE, head.instance)
        if state.status is InstanceStatus.UNSPECIFIED:
            return False
        self._whole.add(head.instance)
        return True

    def forget(self) -> None:
        """Look everything up anew: an instance has changed."""
        self._known.clear()
