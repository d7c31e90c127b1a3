"""Names: questions to the DNS, by dnspython, and the form in which a domain name is asked for."""

import contextlib
import ipaddress
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hexkeep.adapters.outbound.addresses import Address
from hexkeep.adapters.outbound.settings import OutboundSettings
from hexkeep.ports.outbound import OutboundFailed

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver

MAX_RECORDS = 100
"""More TXT records of one name are not looked at."""
LOOPBACK: tuple[Address, ...] = (ipaddress.IPv4Address("127.0.0.1"), ipaddress.IPv6Address("::1"))


class Names:
    """The DNS. Answers are not cached: whoever has just published a record wants it to be seen."""

    def __init__(self, settings: OutboundSettings) -> None:
        self._settings = settings
        self._resolver: Resolver | None = None

    async def txt(self, name: str) -> tuple[str, ...]:
        """The texts of the TXT records of ``name``; what is no UTF-8 is left out."""
        texts: list[str | None] = []
        async with self._asking() as resolver:
            answer = await resolver.resolve(name, "TXT", search=False, raise_on_no_answer=False)
            texts = [_text(record.strings) for record in tuple(answer.rrset or ())[:MAX_RECORDS]]
        return tuple(text for text in texts if text is not None)

    async def addresses(self, host: str) -> tuple[Address, ...]:
        """The addresses of a host name, or the one that is written there; RFC 6761 §6.3 for ``localhost``.

        Raises ``OutboundFailed`` when there are none.
        """
        with contextlib.suppress(ValueError):
            return (ipaddress.ip_address(host),)
        if host == "localhost" or host.endswith(".localhost"):
            return LOOPBACK
        found: tuple[Address, ...] = ()
        async with self._asking() as resolver:
            answers = await resolver.resolve_name(host, search=False)
            found = tuple(map(ipaddress.ip_address, answers.addresses()))
        if not found:
            raise OutboundFailed("unresolvable")
        return found

    @contextlib.asynccontextmanager
    async def _asking(self) -> AsyncIterator["Resolver"]:
        """A resolver. What is not there leaves the block; nobody who answers in time is ``unresolvable``."""
        try:
            import dns.exception
            import dns.resolver
        except ImportError as error:
            raise OutboundFailed("unavailable") from error
        try:
            yield self._made()
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise OutboundFailed("unresolvable") from error

    def _made(self) -> "Resolver":
        if self._resolver is None:
            from dns.asyncresolver import Resolver
            from dns.nameserver import Do53Nameserver

            own = self._settings.nameservers
            resolver = Resolver(configure=not own)
            if own:
                resolver.nameservers = [Do53Nameserver(*_place(one)) for one in own]
            resolver.lifetime, resolver.cache = self._settings.lookup_seconds, None
            self._resolver = resolver
        return self._resolver


def _text(strings: tuple[bytes, ...]) -> str | None:
    """A record in one piece (RFC 7208 §3.3 for why), or ``None`` when it is no text."""
    try:
        return b"".join(strings).decode()
    except UnicodeDecodeError:
        return None


def _place(nameserver: str) -> tuple[str, int]:
    parts = urlsplit(f"//{nameserver}" if nameserver.count(":") < 2 or "[" in nameserver else f"//[{nameserver}]")  # noqa: PLR2004 - a second colon makes it IPv6
    return parts.hostname or "", parts.port or 53


def ascii_domain(name: str) -> str:
    """``name`` in lower case and A-labels, or empty: IDNA 2008 with the non-transitional mapping of UTS #46."""
    try:
        import idna
    except ImportError:
        return name.lower() if name.isascii() else ""
    try:
        return idna.encode(name.removesuffix("."), uts46=True, transitional=False, std3_rules=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        return ""
