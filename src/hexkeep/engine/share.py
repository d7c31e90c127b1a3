"""A share of the outbound port, for what strangers have us fetch: it can fill up without anything else waiting."""

import socket
import ssl

from hexkeep.ports.outbound import Outbound, OutboundFailed, WebRequest, WebResponse

MOST = 20
"""How many fetches of this kind are on their way together: less than half of what the port takes by default."""


class Share:
    """An ``Outbound`` that makes so many requests at once and refuses more as ``unavailable``, without a queue.

    Key sets, client documents and the like are at addresses that others choose, and those may be slow on purpose;
    webhooks and notices of logouts go out beside them.
    """

    def __init__(self, outbound: Outbound, most: int = MOST) -> None:
        self._outbound = outbound
        self._most = most
        self._under_way = 0

    async def send(self, request: WebRequest) -> WebResponse:
        """Make the request; raises ``OutboundFailed``, also where the share is used up."""
        if self._under_way >= self._most:
            raise OutboundFailed("unavailable")
        self._under_way += 1
        try:
            return await self._outbound.send(request)
        finally:
            self._under_way -= 1

    async def connect(self, host: str, port: int) -> socket.socket:
        """As the port does."""
        return await self._outbound.connect(host, port)

    def tls(self) -> ssl.SSLContext:
        """As the port does."""
        return self._outbound.tls()

    async def txt(self, name: str) -> tuple[str, ...]:
        """As the port does."""
        return await self._outbound.txt(name)

    def ascii_domain(self, name: str) -> str:
        """As the port does."""
        return self._outbound.ascii_domain(name)
