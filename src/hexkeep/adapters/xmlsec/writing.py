"""Documents of ours: signed where the core says so, and encrypted."""

import base64
import os
from functools import lru_cache

import xmlsec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree
from xmlsec import constants

from hexkeep.adapters.xmlsec.keys import pem_of, rsa_key
from hexkeep.core.saml import xml
from hexkeep.core.saml.asks import Signer, WriteXml
from hexkeep.core.saml.xml import Element

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
            _sign(place, root, ask.signer)
        _encrypt(wrapper, recipient)
        places = [place for place in places if place not in within]
    for place in places:
        _sign(place, root, ask.signer)
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


def _sign(place: etree._Element, root: etree._Element, signer: Signer) -> None:
    """Put the signature over its parent where ``place`` stands."""
    parent = place.getparent()
    if parent is None:
        raise ValueError("a signature stands in what it signs")
    signature = xmlsec.template.create(root, constants.TransformExclC14N, constants.TransformRsaSha256, ns="ds")
    parent.replace(place, signature)
    reference = xmlsec.template.add_reference(signature, constants.TransformSha256, uri=f"#{parent.get('ID')}")
    xmlsec.template.add_transform(reference, constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, constants.TransformExclC14N)
    info = xmlsec.template.ensure_key_info(signature)
    data = etree.SubElement(info, xml.ds("X509Data"))
    etree.SubElement(data, xml.ds("X509Certificate")).text = signer.certificate
    context = xmlsec.SignatureContext()
    context.key = _key(signer.private)
    context.register_id(parent, "ID")
    context.sign(signature)


@lru_cache(64)
def _key(private: str) -> xmlsec.Key:
    return xmlsec.Key.from_memory(pem_of(private), constants.KeyDataFormatPem)


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
    etree.SubElement(data, _xenc("CipherValue")).text = base64.b64encode(octets).decode()


def _xenc(local: str) -> str:
    return f"{{{ENCRYPTION}}}{local}"
