"""What binds a sign-in elsewhere to this browser, and the host of the instance that the browser is on meanwhile."""

import re
import secrets

from hexkeep.adapters.asgi import cookies
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Header, Response, redirect
from hexkeep.adapters.web.visitors import SURFACE
from hexkeep.core.idpintent.api import GET_IDP_INTENT_HOST
from hexkeep.core.idpintent.messages import GetIdpIntentHost, IdpIntentStarted
from hexkeep.ports.api import Anonymous, Api

BINDING = "__Host-hexkeep-idp"
"""Holds what binds attempts to this browser."""
HEADER = "__Host-hexkeep-idp-header"
"""Names the header that the provider wants which the browser has gone to."""
SECONDS = 900
BINDING_BYTES = 32
VALUE = re.compile(r"[A-Za-z0-9_-]{43}")


def binding(request: Request) -> tuple[str, Header]:
    """What binds attempts to this browser: the same for several windows, so that none takes another's away."""
    present = bound(request)
    value = present or secrets.token_urlsafe(BINDING_BYTES)
    return value, cookies.kept(BINDING, value, seconds=SECONDS)


def bound(request: Request) -> str:
    """The same of a browser that has one; empty for any other."""
    present = request.cookie(BINDING)
    return present if VALUE.fullmatch(present) else ""


def wanted(started: IdpIntentStarted) -> tuple[Header, ...]:
    """What has the browser remember the header that the provider wants, if it wants one."""
    return (cookies.kept(HEADER, started.header, seconds=SECONDS),) if started.header else ()


async def where_it_began(api: Api, request: Request, state: str, query: str) -> Response | None:
    """The way to the same page on the host of the instance on which it began, if that is another one.

    The browser has its cookies there. ``query`` is what is handed on.
    """
    asked = message(GetIdpIntentHost, state=state)
    host = (await api.call(GET_IDP_INTENT_HOST, asked, Anonymous(), request.meta(SURFACE))).output.host
    if not host or host == request.host:
        return None
    here, there = await api.instance(request.host), await api.instance(host)
    if here.id != there.id:
        return None
    return redirect(f"{request.scheme}://{host}{request.path}?{query}")
