"""Wrapping: keys that come from another store, under the master key of this one."""

from collections.abc import Iterable
from dataclasses import replace

from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.engine.keyring import key_context
from hexkeep.engine.masters import Masters
from hexkeep.ports.keys import WrappedKey


class MasterKeyMissing(FailedPrecondition):
    """An archive holds keys that none of the given master keys opens."""

    code = "master_key_missing"
    title = "None of the given master keys opens the archive's keys"


class Wrapping:
    """Puts keys under the master key that is wanted here; the former ones are those they may come under."""

    def __init__(self, masters: Masters) -> None:
        self._masters = masters

    def insist(self, masters: Iterable[str]) -> None:
        """Raises ``MasterKeyMissing`` unless every one of these master keys is at hand."""
        missing = sorted(one for one in set(masters) if one not in self._masters)
        if missing:
            raise MasterKeyMissing(f"The archive needs the master key {', '.join(missing)}; give it as well")

    async def rewrapped(self, key: WrappedKey) -> WrappedKey:
        """The same key under the own master key. One that was destroyed stays so."""
        wanted = self._masters.wanted
        if not key.wrapped or key.master == wanted.id:
            return key
        self.insist([key.master])
        context = key_context(key.instance, key.name, key.version)
        secret = await self._masters.named(key.master).unwrap(key.wrapped, context)
        return replace(key, master=wanted.id, wrapped=await wanted.wrap(secret, context))
