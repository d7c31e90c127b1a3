"""RFC 6238 and RFC 4226: one-time codes of authenticator apps, from a shared secret and the time.

With what every app knows: HMAC-SHA-1, six digits, steps of thirty seconds from the epoch on.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DIGITS = 6
WINDOW = 1
"""How many steps before and after the present one count as well (RFC 6238 section 5.2, one for the network delay)."""
SECRET_BYTES = 20
"""RFC 4226 section 4, R6: 160 bits."""


def new_secret(random: str) -> str:
    """The secret made of random text with at least as much entropy, in Base32 without padding."""
    return base64.b32encode(hashlib.sha256(random.encode()).digest()[:SECRET_BYTES]).decode().rstrip("=")


def hotp(key: bytes, counter: int, digits: int = DIGITS) -> str:
    """RFC 4226 section 5.3: the code of a counter."""
    digest = hmac.new(key, counter.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_at(now: datetime) -> int:
    """RFC 6238 section 4.2: the number of the step that a time is in."""
    return int(now.timestamp()) // STEP_SECONDS


def matching_step(secret: str, now: datetime, code: str) -> int | None:
    """The step within the window whose code this is, or ``None``. Spaces within a code do not matter.

    All steps are compared, in constant time.
    """
    typed = "".join(code.split())
    key = key_of(secret)
    if key is None or len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    present = step_at(now)
    steps = range(present - WINDOW, present + WINDOW + 1)
    found = [step for step in steps if hmac.compare_digest(hotp(key, step), typed)]
    return found[-1] if found else None


def key_of(secret: str) -> bytes | None:
    """The bytes of a secret, ``None`` for what is none: that of an erased person, for example."""
    try:
        return base64.b32decode(secret + "=" * (-len(secret) % 8)) or None
    except binascii.Error:
        return None


def uri(secret: str, issuer: str, account: str) -> str:
    """What an app reads off a QR code: the ``otpauth`` URI of the Key URI Format."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    details = {
        "secret": secret,
        "issuer": issuer,
        "algorithm": "SHA1",
        "digits": str(DIGITS),
        "period": str(STEP_SECONDS),
    }
    return f"otpauth://totp/{label}?{urlencode(details, quote_via=quote)}"
