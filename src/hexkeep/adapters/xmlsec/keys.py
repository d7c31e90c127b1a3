"""Keys and certificates for XML Signature, by cryptography and joserfc."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from joserfc.jwk import RSAKey

from hexkeep.core.kernel.ask import KeyPair
from hexkeep.core.saml.asks import NewCertifiedKey, VerifyOctets

MORE = "http://www.w3.org/2001/04/xmldsig-more#"
RSA_SHA256 = f"{MORE}rsa-sha256"
HASHES: dict[str, hashes.HashAlgorithm] = {
    RSA_SHA256: hashes.SHA256(),
    f"{MORE}rsa-sha384": hashes.SHA384(),
    f"{MORE}rsa-sha512": hashes.SHA512(),
}
"""The signature algorithms that hold (RFC 9231 section 2.3). SHA-1 does not."""
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


@lru_cache(1024)
def rsa_key(certificate: str) -> rsa.RSAPublicKey | None:
    """The public key of a certificate, if it is of RSA and long enough to be believed."""
    try:
        key = x509.load_der_x509_certificate(base64.b64decode(certificate)).public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, rsa.RSAPublicKey) and key.key_size >= KEY_BITS else None


def public_keys(certificates: tuple[str, ...]) -> Iterator[rsa.RSAPublicKey]:
    """Those keys of certificates that signatures are verified with."""
    return (key for one in certificates if (key := rsa_key(one)) is not None)


def octets_verified(ask: VerifyOctets) -> bool:
    """Whether one of the keys signed the octets."""
    known = HASHES.get(ask.algorithm)
    return known is not None and any(_fits(key, ask, known) for key in public_keys(ask.certificates))


def _fits(key: rsa.RSAPublicKey, ask: VerifyOctets, known: hashes.HashAlgorithm) -> bool:
    try:
        key.verify(ask.signature, ask.octets.encode(), padding.PKCS1v15(), known)
    except InvalidSignature:
        return False
    return True
