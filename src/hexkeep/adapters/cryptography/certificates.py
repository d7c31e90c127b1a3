"""X.509 certificates (RFC 5280) by the cryptography library."""

import base64
import binascii
from collections.abc import Mapping

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import JsonValue

from hexkeep.core.oidc.x509 import Certificate, Name

CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
UNREADABLE = (
    *(ValueError, binascii.Error, UnsupportedAlgorithm),
    *(x509.DuplicateExtension, x509.InvalidVersion, x509.UnsupportedGeneralNameType),
)
"""What the library raises for certificates of strangers; not all of it is a ``ValueError``."""
Jwk = Mapping[str, JsonValue]


class X509Certificates:
    """The port ``certificates.Certificates``."""

    def read(self, der: str) -> Certificate | None:
        """The certificate that base64 of DER is, or ``None``."""
        try:
            found = x509.load_der_x509_certificate(base64.b64decode(der, validate=True))
            return _read(found)
        except UNREADABLE:
            return None

    def name(self, text: str) -> Name | None:
        """The distinguished name that a text is (RFC 4514), or ``None``."""
        try:
            return _name(x509.Name.from_rfc4514_string(text)) or None
        except ValueError:
            return None


def _read(found: x509.Certificate) -> Certificate:
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        names = x509.SubjectAlternativeName([])
    return Certificate(
        subject=_name(found.subject),
        dns=tuple(names.get_values_for_type(x509.DNSName)),
        uris=tuple(names.get_values_for_type(x509.UniformResourceIdentifier)),
        addresses=tuple(str(one) for one in names.get_values_for_type(x509.IPAddress)),
        emails=tuple(names.get_values_for_type(x509.RFC822Name)),
        key=_jwk(found),
        begins=found.not_valid_before_utc,
        ends=found.not_valid_after_utc,
    )


def _name(name: x509.Name) -> Name:
    return tuple(frozenset((one.oid.dotted_string, str(one.value)) for one in rdn) for rdn in name.rdns)


def _jwk(found: x509.Certificate) -> Jwk:
    """The public key as a JWK (RFC 7518 section 6, RFC 8037 section 2); empty for a kind we do not know."""
    try:
        key = found.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return {}
    match key:
        case rsa.RSAPublicKey():
            numbers = key.public_numbers()
            return {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
        case ec.EllipticCurvePublicKey() if key.curve.name in CURVES:
            point, size = key.public_numbers(), (key.curve.key_size + 7) // 8
            x, y = _number(point.x, size), _number(point.y, size)
            return {"kty": "EC", "crv": CURVES[key.curve.name], "x": x, "y": y}
        case ed25519.Ed25519PublicKey():
            return {"kty": "OKP", "crv": "Ed25519", "x": _text(key.public_bytes(Encoding.Raw, PublicFormat.Raw))}
        case _:
            return {}


def _number(number: int, size: int = 0) -> str:
    return _text(number.to_bytes(size or (number.bit_length() + 7) // 8, "big"))


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
