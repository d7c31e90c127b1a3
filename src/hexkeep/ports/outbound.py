"""Outbound: how the outside is looked at and called, by names and URLs that somebody else has chosen.

What an adapter guarantees
--------------------------
1.  It connects to public addresses alone. The address that is judged is the one that is connected to, so a name that
    resolves otherwise a moment later gains nothing. Private, loopback, link-local, multicast, unspecified, reserved and
    cloud metadata addresses are refused, also when they are written as IPv4 inside of IPv6.
2.  Neither proxies nor credentials come from the environment. ``https`` with verified certificates, unless the request
    allows plain ``http``.
3.  Redirects are followed only as often as the request allows, and each is judged like the first URL.
4.  The whole exchange ends in time, and reads no more than the request allows.
"""

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WebRequest:
    """An HTTP request to a URL that we did not choose."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    timeout: float = 10.0
    """Seconds that the whole exchange may take, redirects included."""
    max_bytes: int = 65_536
    """How long the body of the response may be."""
    redirects: int = 0
    """How many are followed, for GET alone."""
    plain: bool = False
    """Whether ``http`` will do."""


@dataclass(frozen=True, slots=True)
class WebResponse:
    """What came back. Names of headers are in lower case; ``url`` is where the response is from."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class OutboundFailed(Exception):
    """Raised when there is no response. ``code`` is a stable word that is safe to show.

    ``invalid_url``, ``not_https``, ``forbidden_address``, ``unresolvable``, ``unreachable``, ``timeout``,
    ``too_large``, ``too_many_redirects``, ``unavailable``.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Outbound(Protocol):
    """The port."""

    async def send(self, request: WebRequest) -> WebResponse:
        """Make the request; raises ``OutboundFailed``. Any status is a response."""

    async def connect(self, host: str, port: int) -> socket.socket:
        """A TCP connection to a host, for protocols other than HTTP; raises ``OutboundFailed``.

        It does not block, and whoever asked for it closes it. How long it may take is the caller's business.
        """

    def tls(self) -> ssl.SSLContext:
        """How such a connection becomes a TLS one, whose certificates are verified. It is shared: nobody changes it."""

    async def txt(self, name: str) -> tuple[str, ...]:
        """The texts of the TXT records of ``name``, each in one piece.

        None when the name or its records are not there; raises ``OutboundFailed`` when nobody answers.
        """

    def ascii_domain(self, name: str) -> str:
        """``name`` in lower case and A-labels (RFC 5891, with the mapping of UTS #46); ``""`` for no domain name."""


class Nowhere:
    """An outbound that reaches nothing: for whoever has no adapter."""

    async def send(self, request: WebRequest) -> WebResponse:
        """Fail."""
        raise OutboundFailed("unavailable")

    async def connect(self, host: str, port: int) -> socket.socket:
        """Fail."""
        raise OutboundFailed("unavailable")

    def tls(self) -> ssl.SSLContext:
        """Trust whom the machine trusts."""
        return ssl.create_default_context()

    async def txt(self, name: str) -> tuple[str, ...]:
        """Fail."""
        raise OutboundFailed("unavailable")

    def ascii_domain(self, name: str) -> str:
        """Know of no name that is not plain ASCII."""
        return name.lower() if name.isascii() else ""
