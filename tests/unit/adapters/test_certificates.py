"""What is read out of real certificates."""

import base64
import json
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey, OKPKey, RSAKey

from hexkeep.adapters.cryptography.certificates import X509Certificates
from hexkeep.core.oidc.certificates import KEY_MEMBERS
from hexkeep.ports.jose import Jwk
from tests.certificates import Authority

CERTIFICATES = X509Certificates()


def der(path: Path) -> str:
    """A certificate file as it goes over the wire."""
    read = x509.load_pem_x509_certificate(path.read_bytes())
    return base64.b64encode(read.public_bytes(Encoding.DER)).decode()


def key_of(jwk: Jwk) -> ECKey | OKPKey | RSAKey:
    """A JWK as a JOSE library reads it."""
    members: dict[str, str | list[str]] = {name: str(value) for name, value in jwk.items()}
    match jwk["kty"]:
        case "EC":
            return ECKey.import_key(members)
        case "RSA":
            return RSAKey.import_key(members)
    return OKPKey.import_key(members)


def test_certificate_tells_subject_names_key_and_time(tmp_path: Path) -> None:
    """RFC 5280: the subject, its alternative names, the public key as a JWK, and from when until when."""
    Authority(tmp_path).issue(tmp_path / "robot.pem", tmp_path / "robot.key", "robot")
    found = CERTIFICATES.read(der(tmp_path / "robot.pem"))
    assert found is not None
    assert found.subject == CERTIFICATES.name("CN=robot")
    assert found.dns == ("localhost", "*.example.com")
    assert found.addresses == ("127.0.0.1",)
    assert (found.uris, found.emails) == ((), ())
    assert found.begins < found.ends
    private = ECKey.import_key((tmp_path / "robot.key").read_text())
    same = json.loads(json.dumps(private.as_dict(private=False)))
    assert found.key == {name: same[name] for name in KEY_MEMBERS if name in same}


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", base64.b64encode(b"0\x82" * 50).decode()])
def test_what_is_no_certificate_is_none(text: str) -> None:
    """Bytes of all kinds, which anybody may send."""
    assert CERTIFICATES.read(text) is None


VERSION = b"\xa0\x03\x02\x01\x02"
"""How a certificate of version 3 says so (RFC 5280 section 4.1)."""
LOCALHOST = b"\x82\x09localhost"
"""An alternative name of the kind dNSName (RFC 5280 section 4.2.1.6)."""


@pytest.mark.parametrize(("part", "other"), [(VERSION, VERSION[:-1] + b"k"), (LOCALHOST, b"\xa3" + LOCALHOST[1:])])
def test_certificate_of_a_kind_that_nobody_knows_is_none(tmp_path: Path, part: bytes, other: bytes) -> None:
    """Found by changing bytes: a version 108, and an alternative name that is an X.400 address."""
    whole = Authority(tmp_path).certify(ec.generate_private_key(ec.SECP256R1()).public_key())
    content = base64.b64decode(whole)
    assert CERTIFICATES.read(whole)
    assert content.count(part) == 1
    assert CERTIFICATES.read(base64.b64encode(content.replace(part, other)).decode()) is None


@pytest.mark.parametrize("text", ["", "robot", "CN", "=robot", "CN=robot,"])
def test_what_is_no_name_is_none(text: str) -> None:
    """RFC 4514: neither an empty one nor one that cannot be parsed."""
    assert CERTIFICATES.name(text) is None


def test_names_are_read_as_rfc_4514_writes_them() -> None:
    """The last part comes first; escapes and parts of several values are understood."""
    found = CERTIFICATES.name(r"CN=Smith\, Jane+UID=7,O=Acme,C=CH")
    assert found == (
        frozenset({("2.5.4.6", "CH")}),
        frozenset({("2.5.4.10", "Acme")}),
        frozenset({("2.5.4.3", "Smith, Jane"), ("0.9.2342.19200300.100.1.1", "7")}),
    )


@pytest.mark.parametrize(
    "public",
    [
        ec.generate_private_key(ec.SECP384R1()).public_key(),
        rsa.generate_private_key(65537, 2048).public_key(),
        ed25519.Ed25519PrivateKey.generate().public_key(),
    ],
    ids=["P-384", "RSA", "Ed25519"],
)
def test_public_keys_are_those_of_a_jose_library(tmp_path: Path, public: CertificatePublicKeyTypes) -> None:
    """What is registered as a JWK is found again in the certificate, member by member."""
    found = CERTIFICATES.read(Authority(tmp_path).certify(public))
    assert found is not None
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert key_of(found.key).as_pem(private=False) == pem
