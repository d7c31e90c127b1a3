"""The metadata of an instance as an identity provider (Metadata sections 2.3 and 2.4.3)."""

import re
from collections.abc import Iterable

from hexkeep.core.saml.bindings import HTTP_POST, HTTP_REDIRECT, SOAP
from hexkeep.core.saml.entity_id import ENTITY_ID
from hexkeep.core.saml.name_id import FORMATS
from hexkeep.core.saml.xml import PROTOCOL, SIGN_HERE, Element, ds, element, md

SSO = "/saml/sso"
"""Where requests are brought, by either binding."""
SLO = "/saml/slo"
"""Where messages of single logout are brought, by either binding."""
SLO_SOAP = "/saml/slo/soap"
"""Where requests for a logout are sent from server to server."""
CACHED = "PT1H"
"""Far shorter than a key should be published before it signs."""


def described(issuer: str, certificates: Iterable[str]) -> Element:
    """The metadata document. ``certificates`` are those that sign, have signed or will sign, the present one first."""
    keys = tuple(map(_key, certificates))
    formats = (element(md("NameIDFormat"), text=uri) for uri in FORMATS.values())
    by_soap = element(md("SingleLogoutService"), Binding=SOAP, Location=issuer + SLO_SOAP)
    logouts = (*_services("SingleLogoutService", issuer + SLO), by_soap)
    services = _services("SingleSignOnService", issuer + SSO)
    role = element(
        md("IDPSSODescriptor"),
        *keys,
        *logouts,
        *formats,
        *services,
        WantAuthnRequestsSigned="false",
        protocolSupportEnumeration=PROTOCOL,
    )
    entity_id = issuer + ENTITY_ID
    id_ = "_" + re.sub(r"[^A-Za-z0-9]", "-", issuer)
    return element(md("EntityDescriptor"), SIGN_HERE, role, ID=id_, entityID=entity_id, cacheDuration=CACHED)


def _services(name: str, location: str) -> tuple[Element, ...]:
    return tuple(element(md(name), Binding=binding, Location=location) for binding in (HTTP_REDIRECT, HTTP_POST))


def _key(certificate: str) -> Element:
    held = element(ds("X509Data"), element(ds("X509Certificate"), text=certificate))
    return element(md("KeyDescriptor"), element(ds("KeyInfo"), held), use="signing")
