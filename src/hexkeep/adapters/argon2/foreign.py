"""Verifying hashes that other systems have made (``hexkeep.core.user.foreign``). Slow: for the pool's threads."""

import hashlib
import hmac
from collections.abc import Callable, Mapping

import bcrypt

from hexkeep.core.user.foreign import ForeignHash, Scheme

BCRYPT_BYTES = 72
"""What bcrypt looks at. Passwords here are never cut off; whoever made such a hash did."""
ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
MD5_ROUNDS = 1000
MD5_ORDER = ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5))
SPARE_BYTES = 1 << 21


def fits(found: ForeignHash, password: bytes) -> bool:
    """Whether a password has this hash, compared in constant time. Argon2's own are not for here: always false."""
    verify = _BY_SCHEME.get(found.scheme)
    return verify is not None and verify(found, password)


def _bcrypt(found: ForeignHash, password: bytes) -> bool:
    try:
        return bcrypt.checkpw(password[:BCRYPT_BYTES], found.text.encode())
    except ValueError:  # a salt that no implementation makes
        return False


def _scrypt(found: ForeignHash, password: bytes) -> bool:
    n, r, p = 1 << found.costs["log_n"], found.costs["block"], found.costs["lanes"]
    try:
        made = hashlib.scrypt(
            password,
            salt=found.salt,
            n=n,
            r=r,
            p=p,
            maxmem=128 * r * (n + p) + SPARE_BYTES,
            dklen=len(found.digest),
        )
    except (ValueError, MemoryError):  # parameters that do not go together
        return False
    return hmac.compare_digest(made, found.digest)


def _pbkdf2(found: ForeignHash, password: bytes) -> bool:
    made = hashlib.pbkdf2_hmac(found.variant, password, found.salt, found.costs["iterations"], len(found.digest))
    return hmac.compare_digest(made, found.digest)


def _md5crypt(found: ForeignHash, password: bytes) -> bool:
    made = f"$1${found.salt.decode()}${_md5crypt_digest(password, found.salt)}"
    return hmac.compare_digest(made.encode(), found.text.encode())


def _md5crypt_digest(password: bytes, salt: bytes) -> str:
    """The algorithm of Poul-Henning Kamp, as FreeBSD's ``crypt(3)`` and glibc have it."""
    other = _md5(password + salt + password)
    mixed = password + b"$1$" + salt + (other * (len(password) // 16 + 1))[: len(password)]
    length = len(password)
    while length:
        mixed += b"\0" if length & 1 else password[:1]
        length >>= 1
    digest = _md5(mixed)
    for number in range(MD5_ROUNDS):
        odd = number & 1
        parts = (password if odd else digest, salt if number % 3 else b"", password if number % 7 else b"")
        digest = _md5(b"".join(parts) + (digest if odd else password))
    return _md5crypt_text(digest)


def _md5crypt_text(digest: bytes) -> str:
    groups = [(digest[a] << 16 | digest[b] << 8 | digest[c], 4) for a, b, c in MD5_ORDER]
    return "".join(_symbols(value, count) for value, count in (*groups, (digest[11], 2)))


def _symbols(value: int, count: int) -> str:
    return "".join(ALPHABET[value >> 6 * place & 63] for place in range(count))


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


_BY_SCHEME: Mapping[Scheme, Callable[[ForeignHash, bytes], bool]] = {
    Scheme.BCRYPT: _bcrypt,
    Scheme.SCRYPT: _scrypt,
    Scheme.PBKDF2: _pbkdf2,
    Scheme.MD5CRYPT: _md5crypt,
}
