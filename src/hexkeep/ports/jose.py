"""JOSE: keys and signatures (RFC 7515, 7517, 7518, 8037). The core sees JWKs and claims, never a library's objects."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from pydantic import JsonValue

from hexkeep.core.kernel.ask import KeyPair
from hexkeep.core.oidc.asks import SelfSigned

Claims = Mapping[str, JsonValue]
Jwk = Mapping[str, JsonValue]


class Jose(Protocol):
    """The port. Slow signatures (RSA) run off the event loop."""

    async def new_key(self, algorithm: str) -> KeyPair:
        """A fresh key pair for ``ES256``, ``RS256`` (2048 bits) or ``Ed25519``; ``ValueError`` for any other."""

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

    async def verify(self, token: str, keys: Sequence[Jwk], type_: str) -> Claims | None:
        """The claims if one of ``keys`` signed this token with its own ``alg``, else ``None``.

        ``typ`` must equal ``type_`` (RFC 8725 section 3.11; ``application/`` prefix and case aside); an empty
        ``type_`` accepts ``JWT`` and none. Unknown ``crit``, ``none`` and algorithms other than the key's are refused.
        """

    async def verify_self_signed(self, token: str, type_: str, algorithms: Sequence[str]) -> SelfSigned | None:
        """The claims of a compact JWS that the public key in its own header ``jwk`` signed, and that key's thumbprint.

        ``None`` for one whose algorithm is not among ``algorithms`` or not the key's, whose ``typ`` is not ``type_``,
        which has a ``crit``, or whose ``jwk`` holds anything private (RFC 7515 section 4.1.3).
        """
