"""Proof-of-possession key semantics (RFC 7800): to whose key or certificate a token is bound, as its claim ``cnf``."""

from dataclasses import dataclass

from pydantic import JsonValue

CLAIM = "cnf"
"""Section 3.1."""
THUMBPRINT = "jkt"
"""RFC 9449 section 6.1."""
CERTIFICATE = "x5t#S256"
"""RFC 8705 section 3.1."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What whoever presents a token has to show. Both are empty for a bearer token, which asks for nothing.

    ``jkt`` is the thumbprint (RFC 7638) of a DPoP key, ``certificate`` the SHA-256 of a client certificate.
    """

    jkt: str = ""
    certificate: str = ""

    def claim(self) -> dict[str, JsonValue]:
        """The claim, or nothing for a bearer token."""
        members = {THUMBPRINT: self.jkt, CERTIFICATE: self.certificate}
        told: dict[str, JsonValue] = {name: value for name, value in members.items() if value}
        return {CLAIM: told} if told else {}

    @property
    def token_type(self) -> str:
        """RFC 6749 section 7.1, RFC 9449 section 5: the ``token_type`` that an answer names, a scheme for resources."""
        return "DPoP" if self.jkt else "Bearer"


BEARER = Confirmation()


def read(value: JsonValue) -> Confirmation | None:
    """What a *verified* claim says; ``None`` for one that binds to something that nobody here could show."""
    if value is None:
        return BEARER
    if not isinstance(value, dict) or not value or not value.keys() <= {THUMBPRINT, CERTIFICATE}:
        return None
    jkt, certificate = value.get(THUMBPRINT, ""), value.get(CERTIFICATE, "")
    return Confirmation(jkt, certificate) if isinstance(jkt, str) and isinstance(certificate, str) else None
