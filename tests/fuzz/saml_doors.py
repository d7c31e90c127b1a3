"""The doors that messages of SAML come in by, and how one is brought there: rightly, or with something done to it."""

import base64
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import xmlsec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import strategies as st
from lxml import etree

from hexkeep.core.saml.xml import SOAP, ds
from hexkeep.testing.idp_saml import ENTITY_ID, RSA_SHA256, pair, signed
from tests.fuzz.saml_rig import SP, Person, SamlRig, asking, leaving, left
from tests.fuzz.strategies import ODD_TEXTS
from tests.fuzz.xml_changes import PROLOGUES, TEXTS, Deed, changed, deeds
from tests.unit.adapters.site import ORIGIN

NOBODY = Person(name="nobody", index="unknown")
Text = Callable[[str, Person], str]
"""A message for a place, about somebody."""


def _asked(place: str, _: Person) -> str:
    return asking(place)


def _answered(place: str, _: Person) -> str:
    return left(place)


def _left(issuer: str) -> Text:
    return lambda place, whom: leaving(place, issuer=issuer, name=whom.name, indexes=(whom.index,))


def _answered_there(place: str, _: Person) -> str:
    return left(place, ENTITY_ID)


@dataclass(frozen=True)
class Door:
    """A path, which is below its own for each identity provider with ``key`` ``idp``, and a binding."""

    path: str
    binding: str
    text: Text
    key: str = "sp"
    parameter: str = "SAMLRequest"

    def place(self, rig: SamlRig) -> str:
        """Its path in an instance."""
        return f"{self.path}/{rig.provider_id}" if self.key == "idp" else self.path

    def whose(self, rig: SamlRig) -> Person:
        """Who could be signed out by its messages."""
        return rig.grace if self.key == "idp" else rig.ada


DOORS = {
    "sso-redirect": Door("/saml/sso", "redirect", _asked),
    "sso-post": Door("/saml/sso", "post", _asked),
    "slo-redirect": Door("/saml/slo", "redirect", _left(SP)),
    "slo-post": Door("/saml/slo", "post", _left(SP)),
    "slo-soap": Door("/saml/slo/soap", "soap", _left(SP)),
    "slo-response": Door("/saml/slo", "redirect", _answered, parameter="SAMLResponse"),
    "slo-response-post": Door("/saml/slo", "post", _answered, parameter="SAMLResponse"),
    "sp-redirect": Door("/saml/sp/slo", "redirect", _left(ENTITY_ID), "idp"),
    "sp-post": Door("/saml/sp/slo", "post", _left(ENTITY_ID), "idp"),
    "sp-soap": Door("/saml/sp/soap", "soap", _left(ENTITY_ID), "idp"),
    "sp-response": Door("/saml/sp/slo", "redirect", _answered_there, "idp", "SAMLResponse"),
}

RELAY_STATES = (
    *ODD_TEXTS[:12],
    "\n",
    "\x7f",
    "é" * 400,
    "a" * 1024,
    "a" * 1025,
    "https://evil.example.com/",
    "<script>",
)
EXTRAS = (
    "RelayState=b",
    "SAMLRequest=AAAA",
    "SAMLResponse=AAAA",
    "SigAlg=x",
    "Signature=AAAA",
    "SAMLEncoding=x",
    "a=%",
    "%FF",
)


@dataclass(frozen=True)
class Shape:
    """What is done to a message, before it is signed or after, and on its way."""

    deeds: Sequence[Deed] = ()
    signed_after: bool = False
    prologue: bytes = b""
    wire: str = ""
    relay_state: str = "here"
    extra: str = ""
    algorithm: str = RSA_SHA256


def _mostly(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(usual), st.just(usual), st.just(usual), st.sampled_from(others))


def shapes() -> st.SearchStrategy[Shape]:
    """Mostly a few things done to the document, and sometimes something else as well."""
    return st.builds(
        Shape,
        deeds=deeds(st.sampled_from(TEXTS) | st.text(max_size=20)),
        signed_after=st.booleans(),
        prologue=_mostly(b"", *PROLOGUES),
        wire=_mostly("", *COMPRESSED, *ENCODED),
        relay_state=_mostly("here", *RELAY_STATES),
        extra=_mostly("", *EXTRAS),
        algorithm=_mostly(RSA_SHA256, "", "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "\ud800"),
    )


@dataclass(frozen=True)
class Brought:
    """A request as it is sent, and whether what it says is what was signed."""

    method: str
    path: str
    asked: dict[str, Any]
    intact: bool


def brought(rig: SamlRig, door: Door, shape: Shape) -> Brought:
    """A message with all that done to it. What is signed afterwards is about nobody."""
    place, whom = door.place(rig), NOBODY if shape.signed_after else door.whose(rig)
    text = door.text(ORIGIN + place, whom)
    key = pair(door.key)
    if door.binding == "redirect":
        content = shape.prologue + (changed(text, shape.deeds) if shape.deeds else text.encode())
        value = _on_its_way(_deflated(content), shape.wire)
        right = value if shape.signed_after else base64.b64encode(_deflated(text.encode())).decode()
        octets = _pairs({door.parameter: right, "RelayState": "here", "SigAlg": shape.algorithm})
        sent = {door.parameter: value, "RelayState": shape.relay_state, "SigAlg": shape.algorithm}
        if shape.signed_after:
            octets = _pairs(sent)
        query = "&".join(filter(None, (_pairs(sent), _pairs({"Signature": _signature(octets, door.key)}), shape.extra)))
        return Brought("GET", f"{place}?{query}"[:60_000], {}, not shape.signed_after and value == right)
    content, original = _signed_within(text, shape, key)
    if door.binding == "soap":
        enveloped = f'<s:Envelope xmlns:s="{SOAP}"><s:Body>'.encode(), b"</s:Body></s:Envelope>"
        content = shape.prologue + enveloped[0] + content + enveloped[1]
        asked: dict[str, Any] = {"content": content, "headers": {"content-type": "text/xml"}}
        return Brought("POST", place, asked, not shape.signed_after and _same(content, original))
    content = shape.prologue + content
    form = _pairs({door.parameter: _on_its_way(content, shape.wire), "RelayState": shape.relay_state})
    body = "&".join(filter(None, (form, shape.extra)))
    headers = {"content-type": "application/x-www-form-urlencoded", "origin": "https://wiki.example.com"}
    intact = not shape.signed_after and _same(content, original)
    return Brought("POST", place, {"content": body.encode(), "headers": headers}, intact)


def _signed_within(text: str, shape: Shape, key: Any) -> tuple[bytes, bytes]:
    """What is sent, and what was signed, as far as something can be."""
    right = signed(text, key)
    if not shape.deeds:
        return right.encode(), right.encode()
    if not shape.signed_after:
        return changed(right, shape.deeds), right.encode()
    content = changed(text, shape.deeds)
    try:
        made = signed(content.decode(), key).encode()
    except (ValueError, etree.XMLSyntaxError, xmlsec.Error):
        return content, right.encode()
    return made, right.encode()


def _same(content: bytes, original: bytes) -> bool:
    """Whether two documents are the same message, whatever is in their signatures, comments and envelopes."""
    made, right = _canonical(content), _canonical(original)
    return made is not None and made == right


def _canonical(content: bytes) -> bytes | None:
    try:
        root = etree.fromstring(
            content, etree.XMLParser(encoding="utf-8", remove_comments=True, resolve_entities=False)
        )
    except (ValueError, etree.XMLSyntaxError):
        return None
    body = root.find(f"{{{SOAP}}}Body")
    if body is not None and len(body) == 1:
        root = body[0]
    for signature in root.findall(ds("Signature")):
        root.remove(signature)
    octets: bytes = etree.tostring(root, method="c14n", exclusive=True, with_comments=False)
    return octets


def _deflated(content: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(content) + stream.flush()


@cache
def _bomb() -> bytes:
    return _deflated(b"<x>" + b" " * 20_000_000)


COMPRESSED: dict[str, Callable[[bytes], bytes]] = {
    "garbage": lambda content: content + b"garbage",
    "zlib": zlib.compress,
    "truncated": lambda content: content[: len(content) // 2],
    "flipped": lambda content: content[:9] + bytes((content[9] ^ 64,)) + content[10:],
    "bomb": lambda _: _bomb(),
}
ENCODED: dict[str, Callable[[str], str]] = {
    "newline": lambda text: text[:9] + "\n" + text[9:],
    "cut": lambda text: text[:-1],
    "padding": lambda text: text.rstrip("="),
    "url_safe": lambda text: text.replace("+", "-").replace("/", "_"),
    "again": lambda text: base64.b64encode(text.encode()).decode(),
    "octets": lambda text: base64.b64decode(text).decode("latin-1"),
}
"""What happens on the way: to what is compressed, and to base64."""


def _on_its_way(content: bytes, wire: str) -> str:
    """Base64 of octets, with what happened to them."""
    text = base64.b64encode(COMPRESSED.get(wire, bytes)(content)).decode()
    return ENCODED[wire](text) if wire in ENCODED else text


def _pairs(fields: dict[str, str]) -> str:
    """As a browser would, but for halves of surrogate pairs, which none would send; empty ones are left out."""
    given = {name: value for name, value in fields.items() if value}
    return urlencode(given, errors="surrogatepass", quote_via=quote)


def _signature(octets: str, whose: str) -> str:
    private = _private(pair(whose).key)
    return base64.b64encode(private.sign(octets.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()


@cache
def _private(pem: bytes) -> rsa.RSAPrivateKey:
    key = load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key
