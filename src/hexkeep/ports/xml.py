"""XML of strangers and of ours: read, verified, written, signed, encrypted (XML Signature 1.1, XML Encryption 1.1).

The core sees elements, never a library's objects. What an adapter guarantees
------------------------------------------------------------------------------
1.  Nothing is read but UTF-8 without document type, entities and processing instructions, within ``MAX_BYTES`` also
    after it was inflated, ``MAX_DEPTH``, ``MAX_ELEMENTS`` and, in each element, ``MAX_ATTRIBUTES``, and with names that
    have ``MAX_NAMES`` characters in all, namespaces included; nothing is fetched; no ``ID`` is there twice. Comments
    are left out, and the text around one is a single text.
2.  A signature counts that is a child of the root, has one reference, to the root by its ``ID``, no transforms but
    ``enveloped-signature`` and exclusive canonicalisation without comments, and is made by RSA (PKCS #1 v1.5 or
    PSS) of at least 2048 bits or by ECDSA on P-256, P-384 or P-521, with SHA-256, SHA-384 or SHA-512 (RFC 9231). What
    is in its ``KeyInfo`` is not looked at. What is returned is what was signed.
3.  What takes longer than a millisecond does not hold up the event loop.
"""

from typing import Protocol

from hexkeep.core.kernel.ask import KeyPair
from hexkeep.core.saml.asks import NewCertifiedKey, ReadXml, VerifyOctets, VerifyXml, WriteQuery, WriteXml
from hexkeep.core.saml.xml import Element

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_ELEMENTS = 5000
MAX_ATTRIBUTES = 100
MAX_NAMES = 4 * MAX_BYTES


class Xml(Protocol):
    """The port. What is wrong with a document of somebody's is an answer, never an error.

    Where nothing can read or sign XML it raises ``FailedPrecondition``.
    """

    async def read(self, ask: ReadXml) -> Element | None:
        """The root of a document, or ``None``."""

    async def verify(self, ask: VerifyXml) -> Element | None:
        """The root of a document that is signed as a whole, without its signature, or ``None``."""

    async def verify_octets(self, ask: VerifyOctets) -> bool:
        """Whether octets were signed, by the algorithms that hold for XML."""

    async def write(self, ask: WriteXml) -> str | None:
        """A document, signed and encrypted where that is asked for; ``None`` for a recipient without an RSA key.

        Encrypted is by AES-256-GCM with a key of its own, and that by RSA-OAEP.
        """

    async def query(self, ask: WriteQuery) -> str:
        """A message as a query, with ``SigAlg`` and ``Signature`` by RSA-SHA256; values are encoded as in forms."""

    async def new_key(self, ask: NewCertifiedKey) -> KeyPair:
        """An RSA key pair of 2048 bits with a certificate by itself, for ``rsa-sha256``; ``ValueError`` for others."""
