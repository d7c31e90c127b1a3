"""Cipher: authenticated encryption and keyed hashing with keys of 32 bytes. Pure computation, no state."""

from typing import Protocol


class Cipher(Protocol):
    """The port. ``seal`` and ``open`` are AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce in front."""

    def new_key(self) -> bytes:
        """32 random bytes."""

    def seal(self, key: bytes, plaintext: bytes, context: bytes) -> bytes:
        """Encrypt; ``context`` is bound to the result and must be given again to open it."""

    def open(self, key: bytes, sealed: bytes, context: bytes) -> bytes:
        """Decrypt; raises ``ValueError`` when key, bytes or context are not those of ``seal``."""

    def mac(self, key: bytes, message: bytes) -> bytes:
        """HMAC-SHA-256 (RFC 2104): 32 bytes."""

    def random(self, size: int) -> bytes:
        """``size`` bytes of the operating system's randomness."""
