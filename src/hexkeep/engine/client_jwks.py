"""The key sets that clients publish at URLs of theirs, remembered on this node for some minutes."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from hexkeep.core.kernel.ask import Ask
from hexkeep.core.oidc.asks import ClientJwks
from hexkeep.engine.answers import Answer, Call
from hexkeep.engine.remembered import Remembered, Terms
from hexkeep.ports.clock import Clock
from hexkeep.ports.outbound import Outbound

TERMS = Terms(
    accept="application/jwk-set+json, application/json",
    max_bytes=65_536,
    timeout=5.0,
    kept=300.0,  # a key that a client takes back is believed no longer
    stale=3600.0,
    held=16_000_000,
)
MAX_KEYS = 50

Keys = tuple[Mapping[str, JsonValue], ...]


class ClientKeys:
    """Answers ``ClientJwks``."""

    def __init__(self, outbound: Outbound, clock: Clock) -> None:
        self._sets = Remembered(outbound, clock, TERMS, _read)

    def answers(self) -> Mapping[type[Ask[Any]], Answer]:
        """What the asks are answered with."""

        async def keys(_call: Call, ask: ClientJwks) -> Keys:
            return await self.keys_at(ask.uri, fresh=ask.fresh)

        return {ClientJwks: keys}

    async def keys_at(self, uri: str, *, fresh: bool = False) -> Keys:
        """The public keys at ``uri``; empty where there are none. Never raises for what is there or is not."""
        return await self._sets.at(uri, fresh=fresh) or ()


async def _read(body: bytes) -> Keys | None:
    """RFC 7517 section 5: the public keys of a set, without what is no public key; ``None`` for what is no set."""
    try:
        found: JsonValue = json.loads(body)
    except (ValueError, RecursionError):
        return None
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list):
        return None
    return tuple(key for key in keys if isinstance(key, dict) and not {"d", "k"} & set(key))[:MAX_KEYS]
