"""Origins (RFC 6454) and hosts, in the one form in which they are stored and compared."""

import ipaddress
import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field

LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"{LABEL}(\.{LABEL})*", re.ASCII)
"""A host name of RFC 1123 in lower case; other scripts come as punycode."""
PRINTABLE = re.compile(r"[!-~]+", re.ASCII)
DEFAULT_PORTS = {"http": 80, "https": 443}
IPV6 = 6

MAX_HOST = 253
"""The length of the longest host name (RFC 1035 section 2.3.4, as text)."""


def host_name(text: str) -> str:
    """``text`` as a host without a port, in lower case, IPv6 in brackets; raises ``ValueError`` if it is none."""
    name = text.lower().removeprefix("[").removesuffix("]")
    address = _address(name)
    if address is not None:
        return f"[{address}]" if address.version == IPV6 else str(address)
    if len(name) > MAX_HOST or not HOST.fullmatch(name):
        raise ValueError("This is not a host name")
    return name


def origin(text: str) -> str:
    """``text`` as an origin without a default port or trailing slash; raises ``ValueError`` if it is none.

    Plain HTTP is for this machine alone: an issuer that others can reach is an ``https`` URL (OIDC Discovery 1.0
    section 3).
    """
    parts = _split(text)
    host = host_name(parts.hostname or "")
    if parts.scheme == "http" and not _loopback(host):
        raise ValueError("Only localhost may do without https")
    port = parts.port
    return f"{parts.scheme}://{host}" + ("" if port in {None, DEFAULT_PORTS[parts.scheme]} else f":{port}")


def host_of(origin_: str) -> str:
    """The host of an origin that has been validated."""
    return host_name(urlsplit(origin_).hostname or "")


def _split(text: str) -> SplitResult:
    if not PRINTABLE.fullmatch(text):
        raise ValueError("An origin has no blanks and no characters beyond ASCII")
    parts = urlsplit(text)
    if parts.scheme not in DEFAULT_PORTS:
        raise ValueError("An origin begins with https:// or http://")
    if parts.username is not None or parts.path not in {"", "/"} or "?" in text or "#" in text:
        raise ValueError("An origin is a scheme, a host and perhaps a port, nothing else")
    return parts


def _loopback(host: str) -> bool:
    address = _address(host.strip("[]"))
    return host == "localhost" or host.endswith(".localhost") or (address is not None and address.is_loopback)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


Origin = Annotated[
    str,
    Field(
        description="The primary origin, which is also the OIDC issuer",
        max_length=300,
        examples=["https://id.example.com"],
    ),
    AfterValidator(origin),
]
Host = Annotated[
    str,
    Field(description="A host name, without a port", max_length=255, examples=["login.example.com"]),
    AfterValidator(host_name),
]
