"""Wrapping: keys that come from another store, under the master key of this one."""

from collections.abc import Iterable
from dataclasses import replace

from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.engine.keyring import key_context
from hexkeep.engine.masters import MasterKey
from hexkeep.ports.cipher import Cipher
from hexkeep.ports.keys import WrappedKey


class MasterKeyMissing(FailedPrecondition):
    """An archive holds keys that none of the given master keys opens."""

    code = "master_key_missing"
    title = "None of the given master keys opens the archive's keys"


class Wrapping:
    """Puts keys under this storage's master key; ``others`` are those they may come under."""

    def __init__(self, cipher: Cipher, own: MasterKey, others: Iterable[MasterKey] = ()) -> None:
        self._cipher = cipher
        self._own = own
        self._known = {master.id: master for master in (*others, own)}

    def insist(self, masters: Iterable[str]) -> None:
        """Raises ``MasterKeyMissing`` unless every one of these master keys is at hand."""
        missing = sorted(set(masters) - self._known.keys())
        if missing:
            raise MasterKeyMissing(f"The archive needs the master key {', '.join(missing)}; give it as well")

    def rewrapped(self, key: WrappedKey) -> WrappedKey:
        """The same key under the own master key. One that was destroyed stays so."""
        if not key.wrapped or key.master == self._own.id:
            return key
        self.insist([key.master])
        context = key_context(key.instance, key.name, key.version)
        secret = self._cipher.open(self._known[key.master].secret, key.wrapped, context)
        return replace(key, master=self._own.id, wrapped=self._cipher.seal(self._own.secret, secret, context))
