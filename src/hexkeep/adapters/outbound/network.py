"""The guard: connections to addresses that were judged, at the moment at which they are connected to."""

from collections.abc import Iterable

from httpcore2 import SOCKET_OPTION, AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream, ConnectError

from hexkeep.adapters.outbound.names import Names
from hexkeep.adapters.outbound.settings import OutboundSettings
from hexkeep.ports.outbound import OutboundFailed

TRIED = 4
"""How many addresses of one name are tried, one after the other."""
HTTP = 80


class GuardedNetwork(AsyncNetworkBackend):
    """Resolves names itself and connects to what came of it, never to a name.

    The pool above does TLS with the name it was given, so certificates are verified against that.
    """

    def __init__(self, names: Names, settings: OutboundSettings) -> None:
        self._names = names
        self._settings = settings
        self._inner = AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """A connection to the first address of ``host`` that may and can be reached; raises ``OutboundFailed``."""
        allowed = await self._allowed(host)
        actual = self._settings.http_port if port == HTTP else port
        for number, address in enumerate(allowed[:TRIED], start=1):
            try:
                return await self._inner.connect_tcp(address, actual, timeout, local_address, socket_options)
            except ConnectError:
                if number == len(allowed[:TRIED]):
                    raise
        raise OutboundFailed("forbidden_address")

    async def _allowed(self, host: str) -> tuple[str, ...]:
        found = await self._names.addresses(host)
        return tuple(str(one) for one in found if self._settings.allows(one))

    async def sleep(self, seconds: float) -> None:
        """As the event loop sleeps."""
        await self._inner.sleep(seconds)
