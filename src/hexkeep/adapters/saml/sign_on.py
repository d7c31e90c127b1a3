"""Single sign-on (Profiles section 4.1): where a browser brings a service provider's wish for a sign-in."""

from urllib.parse import urlencode

from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.hop import same_site
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.saml.metadata import SURFACE
from hexkeep.adapters.saml.pages import Pages
from hexkeep.core.authrequest.api import START_IDP_INITIATED, START_SAML_SIGN_IN
from hexkeep.core.authrequest.messages import StartIdpInitiated, StartSamlSignIn
from hexkeep.core.saml.bindings import SamlRequestBinding
from hexkeep.ports.api import Anonymous, Api

POSTED = "/saml/sso/posted"
"""Where a form of another site is led by GET; what is in it is no message of the redirect binding, hence a path."""


class SingleSignOn:
    """The endpoints for both bindings. What is raised belongs on an error page: nobody else may be told."""

    def __init__(self, api: Api, pages: Pages) -> None:
        self._api = api
        self._pages = pages

    async def redirected(self, request: Request) -> Response:
        """HTTP-Redirect (Bindings section 3.4). The query is handed on as it is: a signature is over its characters."""
        request.query()  # within bounds, and a form
        return await self._start(request, SamlRequestBinding.REDIRECT, request.raw_query.decode())

    async def posted(self, request: Request) -> Response:
        """HTTP-POST (Bindings section 3.5)."""
        form = await request.form()
        return same_site(request, form, POSTED) or await self._start_posted(request, form)

    async def hopped(self, request: Request) -> Response:
        """The same after the hop that fetches the cookie."""
        return await self._start_posted(request, request.query())

    async def begin(self, request: Request) -> Response:
        """Unsolicited (Profiles section 4.1.5): for an application that has not asked."""
        form = request.query()
        asked = message(
            StartIdpInitiated,
            client_id=form.get("client_id"),
            relay_state=form.get("RelayState"),
            session_token=request.session_token,
        )
        answer = await self._api.call(START_IDP_INITIATED, asked, Anonymous(), request.meta(SURFACE))
        return self._pages.step(request, answer.output)

    async def _start_posted(self, request: Request, form: Form) -> Response:
        return await self._start(request, SamlRequestBinding.POST, urlencode(form.pairs))

    async def _start(self, request: Request, binding: SamlRequestBinding, query: str) -> Response:
        asked = message(StartSamlSignIn, binding=binding, query=query, session_token=request.session_token)
        answer = await self._api.call(START_SAML_SIGN_IN, asked, Anonymous(), request.meta(SURFACE))
        return self._pages.step(request, answer.output)
