"""OAuth 2.0 mutual TLS (RFC 8705): what binds a token to the certificate of a client's connection."""

import base64
import binascii
import hashlib


def thumbprint(certificate: str) -> str:
    """Section 3.1: the SHA-256 of a certificate (DER in base64) in base64url; empty for none and what is no base64."""
    try:
        der = base64.b64decode(certificate, validate=True)
    except (ValueError, binascii.Error):
        return ""
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("=") if der else ""
