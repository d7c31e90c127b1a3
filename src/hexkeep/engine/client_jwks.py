"""The key sets that clients publish at URLs of theirs, remembered on this node for some minutes."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import JsonValue

from hexkeep.core.kernel.ask import Ask
from hexkeep.core.oidc.asks import ClientJwks
from hexkeep.engine.answers import Answer, Call
from hexkeep.ports.clock import Clock
from hexkeep.ports.outbound import Outbound, OutboundFailed, WebRequest

KEPT_SECONDS = 300.0
"""How long a set is believed: a key that a client takes back is believed no longer."""
REST_SECONDS = 60.0
"""How long nobody is asked again, whatever came of it."""
STALE_SECONDS = 3600.0
"""How long what was found is still believed while nothing is found any more."""
HELD = 1000
MAX_KEYS = 50
MAX_BYTES = 65_536
FETCH_SECONDS = 5.0

Keys = tuple[Mapping[str, JsonValue], ...]


@dataclass(slots=True)
class _Known:
    """What was found at a URL, when, and when it was last looked for; times are seconds of the monotonic clock."""

    keys: Keys = ()
    found_at: float = float("-inf")
    asked_at: float = float("-inf")
    fetching: asyncio.Task[None] | None = None


class ClientKeys:
    """Answers ``ClientJwks``. Whoever comes while a set is being fetched waits for the same answer."""

    def __init__(self, outbound: Outbound, clock: Clock) -> None:
        self._outbound = outbound
        self._clock = clock
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def answers(self) -> Mapping[type[Ask[Any]], Answer]:
        """What the asks are answered with."""

        async def keys(_call: Call, ask: ClientJwks) -> Keys:
            return await self.keys_at(ask.uri, fresh=ask.fresh)

        return {ClientJwks: keys}

    async def keys_at(self, uri: str, *, fresh: bool = False) -> Keys:
        """The public keys at ``uri``; empty where there are none. Never raises for what is there or is not."""
        known = self._known.setdefault(uri, _Known())
        self._known.move_to_end(uri)
        while len(self._known) > HELD:
            self._known.popitem(last=False)
        now = self._clock.monotonic()
        believed_for = REST_SECONDS if fresh else KEPT_SECONDS
        if known.fetching is None and now - known.found_at >= believed_for and now - known.asked_at >= REST_SECONDS:
            known.asked_at = now
            known.fetching = asyncio.create_task(self._fetch(uri, known), name="hexkeep-client-keys")
        if known.fetching is not None:
            await asyncio.shield(known.fetching)
        return known.keys if self._clock.monotonic() - known.found_at < STALE_SECONDS else ()

    async def _fetch(self, uri: str, known: _Known) -> None:
        try:
            request = WebRequest(
                uri,
                headers={"Accept": "application/jwk-set+json, application/json"},
                timeout=FETCH_SECONDS,
                max_bytes=MAX_BYTES,
            )
            response = await self._outbound.send(request)
        except OutboundFailed:
            return
        finally:
            known.fetching = None
        keys = _read(response.body) if response.status == HTTPStatus.OK else None
        if keys is not None:
            known.keys, known.found_at = keys, self._clock.monotonic()


def _read(body: bytes) -> Keys | None:
    """RFC 7517 section 5: the public keys of a set, without what is no public key; ``None`` for what is no set."""
    try:
        found: JsonValue = json.loads(body)
    except (ValueError, RecursionError):
        return None
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list):
        return None
    return tuple(key for key in keys if isinstance(key, dict) and not {"d", "k"} & set(key))[:MAX_KEYS]
