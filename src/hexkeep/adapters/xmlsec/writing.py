"""Documents of ours: signed where the core says so, and encrypted."""

import base64
import hashlib
import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree

from hexkeep.adapters.xmlsec.keys import ENVELOPED, EXCLUSIVE, RSA_SHA256, rsa_key, signature
from hexkeep.core.saml import xml
from hexkeep.core.saml.asks import Signer, WriteXml
from hexkeep.core.saml.xml import Element, element

ENCRYPTION = "http://www.w3.org/2001/04/xmlenc#"
PREFIXES = {
    "samlp": xml.PROTOCOL,
    "saml": xml.ASSERTION,
    "md": xml.METADATA,
    "ds": xml.SIGNATURE,
    "soap": xml.SOAP,
}
AES_256_GCM = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
RSA_OAEP = f"{ENCRYPTION}rsa-oaep-mgf1p"
SHA1 = f"{xml.SIGNATURE}sha1"
"""Within OAEP, where it need not resist collisions; service providers know no other there."""
KEY_BYTES, NONCE_BYTES = 32, 12


def written(ask: WriteXml) -> str | None:
    """The document as text, or ``None`` for a recipient that cannot be encrypted to."""
    recipient = rsa_key(ask.recipient) if ask.recipient else None
    if ask.recipient and recipient is None:
        return None
    root = built(ask.document)
    places = sorted(root.iter(xml.ds("Signature")), key=_depth, reverse=True)
    wrapper = next(root.iter(ask.encrypted), None) if ask.encrypted else None
    if wrapper is not None and recipient is not None:
        within = [place for place in places if wrapper in place.iterancestors()]
        for place in within:
            _sign(place, ask.signer)
        _encrypt(wrapper, recipient)
        places = [place for place in places if place not in within]
    for place in places:
        _sign(place, ask.signer)
    return etree.tostring(root, encoding="unicode")


def built(document: Element, parent: etree._Element | None = None) -> etree._Element:
    """A document as nodes of lxml, with prefixes that people know."""
    attributes = dict(document.attributes)
    if parent is None:
        used = {one.partition("}")[0][1:] for one in _names(document)}
        prefixes = {prefix: uri for prefix, uri in PREFIXES.items() if uri in used}
        node = etree.Element(document.name, attributes, prefixes)
    else:
        node = etree.SubElement(parent, document.name, attributes)
    node.text = document.text or None
    for child in document.children:
        built(child, node)
    return node


def _names(document: Element) -> list[str]:
    return [document.name, *(name for child in document.children for name in _names(child))]


def _depth(node: etree._Element) -> int:
    return sum(1 for _ in node.iterancestors())


def _sign(place: etree._Element, signer: Signer) -> None:
    """Put the signature over its parent where ``place`` stands (XML Signature 1.1 section 3.1).

    Exclusive canonicalisation is lxml's; what is signed here others have to verify, so nothing rests on it alone.
    """
    parent = place.getparent()
    if parent is None:
        raise ValueError("a signature stands in what it signs")
    index = parent.index(place)
    parent.remove(place)  # what the transform for enveloped signatures does
    digest = hashlib.sha256(_canonical(parent)).digest()
    parent.insert(index, place)
    info = built(_signed_info(f"#{parent.get('ID', '')}", digest), place)
    value = _text(signature(signer.private, _canonical(info)))
    built(element(xml.ds("SignatureValue"), text=value), place)
    certificate = element(xml.ds("X509Certificate"), text=signer.certificate)
    built(element(xml.ds("KeyInfo"), element(xml.ds("X509Data"), certificate)), place)


def _signed_info(uri: str, digest: bytes) -> Element:
    transforms = (element(xml.ds("Transform"), Algorithm=one) for one in (ENVELOPED, EXCLUSIVE))
    reference = element(
        xml.ds("Reference"),
        element(xml.ds("Transforms"), *transforms),
        element(xml.ds("DigestMethod"), Algorithm=f"{ENCRYPTION}sha256"),
        element(xml.ds("DigestValue"), text=_text(digest)),
        URI=uri,
    )
    return element(
        xml.ds("SignedInfo"),
        element(xml.ds("CanonicalizationMethod"), Algorithm=EXCLUSIVE),
        element(xml.ds("SignatureMethod"), Algorithm=RSA_SHA256),
        reference,
    )


def _canonical(node: etree._Element) -> bytes:
    return etree.tostring(node, method="c14n", exclusive=True, with_comments=False)


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _encrypt(wrapper: etree._Element, recipient: rsa.RSAPublicKey) -> None:
    """Replace the one child of ``wrapper`` by itself encrypted (XML Encryption 1.1 sections 3, 5.2.4 and 5.5.2)."""
    (inner,) = wrapper
    key, nonce = AESGCM.generate_key(KEY_BYTES * 8), os.urandom(NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, etree.tostring(inner, encoding="utf-8"), None)
    # S303/S305 do not apply: SHA-1 is the mask's hash here, which no collision weakens.
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303
    wrapped = recipient.encrypt(key, oaep)
    wrapper.remove(inner)
    data = etree.SubElement(wrapper, _xenc("EncryptedData"), {"Type": f"{ENCRYPTION}Element"}, {"xenc": ENCRYPTION})
    etree.SubElement(data, _xenc("EncryptionMethod"), Algorithm=AES_256_GCM)
    info = etree.SubElement(data, xml.ds("KeyInfo"))
    encrypted_key = etree.SubElement(info, _xenc("EncryptedKey"))
    method = etree.SubElement(encrypted_key, _xenc("EncryptionMethod"), Algorithm=RSA_OAEP)
    etree.SubElement(method, xml.ds("DigestMethod"), Algorithm=SHA1)
    _value(encrypted_key, wrapped)
    _value(data, sealed)


def _value(parent: etree._Element, octets: bytes) -> None:
    data = etree.SubElement(parent, _xenc("CipherData"))
    etree.SubElement(data, _xenc("CipherValue")).text = _text(octets)


def _xenc(local: str) -> str:
    return f"{{{ENCRYPTION}}}{local}"
