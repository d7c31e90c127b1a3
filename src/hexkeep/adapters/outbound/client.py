"""The client: bounded HTTP requests to the outside, and looks at the DNS."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from hexkeep.adapters.outbound.names import Names, ascii_domain
from hexkeep.adapters.outbound.settings import OutboundSettings
from hexkeep.ports.outbound import OutboundFailed, WebRequest, WebResponse

if TYPE_CHECKING:
    from httpcore2 import AsyncConnectionPool, Response

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_URL = 2048
TRIED = 4
"""How many addresses of one name are tried, one after the other."""
IPV6 = 6


class GuardedOutbound:
    """The outbound port. Opens what it needs at the first use; connections are not kept between requests.

    A connection of its own for each request: one that is kept could outlive the judgement of its address.
    """

    def __init__(self, settings: OutboundSettings | None = None) -> None:
        self._settings = settings or OutboundSettings()
        self._names = Names(self._settings)
        self._room = asyncio.Semaphore(self._settings.connections)
        self._tls: ssl.SSLContext | None = None
        self._trust: ssl.SSLContext | None = None

    async def send(self, request: WebRequest) -> WebResponse:
        """See the port."""
        try:
            async with asyncio.timeout(request.timeout), self._room:
                return await self._followed(request)
        except TimeoutError as error:
            raise OutboundFailed("timeout") from error

    async def connect(self, host: str, port: int) -> socket.socket:
        """See the port."""
        allowed = [one for one in await self._names.addresses(host) if self._settings.allows(one)]
        if not allowed:
            raise OutboundFailed("forbidden_address")
        for address in allowed[:TRIED]:
            made = socket.socket(socket.AF_INET6 if address.version == IPV6 else socket.AF_INET, socket.SOCK_STREAM)
            try:
                made.setblocking(False)
                await asyncio.get_running_loop().sock_connect(made, (str(address), port))
            except OSError:
                made.close()
            except BaseException:
                made.close()
                raise
            else:
                return made
        raise OutboundFailed("unreachable")

    def tls(self) -> ssl.SSLContext:
        """See the port."""
        if self._trust is None:
            self._trust = ssl.create_default_context(cafile=self._settings.certificates or None)
        return self._trust

    async def txt(self, name: str) -> tuple[str, ...]:
        """See the port."""
        return await self._names.txt(name)

    def ascii_domain(self, name: str) -> str:
        """See the port."""
        return ascii_domain(name)

    async def _followed(self, request: WebRequest) -> WebResponse:
        response = await self._once(request)
        for _ in range(request.redirects):
            target = _target(response) if request.method == "GET" else ""
            if not target:
                return response
            request = replace(request, url=target, headers=_without_secrets(request, target))
            response = await self._once(request)
        if request.redirects and _target(response):
            raise OutboundFailed("too_many_redirects")
        return response

    async def _once(self, request: WebRequest) -> WebResponse:
        insist_on_url(request.url, plain=request.plain)
        headers = {"accept-encoding": "identity", "user-agent": "hexkeep", **request.headers}
        pool = self._pool()
        with _failures():
            async with (
                pool,
                pool.stream(request.method, request.url, headers=[*headers.items()], content=request.body) as response,
            ):
                body = await _read(response, request.max_bytes)
        found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        return WebResponse(request.url, response.status, found, body)

    def _pool(self) -> "AsyncConnectionPool":
        try:
            from httpcore2 import AsyncConnectionPool, default_ssl_context

            from hexkeep.adapters.outbound.network import GuardedNetwork
        except ImportError as error:
            raise OutboundFailed("unavailable") from error
        if self._tls is None:
            own = self._settings.certificates
            self._tls = ssl.create_default_context(cafile=own) if own else default_ssl_context()
        return AsyncConnectionPool(
            ssl_context=self._tls, max_connections=1, network_backend=GuardedNetwork(self._names, self._settings)
        )


def insist_on_url(url: str, *, plain: bool) -> None:
    """Raise ``OutboundFailed`` for what is no absolute URL of printable ASCII with a host and without a user."""
    try:
        parts = urlsplit(url)
        fit = url.isascii() and url.isprintable() and " " not in url and len(url) <= MAX_URL
        fit = fit and bool(parts.hostname) and parts.username is None and (parts.port is None or parts.port > 0)
    except ValueError as error:
        raise OutboundFailed("invalid_url") from error
    if not fit or parts.scheme not in {"http", "https"}:
        raise OutboundFailed("invalid_url")
    if parts.scheme != "https" and not plain:
        raise OutboundFailed("not_https")


async def _read(response: "Response", most: int) -> bytes:
    read = bytearray()
    async for chunk in response.aiter_stream():
        read += chunk
        if len(read) > most:
            raise OutboundFailed("too_large")
    return bytes(read)


def _target(response: WebResponse) -> str:
    """Where a response sends to, without a fragment, or empty."""
    location = response.headers.get("location", "")
    if response.status not in REDIRECTS or not location:
        return ""
    return urljoin(response.url, location).partition("#")[0]


def _without_secrets(request: WebRequest, target: str) -> dict[str, str]:
    """The headers, without those that were meant for another origin (RFC 9110 §15.4)."""
    same = urlsplit(request.url)[:2] == urlsplit(target)[:2]
    private = frozenset() if same else frozenset({"authorization", "cookie", "proxy-authorization"})
    return {name: value for name, value in request.headers.items() if name.lower() not in private}


@contextmanager
def _failures() -> Iterator[None]:
    """The client's errors in our words."""
    import httpcore2

    try:
        yield
    except httpcore2.TimeoutException as error:
        raise OutboundFailed("timeout") from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
        raise OutboundFailed("unreachable") from error
    except (httpcore2.UnsupportedProtocol, ValueError, TypeError) as error:
        raise OutboundFailed("invalid_url") from error
