"""A certificate authority of the test's own, and certificates by it."""

import base64
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


class Authority:
    """Signs certificates for ``localhost`` and ``127.0.0.1``; ``certificate`` is the file that clients trust."""

    def __init__(self, folder: Path) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of a test")])
        self.certificate = folder / "authority.pem"
        built = self._builder(self._name, self._key.public_key(), leaf=False)
        self.certificate.write_bytes(built.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))

    @property
    def trust(self) -> ssl.SSLContext:
        """What a client needs that trusts this authority alone."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def issue(
        self, certificate: Path, key: Path, name: str = "localhost", password: bytes = b"", host: str = ""
    ) -> None:
        """Write a new certificate with a new key; ``name`` is what its subject is called.

        It is one of ``host`` alone where that is given.
        """
        private = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        built = self._builder(subject, private.public_key(), leaf=True, host=host)
        signed = built.sign(self._key, hashes.SHA256())
        secrecy = BestAvailableEncryption(password) if password else NoEncryption()
        key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, secrecy))
        certificate.write_bytes(signed.public_bytes(Encoding.PEM))

    def certify(self, public: CertificatePublicKeyTypes, name: str = "localhost") -> str:
        """A certificate over somebody's public key, DER in base64."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signed = self._builder(subject, public, leaf=True).sign(self._key, hashes.SHA256())
        return base64.b64encode(signed.public_bytes(Encoding.DER)).decode()

    def _builder(
        self, subject: x509.Name, key: CertificatePublicKeyTypes, *, leaf: bool, host: str = ""
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        built = (
            x509.CertificateBuilder(subject_name=subject, issuer_name=self._name, public_key=key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - DAY)
            .not_valid_after(now + DAY)
            .add_extension(x509.BasicConstraints(ca=not leaf, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )
        if not leaf:
            return built
        names = [x509.DNSName("localhost"), x509.DNSName("*.example.com"), x509.IPAddress(ip_address("127.0.0.1"))]
        names = [x509.DNSName(host)] if host else names
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return built.add_extension(x509.SubjectAlternativeName(names), critical=False).add_extension(
            issuer, critical=False
        )
