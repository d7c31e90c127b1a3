"""OpenID Connect Session Management 1.0: what an application's page can ask an unseen frame of ours, without a request.

The frame knows the browser's state by a cookie that scripts may read, and the application a salted digest of it that
came with its authorization response. Both are worth nothing by themselves: neither signs anybody in.
"""

import hashlib

from hexkeep.core.feature.state import Feature, is_on
from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc.rfc6749 import redirect_origin

SALT_LENGTH = 22
"""Characters of base64url: 132 bits."""


def is_offered(ctx: Context) -> bool:
    """Whether the instance wants it."""
    return is_on(ctx, Feature.SESSION_MANAGEMENT)


def browser_state(session_id: str) -> str:
    """Section 3.2: the state of the browser that holds a session; another session has another one."""
    return hashlib.sha256(f"hexkeep-browser-state {session_id}".encode()).hexdigest()


def session_state(client_id: str, redirect_uri: str, session_id: str, salt: str) -> str:
    """Section 2: what goes with an authorization response, and means nothing to another client or origin."""
    text = f"{client_id} {redirect_origin(redirect_uri)} {browser_state(session_id)} {salt}"
    return f"{hashlib.sha256(text.encode()).hexdigest()}.{salt}"
