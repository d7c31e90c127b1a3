"""Envelopes: what a delivery carries, sealed while it waits, under its person's key or under one for all others."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from hexkeep.core.kernel.outbox import Posted
from hexkeep.engine.codec import canonical
from hexkeep.engine.keyring import Keyring, bytes_of, text_of

KEY = "sealed/outbox"


@dataclass(frozen=True, slots=True)
class Letter:
    """What is inside: idempotency key and payload."""

    key: str = field(repr=False)
    payload: Mapping[str, JsonValue] = field(repr=False)


class Envelopes:
    """Seals and opens. An envelope is bound to instance and delivery, so it does not open anywhere else."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    async def seal(self, instance: str, posted: Posted) -> str:
        """The envelope, empty when the person was erased. Raises ``ValueError``, ``TypeError`` for what is no JSON."""
        delivery = posted.delivery
        plain = canonical({"key": posted.key, "payload": dict(delivery.payload)})
        name = f"subject/{delivery.subject}" if delivery.subject else KEY
        try:
            key = await self._keyring.newest(instance, name)
        except LookupError:
            return ""
        sealed = self._keyring.cipher.seal(key.secret, plain, _context(instance, posted.id))
        return canonical([name, key.version, text_of(sealed)]).decode()

    async def open(self, instance: str, delivery_id: str, envelope: str) -> Letter | None:
        """What is inside; ``None`` once the person was erased. Raises ``ValueError`` for one that was tampered with."""
        if not envelope:
            return None
        name, version, text = json.loads(envelope)
        try:
            key = await self._keyring.version(instance, name, version)
        except LookupError:
            return None
        if key is None:
            return None
        plain = self._keyring.cipher.open(key.secret, bytes_of(text), _context(instance, delivery_id))
        inside = json.loads(plain)
        return Letter(inside["key"], inside["payload"])


def _context(instance: str, delivery_id: str) -> bytes:
    return canonical(["delivery", instance, delivery_id])
