"""Logout by OpenID Connect: RP-Initiated, Front-Channel and Back-Channel Logout 1.0, as rules and texts."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from pydantic import JsonValue

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.kernel.urls import with_query
from hexkeep.core.oidc.oidc_core import Hint

LOGOUT_TOKEN_TYPE = "logout+jwt"
"""Back-Channel Logout section 2.4: the ``typ`` header, so that no other JWT of ours passes for a logout token."""
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
"""Section 2.4: the one member of ``events``, whose value is an empty object."""
LOGOUT_TOKEN_LIFETIME = timedelta(minutes=2)
"""Section 4: short, so that little has to be remembered against replay. Every attempt brings a new token."""


def needs_confirmation(hint: Hint | None, session_id: str, user_id: str) -> bool:
    """RP-Initiated Logout section 2 (and 6, against logout forced by strangers): whether to ask before a session ends.

    ``session_id`` and ``user_id`` are the browser's own, empty when nobody is signed in: then there is nothing to ask.
    A hint holds when it names this session, or, having been issued for an earlier one, this user.
    """
    if not session_id:
        return False
    return hint is None or (hint.session_id != session_id and hint.subject != user_id)


def return_uri(post_logout_redirect_uri: str, state: str) -> str:
    """RP-Initiated Logout section 3: the registered URI with ``state`` passed back, when there was one."""
    return with_query(post_logout_redirect_uri, urlencode({"state": state} if state else {}))


def frame_uri(client: ClientMetadata, issuer: str, session_id: str) -> str:
    """Front-Channel Logout section 2: the registered URI, with ``iss`` and ``sid`` for who requires them."""
    told = {"iss": issuer, "sid": session_id} if client.frontchannel_logout_session_required else {}
    return with_query(client.frontchannel_logout_uri, urlencode(told))


def logout_token_claims(
    issuer: str, client_id: str, subject: str, session_id: str, token_id: str, now: datetime
) -> dict[str, JsonValue]:
    """Back-Channel Logout section 2.4: the claims of a logout token, for user and session; a nonce is forbidden."""
    issued = int(now.timestamp())
    return {
        "iss": issuer,
        "sub": subject,
        "aud": client_id,
        "iat": issued,
        "exp": issued + int(LOGOUT_TOKEN_LIFETIME.total_seconds()),
        "jti": token_id,
        "events": {LOGOUT_EVENT: {}},
        "sid": session_id,
    }
