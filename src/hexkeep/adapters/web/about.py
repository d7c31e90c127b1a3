"""Where an application says more of itself: its logo, its home page, how it uses what it learns, its terms.

All of OIDC Dynamic Client Registration 1.0 section 2.
"""

import hashlib
from urllib.parse import urlencode

from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import INERT, Response
from hexkeep.adapters.web import paths
from hexkeep.adapters.web.visitors import SURFACE
from hexkeep.core.authrequest.api import GET_CLIENT_LOGO
from hexkeep.core.authrequest.messages import AuthRequestDetails, ClientLogo, GetClientLogo
from hexkeep.core.connection import logos
from hexkeep.core.connection.api import SHOW_CONNECTION_LOGO
from hexkeep.core.connection.messages import ConnectionLogo, ShowConnectionLogo
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.ports.api import Anonymous, Api

SECONDS = 300
"""For so long browsers keep a logo; another picture has another address anyway."""


def links_of(asked: AuthRequestDetails | None) -> dict[str, str]:
    """The links that a page shows, by the name of their text."""
    if asked is None:
        return {}
    links = {"client_link": asked.client_uri, "policy_link": asked.policy_uri, "tos_link": asked.tos_uri}
    return {name: link for name, link in links.items() if link}


class Logos:
    """The logos of applications, from our own origin: theirs would learn who looks at which page, and when."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def path_of(self, request: Request, asked: AuthRequestDetails | None) -> str:
        """Where the logo is that a page shows; empty where there is none, or none that can be had."""
        if asked is None or not asked.logo_uri:
            return ""
        try:
            logo = await self._logo(request, asked.auth_request_id)
        except HexkeepError:
            return ""
        digest = hashlib.sha256(logo.content).hexdigest()[:16]
        return f"{paths.CLIENT_LOGO}?{urlencode({paths.REQUEST: asked.auth_request_id, 'v': digest})}"

    async def picture(self, request: Request) -> Response:
        """The logo itself; raises ``NotFound``. By its name it is for pages of others as well."""
        query = request.query()
        named = query.get(logos.NAME)
        logo = await (self._named(request, query) if named else self._logo(request, query.get(paths.REQUEST)))
        headers = (
            ("content-type", logo.content_type),
            ("cache-control", f"private, max-age={SECONDS}"),
            ("cross-origin-resource-policy", "cross-origin" if named else "same-origin"),
        )
        return Response(200, (*headers, *INERT), logo.content)

    async def _named(self, request: Request, query: Form) -> ConnectionLogo:
        """That of an application in a list of connections."""
        asked = message(ShowConnectionLogo, client_id=query.get(logos.CLIENT), name=query.get(logos.NAME))
        return (await self._api.call(SHOW_CONNECTION_LOGO, asked, Anonymous(), request.meta(SURFACE))).output

    async def _logo(self, request: Request, request_id: str) -> ClientLogo:
        asked = message(GetClientLogo, auth_request_id=request_id)
        return (await self._api.call(GET_CLIENT_LOGO, asked, Anonymous(), request.meta(SURFACE))).output
