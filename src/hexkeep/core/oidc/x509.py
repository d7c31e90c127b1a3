"""X.509 certificates and the names in them, as decisions see them, and the asks for both (RFC 5280, RFC 4514)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from hexkeep.core.kernel.ask import Ask

Rdn = frozenset[tuple[str, str]]
"""A relative distinguished name: object identifiers of attribute types in dots, with their values."""
Name = tuple[Rdn, ...]
"""A distinguished name (X.501), the most significant part first."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What an X.509 certificate says. ``key`` is its public key as a JWK, empty for a kind of key we do not know."""

    subject: Name
    dns: tuple[str, ...]
    uris: tuple[str, ...]
    addresses: tuple[str, ...]
    emails: tuple[str, ...]
    key: Mapping[str, JsonValue]
    begins: datetime
    ends: datetime

    def valid(self, now: datetime) -> bool:
        """RFC 5280 section 4.1.2.5."""
        return self.begins <= now <= self.ends


@dataclass(frozen=True, slots=True)
class ReadCertificate(Ask[Certificate | None]):
    """What the certificate in ``der`` (base64) says, or ``None``. Nothing is said about who issued it."""

    der: str


@dataclass(frozen=True, slots=True)
class ReadName(Ask[Name | None]):
    """The distinguished name that a text is (RFC 4514), or ``None``."""

    text: str
