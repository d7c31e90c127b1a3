"""Encrypted assertions and names (XML Encryption 1.1), decrypted by what is sound.

The key has to come by RSA-OAEP: what RSA with PKCS #1 v1.5 encrypts can be found out by whoever may ask often enough
(Bleichenbacher). The content has to be sealed by AES-GCM; AES-CBC does for a message whose signature is around what is
encrypted, which has been verified by then: otherwise whoever may change it can find out what is in it by our answers.

Everything is in the element itself: libraries would read files, and run what is written there, to find a key elsewhere.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree

from hexkeep.adapters.xmlsec.keys import pem_of
from hexkeep.adapters.xmlsec.parsing import parsed
from hexkeep.core.saml.asks import Signer
from hexkeep.core.saml.xml import SIGNATURE, Element, ds
from hexkeep.ports.idp import IdpMalformed

XENC, XENC11 = "http://www.w3.org/2001/04/xmlenc#", "http://www.w3.org/2009/xmlenc11#"
GCM = {f"{XENC11}aes128-gcm": 16, f"{XENC11}aes192-gcm": 24, f"{XENC11}aes256-gcm": 32}
CBC = {f"{XENC}aes128-cbc": 16, f"{XENC}aes192-cbc": 24, f"{XENC}aes256-cbc": 32}
OAEP_MGF1P, OAEP = f"{XENC}rsa-oaep-mgf1p", f"{XENC11}rsa-oaep"
NONCE, TAG, BLOCK = 12, 16, 16
Hash = hashes.HashAlgorithm
# SHA-1 within OAEP need not resist collisions; many providers know no other there.
DIGESTS: Mapping[str, Hash] = {
    "": hashes.SHA1(),  # noqa: S303
    f"{SIGNATURE}sha1": hashes.SHA1(),  # noqa: S303
    f"{XENC}sha256": hashes.SHA256(),
    f"{XENC}sha512": hashes.SHA512(),
}
MASKS: Mapping[str, Hash] = {
    "": hashes.SHA1(),  # noqa: S303
    f"{XENC11}mgf1sha1": hashes.SHA1(),  # noqa: S303
    f"{XENC11}mgf1sha256": hashes.SHA256(),
    f"{XENC11}mgf1sha512": hashes.SHA512(),
}
_SPACE = re.compile(r"\s+")
RETRIEVAL = ds("RetrievalMethod")


def xenc(local: str) -> str:
    """A name of XML Encryption."""
    return f"{{{XENC}}}{local}"


_ENCRYPTION = "EncryptedData EncryptedKey EncryptionMethod KeySize CipherData CipherValue CarriedKeyName ReferenceList"
_KEYS = "KeyInfo KeyName KeyValue RSAKeyValue Modulus Exponent RetrievalMethod DigestMethod X509Data X509Certificate"
_CERTIFICATES = "X509IssuerSerial X509IssuerName X509SerialNumber X509SubjectName X509SKI"
KNOWN = frozenset(
    {
        *map(xenc, (*_ENCRYPTION.split(), "DataReference")),
        *map(ds, (*_KEYS.split(), *_CERTIFICATES.split())),
        f"{{{XENC11}}}MGF",
    }
)
"""All that may stand in an EncryptedAssertion or EncryptedID; a reference to a key is to one in the same document."""


def decrypted(encrypted: Element, signers: tuple[Signer, ...], *, covered: bool) -> tuple[bytes, Signer]:
    """What is in an EncryptedAssertion or EncryptedID, and whose key it was encrypted to; raises ``IdpMalformed``.

    ``covered``: a signature around it has been verified.
    """
    if not all(map(_is_known, encrypted.children)):
        raise IdpMalformed("encryption_element")
    data = encrypted.one(xenc("EncryptedData"))
    info = data.one(ds("KeyInfo")) if data is not None else None
    wrapped = _encrypted_key(encrypted, info) if info is not None else None
    if data is None or wrapped is None:
        raise IdpMalformed("encrypted_data")
    unseal, length = _cipher(_algorithm(data), covered=covered)
    content, key = _value(data), _value(wrapped)
    scheme = _scheme(wrapped)
    for signer in signers:
        plain = _opened(unseal, length, content, _unwrapped(signer, scheme, key))
        if plain is not None:
            return plain, signer
    raise IdpMalformed("decryption")


def in_its_place(content: bytes, place: etree._Element) -> etree._Element | None:
    """The one element that was encrypted, with the prefixes that hold where it stood (XML Encryption section 4.3)."""
    prefixes = place.nsmap
    around = etree.Element("around", nsmap=prefixes)  # type: ignore[arg-type]  # the stubs lack the one without a prefix
    around.text = " "
    begin, _, end = etree.tostring(around).rpartition(b" ")
    root = parsed(begin + content + end)
    return root[0] if root is not None and len(root) == 1 and not (root.text or root[0].tail) else None


def _is_known(element: Element) -> bool:
    if element.name == RETRIEVAL and (element.children or not element.get("URI").startswith("#")):
        return False
    return element.name in KNOWN and all(map(_is_known, element.children))


def _encrypted_key(encrypted: Element, info: Element) -> Element | None:
    """The one key: within the data's KeyInfo, or beside the data (Core sections 2.2.4 and 2.3.4)."""
    found = (*info.all(xenc("EncryptedKey")), *encrypted.all(xenc("EncryptedKey")))
    return found[0] if len(found) == 1 else None


def _algorithm(element: Element) -> str:
    method = element.one(xenc("EncryptionMethod"))
    return method.get("Algorithm") if method is not None else ""


def _value(element: Element) -> bytes:
    data = element.one(xenc("CipherData"))
    text = data.words(xenc("CipherValue")) if data is not None else ""
    try:
        return base64.b64decode(_SPACE.sub("", text), validate=True)
    except (binascii.Error, ValueError):
        raise IdpMalformed("cipher_value") from None


Unseal = Callable[[bytes, bytes], bytes]


def _cipher(algorithm: str, *, covered: bool) -> tuple[Unseal, int]:
    if algorithm in GCM:
        return _gcm, GCM[algorithm]
    if algorithm in CBC and covered:
        return _cbc, CBC[algorithm]
    raise IdpMalformed("encryption_algorithm")


def _scheme(wrapped: Element) -> padding.OAEP:
    """XML Encryption 1.1 section 5.5.2."""
    algorithm, method = _algorithm(wrapped), wrapped.one(xenc("EncryptionMethod"))
    if method is None or algorithm not in {OAEP_MGF1P, OAEP}:
        raise IdpMalformed("key_encryption_algorithm")
    digest = _named(method, ds("DigestMethod"))
    mask = _named(method, f"{{{XENC11}}}MGF") if algorithm == OAEP else ""
    if digest not in DIGESTS or mask not in MASKS or method.one(xenc("OAEPparams")) is not None:
        raise IdpMalformed("key_encryption_algorithm")
    return padding.OAEP(padding.MGF1(MASKS[mask]), DIGESTS[digest], None)


def _named(method: Element, name: str) -> str:
    found = method.one(name)
    return found.get("Algorithm") if found is not None else ""


def _unwrapped(signer: Signer, scheme: padding.OAEP, key: bytes) -> bytes:
    """The key, or nothing: which of the ways it fails in is not told."""
    private = _private(signer.private)
    try:
        return private.decrypt(key, scheme) if private is not None else b""
    except ValueError:
        return b""


@lru_cache(64)
def _private(private: str) -> rsa.RSAPrivateKey | None:
    if json.loads(private).get("kty") != "RSA":
        return None
    key = serialization.load_pem_private_key(pem_of(private), None)
    return key if isinstance(key, rsa.RSAPrivateKey) else None


def _opened(unseal: Unseal, length: int, content: bytes, key: bytes) -> bytes | None:
    try:
        return unseal(key, content) if len(key) == length else None
    except (InvalidTag, ValueError):
        return None


def _gcm(key: bytes, content: bytes) -> bytes:
    """XML Encryption 1.1 section 5.2.4."""
    if len(content) < NONCE + TAG:
        raise ValueError("too short")
    return AESGCM(key).decrypt(content[:NONCE], content[NONCE:], None)


def _cbc(key: bytes, content: bytes) -> bytes:
    """XML Encryption 1.1 sections 5.2 and 5.2.2: the last octet tells how many do not count."""
    cipher = Cipher(algorithms.AES(key), modes.CBC(content[:BLOCK])).decryptor()
    plain = cipher.update(content[BLOCK:]) + cipher.finalize()
    if not plain or not 0 < plain[-1] <= BLOCK:
        raise ValueError("no padding")
    return plain[: -plain[-1]]
