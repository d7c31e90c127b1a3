"""Authorization codes (RFC 6749 section 4.1.2): what a code stands for while it is kept."""

from datetime import datetime, timedelta

from hexkeep.core.oidc.kept import KeptValue

SCOPE = "code"
"""Under which the expiring store keeps what a code stands for."""
USED = "code.used"
"""Under which it remembers that a code was redeemed."""
LIFETIME = timedelta(seconds=60)
REMEMBERED = timedelta(minutes=10)
"""How long a code is known after it was issued, so that its reuse is noticed although it has expired."""


class AuthorizationCode(KeptValue):
    """What the code was issued for. ``auth_time`` is when the user last gave the password."""

    family_id: str
    """The token family it will found; the id of the authorization request, so that reuse finds what to revoke."""
    client_id: str
    redirect_uri: str
    code_challenge: str
    nonce: str
    scopes: tuple[str, ...]
    user_id: str
    session_id: str
    auth_time: datetime
    expires_at: datetime
    acr: str = ""
    claims: str = ""
    """The claims parameter (OIDC Core section 5.5), JSON or empty."""
    resources: tuple[str, ...] = ()
    """RFC 8707: for which APIs."""
    authorization_details: str = ""
    """RFC 9396: what was granted in detail, JSON or empty."""
    grant_action: str = ""
    """What becomes of a managed grant (``grant_management.Action``), or empty."""
    grant_id: str = ""
    """Which one there is already, or empty."""
    dpop_jkt: str = ""
    """RFC 9449 section 10: the key that has to redeem it, or empty."""
