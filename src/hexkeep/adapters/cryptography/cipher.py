"""AES-256-GCM (NIST SP 800-38D) and HMAC-SHA-256 (RFC 2104)."""

import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16


class AesGcmCipher:
    """The port ``cipher.Cipher``. What is sealed reads ``nonce | ciphertext | tag``, 28 bytes more than the plain.

    Nonces are random, so one key may seal at most 2^32 times (SP 800-38D section 8.3). Every data key of the engine
    stays far below: it belongs to one person or one purpose.
    """

    def new_key(self) -> bytes:
        """32 random bytes."""
        return secrets.token_bytes(KEY_BYTES)

    def seal(self, key: bytes, plaintext: bytes, context: bytes) -> bytes:
        """Encrypt, bound to ``context``; raises ``ValueError`` for a key that is not 32 bytes long."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + _aes(key).encrypt(nonce, plaintext, context)

    def open(self, key: bytes, sealed: bytes, context: bytes) -> bytes:
        """Decrypt; raises ``ValueError`` when key, bytes or context are not those of ``seal``."""
        cipher = _aes(key)
        if len(sealed) < NONCE_BYTES + TAG_BYTES:
            raise ValueError("sealed bytes are cut off")
        try:
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
        except InvalidTag:
            raise ValueError("key, context or bytes are not those that were sealed") from None

    def mac(self, key: bytes, message: bytes) -> bytes:
        """HMAC-SHA-256: 32 bytes; raises ``ValueError`` for a key that is not 32 bytes long."""
        return hmac.digest(_checked(key), message, "sha256")

    def random(self, size: int) -> bytes:
        """``size`` bytes of the operating system's randomness."""
        return secrets.token_bytes(size)


def _aes(key: bytes) -> AESGCM:
    return AESGCM(_checked(key))


def _checked(key: bytes) -> bytes:
    """The library would take shorter keys as AES-128 or AES-192."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key is {KEY_BYTES} bytes long")
    return key
