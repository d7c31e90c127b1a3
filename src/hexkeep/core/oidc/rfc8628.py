"""The device authorization grant (RFC 8628): what a device code and a user code look like and stand for.

Neither is in the log. The expiring store holds what they stand for under their keyed hashes, on all nodes at once, and
forgets it in time; what the person says to it is an event of the aggregate that ``DeviceRequest`` names.
"""

from datetime import datetime, timedelta

from hexkeep.core.code.state import SYMBOLS, code_of, normalised
from hexkeep.core.oidc.kept import KeptValue

DEVICE_CODE = "device_code"
"""Under which the expiring store keeps what a device code stands for."""
USER_CODE = "device/user_code"
"""Under which it keeps the same for the code that a person types."""
USER_CODE_TAKEN = "device/user_code.taken"
"""Under which it remembers which of those are in use: no two live ones are the same."""
LENGTH = 8
"""Section 6.1: of twenty letters, which is 34 bits; section 5.1 counts on the limits of tries as well."""
GROUP = 4
REMEMBERED = timedelta(minutes=10)
"""For so long a device code is known after it has expired, so that its device is told just that."""
PAGE = "/device"
"""Section 3.2, ``verification_uri``: short, for it is typed."""


class DeviceRequest(KeptValue):
    """What a device has asked for (section 3.1)."""

    request_id: str
    """Of the aggregate that the person's answer is an event of, and of the token family that it founds."""
    client_id: str
    scopes: tuple[str, ...]
    resources: tuple[str, ...] = ()
    authorization_details: str = ""
    """RFC 9396, JSON or empty."""
    acr_values: tuple[str, ...] = ()
    """How the person should have signed in (OIDC Core section 3.1.2.1); a mere wish."""
    interval: timedelta
    expires_at: datetime


def user_code(secret: str) -> str:
    """Section 6.1: a code of letters that make no words and are not mistaken for each other."""
    return code_of(secret, LENGTH)


def entered(text: str) -> str:
    """The user code behind what somebody typed; empty when that can be none.

    Section 6.1: case, spaces and punctuation do not count.
    """
    code = normalised(text, LENGTH)
    return code if len(code) == LENGTH and set(code) <= set(SYMBOLS) else ""


def shown(code: str) -> str:
    """A user code as people read it."""
    return f"{code[:GROUP]}-{code[GROUP:]}"
