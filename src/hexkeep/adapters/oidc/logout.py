"""The end session endpoint (OIDC RP-Initiated Logout 1.0 section 2)."""

from hexkeep.adapters.asgi.hop import parameters, same_site
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.oidc.answers import SURFACE
from hexkeep.adapters.oidc.pages import Pages
from hexkeep.core.token.api import END_OIDC_SESSION
from hexkeep.core.token.messages import EndOidcSession
from hexkeep.ports.api import Anonymous, Api


class EndSessionEndpoint:
    """Where a browser brings an application's wish to have somebody signed out."""

    def __init__(self, api: Api, pages: Pages) -> None:
        self._api = api
        self._pages = pages

    async def begin(self, request: Request) -> Response:
        """Sign out, or ask first. Never confirmed from here: only our own page's form can be believed in that."""
        form = await parameters(request)
        if hop := same_site(request, form):
            return hop
        asked = message(
            EndOidcSession,
            params=form.values,
            repeated=form.repeated,
            session_token=request.session_token,
            waiting_tokens=request.waiting_tokens,
        )
        answer = await self._api.call(END_OIDC_SESSION, asked, Anonymous(), request.meta(SURFACE))
        return self._pages.logout(request, answer.output, form)
