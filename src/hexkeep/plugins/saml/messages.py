"""What we say to identity providers (Core section 3, Bindings sections 3.4 and 3.5), and of ourselves (Metadata)."""

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from hexkeep.adapters.xmlsec.keys import rsa_key
from hexkeep.adapters.xmlsec.parsing import RAW_DEFLATE
from hexkeep.adapters.xmlsec.query import query
from hexkeep.adapters.xmlsec.writing import AES_256_GCM, RSA_OAEP, written
from hexkeep.core.idp.choices import NameIdFormat
from hexkeep.core.kernel.urls import with_query
from hexkeep.core.saml import moments
from hexkeep.core.saml.asks import Signer, WriteQuery, WriteXml
from hexkeep.core.saml.bindings import HTTP_POST, HTTP_REDIRECT, REQUEST, SOAP
from hexkeep.core.saml.idp_metadata import CACHED
from hexkeep.core.saml.name_id import FORMATS
from hexkeep.core.saml.party import SamlParty
from hexkeep.core.saml.response import VERSION
from hexkeep.core.saml.settings import SamlNameFormat
from hexkeep.core.saml.xml import PROTOCOL, SIGN_HERE, Element, ds, element, md, saml, samlp

WANTED = (AES_256_GCM, RSA_OAEP)
"""How others are asked to encrypt, of all that we can decrypt."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A sign-in that is wanted of a provider, which it answers under ``id``."""

    id: str
    destination: str
    now: datetime
    name_id_format: NameIdFormat
    anew: bool = False
    """Whether a session there does not do."""


@dataclass(frozen=True, slots=True)
class Sent:
    """How a browser brings a message: to a URL, and with a form unless the message is in the URL."""

    url: str = field(repr=False)
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)


def sign_on(wish: Wish, party: SamlParty, relay_state: str, binding: str, *, signs: bool) -> Sent:
    """A wish on its way to the provider."""
    document = authn_request(wish, party, signed=signs and binding == HTTP_POST)
    if not signs:
        return _unsigned(binding, REQUEST, document, wish.destination, relay_state)
    return carried(binding, REQUEST, document, wish.destination, relay_state, party.signers[0])


def authn_request(wish: Wish, party: SamlParty, *, signed: bool) -> Element:
    """Core section 3.4.1. ``signed``: it has a signature within, which is for a form alone."""
    return element(
        samlp("AuthnRequest"),
        element(saml("Issuer"), text=party.entity_id),
        *((SIGN_HERE,) if signed else ()),
        element(samlp("NameIDPolicy"), Format=format_of(wish.name_id_format), AllowCreate="true"),
        ID=wish.id,
        Version=VERSION,
        IssueInstant=moments.written(wish.now),
        Destination=wish.destination,
        AssertionConsumerServiceURL=party.consumer,
        ProtocolBinding=HTTP_POST,
        ForceAuthn="true" if wish.anew else "",
    )


def format_of(wanted: NameIdFormat) -> str:
    """What SAML calls a form of name (Core section 8.3); empty for any."""
    return "" if wanted is NameIdFormat.UNSPECIFIED else FORMATS.get(SamlNameFormat(wanted.value), "")


def carried(binding: str, name: str, document: Element, url: str, relay_state: str, signer: Signer) -> Sent:
    """A message that is signed on its way: in the query (Bindings section 3.4.4.1), or in a form (section 3.5.4).

    One that goes by a form has a mark for the signature.
    """
    if binding == HTTP_POST:
        return _posted(name, document, url, relay_state, signer)
    return Sent(with_query(url, query(WriteQuery(name, document, relay_state, signer))))


def _unsigned(binding: str, name: str, document: Element, url: str, relay_state: str) -> Sent:
    nobody = Signer("", "")
    if binding == HTTP_POST:
        return _posted(name, document, url, relay_state, nobody)
    pressed = zlib.compressobj(wbits=RAW_DEFLATE)
    deflated = pressed.compress(_text(document, nobody).encode()) + pressed.flush()
    fields = {name: base64.b64encode(deflated).decode(), "RelayState": relay_state}
    return Sent(with_query(url, urlencode(fields)))


def _posted(name: str, document: Element, url: str, relay_state: str, signer: Signer) -> Sent:
    fields = {name: base64.b64encode(_text(document, signer).encode()).decode(), "RelayState": relay_state}
    return Sent(url, {known: value for known, value in fields.items() if value})


def metadata(party: SamlParty) -> str:
    """Metadata section 2.4.4: our keys, the one that signs first, and where messages come to. Signed."""
    signing = (_key(one.certificate, "signing") for one in party.signers)
    encryption = (_key(one.certificate, "encryption", *WANTED) for one in party.signers if rsa_key(one.certificate))
    role = element(
        md("SPSSODescriptor"),
        *signing,
        *encryption,
        *(element(md("SingleLogoutService"), Binding=one, Location=party.logout) for one in (HTTP_REDIRECT, HTTP_POST)),
        element(md("SingleLogoutService"), Binding=SOAP, Location=party.logout_by_soap),
        element(
            md("AssertionConsumerService"), Binding=HTTP_POST, Location=party.consumer, index="0", isDefault="true"
        ),
        AuthnRequestsSigned="true",
        WantAssertionsSigned="true",
        protocolSupportEnumeration=PROTOCOL,
    )
    described = element(
        md("EntityDescriptor"), SIGN_HERE, role, ID="_metadata", entityID=party.entity_id, cacheDuration=CACHED
    )
    return _text(described, party.signers[0])


def _key(certificate: str, use: str, *methods: str) -> Element:
    held = element(ds("X509Data"), element(ds("X509Certificate"), text=certificate))
    known = (element(md("EncryptionMethod"), Algorithm=one) for one in methods)
    return element(md("KeyDescriptor"), element(ds("KeyInfo"), held), *known, use=use)


def _text(document: Element, signer: Signer) -> str:
    return written(WriteXml(document, signer)) or ""
