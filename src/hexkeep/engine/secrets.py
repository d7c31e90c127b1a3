"""Keyed hashes and short-lived state for decisions: keys are hashed and values sealed before any port sees them."""

import hmac

from hexkeep.core.kernel.ask import ClaimOnce, CountUp, Keep, Kept, KeyedHash, Take, VerifyKeyedHash
from hexkeep.core.kernel.unique import UniqueKey
from hexkeep.engine.keyring import DataKey, Keyring, text_of
from hexkeep.ports.expiring import Expiring


class Secrets:
    """Hashing under an instance's own keys. A hash names the version of its key: ``1.<base64url>``."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def secret(self) -> str:
        """256 random bits as 43 URL-safe characters."""
        return text_of(self._keyring.cipher.random(32))

    async def hash(self, instance: str, ask: KeyedHash) -> str:
        """The keyed hash of a secret under the newest key."""
        return self._text(await self._keyring.newest(instance, f"hash/{ask.purpose}"), ask.secret)

    async def verify(self, instance: str, ask: VerifyKeyedHash) -> bool:
        """Whether the secret has that hash, under the key version that the hash names."""
        version, _, _ = ask.hash.partition(".")
        if not version.isdecimal():
            return False
        key = await self._keyring.version(instance, f"hash/{ask.purpose}", int(version))
        return key is not None and hmac.compare_digest(self._text(key, ask.secret), ask.hash)

    async def unique(self, instance: str, key: UniqueKey) -> bytes:
        """The keyed hash of a unique key's normalised value within its scope."""
        data_key = await self._keyring.newest(instance, "unique")
        plain = f"{key.kind}\0{key.scope}\0{key.normalised()}"
        return self._keyring.cipher.mac(data_key.secret, plain.encode())

    def _text(self, key: DataKey, secret: str) -> str:
        return f"{key.version}.{text_of(self._keyring.cipher.mac(key.secret, secret.encode()))}"


class ShortLived:
    """The expiring port behind hashed keys and sealed values."""

    def __init__(self, expiring: Expiring, keyring: Keyring) -> None:
        self._expiring = expiring
        self._keyring = keyring

    async def keep(self, instance: str, ask: Keep) -> None:
        """Keep a sealed value until its time."""
        hashed = await self._hash(instance, ask.scope, ask.key)
        key = await self._keyring.newest(instance, "expiring")
        sealed = self._keyring.cipher.seal(key.secret, ask.value, self._context(instance, ask.scope, hashed))
        await self._expiring.put(instance, ask.scope, hashed, key.version.to_bytes(4, "big") + sealed, ask.until)

    async def kept(self, instance: str, ask: Kept) -> bytes | None:
        """What is kept under a key."""
        hashed = await self._hash(instance, ask.scope, ask.key)
        return await self._open(instance, ask.scope, hashed, await self._expiring.get(instance, ask.scope, hashed))

    async def take(self, instance: str, ask: Take) -> bytes | None:
        """What is kept under a key, for one taker."""
        hashed = await self._hash(instance, ask.scope, ask.key)
        return await self._open(instance, ask.scope, hashed, await self._expiring.take(instance, ask.scope, hashed))

    async def claim(self, instance: str, ask: ClaimOnce) -> bool:
        """Whether this is the first claim."""
        hashed = await self._hash(instance, ask.scope, ask.key)
        return await self._expiring.claim_once(instance, ask.scope, hashed, ask.until)

    async def count(self, instance: str, ask: CountUp) -> int:
        """The count of the present window."""
        return await self._expiring.count(instance, await self._hash(instance, "count", ask.bucket), ask.window_seconds)

    async def _hash(self, instance: str, scope: str, key: str) -> bytes:
        data_key = await self._keyring.newest(instance, "hash/expiring")
        return self._keyring.cipher.mac(data_key.secret, f"{scope}\0{key}".encode())

    async def _open(self, instance: str, scope: str, hashed: bytes, kept: bytes | None) -> bytes | None:
        if kept is None:
            return None
        key = await self._keyring.version(instance, "expiring", int.from_bytes(kept[:4], "big"))
        if key is None:
            return None
        return self._keyring.cipher.open(key.secret, kept[4:], self._context(instance, scope, hashed))

    def _context(self, instance: str, scope: str, hashed: bytes) -> bytes:
        return f"hexkeep-expiring/{instance}/{scope}/".encode() + hashed
