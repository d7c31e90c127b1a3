"""Where somebody is led who has to sign in first, to a page of ours that no authorization request belongs to.

The browser keeps it, in a cookie that no other host can set and for a short time, so that every page of a sign-in finds
it without handing it on. It names nothing but those few pages.
"""

import re

from hexkeep.adapters.asgi import cookies
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Header, Response, redirect
from hexkeep.adapters.web import paths

COOKIE = "__Host-hexkeep-way"
PAGES = re.compile(r"/(?:device|approve|ui/access|ui/idp/account)(?:\?[A-Za-z0-9=&._~-]{1,300})?")
SECONDS = 900


def way_back(request: Request) -> str:
    """The page that the sign-in at hand is for; empty for none of them."""
    kept = request.cookie(COOKIE)
    return kept if PAGES.fullmatch(kept) else ""


def to_sign_in(page: str) -> Response:
    """The way to the login page, and from there to ``page``."""
    return redirect(paths.LOGIN).adding(kept(page))


def kept(page: str) -> Header:
    """The header that has the browser come back to ``page`` when somebody signs in."""
    return cookies.kept(COOKIE, page, seconds=SECONDS)


def arrived() -> Header:
    """The header that ends it."""
    return cookies.forgotten(COOKIE)
