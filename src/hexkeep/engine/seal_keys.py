"""The key that signs seals: an Ed25519 pair made from the data key ``sealer`` of the ``system`` instance.

Another version of the data key is another pair; the pairs of all versions that still exist are trusted. Who holds the
database alone has no version of it: data keys are wrapped by the master key.
"""

from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.ask import KeyPair
from hexkeep.engine.keyring import DataKey, Keyring
from hexkeep.ports.jose import Jose, Jwk

SEALER = "sealer"
ALGORITHM = "Ed25519"


class SealKeys:
    """The pairs, made from their data keys and remembered."""

    def __init__(self, keyring: Keyring, jose: Jose) -> None:
        self._keyring = keyring
        self._jose = jose
        self._pairs: dict[DataKey, KeyPair] = {}

    async def signing(self) -> KeyPair:
        """The pair to sign with; its data key is made when there is none."""
        return self._pair(await self._keyring.newest(SYSTEM_INSTANCE, SEALER))

    async def trusted(self) -> list[Jwk]:
        """The public keys of all pairs, oldest first; none before the first seal."""
        return [self._pair(key).public for key in await self._keyring.versions(SYSTEM_INSTANCE, SEALER)]

    async def renewed(self) -> list[Jwk]:
        """The same, past what is remembered: a sealer may have begun to sign with a new pair a moment ago."""
        self._keyring.forget(SYSTEM_INSTANCE, SEALER)
        return await self.trusted()

    def _pair(self, key: DataKey) -> KeyPair:
        if key not in self._pairs:
            self._pairs[key] = self._jose.key_from_seed(ALGORITHM, key.secret)
        return self._pairs[key]
