"""JOSE: keys, signatures and encryption (RFC 7515 to 7518, 8037, 9864).

The core sees JWKs, claims and texts, never a library's objects. Every adapter is strict about what strangers send:
base64url has one spelling, nothing may be critical, ``none`` is no algorithm, nothing is decompressed, no key is
derived from a password, and what is longer than a token may be is refused unread.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from pydantic import JsonValue

from hexkeep.core.kernel.ask import KeyPair
from hexkeep.core.oidc.asks import Decrypted, SelfSigned

Claims = Mapping[str, JsonValue]
Jwk = Mapping[str, JsonValue]


class Jose(Protocol):
    """The port. What takes a third of a millisecond (making RSA keys, decryption, P-384) runs off the event loop."""

    async def new_key(self, algorithm: str) -> KeyPair:
        """A fresh key pair for an asymmetric JWS algorithm, or for ``RSA-OAEP-256`` or ``ECDH-ES`` (P-256) of JWE.

        RSA keys have 2048 bits. The JWK of a key that signs has ``use`` and ``alg``; one for encryption has ``use``
        alone, for it serves all ways of its type. Raises ``ValueError`` for any other algorithm.
        """

    def key_from_seed(self, algorithm: str, seed: bytes) -> KeyPair:
        """The key pair that 32 secret bytes are (RFC 8032 section 5.1.5), the same for the same; ``Ed25519`` alone.

        Raises ``ValueError`` for another algorithm or length.
        """

    def public_jwk(self, text: str) -> Jwk | None:
        """The public key in ``text`` (JWK in JSON, or PEM of RFC 7468) as a JWK with ``alg`` and without ``kid``.

        ``None`` for what is no key, for a private one, and for one that ``verify`` would not use.
        """

    def private_jwk(self, text: str) -> str | None:
        """The private key in ``text``, a JWK in JSON or PEM (PKCS #8), as ``sign`` takes it; ``None`` for what is none.

        Its ``kid`` is its thumbprint (RFC 7638).
        """

    async def sign(self, private: str, type_: str, claims: Claims) -> str:
        """A compact JWS. ``private`` is a private JWK as JSON text with ``alg`` and ``kid``, which go to the header."""

    async def verify(
        self, token: str, keys: Sequence[Jwk], type_: str, algorithms: Sequence[str] = ()
    ) -> Claims | None:
        """The claims if one of ``keys`` signed this token, else ``None``.

        A key with ``alg`` verifies that algorithm alone (``EdDSA`` and ``Ed25519`` are one), a key without those of its
        type and curve; ``algorithms``, unless empty, allows fewer. ``typ`` must equal ``type_`` (RFC 8725 section 3.11;
        ``application/`` prefix and case aside); an empty ``type_`` accepts ``JWT`` and none.
        """

    async def verify_secret(self, token: str, secret: str, algorithms: Sequence[str]) -> Claims | None:
        """The claims if this token has a MAC (``HS256``, ``HS384``, ``HS512``) made with ``secret``, else ``None``.

        ``typ`` must be ``JWT`` or absent. A secret shorter than the MAC proves nothing (RFC 7518 section 3.2), and the
        text of a public key is never a secret (RFC 8725 section 2.1).
        """

    async def encrypt(self, key: Jwk, algorithm: str, encryption: str, content: str, content_type: str) -> str | None:
        """``content`` as a compact JWE for the owner of a public JWK, with ``cty`` unless ``content_type`` is empty.

        ``None`` where the key is not for ``algorithm``, or where one of the algorithms is not supported.
        """

    async def decrypt(self, token: str, keys: Sequence[str]) -> Decrypted | None:
        """The text in a compact JWE that one of ``keys`` (private JWKs with ``kid``) decrypts, or ``None``.

        Why it does not decrypt is not told: whoever tries keys or paddings learns nothing (RFC 7516 section 11.5).
        """

    async def verify_self_signed(self, token: str, type_: str, algorithms: Sequence[str]) -> SelfSigned | None:
        """The claims of a compact JWS that the public key in its own header ``jwk`` signed, and that key's thumbprint.

        ``None`` for one whose algorithm is not among ``algorithms`` or not the key's, whose ``typ`` is not ``type_``,
        which has a ``crit``, or whose ``jwk`` holds anything private (RFC 7515 section 4.1.3).
        """
