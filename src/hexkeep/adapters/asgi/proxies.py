"""Scheme, host and address of a client, behind none, one or several proxies.

Headers about the way a request came are believed only as far as trusted machines wrote them: from the nearest proxy
outwards until an address is met that is not trusted. That one is the client.
"""

import enum
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from hexkeep.adapters.asgi.headers import Headers, single
from hexkeep.core.kernel.errors import InvalidInput

Network = IPv4Network | IPv6Network

FORWARDING_HEADERS = frozenset(
    {"forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port", "x-real-ip"}
)
"""What proxies say of a request; nobody behind us needs it any more."""
SIGNS = FORWARDING_HEADERS | {"via"}
"""What no request has that came from its client straight away."""
RELAYED = "hexkeep.relayed"
"""Key in the ``state`` of a scope: a proxy passed the request on, trusted or not."""
CLIENT_CERTIFICATES = "hexkeep.client_certificates"
"""Key in the ``state`` of a scope: what trusted proxies say of clients' certificates, a ``ClientCertificates``."""

_PAIR = re.compile(r'\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)=("(?:[^"\\]|\\.)*"|[^";,\s]*)\s*(;|,|$)')
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_SCHEMES = frozenset({"http", "https"})


class Forwarding(enum.StrEnum):
    """Which header family the trusted proxies write; the other one is never believed, for nobody strips it."""

    X_FORWARDED = "x-forwarded"
    """``X-Forwarded-For``, ``X-Forwarded-Host`` and ``X-Forwarded-Proto``."""
    FORWARDED = "forwarded"
    """``Forwarded`` (RFC 7239)."""


class ClientCertificates(enum.StrEnum):
    """What the trusted proxies say of their clients' certificates in ``Client-Cert`` (RFC 9440).

    A proxy that does not know of the header passes on what anybody wrote into it: so nothing is believed unless asked.
    """

    NONE = "none"
    """Nothing: the header is taken out."""
    ANY = "any"
    """Whatever certificate the client has shown, whoever issued it: enough where a certificate stands for its key."""
    VERIFIED = "verified"
    """Certificates of authorities that the proxy trusts, and no others."""


@dataclass(frozen=True, slots=True)
class Hop:
    """What one machine says: whom it heard, under which scheme and host; empty where it says nothing."""

    address: str = ""
    scheme: str = ""
    host: str = ""

    def behind(self, other: "Hop") -> "Hop":
        """What is known with what ``other``, one hop further out, says on top."""
        return Hop(other.address or self.address, other.scheme or self.scheme, other.host or self.host)


class Proxies:
    """Tells where requests come from; ``networks`` are trusted, ``forwarding`` names the headers they write.

    ``certificates`` is what they say of the certificates of clients.
    """

    def __init__(
        self,
        networks: Sequence[Network] = (),
        forwarding: str = Forwarding.X_FORWARDED,
        certificates: ClientCertificates = ClientCertificates.NONE,
    ) -> None:
        self.certificates = certificates
        self._networks = tuple(networks)
        self._hops = forwarded if Forwarding(forwarding) is Forwarding.FORWARDED else x_forwarded

    def client(self, headers: Headers, peer: str, scheme: str) -> Hop:
        """The client of a request; raises ``InvalidInput`` without exactly one well-formed host.

        ``peer`` and ``scheme`` are those of the connection itself.
        """
        found = Hop(peer, scheme, single(headers, "host"))
        if self._networks and self.trusts(peer):
            for hop in self._hops(headers):
                found = found.behind(hop)
                if not self.trusts(hop.address):
                    break
        if not _HOST.fullmatch(found.host):
            raise InvalidInput("The Host header is missing or malformed")
        return found

    def certify(self, peer: str) -> bool:
        """Whether what the machine at this address says of a client's certificate is believed."""
        return self.certificates is not ClientCertificates.NONE and self.trusts(peer)

    def trusts(self, text: str) -> bool:
        """Whether the machine at this address is a trusted proxy."""
        address = parsed(text)
        return address is not None and any(address in network for network in self._networks)


def is_relayed(headers: Headers) -> bool:
    """Whether a proxy has left a sign of itself. One that leaves none cannot be told from a client."""
    return not SIGNS.isdisjoint(headers)


def parsed(text: str) -> IPv4Address | IPv6Address | None:
    """The address in ``text`` without port and brackets; IPv4 in IPv6 counts as IPv4. ``None`` for anything else."""
    bare = text[1 : text.find("]")] if text.startswith("[") else text
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def x_forwarded(headers: Headers) -> Iterable[Hop]:
    """The hops of ``X-Forwarded-For``, nearest first; scheme and host are the ones the nearest proxy wrote."""
    addresses = _listed(headers, "x-forwarded-for")
    hosts, schemes = _listed(headers, "x-forwarded-host"), _listed(headers, "x-forwarded-proto")
    nearest = _plain(addresses.pop()) if addresses else ""
    yield Hop(nearest, _scheme(schemes[-1]) if schemes else "", hosts[-1] if hosts else "")
    for address in reversed(addresses):
        yield Hop(_plain(address))


def forwarded(headers: Headers) -> Iterable[Hop]:
    """The hops of ``Forwarded`` (RFC 7239 section 4), nearest first; none when it is malformed."""
    hops, pairs = [], dict[str, str]()
    line, start = ",".join(headers.get("forwarded", ())), 0
    while start < len(line):
        pair = _PAIR.match(line, start)
        if pair is None:
            return []
        pairs[pair[1].lower()] = _unquoted(pair[2])
        if pair[3] != ";":
            hops.append(Hop(_plain(pairs.get("for", "")), _scheme(pairs.get("proto", "")), pairs.get("host", "")))
            pairs = {}
        start = pair.end()
    return reversed(hops)


def _listed(headers: Headers, name: str) -> list[str]:
    return [part.strip() for value in headers.get(name, ()) for part in value.split(",") if part.strip()]


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text


def _plain(text: str) -> str:
    address = parsed(text)
    return "" if address is None else str(address)


def _scheme(text: str) -> str:
    scheme = text.lower()
    return scheme if scheme in _SCHEMES else ""
