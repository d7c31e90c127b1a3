"""What browsers may do with our pages: as little as possible, told in headers on every one of them."""

import re

from hexkeep.adapters.asgi.response import NO_STORE, Header

FORM_TARGET = re.compile(r"[a-z][a-z0-9+.-]*:(//[a-z0-9_.-]+(:[0-9]{1,5})?)?", re.IGNORECASE)
"""A scheme or an origin (CSP 3 section 2.3.1); anything else could smuggle in a directive."""

CONTENT = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'"
FIXED: tuple[Header, ...] = (
    ("content-type", "text/html; charset=utf-8"),
    NO_STORE,
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    # Not no-referrer: with it browsers send `Origin: null` with our own forms as well.
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("cross-origin-resource-policy", "same-origin"),
)
OWN_WINDOW: Header = ("cross-origin-opener-policy", "same-origin")


def page_headers(form_target: str = "", *, in_flow: bool = False) -> tuple[Header, ...]:
    """The headers of a page.

    ``form_target`` is where a form's answer may redirect to besides here: browsers hold that against ``form-action``
    too. Pages ``in_flow`` of a sign-in for an application may be in a window that the application opened and waits for,
    so they are not cut off from it.
    """
    allowed = f" {form_target}" if FORM_TARGET.fullmatch(form_target) else ""
    policy: Header = ("content-security-policy", f"{CONTENT}; form-action 'self'{allowed}")
    return (*FIXED, policy) if in_flow else (*FIXED, policy, OWN_WINDOW)
