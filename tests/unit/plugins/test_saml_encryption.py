"""Assertions that are encrypted for us, by xmlsec, and what of it is not sound."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from lxml import etree
from xmlsec import constants

from hexkeep.core.saml.asks import Signer
from hexkeep.core.saml.xml import saml
from hexkeep.testing.idp import party
from hexkeep.testing.idp_saml import Sealing, assertion_text, encrypted, pair, response_text, signed
from tests.unit.plugins.saml_judge import WAYS, by_assertion, judged, parts, refused

OURS = party().signers[0].certificate
GCM = [Sealing(), Sealing(constants.TransformAes128Gcm, 128)]
CBC = [Sealing(constants.TransformAes256Cbc, 256), Sealing(constants.TransformAes128Cbc, 128)]
XENC = "{http://www.w3.org/2001/04/xmlenc#}"


def sealed(sealing: Sealing | None = None, certificate: str = OURS) -> str:
    """The assertion is signed, then encrypted; nothing is around it."""
    return encrypted(by_assertion(), certificate, sealing)


@pytest.mark.parametrize("sealing", GCM)
def test_sealed_assertion_is_read(sealing: Sealing) -> None:
    """With its own signature, or with one around what is encrypted, or both."""
    assert judged(sealed(sealing)).name.value == "account-1"
    assert judged(signed(sealed(sealing), pair("idp"))).attributes["mail"] == ("ada@example.net",)
    assert judged(signed(_unsigned(sealing), pair("idp"))).name.value == "account-1"


def _unsigned(sealing: Sealing | None = None) -> str:
    said = parts()
    return encrypted(response_text(said, assertion_text(said)), OURS, sealing)


def test_sealed_assertion_has_to_be_signed_by_somebody() -> None:
    """Whoever has our metadata can encrypt for us."""
    refused(_unsigned(), "unsigned")


@pytest.mark.parametrize("sealing", CBC)
def test_cbc_is_read_only_behind_a_signature(sealing: Sealing) -> None:
    """Without one, whoever changes what is encrypted learns of it from our answers: it is not even decrypted."""
    assert judged(signed(sealed(sealing), pair("idp"))).name.value == "account-1"
    refused(sealed(sealing), "encryption_algorithm")


def test_other_ciphers_are_refused() -> None:
    """Triple DES, also behind a signature; and a key that came by RSA with PKCS #1 v1.5."""
    refused(signed(sealed(Sealing(wrap=constants.TransformRsaPkcs1)), pair("idp")), "key_encryption_algorithm")
    root = etree.fromstring(sealed())
    method = next(root.iter(f"{XENC}EncryptionMethod"))
    method.set("Algorithm", "http://www.w3.org/2001/04/xmlenc#tripledes-cbc")
    refused(signed(etree.tostring(root, encoding="unicode"), pair("idp")), "encryption_algorithm")


def test_changed_ciphertext_is_noticed() -> None:
    """In the content as in the key."""
    for index in (0, 1):
        root = etree.fromstring(sealed())
        value = list(root.iter(f"{XENC}CipherValue"))[index]
        content = bytearray(base64.b64decode(value.text or ""))
        content[20] ^= 1
        value.text = base64.b64encode(bytes(content)).decode()
        refused(etree.tostring(root), "decryption")


def test_assertion_for_somebody_else_stays_closed() -> None:
    """And one for a key of ours that signs no more is read, as long as we have it."""
    former = pair("former")
    refused(sealed(certificate=former.certificate), "decryption")
    key = Signer(json.dumps(RSAKey.import_key(former.key).as_dict(private=True)), former.certificate)
    changed = replace(party(), signers=(*party().signers, key))
    assert judged(sealed(certificate=former.certificate), us=changed).name.value == "account-1"


def test_two_assertions_of_which_one_is_encrypted_are_refused() -> None:
    """Whichever is read."""
    root = etree.fromstring(sealed())
    root.append(next(etree.fromstring(by_assertion()).iter(saml("Assertion"))))
    refused(etree.tostring(root), "assertions")


@pytest.mark.parametrize("way", WAYS)
def test_what_is_encrypted_is_one_assertion(way: str) -> None:
    """Not a response with one in it, nor an assertion with another one in it."""

    def wrapped(inner: Any) -> str:
        root = etree.fromstring(by_assertion())
        assertion = root.find("{*}Assertion")
        evil = etree.fromstring(WAYS[way]())
        for node in evil.iter():
            if node.get("ID"):
                node.set("ID", f"_evil{node.get('ID')}")
        assert assertion is not None
        assertion.append(inner(evil))
        return etree.tostring(root, encoding="unicode")

    for inner in (lambda root: root, lambda root: root.find("{*}Assertion")):
        refused(encrypted(wrapped(inner), OURS), "assertion", "signature", "signatures")


DS, DSIG11 = "{http://www.w3.org/2000/09/xmldsig#}", "{http://www.w3.org/2009/xmldsig11#}"
XENC11 = "{http://www.w3.org/2009/xmlenc11#}"
ELSEWHERE = {
    "a file": (f"{DS}RetrievalMethod", {"URI": "file:///dev/zero", "Type": f"{DS[1:-1]}rawX509Certificate"}),
    "a file, in the later way": (f"{DSIG11}KeyInfoReference", {"URI": "file:///dev/zero"}),
    "a key to be derived": (f"{XENC11}DerivedKey", {}),
    "a key to be agreed upon": (f"{XENC}AgreementMethod", {"Algorithm": "urn:example:any"}),
}


@pytest.mark.parametrize("where", ["EncryptedKey", "EncryptedData"])
@pytest.mark.parametrize("what", ELSEWHERE)
def test_key_that_is_elsewhere_is_not_looked_for(what: str, where: str) -> None:
    """Whoever has an assertion can encrypt it anew: nobody has us read files without an end, or derive keys."""
    name, attributes = ELSEWHERE[what]
    root = etree.fromstring(sealed())
    sealing = next(root.iter(f"{XENC}{where}"))
    info = sealing.find(f"{DS}KeyInfo")
    if info is None:
        info = etree.Element(f"{DS}KeyInfo")
        sealing.insert(1, info)
    info.append(etree.Element(name, attributes))
    refused(etree.tostring(root), "encryption_element")


def test_reference_within_the_document_has_no_transforms() -> None:
    """A key beside the content is referred to; what would be done with it on the way is not done."""
    root = etree.fromstring(sealed())
    data = next(root.iter(f"{XENC}EncryptedData"))
    key = next(root.iter(f"{XENC}EncryptedKey"))
    key.set("Id", "_key")
    info = key.getparent()
    assert info is not None
    wrapper = data.getparent()
    assert wrapper is not None
    wrapper.append(key)
    kind = f"{XENC[1:-1]}EncryptedKey"
    reference = etree.SubElement(info, f"{DS}RetrievalMethod", {"URI": "#_key", "Type": kind})
    assert judged(etree.tostring(root)).name.value == "account-1"
    etree.SubElement(reference, f"{DS}Transforms")
    refused(etree.tostring(root), "encryption_element")


@pytest.mark.parametrize("seal", [True, False])
def test_assertion_has_nothing_encrypted_in_it(seal: bool) -> None:  # noqa: FBT001 - as pytest calls it
    """Neither a name beside the name: an identity provider is a stranger too, and a library would read it."""
    said = parts()
    root = etree.fromstring(assertion_text(said))
    subject = root.find("{*}Subject")
    assert subject is not None
    hidden = etree.SubElement(subject, saml("EncryptedID"))
    info = etree.SubElement(etree.SubElement(hidden, f"{XENC}EncryptedData"), f"{DS}KeyInfo")
    etree.SubElement(info, f"{DS}RetrievalMethod", {"URI": "file:///dev/zero"})
    text = response_text(said, signed(etree.tostring(root, encoding="unicode"), pair("idp")))
    refused(encrypted(text, OURS) if seal else text, "encrypted_name")
