"""The frame that applications' pages ask whether somebody is still signed in (OIDC Session Management 1.0)."""

from hexkeep.adapters.asgi import cookies
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Header, Response
from hexkeep.adapters.web.scripts import CHECK_SESSION, Script
from hexkeep.adapters.web.visitors import SURFACE
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.oidc import discovery
from hexkeep.core.token.api import GET_DISCOVERY
from hexkeep.ports.api import Anonymous, Api


def browser_state(value: str) -> Header:
    """The header that sets the cookie which the frame reads; an empty value removes it."""
    return cookies.shown(cookies.BROWSER_STATE, value, discovery.CHECK_SESSION)


class CheckSessionFrame:
    """A page of one script. Any site may show it: it tells nothing to who does not know a session state."""

    def __init__(self, api: Api) -> None:
        self._api = api
        script = Script(CHECK_SESSION)
        markup = f"<!doctype html><html lang=en><title>Session</title><script>{script.markup}</script>"
        policy = f"default-src 'none'; script-src {script.source}; base-uri 'none'; frame-ancestors *"
        self._page = Response(
            200,
            (
                ("content-type", "text/html; charset=utf-8"),
                ("cache-control", "public, max-age=300"),
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
                ("content-security-policy", policy),
            ),
            markup.encode(),
        )

    async def show(self, request: Request) -> Response:
        """The frame; raises ``NotFound`` where the instance does not offer it."""
        answer = await self._api.call(GET_DISCOVERY, Empty(), Anonymous(), request.meta(SURFACE))
        if answer.output.check_session_iframe is None:
            raise NotFound
        return self._page
