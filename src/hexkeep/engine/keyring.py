"""The keyring: data keys by name, wrapped by the master key, made on first use, cached for a minute.

Names: ``subject/<user id>`` for personal data, ``sealed/<name>`` for secrets that are read back, ``hash/<purpose>`` for
keyed hashes, ``unique`` for unique keys, ``expiring`` for short-lived state, ``client/<date>`` for who-called data.
In the ``system`` instance there are two that seal nothing: ``check`` shows which master key everything is wrapped by,
``wrapping`` which one new keys are to be wrapped by while that changes (see ``rotation``).
"""

import base64
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.errors import Internal
from hexkeep.engine.masters import Masters, UnknownMaster
from hexkeep.ports.cipher import Cipher
from hexkeep.ports.clock import Clock
from hexkeep.ports.keys import Keys, WrappedKey
from hexkeep.ports.master import Master

CHECK = "check"
"""The name of a key that seals nothing: that it opens shows that the master key is the storage's."""
WRAPPING = "wrapping"
"""The name of another: whatever it is wrapped by wraps every new key, on all nodes, whichever settings they have."""
CACHED_SECONDS = 60.0
"""How long a node goes on with what another has destroyed, renewed or begun to wrap otherwise."""
CACHED_KEYS = 20_000


@dataclass(frozen=True, slots=True)
class DataKey:
    """An unwrapped key; ``version`` goes beside whatever was made with it."""

    version: int
    secret: bytes


Place = tuple[str, str]
"""Instance and name."""
DESTROYED: tuple[DataKey, ...] = ()
"""What is remembered of a key that was destroyed. One that was never made is not remembered."""


class Keyring:
    """Answers for keys by (instance, name). Safe for concurrent use on one event loop."""

    def __init__(
        self, keys: Keys, cipher: Cipher, masters: Masters, clock: Clock, lifetime: float = CACHED_SECONDS
    ) -> None:
        self._keys = keys
        self._masters = masters
        self._clock = clock
        self._cache: OrderedDict[Place, tuple[float, tuple[DataKey, ...]]] = OrderedDict()
        self._current: tuple[float, Master] | None = None
        self.lifetime = lifetime
        self.cipher = cipher

    def of_the_day(self) -> str:
        """The name of the key for what nobody is known to be the person of."""
        return day_key(self._clock.now())

    async def newest(self, instance: str, name: str) -> DataKey:
        """The key to make new things with; created when there is none. Raises ``LookupError`` when destroyed."""
        versions = await self.versions(instance, name)
        if not versions:
            versions = await self._create(instance, name)
        return versions[-1]

    async def version(self, instance: str, name: str, version: int) -> DataKey | None:
        """The key that something was made with, or ``None`` once it is destroyed.

        A version that is newer than those at hand was made by another node just now: it is looked up.
        """
        versions = await self.versions(instance, name)
        if versions and version > versions[-1].version:
            del self._cache[instance, name]
            versions = await self.versions(instance, name)
        return next((key for key in versions if key.version == version), None)

    def at_hand(self, instance: str, name: str, version: int) -> DataKey | None:
        """The key that something was made with, if it is known without waiting; ``version`` knows about the others."""
        known = self._fresh((instance, name))
        if known is not None:
            for key in known:
                if key.version == version:
                    return key
        return None

    async def versions(self, instance: str, name: str) -> tuple[DataKey, ...]:
        """Every version that still exists, oldest first. Raises ``LookupError`` when all are destroyed."""
        place = (instance, name)
        known = self._fresh(place)
        if known is None:
            stored = await self._keys.get(instance, name)
            if not stored:
                return ()
            known = self._remember(place, tuple([await self._unwrap(key) for key in stored if key.wrapped]))
        if known == DESTROYED:
            raise LookupError("this key was destroyed")
        return known

    async def renew(self, instance: str, name: str) -> DataKey:
        """A new version of a key, to make new things with. What was made with older ones stays as it is.

        Other nodes go on with the version before for ``lifetime`` seconds, and understand this one at once. Raises
        ``LookupError`` for a key that was never made or is destroyed.
        """
        stored = await self._keys.get(instance, name)
        if not stored or not stored[-1].wrapped:
            raise LookupError("there is no such key")
        kept = await self._added(instance, name, stored[-1].version + 1)
        self._cache.pop((instance, name), None)
        return await self._unwrap(kept)

    async def destroy(self, instance: str, name: str) -> None:
        """Erase a key for good, here and in the storage; other nodes follow when their cache runs out."""
        await self._keys.destroy(instance, name)
        self._cache.pop((instance, name), None)
        self._remember((instance, name), DESTROYED)

    def forget(self, instance: str, name: str) -> None:
        """Look a key up anew when it is asked for next: another process may have made a version of it."""
        self._cache.pop((instance, name), None)

    async def fits(self) -> bool:
        """Whether a master key at hand is the storage's. A storage that has seen none takes the one that is wanted."""
        stored = await self._keys.get(SYSTEM_INSTANCE, CHECK)
        try:
            await self.opened(stored[-1] if stored else await self._added(SYSTEM_INSTANCE, CHECK, 1))
        except (ValueError, UnknownMaster):
            return False
        return True

    async def opened(self, key: WrappedKey) -> bytes:
        """What is wrapped. Raises ``UnknownMaster``, and ``ValueError`` for bytes that its master key did not wrap."""
        context = key_context(key.instance, key.name, key.version)
        return await self._masters.named(key.master).unwrap(key.wrapped, context)

    async def wrapping(self) -> Master:
        """What wraps new keys: as the storage says, so that every node can open what any other has made."""
        if self._current is None or self._current[0] < self._clock.monotonic():
            stored = await self._keys.get(SYSTEM_INSTANCE, WRAPPING) or await self._keys.get(SYSTEM_INSTANCE, CHECK)
            master = self._masters.named(stored[-1].master) if stored else self._masters.wanted
            self._current = (self._clock.monotonic() + self.lifetime, master)
        return self._current[1]

    def look_again(self) -> None:
        """Ask the storage anew which master key wraps new keys."""
        self._current = None

    @property
    def known(self) -> int:
        """How many keys are remembered."""
        return len(self._cache)

    def forget_stale(self) -> None:
        """Let go of keys that nobody asked for lately, so that destroyed ones do not stay in memory for ever."""
        now = self._clock.monotonic()
        for place in [place for place, (until, _) in self._cache.items() if until < now]:
            del self._cache[place]

    async def _create(self, instance: str, name: str) -> tuple[DataKey, ...]:
        kept = await self._added(instance, name, 1)
        if not kept.wrapped:
            self._remember((instance, name), DESTROYED)
            raise LookupError("this key was destroyed")
        return self._remember((instance, name), (await self._unwrap(kept),))

    async def _added(self, instance: str, name: str, version: int) -> WrappedKey:
        """That version of a key: a new one, or that of whoever was faster."""
        master = await self.wrapping()
        wrapped = await master.wrap(self.cipher.new_key(), key_context(instance, name, version))
        return await self._keys.add(WrappedKey(instance, name, version, master.id, wrapped))

    async def _unwrap(self, key: WrappedKey) -> DataKey:
        try:
            return DataKey(key.version, await self.opened(key))
        except ValueError as error:
            raise Internal("The master key does not open this storage's keys") from error

    def _fresh(self, place: Place) -> tuple[DataKey, ...] | None:
        entry = self._cache.get(place)
        if entry is None or entry[0] < self._clock.monotonic():
            return None
        return entry[1]

    def _remember(self, place: Place, keys: tuple[DataKey, ...]) -> tuple[DataKey, ...]:
        """Unless it was destroyed meanwhile: a read that had begun before must not bring it back."""
        if self._fresh(place) == DESTROYED:
            return DESTROYED
        self._cache[place] = (self._clock.monotonic() + self.lifetime, keys)
        self._cache.move_to_end(place)
        if len(self._cache) > CACHED_KEYS:
            self._cache.popitem(last=False)
        return keys


def key_context(instance: str, name: str, version: int) -> bytes:
    """What a wrapped key is bound to."""
    return f"hexkeep-key/{instance}/{name}/{version}".encode()


def subject_key(user_id: str) -> str:
    """The name of the key of one person."""
    return f"subject/{user_id}"


def day_key(moment: datetime) -> str:
    """The name of the key of one day, in UTC."""
    return f"client/{moment.date().isoformat()}"


def text_of(raw: bytes) -> str:
    """Bytes as unpadded base64url (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def bytes_of(text: str) -> bytes:
    """The bytes behind unpadded base64url; raises ``ValueError``."""
    return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
