"""Proof Key for Code Exchange (RFC 7636), with the method S256 alone."""

import base64
import hashlib
import hmac
import re

from hexkeep.core.oidc.errors import InvalidGrant, InvalidRequest

S256 = "S256"
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""Section 4.2: base64url of a SHA-256 digest."""
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
"""Section 4.1: 43 to 128 unreserved characters."""


def challenge_of(verifier: str) -> str:
    """Section 4.2: ``BASE64URL(SHA256(ASCII(code_verifier)))``."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def checked_challenge(challenge: str, method: str, *, required: bool) -> str:
    """Section 4.3: the challenge of an authorization request, or empty; raises ``InvalidRequest``.

    An omitted method means ``plain``, which is refused: whoever sees the request could redeem the code.
    """
    if not challenge and not method and not required:
        return ""
    if not challenge:
        raise InvalidRequest("The parameter code_challenge is missing")
    if method != S256:
        raise InvalidRequest("The code_challenge_method has to be S256")
    if not CHALLENGE.fullmatch(challenge):
        raise InvalidRequest("The code_challenge is malformed")
    return challenge


def verify(verifier: str, challenge: str) -> None:
    """Section 4.6: refuse a verifier that does not belong to the challenge; raises ``InvalidGrant``.

    A verifier without a challenge is refused as well: somebody took the challenge out of the authorization request
    (RFC 9700 section 2.1.1).
    """
    if not challenge and not verifier:
        return
    fits = bool(VERIFIER.fullmatch(verifier)) and hmac.compare_digest(challenge_of(verifier), challenge)
    if not fits:
        raise InvalidGrant("The code_verifier does not fit the code_challenge")
