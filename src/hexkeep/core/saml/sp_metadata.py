"""The metadata of service providers (Metadata sections 2.3, 2.4.1 and 2.4.4), as far as we need it.

Who vouches for it is not seen here: whoever registers an application, or somebody whose certificate they named.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.urls import server_url
from hexkeep.core.saml import moments
from hexkeep.core.saml.bindings import HTTP_POST
from hexkeep.core.saml.settings import SamlEndpoint, SamlLogoutEndpoint, SamlProviderMetadata
from hexkeep.core.saml.xml import PROTOCOL, Element, ds, md

MAX_ENTITY_ID = 1024
MAX_ENDPOINTS, MAX_KEYS = 50, 10
_SPACE = re.compile(r"\s+")
_TRUE = {"true", "1"}


def read(root: Element | None, now: datetime, field: str) -> SamlProviderMetadata:
    """What the metadata says; raises ``InvalidInput`` at ``field`` for what is none of a service provider."""
    if root is None or root.name != md("EntityDescriptor"):
        raise _wrong(field, "must be the metadata of one entity, an EntityDescriptor without a document type")
    role = _role(root)
    if role is None:
        raise _wrong(field, "must have one SPSSODescriptor for SAML 2.0")
    ends = [moments.read(until) for one in (root, role) if (until := one.get("validUntil"))]
    valid_until = min((end for end in ends if end is not None), default=None)
    if None in ends or (valid_until is not None and valid_until <= now):
        raise _wrong(field, "is not valid any more")
    entity_id = root.get("entityID").strip()
    if not 0 < len(entity_id) <= MAX_ENTITY_ID:
        raise _wrong(field, "must have an entityID of at most 1024 characters")
    consumers = tuple(_consumers(role))
    if not 0 < len(consumers) <= MAX_ENDPOINTS:
        raise _wrong(field, "must have an AssertionConsumerService for HTTP-POST with a URL of the web")
    return SamlProviderMetadata(
        entity_id=entity_id,
        assertion_consumer_services=consumers,
        single_logout_services=tuple(_logouts(role))[:MAX_ENDPOINTS],
        signing_certificates=certificates(role, "signing"),
        encryption_certificates=certificates(role, "encryption"),
        authn_requests_signed=role.get("AuthnRequestsSigned") in _TRUE,
        want_assertions_signed=role.get("WantAssertionsSigned") in _TRUE,
        name_id_formats=tuple(one.text.strip() for one in role.all(md("NameIDFormat")))[:MAX_ENDPOINTS],
        valid_until=valid_until,
    )


def _role(root: Element) -> Element | None:
    roles = [
        one for one in root.all(md("SPSSODescriptor")) if PROTOCOL in one.get("protocolSupportEnumeration").split()
    ]
    return roles[0] if len(roles) == 1 else None


def _consumers(role: Element) -> Iterator[SamlEndpoint]:
    """Metadata section 2.4.4; those for other bindings are not for us."""
    for one in role.all(md("AssertionConsumerService")):
        index = one.get("index")
        if one.get("Binding") == HTTP_POST and is_url(one.get("Location")) and index.isdecimal():
            yield SamlEndpoint(url=one.get("Location"), index=int(index[:5]), default=one.get("isDefault") in _TRUE)


def _logouts(role: Element) -> Iterator[SamlLogoutEndpoint]:
    for one in role.all(md("SingleLogoutService")):
        back = one.get("ResponseLocation")
        if is_url(one.get("Location")) and (not back or is_url(back)):
            yield SamlLogoutEndpoint(url=one.get("Location"), binding=one.get("Binding"), response_url=back)


def is_url(text: str) -> bool:
    """Whether a text is a URL of a server."""
    try:
        return server_url(text) == text
    except ValueError:
        return False


def certificates(role: Element, use: str) -> tuple[str, ...]:
    """Metadata section 2.4.1.1: those of keys for that use, or for any, in base64 of DER."""
    infos = (
        info for key in role.all(md("KeyDescriptor")) if key.get("use") in {"", use} for info in key.all(ds("KeyInfo"))
    )
    datas = (data for info in infos for data in info.all(ds("X509Data")))
    texts = (_SPACE.sub("", one.text) for data in datas for one in data.all(ds("X509Certificate")))
    return tuple(dict.fromkeys(texts))[:MAX_KEYS]


def _wrong(field: str, why: str) -> InvalidInput:
    return InvalidInput("", Violation(field, why))
