"""Keys and certificates for XML Signature, by cryptography and joserfc."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from joserfc.jwk import RSAKey

from hexkeep.core.kernel.ask import KeyPair
from hexkeep.core.saml.asks import NewCertifiedKey, VerifyOctets

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
Verify = Callable[[PublicKey, bytes, bytes, hashes.HashAlgorithm], None]
"""Of a key, a signature, what was signed and a hash; raises ``InvalidSignature``."""


def _pkcs1(key: PublicKey, signature: bytes, signed: bytes, by: hashes.HashAlgorithm) -> None:
    """RFC 9231 section 2.3."""
    if not isinstance(key, rsa.RSAPublicKey):
        raise InvalidSignature
    key.verify(signature, signed, padding.PKCS1v15(), by)


def _pss(key: PublicKey, signature: bytes, signed: bytes, by: hashes.HashAlgorithm) -> None:
    """RFC 9231 section 2.3.10: the mask by the same hash, the salt as long as it."""
    if not isinstance(key, rsa.RSAPublicKey):
        raise InvalidSignature
    key.verify(signature, signed, padding.PSS(padding.MGF1(by), by.digest_size), by)


def _ecdsa(key: PublicKey, signature: bytes, signed: bytes, by: hashes.HashAlgorithm) -> None:
    """RFC 9231 section 2.3.6: two integers, each as long as the order of the curve, and no DER."""
    if not isinstance(key, ec.EllipticCurvePublicKey) or len(signature) != 2 * _width(key):
        raise InvalidSignature
    r, s = (int.from_bytes(half) for half in (signature[: _width(key)], signature[_width(key) :]))
    key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(by))


def _width(key: ec.EllipticCurvePublicKey) -> int:
    return (key.curve.key_size + 7) // 8


ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
RSA_SHA256 = f"{MORE}rsa-sha256"
LATER = "http://www.w3.org/2007/05/xmldsig-more#"
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
ALGORITHMS: dict[str, tuple[Verify, hashes.HashAlgorithm]] = {
    **{f"{MORE}rsa-{name}": (_pkcs1, one) for name, one in _HASHES.items()},
    **{f"{LATER}{name}-rsa-MGF1": (_pss, one) for name, one in _HASHES.items()},
    **{f"{MORE}ecdsa-{name}": (_ecdsa, one) for name, one in _HASHES.items()},
}
"""The signature algorithms that hold (RFC 9231). None with SHA-1 does."""
CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
KEY_BITS = 2048
LASTS = timedelta(days=365 * 20)
"""Nobody judges the certificate by its times; it carries a key (SAML V2.0 Metadata Interoperability Profile 2.6.1)."""
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "SAML signing")])


def new_key(ask: NewCertifiedKey) -> KeyPair:
    """An RSA key pair with a certificate by itself; its ``kid`` is its thumbprint (RFC 7638)."""
    if ask.algorithm != "rsa-sha256":
        raise ValueError(f"no certified keys are made for {ask.algorithm}")
    key = RSAKey.generate_key(KEY_BITS)
    private = serialization.load_pem_private_key(key.as_pem(private=True), None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError("this is no RSA key")
    certificate = (
        x509.CertificateBuilder(NAME, NAME, private.public_key(), x509.random_serial_number())
        .not_valid_before(ask.begins)
        .not_valid_after(ask.begins + LASTS)
        .sign(private, hashes.SHA256())
    )
    der = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
    key_id = key.thumbprint()
    told = {"use": "sig", "kid": key_id}
    public = json.loads(json.dumps({**key.as_dict(private=False), **told, "x5c": [der]}))
    return KeyPair(key_id, ask.algorithm, json.dumps({**key.as_dict(private=True), **told}), public)


@lru_cache(256)
def pem_of(private: str) -> bytes:
    """The PEM of a private JWK."""
    return RSAKey.import_key(json.loads(private)).as_pem(private=True)


def signature(private: str, octets: bytes) -> bytes:
    """What the key of a private JWK makes of octets by ``RSA_SHA256``."""
    return _private_key(private).sign(octets, padding.PKCS1v15(), hashes.SHA256())


@lru_cache(64)
def _private_key(private: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem_of(private), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("this is no RSA key")
    return key


@lru_cache(1024)
def public_key(certificate: str) -> PublicKey | None:
    """The public key of a certificate, if it is of RSA and long enough to be believed, or on a curve of NIST's."""
    try:
        key = x509.load_der_x509_certificate(base64.b64decode(certificate)).public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
    if isinstance(key, rsa.RSAPublicKey):
        return key if key.key_size >= KEY_BITS else None
    return key if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, CURVES) else None


def rsa_key(certificate: str) -> rsa.RSAPublicKey | None:
    """The same, if it can be encrypted to."""
    key = public_key(certificate)
    return key if isinstance(key, rsa.RSAPublicKey) else None


def octets_verified(ask: VerifyOctets) -> bool:
    """Whether one of the keys signed the octets."""
    known = ALGORITHMS.get(ask.algorithm)
    keys = (key for one in ask.certificates if (key := public_key(one)) is not None)
    return known is not None and any(_fits(key, ask, *known) for key in keys)


def _fits(key: PublicKey, ask: VerifyOctets, verify: Verify, by: hashes.HashAlgorithm) -> bool:
    try:
        verify(key, ask.signature, ask.octets.encode(), by)
    except InvalidSignature:
        return False
    return True
