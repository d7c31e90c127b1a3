"""Client authentication by certificate (RFC 8705 section 2): whether a certificate is the one that was registered."""

import hmac
import unicodedata
from collections.abc import Callable, Iterable, Mapping

from pydantic import JsonValue

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.oidc.x509 import Certificate, Name, Rdn

KEY_MEMBERS = ("kty", "crv", "x", "y", "n", "e")
"""What tells two public keys apart (RFC 7638 section 3.2)."""
SUBJECTS: Mapping[str, Callable[[Certificate], tuple[str, ...]]] = {
    "tls_client_auth_san_dns": lambda certificate: certificate.dns,
    "tls_client_auth_san_uri": lambda certificate: certificate.uris,
    "tls_client_auth_san_ip": lambda certificate: certificate.addresses,
    "tls_client_auth_san_email": lambda certificate: certificate.emails,
}
"""Section 2.1.2: what may be registered besides the subject's name, and where it stands in a certificate."""


def registered_subjects(metadata: ClientMetadata) -> dict[str, str]:
    """Section 2.1.2: what is registered of a certificate's subject, by the metadata's name. One, if all is well."""
    names = ("tls_client_auth_subject_dn", *SUBJECTS)
    return {name: value for name in names if (value := str(getattr(metadata, name)))}


def subject_fits(certificate: Certificate, metadata: ClientMetadata, expected: Name | None) -> bool:
    """Section 2.1: whether the certificate's subject is the registered one; ``expected`` is its name, read.

    DNS names are compared without case, everything else but names as it stands.
    """
    subjects = registered_subjects(metadata)
    if len(subjects) != 1:
        return False
    ((kind, value),) = subjects.items()
    if kind not in SUBJECTS:
        return expected is not None and _prepared(certificate.subject) == _prepared(expected)
    found = SUBJECTS[kind](certificate)
    if kind == "tls_client_auth_san_dns":
        return value.lower() in {one.lower() for one in found}
    return value in found


def _prepared(name: Name) -> tuple[Rdn, ...]:
    """RFC 4518 in essence: without case, with runs of spaces as one, in one normal form."""
    return tuple(frozenset((kind, _plain(value)) for kind, value in rdn) for rdn in name)


def _plain(value: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def among(certificate: Certificate, der: str, keys: Iterable[Mapping[str, JsonValue]]) -> bool:
    """Section 2.2: whether the certificate is one of the registered ones.

    A key with certificates of its own (``x5c``) stands for the first of them alone, any other for its public key.
    """
    return any(_is(certificate, der, key) for key in keys)


def _is(certificate: Certificate, der: str, key: Mapping[str, JsonValue]) -> bool:
    chain = key.get("x5c")
    if isinstance(chain, list) and chain:
        return isinstance(chain[0], str) and hmac.compare_digest(chain[0].encode(), der.encode())
    return bool(certificate.key) and all(certificate.key.get(name) == key.get(name) for name in KEY_MEMBERS)
