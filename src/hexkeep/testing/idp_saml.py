"""The other side of SAML 2.0, for ``hexkeep.testing.idp``: an identity provider in memory that can misbehave.

Its XML is written by hand and signed by xmlsec: nothing of it is what the plugin is made of.
"""

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.sax.saxutils import escape, quoteattr

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from lxml import etree
from xmlsec import constants

from hexkeep.ports.clock import Clock
from hexkeep.ports.outbound import OutboundFailed, WebRequest, WebResponse
from hexkeep.testing.idp import Account, Misbehaviour, Unreached

ENTITY_ID = "https://idp.example.net/metadata"
SIGN_ON, LOGOUT, METADATA = (f"https://idp.example.net/{name}" for name in ("sso", "slo", "metadata.xml"))
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
DENIED = "urn:oasis:names:tc:SAML:2.0:status:RequestDenied"
NAMESPACES = {
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
CLASS = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"


@dataclass(frozen=True)
class Pair:
    """An RSA key as PEM and its certificate in base64 of DER."""

    key: bytes = field(repr=False)
    certificate: str

    @classmethod
    def new(cls, whose: str, bits: int = 2048) -> "Pair":
        """A fresh one."""
        key = rsa.generate_private_key(65537, bits)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, whose)])
        now = datetime.now(UTC)
        built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        built = built.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        der = built.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
        return cls(pem, base64.b64encode(der).decode())


@lru_cache(8)
def pair(name: str) -> Pair:
    """The same one for the same name: making one takes a while."""
    return Pair.new(name)


@dataclass(frozen=True, slots=True)
class Parts:
    """All that a response says. What is empty is left out."""

    destination: str
    in_response_to: str
    audience: str
    recipient: str
    now: datetime
    issuer: str = ENTITY_ID
    response_issuer: str = ENTITY_ID
    name: str = "account-1"
    name_format: str = PERSISTENT
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    confirmed_for: str | None = None
    """The request that the confirmation answers, if that is another one."""
    begins: timedelta = timedelta(minutes=-1)
    ends: timedelta = timedelta(minutes=5)
    session_ends: timedelta | None = timedelta(hours=8)
    confirmed_until: timedelta = timedelta(minutes=5)
    signed_in: timedelta = timedelta()
    session_index: str = "session-1"
    assertion_id: str = "_assertion"
    response_id: str = "_response"


def moment(time: datetime) -> str:
    """A time as SAML has it."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def given(**attributes: str) -> str:
    """Attributes of an element."""
    return "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items() if value)


def assertion_text(parts: Parts) -> str:
    """An assertion without a signature."""
    now = parts.now
    bound = parts.in_response_to if parts.confirmed_for is None else parts.confirmed_for
    statement = "".join(
        f"<saml:Attribute{given(Name=name)}>"
        + "".join(f"<saml:AttributeValue>{escape(value)}</saml:AttributeValue>" for value in values)
        + "</saml:Attribute>"
        for name, values in parts.attributes.items()
    )
    audience = f"<saml:Audience>{escape(parts.audience)}</saml:Audience>"
    restriction = f"<saml:AudienceRestriction>{audience}</saml:AudienceRestriction>" if parts.audience else ""
    data = given(InResponseTo=bound, Recipient=parts.recipient, NotOnOrAfter=moment(now + parts.confirmed_until))
    session = given(
        AuthnInstant=moment(now + parts.signed_in),
        SessionIndex=parts.session_index,
        SessionNotOnOrAfter="" if parts.session_ends is None else moment(now + parts.session_ends),
    )
    name = f"<saml:NameID{given(Format=parts.name_format)}>{parts.name}</saml:NameID>" if parts.name else ""
    return (
        f'<saml:Assertion xmlns:saml="{NAMESPACES["saml"]}" Version="2.0"'
        f"{given(ID=parts.assertion_id, IssueInstant=moment(now))}>"
        f"<saml:Issuer>{escape(parts.issuer)}</saml:Issuer>"
        f'<saml:Subject>{name}<saml:SubjectConfirmation Method="{BEARER}"><saml:SubjectConfirmationData{data}/>'
        "</saml:SubjectConfirmation></saml:Subject>"
        f"<saml:Conditions{given(NotBefore=moment(now + parts.begins), NotOnOrAfter=moment(now + parts.ends))}>"
        f"{restriction}</saml:Conditions>"
        f"<saml:AuthnStatement{session}><saml:AuthnContext><saml:AuthnContextClassRef>{CLASS}"
        "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
        + (f"<saml:AttributeStatement>{statement}</saml:AttributeStatement>" if statement else "")
        + "</saml:Assertion>"
    )


def response_text(parts: Parts, inner: str, status: str = SUCCESS, detail: str = "") -> str:
    """A response without a signature around what is ``inner``."""
    issuer = f"<saml:Issuer>{escape(parts.response_issuer)}</saml:Issuer>" if parts.response_issuer else ""
    second = f'<samlp:StatusCode Value="{detail}"/>' if detail else ""
    about = given(
        ID=parts.response_id,
        IssueInstant=moment(parts.now),
        Destination=parts.destination,
        InResponseTo=parts.in_response_to,
    )
    return (
        f'<samlp:Response xmlns:samlp="{NAMESPACES["samlp"]}" xmlns:saml="{NAMESPACES["saml"]}" Version="2.0"{about}>'
        f'{issuer}<samlp:Status><samlp:StatusCode Value="{status}">{second}</samlp:StatusCode></samlp:Status>'
        f"{inner}</samlp:Response>"
    )


def signed(
    text: str,
    key: Pair,
    *,
    method: Any = constants.TransformRsaSha256,
    digest: Any = constants.TransformSha256,
    place: int = 1,
) -> str:
    """A document with a signature over its root, after the Issuer, or at a ``place`` among its children.

    ``method`` may be one that nobody should believe.
    """
    root = etree.fromstring(text)
    signature = xmlsec.template.create(root, constants.TransformExclC14N, method, ns="ds")
    root.insert(place, signature)
    reference = xmlsec.template.add_reference(signature, digest, uri=f"#{root.get('ID')}")
    xmlsec.template.add_transform(reference, constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, constants.TransformExclC14N)
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    if method == constants.TransformHmacSha256:
        context.key = xmlsec.Key.from_binary_data(constants.KeyDataHmac, base64.b64decode(key.certificate))
    else:
        info = xmlsec.template.ensure_key_info(signature)
        data = etree.SubElement(info, f"{{{NAMESPACES['ds']}}}X509Data")
        etree.SubElement(data, f"{{{NAMESPACES['ds']}}}X509Certificate").text = key.certificate
        context.key = xmlsec.Key.from_memory(key.key, constants.KeyDataFormatPem)
    context.sign(signature)
    return etree.tostring(root, encoding="unicode")


@dataclass(frozen=True)
class Sealing:
    """How something is encrypted, as xmlsec calls it: by which cipher, with a key of how many bits, and that how."""

    cipher: Any = constants.TransformAes256Gcm
    bits: int = 256
    wrap: Any = constants.TransformRsaOaep


@lru_cache(8)
def _manager(certificate: str) -> xmlsec.KeysManager:
    """What knows the key of a certificate: making one takes a while."""
    manager = xmlsec.KeysManager()
    pem = f"-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n"
    manager.add_key(xmlsec.Key.from_memory(pem, constants.KeyDataFormatCertPem))
    return manager


def encrypted(response: str, certificate: str, sealing: Sealing | None = None) -> str:
    """A response whose assertion only the owner of a certificate can read."""
    return _hidden(response, "saml:Assertion", "EncryptedAssertion", certificate, sealing)


def encrypted_name(text: str, certificate: str, sealing: Sealing | None = None) -> str:
    """An assertion or LogoutRequest whose name only the owner of a certificate can read (Core section 2.2.4)."""
    return _hidden(text, ".//saml:NameID", "EncryptedID", certificate, sealing)


def _hidden(text: str, path: str, wrapping: str, certificate: str, sealing: Sealing | None) -> str:
    how, root = sealing or Sealing(), etree.fromstring(text)
    inner = root.find(path, NAMESPACES)
    assert inner is not None
    template = xmlsec.template.encrypted_data_create(root, how.cipher, type=constants.TypeEncElement, ns="xenc")
    xmlsec.template.encrypted_data_ensure_cipher_value(template)
    info = xmlsec.template.encrypted_data_ensure_key_info(template, ns="ds")
    key = xmlsec.template.add_encrypted_key(info, how.wrap)
    xmlsec.template.encrypted_data_ensure_cipher_value(key)
    context = xmlsec.EncryptionContext(_manager(certificate))
    context.key = xmlsec.Key.generate(constants.KeyDataAes, how.bits, constants.KeyDataTypeSession)
    wrapper = etree.Element(f"{{{NAMESPACES['saml']}}}{wrapping}")
    around = inner.getparent()
    assert around is not None
    around.replace(inner, wrapper)
    wrapper.append(inner)
    context.encrypt_xml(template, inner)
    return etree.tostring(root, encoding="unicode")


def metadata_text(certificates: tuple[str, ...], **attributes: str) -> str:
    """The metadata of the provider; ``attributes`` are those of the entity."""
    keys = "".join(
        '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>'
        f"{one}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        for one in certificates
    )
    binding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-"
    services = "".join(
        f'<md:{name} Binding="{binding}{way}" Location="{url}"/>'
        for name, url in (("SingleLogoutService", LOGOUT), ("SingleSignOnService", SIGN_ON))
        for way in ("Redirect", "POST")
    )
    return (
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="{NAMESPACES["ds"]}"'
        f'{given(entityID=ENTITY_ID, **attributes)}><md:IDPSSODescriptor protocolSupportEnumeration="'
        f'{NAMESPACES["samlp"]}">{keys}{services}</md:IDPSSODescriptor></md:EntityDescriptor>'
    )


@dataclass(frozen=True, slots=True)
class Leaving:
    """All that a LogoutRequest says. What is empty is left out."""

    destination: str
    now: datetime
    issuer: str = ENTITY_ID
    name: str = "account-1"
    indexes: tuple[str, ...] = ()
    id: str = "_logout"
    until: datetime | None = None


def logout_text(leaving: Leaving) -> str:
    """A request without a signature."""
    about = given(
        ID=leaving.id,
        IssueInstant=moment(leaving.now),
        Destination=leaving.destination,
        NotOnOrAfter=moment(leaving.until) if leaving.until else "",
    )
    indexes = "".join(f"<samlp:SessionIndex>{escape(one)}</samlp:SessionIndex>" for one in leaving.indexes)
    spaces = f'xmlns:samlp="{NAMESPACES["samlp"]}" xmlns:saml="{NAMESPACES["saml"]}"'
    return (
        f'<samlp:LogoutRequest {spaces} Version="2.0"{about}>'
        f"<saml:Issuer>{escape(leaving.issuer)}</saml:Issuer>"
        f"<saml:NameID{given(Format=PERSISTENT)}>{leaving.name}</saml:NameID>{indexes}</samlp:LogoutRequest>"
    )


def redirected(name: str, text: str, relay_state: str, key: Pair) -> str:
    """A message as a query that is signed (Bindings section 3.4.4.1)."""
    pressed = zlib.compressobj(wbits=-15)
    content = pressed.compress(text.encode()) + pressed.flush()
    fields = {name: base64.b64encode(content).decode(), "RelayState": relay_state, "SigAlg": RSA_SHA256}
    octets = urlencode(fields)
    private = load_pem_private_key(key.key, None)
    assert isinstance(private, rsa.RSAPrivateKey)
    signature = private.sign(octets.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{octets}&{urlencode({'Signature': base64.b64encode(signature).decode()})}"


@dataclass
class SamlUpstream(Unreached):
    """An identity provider that knows one service provider, by its requests."""

    clock: Clock
    key: Pair = field(default_factory=lambda: pair("idp"))
    requests: list[WebRequest] = field(default_factory=list)
    metadata: str = ""
    """Its metadata, if it is not the usual."""
    session_ends: timedelta | None = timedelta(hours=8)
    """How long a session there lasts from now on; empty where it does not say."""
    _how: Misbehaviour | None = None
    _made: int = 0
    _signed_in: datetime | None = None

    async def sign_in(self, url: str, account: Account) -> Mapping[str, str]:
        """Profiles section 4.1.4.2: a response with an assertion, as a page of ours posts it."""
        text, state = self.parts(url, account), _query(url)["RelayState"]
        return {"SAMLResponse": _encoded(self._response(text)), "RelayState": state}

    async def cancel(self, url: str) -> Mapping[str, str]:
        """Core section 3.2.2.2: the person did not want to."""
        parts = self.parts(url, Account())
        status = "urn:oasis:names:tc:SAML:2.0:status:Responder"
        text = signed(response_text(parts, "", status, DENIED), self.key)
        return {"SAMLResponse": _encoded(text), "RelayState": _query(url)["RelayState"]}

    async def sign_out(self, url: str) -> Mapping[str, str]:
        """Core section 3.7.3.1: a response, which the browser brings back with the RelayState."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query, strict_parsing=True).items()}
        root = etree.fromstring(zlib.decompress(base64.b64decode(asked["SAMLRequest"]), -15))
        assert url.startswith(f"{LOGOUT}?")
        assert root.tag == f"{{{NAMESPACES['samlp']}}}LogoutRequest"
        assert root.findtext("saml:NameID", "", NAMESPACES) == Account().external_id
        assert root.findtext("samlp:SessionIndex", "", NAMESPACES) == "session-1"
        status = f'<samlp:Status><samlp:StatusCode Value="{SUCCESS}"/></samlp:Status>'
        about = given(ID="_out", IssueInstant=moment(self.clock.now()), InResponseTo=str(root.get("ID")))
        space = f'xmlns:samlp="{NAMESPACES["samlp"]}"'
        text = f'<samlp:LogoutResponse {space} Version="2.0"{about}>{status}</samlp:LogoutResponse>'
        return {"SAMLResponse": _encoded(text), "RelayState": asked["RelayState"]}

    def signed_in_at(self, moment: datetime) -> None:
        """Core section 2.7.2, ``AuthnInstant``."""
        self._signed_in = moment

    def wants_new_sign_in(self, url: str) -> bool:
        """Core section 3.4.1."""
        return _request(url).get("ForceAuthn") == "true"

    def misbehave(self, how: Misbehaviour | None) -> None:
        """From now on it does this wrong."""
        self._how = how

    def rotate(self) -> None:
        """It signs with another key from now on, and publishes that one alone."""
        self.key = pair("another idp")

    async def send(self, request: WebRequest) -> WebResponse:
        """Its metadata is all that can be had."""
        self.requests.append(request)
        if request.url != METADATA:
            raise OutboundFailed("unreachable")
        text = self.metadata or metadata_text((self.key.certificate,))
        return WebResponse(request.url, 200, {"content-type": "application/samlmetadata+xml"}, text.encode())

    def parts(self, url: str, account: Account) -> Parts:
        """What a response to the request in a URL says, if nothing is wrong."""
        root = _request(url)
        assert root.tag == f"{{{NAMESPACES['samlp']}}}AuthnRequest"
        assert (root.get("Destination"), root.get("Version")) == (SIGN_ON, "2.0")
        consumer, issuer = str(root.get("AssertionConsumerServiceURL")), root.findtext("saml:Issuer", "", NAMESPACES)
        self._made += 1
        return Parts(
            destination=consumer,
            recipient=consumer,
            in_response_to=str(root.get("ID")),
            audience=issuer,
            now=self.clock.now(),
            name=escape(account.external_id),
            attributes={
                "urn:oid:0.9.2342.19200300.100.1.1": (account.user_name,),
                "urn:oid:0.9.2342.19200300.100.1.3": (account.email,),
                "urn:oid:2.5.4.42": (account.given_name,),
                "urn:oid:2.5.4.4": (account.family_name,),
                "email_verified": (str(account.email_verified).lower(),),
            },
            assertion_id=f"_assertion-{self._made}",
            response_id=f"_response-{self._made}",
            signed_in=(self._signed_in or self.clock.now()) - self.clock.now(),
            session_ends=self.session_ends,
        )

    def _response(self, parts: Parts) -> str:
        """The response, with whatever is wrong with it."""
        wrong = replace(parts, **self._wrong(parts))
        if self._how is Misbehaviour.NO_JSON:
            return "<html><body>We are sorry</body>"
        text = assertion_text(wrong)
        match self._how:
            case Misbehaviour.UNSIGNED:
                return response_text(wrong, text)
            case Misbehaviour.FOREIGN_SIGNATURE:
                return response_text(wrong, signed(text, pair("stranger")))
            case Misbehaviour.SIGNED_WITH_SECRET:
                return response_text(wrong, signed(text, self.key, method=constants.TransformHmacSha256))
        return response_text(wrong, signed(text, self.key))

    def _wrong(self, parts: Parts) -> dict[str, Any]:
        hour = timedelta(hours=1)
        wrong: dict[Misbehaviour | None, dict[str, Any]] = {
            Misbehaviour.WRONG_AUDIENCE: {"audience": "https://other.example.net/metadata"},
            Misbehaviour.WRONG_ISSUER: {"issuer": "https://other.example.net/metadata", "response_issuer": ""},
            Misbehaviour.OTHER_RESPONSE_ISSUER: {"response_issuer": "https://other.example.net/metadata"},
            Misbehaviour.WRONG_NONCE: {"in_response_to": "_another"},
            Misbehaviour.NO_NONCE: {"in_response_to": ""},
            Misbehaviour.EXPIRED: {"ends": -hour, "confirmed_until": -hour},
            Misbehaviour.STALE: {"now": parts.now - hour, "ends": 2 * hour, "confirmed_until": 2 * hour},
            Misbehaviour.ISSUED_LATER: {"now": parts.now + hour, "begins": -2 * hour},
            Misbehaviour.NO_SUBJECT: {"name": ""},
        }
        return wrong.get(self._how, {})


def _query(url: str) -> dict[str, str]:
    assert url.startswith(f"{SIGN_ON}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query, strict_parsing=True).items()}


def _request(url: str) -> etree._Element:
    return etree.fromstring(zlib.decompress(base64.b64decode(_query(url)["SAMLRequest"]), -15))


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
