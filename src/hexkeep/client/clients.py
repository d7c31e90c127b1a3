"""The two clients."""

from typing import Self

import httpx2
from pydantic import JsonValue

from hexkeep.client.caller import Caller
from hexkeep.client.carriers import Awaited, Blocking
from hexkeep.client.credentials import Credentials, TokenSource, credentials_of
from hexkeep.client.generated.awaited import AsyncGroups
from hexkeep.client.generated.blocking import Groups
from hexkeep.client.patience import Patience
from hexkeep.client.positions import Positions
from hexkeep.client.wire import at_once
from hexkeep.core.kernel.operation import I, O, Operation

SECONDS = 30.0
"""How long one attempt may take, unless the caller brings an HTTP client of its own."""


class Client(Groups):
    """Calls one server for one caller, and blocks meanwhile; threads may share it.

    ``url`` is the server's origin. ``token`` is a token, a function that knows one, ``MachineKey`` or ``ClientSecret``;
    without one nobody in particular calls. ``positions`` are those of another client, whose writes this one's lists
    shall show. ``http`` is an HTTP client of the caller's own, which the caller closes.
    """

    def __init__(
        self,
        url: str,
        token: str | TokenSource | Credentials | None = None,
        *,
        patience: Patience | None = None,
        positions: str = "",
        http: httpx2.Client | None = None,
    ) -> None:
        self._http = http or httpx2.Client(timeout=SECONDS)
        self._own = http is None
        wire = Blocking(self._http, url.rstrip("/"))
        super().__init__(Caller(wire, credentials_of(token), patience or Patience(), Positions(positions)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        if self._own:
            self._http.close()

    @property
    def positions(self) -> str:
        """Where the logs stood after what this client has written, as text."""
        return str(self._caller.positions)

    def run(self, operation: Operation[I, O], message: I, *, idempotency_key: str = "") -> O:
        """Call an operation that is at hand as such, as a plugin's is where its distribution is installed."""
        return at_once(self._caller.run(operation, message, idempotency_key))

    def call(self, name: str, /, *, idempotency_key: str = "", **fields: JsonValue) -> JsonValue:
        """Call an operation by its name, with plain values in and out; the server says where it is."""
        return at_once(self._caller.by_name(name, fields, idempotency_key))


class AsyncClient(AsyncGroups):
    """Calls one server for one caller, on the event loop. The arguments are those of ``Client``."""

    def __init__(
        self,
        url: str,
        token: str | TokenSource | Credentials | None = None,
        *,
        patience: Patience | None = None,
        positions: str = "",
        http: httpx2.AsyncClient | None = None,
    ) -> None:
        self._http = http or httpx2.AsyncClient(timeout=SECONDS)
        self._own = http is None
        wire = Awaited(self._http, url.rstrip("/"))
        super().__init__(Caller(wire, credentials_of(token), patience or Patience(), Positions(positions)))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Give the connections back."""
        if self._own:
            await self._http.aclose()

    @property
    def positions(self) -> str:
        """Where the logs stood after what this client has written, as text."""
        return str(self._caller.positions)

    async def run(self, operation: Operation[I, O], message: I, *, idempotency_key: str = "") -> O:
        """Call an operation that is at hand as such, as a plugin's is where its distribution is installed."""
        return await self._caller.run(operation, message, idempotency_key)

    async def call(self, name: str, /, *, idempotency_key: str = "", **fields: JsonValue) -> JsonValue:
        """Call an operation by its name, with plain values in and out; the server says where it is."""
        return await self._caller.by_name(name, fields, idempotency_key)
