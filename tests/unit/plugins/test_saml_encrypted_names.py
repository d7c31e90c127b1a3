"""Names that are encrypted for us, by xmlsec, in assertions and in requests for a logout."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509 import load_der_x509_certificate
from lxml import etree
from xmlsec import constants

from hexkeep.core.idp.settings import SamlSettings
from hexkeep.core.saml.xml import saml
from hexkeep.plugins.saml.provider import SamlIdp
from hexkeep.ports.idp import IdpMalformed, SamlMessage
from hexkeep.testing.idp import StandingClock, party, surroundings
from hexkeep.testing.idp_saml import (
    METADATA,
    NAMESPACES,
    PERSISTENT,
    Leaving,
    SamlUpstream,
    Sealing,
    assertion_text,
    encrypted,
    encrypted_name,
    logout_text,
    pair,
    response_text,
    signed,
)
from tests.unit.plugins.saml_judge import judged, parts, refused
from tests.unit.plugins.test_saml_logout import by_form, by_query, by_soap

OURS = party().signers[0].certificate
XENC = "{http://www.w3.org/2001/04/xmlenc#}"


def hidden(sealing: Sealing | None = None, certificate: str = OURS, **changes: Any) -> str:
    """An assertion whose name is encrypted, before anybody has signed it."""
    return encrypted_name(assertion_text(parts(**changes)), certificate, sealing)


def by_assertion(assertion: str) -> str:
    """A response around an assertion that is signed."""
    return response_text(parts(), signed(assertion, pair("idp")))


def by_response(assertion: str) -> str:
    """The same, signed around it."""
    return signed(response_text(parts(), assertion), pair("idp"))


@pytest.mark.parametrize("by", [by_assertion, by_response])
@pytest.mark.parametrize("sealing", [Sealing(), Sealing(constants.TransformAes128Gcm, 128)])
def test_hidden_name_is_read(by: Callable[[str], str], sealing: Sealing) -> None:
    """With its form, whatever is signed; also within an assertion that is encrypted as a whole."""
    around = signed(encrypted(by_assertion(hidden(sealing)), OURS), pair("idp"))
    for text in (by(hidden(sealing)), around):
        said = judged(text)
        assert (said.name.value, said.name.format) == ("account-1", PERSISTENT)
        assert said.attributes["mail"] == ("ada@example.net",)


def test_hidden_name_is_judged_as_any_other() -> None:
    """Of the form that was asked for, by the provider itself, for us, and something at all."""
    refused(by_assertion(hidden(name_format="urn:other")), "name_id_format", name_format=PERSISTENT)
    for attribute, reason in (
        ("NameQualifier", "name_id_name_qualifier"),
        ("SPNameQualifier", "name_id_sp_name_qualifier"),
    ):
        text = assertion_text(parts()).replace("<saml:NameID", f'<saml:NameID {attribute}="https://other.example.net"')
        refused(by_assertion(encrypted_name(text, OURS)), reason)
    refused(by_assertion(hidden(name="  ")), "name_id")


def test_comment_in_a_hidden_name_cuts_nothing_off() -> None:
    """The text around it is one text, as where it could be read by anybody."""
    said = judged(by_assertion(hidden(name="account-1<!-- -->23")))
    assert said.name.value == "account-123"


def test_hidden_name_has_to_be_signed_by_somebody() -> None:
    """Whoever has our metadata can encrypt a name for us; and nobody can put another in the place of the one signed."""
    refused(response_text(parts(), hidden()), "unsigned")
    for by in (by_assertion, by_response):
        root, other = etree.fromstring(by(hidden())), etree.fromstring(hidden(name="account-2"))
        place, theirs = next(root.iter(saml("EncryptedID"))), next(other.iter(saml("EncryptedID")))
        around = place.getparent()
        assert around is not None
        around.replace(place, theirs)
        refused(etree.tostring(root), "signature")


def test_one_name_is_in_one_place() -> None:
    """Not beside a name that anybody can read, not twice, and not for whoever confirms."""
    root = etree.fromstring(hidden())
    subject = root.find("{*}Subject")
    assert subject is not None
    place = subject[0]

    def with_another(*, within: str, another: etree._Element) -> str:
        copy = etree.fromstring(etree.tostring(root))
        around = copy.find(within, NAMESPACES)
        assert around is not None
        around.append(etree.fromstring(etree.tostring(another)))
        return etree.tostring(copy, encoding="unicode")

    plain = etree.Element(saml("NameID"))
    plain.text = "account-2"
    refused(by_assertion(with_another(within="saml:Subject", another=plain)), "encrypted_name")
    refused(by_assertion(with_another(within="saml:Subject", another=place)), "encrypted")
    confirmation = "saml:Subject/saml:SubjectConfirmation"
    refused(by_assertion(with_another(within=confirmation, another=place)), "encrypted")
    refused(by_assertion(with_another(within="saml:Conditions", another=place)), "encrypted")


@pytest.mark.parametrize(
    "inside",
    [
        "<saml:BaseID/>",
        "<saml:NameID>x<saml:NameID>account-2</saml:NameID></saml:NameID>",
        "<saml:NameID>a</saml:NameID><saml:NameID>b</saml:NameID>",
        "x<saml:NameID>a</saml:NameID>",
        "<!DOCTYPE x><saml:NameID>a</saml:NameID>",
        "<x:NameID>a</x:NameID>",
        "account-1",
        "",
    ],
    ids=["base", "nested", "two", "text", "doctype", "prefix", "bare", "nothing"],
)
def test_what_is_hidden_is_one_name(inside: str) -> None:
    """And nothing that no document would be read with."""
    assert judged(by_assertion(holding("<saml:NameID>account-2</saml:NameID>"))).name.value == "account-2"
    refused(by_assertion(holding(inside)), "encrypted_name")


def holding(inside: str) -> str:
    """An assertion in whose EncryptedID is some text, whatever it is, encrypted to us."""
    root = etree.fromstring(hidden())
    key, nonce = AESGCM.generate_key(256), bytes(12)
    public = load_der_x509_certificate(base64.b64decode(OURS)).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303 - as everybody's OAEP is
    wrapped, content = root.iter(f"{XENC}CipherValue")
    wrapped.text = base64.b64encode(public.encrypt(key, oaep)).decode()
    content.text = base64.b64encode(nonce + AESGCM(key).encrypt(nonce, inside.encode(), None)).decode()
    return etree.tostring(root, encoding="unicode")


def test_unsound_ways_to_hide_are_refused() -> None:
    """As with assertions: a key by PKCS #1 v1.5, one for somebody else, and a key to be read from a file."""
    refused(by_assertion(hidden(Sealing(wrap=constants.TransformRsaPkcs1))), "key_encryption_algorithm")
    refused(by_assertion(hidden(certificate=pair("stranger").certificate)), "decryption")
    root = etree.fromstring(hidden())
    info = next(root.iter(f"{{{NAMESPACES['ds']}}}KeyInfo"))
    etree.SubElement(info, f"{{{NAMESPACES['ds']}}}RetrievalMethod", {"URI": "file:///dev/zero"})
    refused(by_assertion(etree.tostring(root, encoding="unicode")), "encryption_element")
    assert judged(by_assertion(hidden(Sealing(constants.TransformAes256Cbc, 256)))).name.value == "account-1"


BINDINGS = (by_query, by_form, by_soap)


@pytest.fixture
def clock() -> StandingClock:
    """The present time, for both sides."""
    return StandingClock(datetime.now(UTC))


@pytest.fixture
def provider(clock: StandingClock) -> SamlIdp:
    """This side of a logout."""
    return SamlIdp(SamlSettings(metadata_url=METADATA), surroundings(SamlUpstream(clock), clock))


def leaving(clock: StandingClock, certificate: str = OURS) -> str:
    """A request for a logout whose name is encrypted."""
    return encrypted_name(logout_text(Leaving(party().logout, clock.now())), certificate)


@pytest.mark.parametrize("by", BINDINGS)
async def test_hidden_name_tells_whose_session_ends(
    provider: SamlIdp, clock: StandingClock, by: Callable[..., SamlMessage]
) -> None:
    """Core section 3.7.1, however the request comes."""
    assert (await provider.signed_out(by(leaving(clock)))).name == "account-1"


@pytest.mark.parametrize("by", BINDINGS)
async def test_hidden_name_of_nobody_ends_nothing(
    provider: SamlIdp, clock: StandingClock, by: Callable[..., SamlMessage]
) -> None:
    """One for somebody else, one beside another, and one that somebody else has put there."""
    stranger = pair("stranger")
    beside = leaving(clock).replace("</saml:Issuer>", "</saml:Issuer><saml:NameID>account-2</saml:NameID>")
    for message in (by(leaving(clock, stranger.certificate)), by(beside), by(leaving(clock), stranger)):
        with pytest.raises(IdpMalformed):
            await provider.signed_out(message)
