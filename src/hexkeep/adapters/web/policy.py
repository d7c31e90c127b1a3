"""What browsers may do with our pages: as little as possible, told in headers on every one of them."""

import re

from hexkeep.adapters.asgi.response import NO_STORE, Header

FORM_TARGET = re.compile(r"[a-z][a-z0-9+.-]*:(//[a-z0-9_.-]+(:[0-9]{1,5})?)?", re.IGNORECASE)
"""A scheme or an origin (CSP 3 section 2.3.1); anything else could smuggle in a directive."""

CONTENT = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'"
FIXED: tuple[Header, ...] = (
    ("content-type", "text/html; charset=utf-8"),
    NO_STORE,
    ("x-content-type-options", "nosniff"),
    # Not no-referrer: with it browsers send `Origin: null` with our own forms as well.
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("cross-origin-resource-policy", "same-origin"),
)
NO_FRAMES: Header = ("x-frame-options", "DENY")
OWN_WINDOW: Header = ("cross-origin-opener-policy", "same-origin")


def page_headers(
    form_target: str = "",
    *,
    in_flow: bool = False,
    framing: tuple[str, ...] = (),
    script: str = "",
    frames: tuple[str, ...] = (),
    carries: bool = False,
) -> tuple[Header, ...]:
    """The headers of a page. ``script`` is the hash of the one script that it has, which may call us alone.

    ``form_target`` is where a form's answer may redirect to besides here: browsers hold that against ``form-action``
    too. Pages ``in_flow`` of a sign-in for an application may be in a window that the application opened and waits for,
    so they are not cut off from it. ``framing`` are the origins whose pages may show ours within them, usually none;
    ``frames`` those whose pages it shows itself.

    A page that ``carries`` a message to a site of somebody else has no ``form-action``: where that site leads on to at
    once, which nobody here can know, would have to be listed as well (CSP 3 section 6.4.1.1). Nothing is typed there
    that a form could take along, and its target has been validated.
    """
    allowed = f" {form_target}" if FORM_TARGET.fullmatch(form_target) else ""
    ancestors = " ".join(origin for origin in framing if FORM_TARGET.fullmatch(origin)) or "'none'"
    scripts = f"; script-src {script}; connect-src 'self'" if script else ""
    shown = " ".join(dict.fromkeys(origin for origin in frames if FORM_TARGET.fullmatch(origin)))
    within = f"; frame-src {shown}" if shown else ""
    forms = "" if carries else f"; form-action 'self'{allowed}"
    policy: Header = (
        "content-security-policy",
        f"{CONTENT}{scripts}{within}; frame-ancestors {ancestors}{forms}",
    )
    own_frames = () if framing else (NO_FRAMES,)
    return (*FIXED, *own_frames, policy) if in_flow else (*FIXED, *own_frames, policy, OWN_WINDOW)
