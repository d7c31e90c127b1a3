"""The metadata of identity providers (Metadata sections 2.3, 2.4.1 and 2.4.3), as far as we need it.

Whoever sets up a provider answers for its metadata, and a URL is fetched over TLS; or else somebody vouches for it
whose certificate is named, and nothing is read but what they signed (section 3).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from hexkeep.adapters.xmlsec.parsing import read as read_xml
from hexkeep.adapters.xmlsec.verifying import verified
from hexkeep.core.saml import moments
from hexkeep.core.saml.asks import ReadXml, VerifyXml
from hexkeep.core.saml.bindings import HTTP_POST, HTTP_REDIRECT
from hexkeep.core.saml.sp_metadata import MAX_ENTITY_ID, certificates, is_url
from hexkeep.core.saml.xml import PROTOCOL, Element, md
from hexkeep.ports.idp import IdpMalformed

BINDINGS = (HTTP_REDIRECT, HTTP_POST)
TRUE = {"true", "1"}


@dataclass(frozen=True, slots=True)
class LogoutService:
    """Where requests of single logout go, and where responses do."""

    url: str
    response_url: str


@dataclass(frozen=True, slots=True)
class IdpMetadata:
    """An identity provider. ``sign_on`` and ``logout`` are by binding; ``valid_until`` is the end of all of it."""

    entity_id: str
    sign_on: Mapping[str, str]
    logout: Mapping[str, LogoutService]
    certificates: tuple[str, ...]
    wants_signed_requests: bool
    valid_until: datetime | None


def read(content: bytes, certificates: tuple[str, ...] = (), entity_id: str = "") -> IdpMetadata:
    """What a document says; raises ``IdpMalformed`` for what is no metadata of one identity provider.

    One of the ``certificates`` has signed it as a whole, if there are any; and the provider is called ``entity_id``,
    if that is not empty.
    """
    found = _read(content, certificates)
    if entity_id not in {"", found.entity_id}:
        raise IdpMalformed("metadata_of_another")
    return found


def _read(content: bytes, vouching: tuple[str, ...]) -> IdpMetadata:
    root = verified(VerifyXml(content, vouching)) if vouching else read_xml(ReadXml(content))
    if vouching and root is None:
        raise IdpMalformed("metadata_signature")
    entity = _entity(root) if root is not None else None
    role = _role(entity) if entity is not None else None
    if root is None or entity is None or role is None:
        raise IdpMalformed("metadata")
    entity_id = entity.get("entityID").strip()
    found = IdpMetadata(
        entity_id,
        dict(_sign_on(role)),
        dict(_logout(role)),
        certificates(role, "signing"),
        role.get("WantAuthnRequestsSigned") in TRUE,
        _end(root, entity, role),
    )
    if not 0 < len(entity_id) <= MAX_ENTITY_ID:
        raise IdpMalformed("metadata_entity_id")
    if not found.sign_on:
        raise IdpMalformed("metadata_sign_on")
    if not found.certificates:
        raise IdpMalformed("metadata_certificates")
    return found


def _entity(root: Element) -> Element | None:
    """The entity that a document is, or the only identity provider among several (section 2.3.1)."""
    if root.name == md("EntityDescriptor"):
        return root
    named = [one for one in root.all(md("EntityDescriptor")) if _role(one) is not None]
    return named[0] if root.name == md("EntitiesDescriptor") and len(named) == 1 else None


def _role(entity: Element) -> Element | None:
    roles = [
        one for one in entity.all(md("IDPSSODescriptor")) if PROTOCOL in one.get("protocolSupportEnumeration").split()
    ]
    return roles[0] if len(roles) == 1 else None


def _sign_on(role: Element) -> Iterator[tuple[str, str]]:
    """The first of each binding that we speak."""
    for binding in BINDINGS:
        urls = (one.get("Location") for one in role.all(md("SingleSignOnService")) if one.get("Binding") == binding)
        url = next(filter(is_url, urls), "")
        if url:
            yield binding, url


def _logout(role: Element) -> Iterator[tuple[str, LogoutService]]:
    for binding in BINDINGS:
        services = (
            LogoutService(one.get("Location"), one.get("ResponseLocation") or one.get("Location"))
            for one in role.all(md("SingleLogoutService"))
            if one.get("Binding") == binding
        )
        service = next((one for one in services if is_url(one.url) and is_url(one.response_url)), None)
        if service is not None:
            yield binding, service


def _end(*elements: Element) -> datetime | None:
    """The earliest of their ends; raises ``IdpMalformed`` for an end that is no time."""
    ends = [moments.read(text) for one in elements if (text := one.get("validUntil"))]
    if None in ends:
        raise IdpMalformed("metadata_valid_until")
    return min((one for one in ends if one is not None), default=None)
