"""Certificates (RFC 5280): what is read out of one. Nobody here judges who issued it."""

from typing import Protocol

from hexkeep.core.oidc.x509 import Certificate, Name


class Certificates(Protocol):
    """The port. What is no certificate, and no name, is answered with ``None``, never with an error."""

    def read(self, der: str) -> Certificate | None:
        """The certificate that base64 of DER is."""

    def name(self, text: str) -> Name | None:
        """The distinguished name that a text is (RFC 4514)."""
