"""OpenID Connect RP-Initiated Logout 1.0: when to ask the person, and where to go afterwards."""

from urllib.parse import urlencode

from hexkeep.core.oidc.oidc_core import Hint


def needs_confirmation(hint: Hint | None, session_id: str, user_id: str) -> bool:
    """Section 2 (and 6, against logout forced by strangers): whether to ask before ending a session.

    ``session_id`` and ``user_id`` are the browser's own, empty when nobody is signed in: then there is nothing to ask.
    A hint holds when it names this session, or, having been issued for an earlier one, this user.
    """
    if not session_id:
        return False
    return hint is None or (hint.session_id != session_id and hint.subject != user_id)


def return_uri(post_logout_redirect_uri: str, state: str) -> str:
    """Section 3: the registered URI with ``state`` passed back, when there was one."""
    if not state:
        return post_logout_redirect_uri
    joint = "&" if "?" in post_logout_redirect_uri else "?"
    return f"{post_logout_redirect_uri}{joint}{urlencode({'state': state})}"
