"""How long ago somebody may have authenticated, for whoever has a wish about that.

OIDC Core section 3.1.2.1, ``prompt=login`` and ``max_age``; SAML 2.0 Core section 3.4.1, ``ForceAuthn``.
"""

from datetime import datetime, timedelta

SKEW = timedelta(minutes=3)
"""How far the clock may be from ours of who tells when somebody authenticated elsewhere."""


def is_recent(authenticated_at: datetime, max_age: int, asked_at: datetime) -> bool:
    """Whether who authenticated at a moment need not do so again for a wish of ``max_age`` seconds at another one."""
    return asked_at - authenticated_at <= timedelta(seconds=max_age) + SKEW
