"""The metadata of a service provider, and an administrator who registers one by it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from hexkeep.core.application.saml_applications import CreateSamlApplication
from hexkeep.core.kernel.outside import Fetched
from hexkeep.core.oidc.x509 import Certificate
from hexkeep.core.saml.xml import PROTOCOL, Element, ds, element, md
from hexkeep.testing.decisions import NOW, World
from tests.unit.core.oidc_world import world
from tests.unit.core.people import caller
from tests.unit.core.saml_world import ENTITY

MANAGER = caller("eve", "ORGANIZATION_OWNER", "acme")
URL = "https://wiki.example.com/metadata"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
ACS = element(md("AssertionConsumerService"), Binding=POST, Location="https://wiki.example.com/acs", index="0")
ARTIFACT = element(
    md("AssertionConsumerService"), Binding=f"{POST}-SimpleSign", Location="https://wiki.example.com/art", index="1"
)


def certificate(text: str, use: str = "") -> Element:
    """A key in metadata."""
    data = element(ds("X509Data"), element(ds("X509Certificate"), text=text))
    return element(md("KeyDescriptor"), element(ds("KeyInfo"), data), use=use)


def metadata(*children: Element, entity_id: str = ENTITY, **attributes: str) -> Element:
    """The metadata of a service provider."""
    role = element(md("SPSSODescriptor"), *(children or (ACS,)), protocolSupportEnumeration=PROTOCOL, **attributes)
    return element(md("EntityDescriptor"), role, entityID=entity_id)


RSA: Mapping[str, str] = {"kty": "RSA", "n": "n" * 342, "e": "AQAB"}
EC: Mapping[str, str] = {"kty": "EC", "crv": "P-256", "x": "x" * 43, "y": "y" * 43}


def keyed(*, key: Mapping[str, str] = RSA) -> Certificate:
    """What a certificate says."""
    return Certificate((), (), (), (), (), key, NOW, NOW + timedelta(days=365))


def knowing(
    document: Element,
    before: World | None = None,
    text: str = "xml",
    *,
    by: str = "",
    certificates: Mapping[str, Certificate] | None = None,
) -> World:
    """The world of an organization's owner, where a text is a document; it is also what is found at ``URL``.

    It is signed ``by`` somebody, if that is said; the texts of certificates are some.
    """
    before = (before or world()).as_(MANAGER)
    answerer = before.answerer.copy()
    answerer.documents.read[text.encode()] = document
    answerer.documents.signed = {text.encode(): by} if by else {}
    answerer.certificates |= certificates or {}
    answerer.pages[URL] = Fetched(200, text)
    return replace(before, answerer=answerer)


def create(**fields: object) -> CreateSamlApplication:
    """What is asked for."""
    return CreateSamlApplication.model_validate({"project_id": "shop", "name": "Wiki", "metadata_xml": "xml", **fields})
