"""Wrapping: keys that come from another store, under the master key that wraps in this one."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.engine.keyring import key_context
from hexkeep.engine.masters import Masters
from hexkeep.ports.keys import WrappedKey
from hexkeep.ports.master import Master


class MasterKeyMissing(FailedPrecondition):
    """An archive holds keys that none of the given master keys opens."""

    code = "master_key_missing"
    title = "None of the given master keys opens the archive's keys"


class Wrapping:
    """Puts keys under the master key that wraps here. ``masters`` are those that they may come under.

    Which one wraps is asked for each key, of the keyring: nodes that are set to another one must open what is loaded,
    and while that is being exchanged, everybody goes over to the next one in time.
    """

    def __init__(self, masters: Masters, wrapping: Callable[[], Awaitable[Master]]) -> None:
        self._masters = masters
        self._wrapping = wrapping

    def insist(self, masters: Iterable[str]) -> None:
        """Raises ``MasterKeyMissing`` unless every one of these master keys is at hand."""
        missing = sorted(one for one in set(masters) if one not in self._masters)
        if missing:
            raise MasterKeyMissing(f"The archive needs the master key {', '.join(missing)}; give it as well")

    async def rewrapped(self, key: WrappedKey) -> WrappedKey:
        """The same key under the own master key. One that was destroyed stays so."""
        if not key.wrapped:
            return key
        master = await self._wrapping()
        if key.master == master.id:
            return key
        self.insist([key.master])
        context = key_context(key.instance, key.name, key.version)
        secret = await self._masters.named(key.master).unwrap(key.wrapped, context)
        return replace(key, master=master.id, wrapped=await master.wrap(secret, context))
