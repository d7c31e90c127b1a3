"""Master keys at hand: the one that is to be used, and those that earlier keys may still be wrapped by."""

import hashlib
from collections.abc import Iterable, Sequence

from hexkeep.core.kernel.errors import Internal
from hexkeep.ports.cipher import Cipher
from hexkeep.ports.master import Master

MASTER_KEY_BYTES = 32


class MasterKey:
    """The key that wraps all others: 32 bytes from a file or the environment."""

    __slots__ = ("id", "secret")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != MASTER_KEY_BYTES:
            raise ValueError(f"a master key has {MASTER_KEY_BYTES} bytes")
        self.secret = secret
        self.id = hashlib.sha256(b"hexkeep-master" + secret).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"MasterKey(id={self.id!r})"


class LocalMaster:
    """The port ``master.Master`` for a key whose bytes this process has."""

    def __init__(self, key: MasterKey, cipher: Cipher) -> None:
        self._key = key
        self._cipher = cipher

    @property
    def id(self) -> str:
        """See the port."""
        return self._key.id

    async def wrap(self, key: bytes, context: bytes) -> bytes:
        """See the port."""
        return self._cipher.seal(self._key.secret, key, context)

    async def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """See the port."""
        return self._cipher.open(self._key.secret, wrapped, context)


class UnknownMaster(Internal):
    """A key is wrapped by a master key that this process was not given."""

    code = "unknown_master_key"
    title = "A key of the storage is wrapped by a master key that this process does not have"


class Masters:
    """The ring: ``wanted`` is to wrap everything in the end; ``former`` open what they have wrapped."""

    def __init__(self, wanted: Master, former: Iterable[Master] = ()) -> None:
        self.wanted = wanted
        self._known = {one.id: one for one in (*former, wanted)}

    @classmethod
    def local(cls, cipher: Cipher, wanted: MasterKey, former: Sequence[MasterKey] = ()) -> "Masters":
        """The ring of keys whose bytes this process has."""
        return cls(LocalMaster(wanted, cipher), [LocalMaster(one, cipher) for one in former])

    def and_local(self, cipher: Cipher, former: Iterable[MasterKey]) -> "Masters":
        """The same ring and some more keys that may have wrapped something."""
        return Masters(self.wanted, (*self._known.values(), *(LocalMaster(one, cipher) for one in former)))

    def __contains__(self, master_id: str) -> bool:
        return master_id in self._known

    def named(self, master_id: str) -> Master:
        """The master key of that name; raises ``UnknownMaster``."""
        try:
            return self._known[master_id]
        except KeyError:
            raise UnknownMaster(f"This process does not have the master key {master_id}") from None
