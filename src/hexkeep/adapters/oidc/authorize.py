"""The authorization endpoint (RFC 6749 section 3.1, OIDC Core section 3.1.2)."""

from hexkeep.adapters.asgi.hop import parameters, same_site
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.oidc.answers import SURFACE
from hexkeep.adapters.oidc.pages import Pages
from hexkeep.core.authrequest.api import START_AUTHORIZATION
from hexkeep.core.authrequest.messages import StartAuthorization
from hexkeep.ports.api import Anonymous, Api


class AuthorizationEndpoint:
    """Where a browser brings an application's wish to have somebody signed in."""

    def __init__(self, api: Api, pages: Pages) -> None:
        self._api = api
        self._pages = pages

    async def begin(self, request: Request) -> Response:
        """The first step. What is raised belongs on an error page; errors for the application are redirects already."""
        form = await parameters(request)
        if hop := same_site(request, form):
            return hop
        asked = message(
            StartAuthorization,
            params=form.values,
            repeated=form.repeated,
            resources=form.all("resource"),
            session_token=request.session_token,
        )
        answer = await self._api.call(START_AUTHORIZATION, asked, Anonymous(), request.meta(SURFACE))
        return self._pages.step(request, answer.output)
