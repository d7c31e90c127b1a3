"""URLs of servers that somebody else runs, as they are written into a configuration.

What is written down is judged by its form alone: names are resolved, and addresses judged again, when a connection is
made (see the ``outbound`` port).
"""

import ipaddress
import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, StringConstraints

PLAIN = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+")
"""The characters of a URI (RFC 3986) but ``#``, which begins a fragment."""
HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?", re.IGNORECASE)
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
LOOPBACK_NAME = "localhost"
MAX_URL = 2000
IPV6 = 6


def server_url(url: str) -> str:
    """``url`` if it is one of a server: ``https``, or ``http`` on this very machine; else raises ``ValueError``.

    Neither fragment nor user information (RFC 3986 sections 3.5 and 3.2.1).
    """
    parts = _parsed(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_local(url)):
        raise ValueError("must begin with https:// unless it is on the loopback interface")
    return url


def server_url_with_fragment(url: str) -> str:
    """The same with a fragment behind it, or none."""
    plain, _, fragment = url.partition("#")
    server_url(plain)
    if fragment and not PLAIN.fullmatch(fragment):
        raise ValueError("must have a fragment of the characters of a URI")
    return url


def public_url(url: str) -> str:
    """``url`` if it is an ``https`` one that may lead to a public server; else raises ``ValueError``.

    A host that is this machine, or an address that is not public, is refused at once: such a call would never be made.
    """
    parts = _parsed(url)
    if parts.scheme != "https":
        raise ValueError("must begin with https://")
    if not _may_be_public(parts.hostname or ""):
        raise ValueError("must lead to a public address")
    return url


def ldap_url(url: str) -> str:
    """``url`` if it is ``ldap`` or ``ldaps`` with a host and at most a port (RFC 4516); else raises ``ValueError``."""
    parts = _parsed(url)
    if parts.scheme not in {"ldap", "ldaps"}:
        raise ValueError("must begin with ldaps:// or ldap://")
    if parts.path.strip("/") or parts.query:
        raise ValueError("must be a host with at most a port")
    return url


def _parsed(url: str) -> SplitResult:
    """The parts of a URL with a host; raises ``ValueError`` with words of our own."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("must be a URL") from None
    if not PLAIN.fullmatch(url):
        raise ValueError("must be an absolute URL without a fragment")
    host = parts.hostname or ""
    if not parts.scheme or "@" in parts.netloc or not _is_host(host, bracketed="[" in parts.netloc):
        raise ValueError("must name a host and no user")
    return parts


def _is_host(host: str, *, bracketed: bool) -> bool:
    if not bracketed:
        return HOST.fullmatch(host) is not None and (not _is_number(host) or _address(host) is not None)
    address = _address(host)
    return address is not None and address.version == IPV6


def _is_number(host: str) -> bool:
    """Whether a host is an address however it is written, as the URL standard reads it (ends in a number)."""
    return NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) is not None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _may_be_public(host: str) -> bool:
    name = host.lower().rstrip(".")
    address = _address(name)
    if address is not None:
        return address.is_global and not address.is_multicast
    return name != LOOPBACK_NAME and not name.endswith(f".{LOOPBACK_NAME}")


def with_query(url: str, query: str) -> str:
    """A URL, whose own query stays as it is, with another one behind that; the URL itself where there is none."""
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


def is_loopback(host: str) -> bool:
    """Whether a URL's host is this very machine: ``localhost`` or a loopback address (RFC 8252 section 7.3)."""
    address = _address(host)
    return host.lower() == LOOPBACK_NAME or (address is not None and address.is_loopback)


def is_local(url: str) -> bool:
    """Whether a URL is of this very machine, where ``http`` will do; ``False`` for what is no URL.

    Names below ``localhost`` are as well (RFC 6761 section 6.3).
    """
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return False
    return is_loopback(host) or host.endswith(f".{LOOPBACK_NAME}")


ServerUrl = Annotated[str, StringConstraints(max_length=MAX_URL, strip_whitespace=True), AfterValidator(server_url)]
"""Where a server of somebody else's is reached: ``https``, or ``http`` on this machine for development."""
OptionalServerUrl = Annotated[
    str,
    StringConstraints(max_length=MAX_URL, strip_whitespace=True),
    AfterValidator(lambda url: url and server_url(url)),
]
"""The same, or nothing."""
ServerUrlWithFragment = Annotated[
    str, StringConstraints(max_length=MAX_URL, strip_whitespace=True), AfterValidator(server_url_with_fragment)
]
"""Something on such a server, a fragment of it perhaps."""
PublicUrl = Annotated[str, StringConstraints(max_length=MAX_URL, strip_whitespace=True), AfterValidator(public_url)]
"""Where a public server is reached, over ``https`` alone."""
LdapUrl = Annotated[str, StringConstraints(max_length=MAX_URL, strip_whitespace=True), AfterValidator(ldap_url)]
"""Where a directory is reached."""
