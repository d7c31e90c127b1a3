"""Forms are accepted from our own pages in the same browser alone.

A random value stands in a cookie and again in each form. Other sites can neither read nor set the cookie: its prefix
binds it to this host and to TLS. The headers in which browsers say where a form comes from have to agree as well. No
node needs to remember anything.
"""

import re
import secrets

from hexkeep.adapters.asgi import cookies
from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Header
from hexkeep.adapters.web.errors import FormRefused
from hexkeep.core.kernel.errors import InvalidInput

COOKIE = "__Host-hexkeep-csrf"
FIELD = "csrf"
VALUE = re.compile(r"[A-Za-z0-9_-]{43}")
VALUE_BYTES = 32
OWN_SITES = frozenset({"same-origin", "none"})
"""Values of ``Sec-Fetch-Site`` (W3C Fetch Metadata section 2.3) that no other site can bring about."""


def token_for(request: Request) -> tuple[str, tuple[Header, ...]]:
    """The value for a page's forms, and the header that sets the cookie where the browser has none yet."""
    value = request.cookie(COOKIE)
    if VALUE.fullmatch(value):
        return value, ()
    fresh = secrets.token_urlsafe(VALUE_BYTES)
    return fresh, (cookies.kept(COOKIE, fresh),)


async def accepted_form(request: Request) -> Form:
    """The form of a request, without the token; raises ``FormRefused`` unless it is our own page's."""
    if not _from_here(request):
        raise FormRefused
    form = await request.form()
    value = request.cookie(COOKIE)
    if not VALUE.fullmatch(value) or not secrets.compare_digest(form.get(FIELD).encode(), value.encode()):
        raise FormRefused
    if form.repeated:
        raise InvalidInput("A field is included more than once")
    return form.without(FIELD)


def _from_here(request: Request) -> bool:
    site, origin = request.header("sec-fetch-site"), request.header("origin")
    return (not site or site in OWN_SITES) and (not origin or origin.lower() == request.origin)
