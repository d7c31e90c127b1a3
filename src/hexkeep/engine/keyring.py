"""The keyring: data keys by name, wrapped by the master key, made on first use, cached for a minute.

Names: ``subject/<user id>`` for personal data, ``sealed/<name>`` for secrets that are read back, ``hash/<purpose>`` for
keyed hashes, ``unique`` for unique keys, ``expiring`` for short-lived state, ``client/<date>`` for who-called data,
``check`` (of the ``system`` instance) for the master key itself.
"""

import base64
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.errors import Internal
from hexkeep.ports.cipher import Cipher
from hexkeep.ports.clock import Clock
from hexkeep.ports.keys import Keys, WrappedKey

CHECK = "check"
"""The name of a key that seals nothing: that it opens shows that the master key is the storage's."""
CACHED_SECONDS = 60.0
CACHED_KEYS = 20_000


@dataclass(frozen=True, slots=True)
class DataKey:
    """An unwrapped key; ``version`` goes beside whatever was made with it."""

    version: int
    secret: bytes


class MasterKey:
    """The key that wraps all others: 32 bytes from a file, the environment or a key service."""

    __slots__ = ("id", "secret")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != 32:  # noqa: PLR2004 - AES-256
            raise ValueError("a master key has 32 bytes")
        self.secret = secret
        self.id = hashlib.sha256(b"hexkeep-master" + secret).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"MasterKey(id={self.id!r})"


class Keyring:
    """Answers for keys by (instance, name). Safe for concurrent use on one event loop."""

    def __init__(self, keys: Keys, cipher: Cipher, master: MasterKey, clock: Clock) -> None:
        self._keys = keys
        self._master = master
        self._clock = clock
        self._cache: OrderedDict[tuple[str, str], tuple[float, tuple[DataKey, ...]]] = OrderedDict()
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
        """The key that something was made with, or ``None`` once it is destroyed."""
        for key in await self.versions(instance, name):
            if key.version == version:
                return key
        return None

    async def versions(self, instance: str, name: str) -> tuple[DataKey, ...]:
        """Every version that still exists, oldest first."""
        place = (instance, name)
        known = self._fresh(place)
        if known is not None:
            return known
        stored = await self._keys.get(instance, name)
        if stored and not any(key.wrapped for key in stored):
            raise LookupError("this key was destroyed")
        return self._remember(place, tuple(self._unwrap(key) for key in stored if key.wrapped))

    async def destroy(self, instance: str, name: str) -> None:
        """Erase a key for good, here and in the storage; other nodes follow when their cache runs out."""
        await self._keys.destroy(instance, name)
        self._cache.pop((instance, name), None)

    async def fits(self) -> bool:
        """Whether the master key is the storage's. A storage that has seen none takes this one, of many the first."""
        stored = await self._keys.get(SYSTEM_INSTANCE, CHECK)
        try:
            self._opened(stored[-1] if stored else await self._added(SYSTEM_INSTANCE, CHECK))
        except ValueError:
            return False
        return True

    async def _create(self, instance: str, name: str) -> tuple[DataKey, ...]:
        kept = await self._added(instance, name)
        if not kept.wrapped:
            raise LookupError("this key was destroyed")
        return self._remember((instance, name), (self._unwrap(kept),))

    async def _added(self, instance: str, name: str) -> WrappedKey:
        """The first version of a key: a new one, or that of whoever was faster."""
        wrapped = self.cipher.seal(self._master.secret, self.cipher.new_key(), key_context(instance, name, 1))
        return await self._keys.add(WrappedKey(instance, name, 1, self._master.id, wrapped))

    def _unwrap(self, key: WrappedKey) -> DataKey:
        try:
            return DataKey(key.version, self._opened(key))
        except ValueError as error:
            raise Internal("The master key does not open this storage's keys") from error

    def _opened(self, key: WrappedKey) -> bytes:
        """Raises ``ValueError`` for a key that another master key has wrapped."""
        return self.cipher.open(self._master.secret, key.wrapped, key_context(key.instance, key.name, key.version))

    def _fresh(self, place: tuple[str, str]) -> tuple[DataKey, ...] | None:
        entry = self._cache.get(place)
        if entry is None or entry[0] < self._clock.monotonic():
            return None
        return entry[1]

    def _remember(self, place: tuple[str, str], keys: tuple[DataKey, ...]) -> tuple[DataKey, ...]:
        if keys:
            self._cache[place] = (self._clock.monotonic() + CACHED_SECONDS, keys)
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
