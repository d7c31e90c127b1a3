"""What we say to identity providers (Core section 3, Bindings sections 3.4 and 3.5), and of ourselves (Metadata)."""

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from hexkeep.adapters.xmlsec.keys import octets_signed, rsa_key
from hexkeep.adapters.xmlsec.writing import AES_256_GCM, RSA_OAEP, written
from hexkeep.core.idp.choices import NameIdFormat
from hexkeep.core.saml import moments
from hexkeep.core.saml.asks import Signer, WriteXml
from hexkeep.core.saml.bindings import HTTP_POST
from hexkeep.core.saml.idp_metadata import CACHED
from hexkeep.core.saml.name_id import FORMATS
from hexkeep.core.saml.party import SamlParty
from hexkeep.core.saml.response import VERSION
from hexkeep.core.saml.settings import SamlNameFormat
from hexkeep.core.saml.xml import PROTOCOL, SIGN_HERE, Element, ds, element, md, saml, samlp

RAW_DEFLATE = -15
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
    signer = party.signers[0] if signs else None
    document = authn_request(wish, party, signed=signs and binding == HTTP_POST)
    carry = posted if binding == HTTP_POST else redirected
    return carry("SAMLRequest", document, wish.destination, relay_state, signer)


def authn_request(wish: Wish, party: SamlParty, *, signed: bool) -> Element:
    """Core section 3.4.1. ``signed``: it has a signature within, which is for a form alone."""
    known = FORMATS.get(SamlNameFormat(wish.name_id_format.value), "")
    form = known if wish.name_id_format is not NameIdFormat.UNSPECIFIED else ""
    return element(
        samlp("AuthnRequest"),
        element(saml("Issuer"), text=party.entity_id),
        *((SIGN_HERE,) if signed else ()),
        element(samlp("NameIDPolicy"), Format=form, AllowCreate="true"),
        ID=wish.id,
        Version=VERSION,
        IssueInstant=moments.written(wish.now),
        Destination=wish.destination,
        AssertionConsumerServiceURL=party.consumer,
        ProtocolBinding=HTTP_POST,
        ForceAuthn="true" if wish.anew else "",
    )


def redirected(name: str, document: Element, url: str, relay_state: str, signer: Signer | None) -> Sent:
    """Bindings section 3.4.4.1: in the query, with a signature over it if somebody signs."""
    pressed = zlib.compressobj(wbits=RAW_DEFLATE)
    deflated = pressed.compress(_text(document, signer).encode()) + pressed.flush()
    fields = {name: base64.b64encode(deflated).decode(), **({"RelayState": relay_state} if relay_state else {})}
    query = urlencode(fields)
    if signer is not None:
        algorithm, _ = octets_signed(signer.private, "")
        query = f"{query}&{urlencode({'SigAlg': algorithm})}"
        signature = octets_signed(signer.private, query)[1]
        query = f"{query}&{urlencode({'Signature': base64.b64encode(signature).decode()})}"
    return Sent(f"{url}{'&' if '?' in url else '?'}{query}")


def posted(name: str, document: Element, url: str, relay_state: str, signer: Signer | None) -> Sent:
    """Bindings section 3.5.4: in a form, signed within where the document has a mark for it."""
    fields = {name: base64.b64encode(_text(document, signer).encode()).decode()}
    return Sent(url, {**fields, **({"RelayState": relay_state} if relay_state else {})})


def metadata(party: SamlParty) -> str:
    """Metadata section 2.4.4: our keys, the one that signs first, and where messages come to. Signed."""
    signing = (_key(one.certificate, "signing") for one in party.signers)
    encryption = (_key(one.certificate, "encryption", *WANTED) for one in party.signers if rsa_key(one.certificate))
    role = element(
        md("SPSSODescriptor"),
        *signing,
        *encryption,
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


def _text(document: Element, signer: Signer | None) -> str:
    nobody = Signer("", "")
    return written(WriteXml(document, signer or nobody)) or ""
