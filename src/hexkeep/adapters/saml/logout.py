"""Single logout (Profiles section 4.4): where a browser brings messages of service providers."""

from urllib.parse import urlencode

from hexkeep.adapters.asgi.forms import Form
from hexkeep.adapters.asgi.hop import same_site
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.saml.metadata import SURFACE
from hexkeep.adapters.saml.pages import Pages
from hexkeep.core.saml.bindings import SamlRequestBinding
from hexkeep.core.samllogout.api import RECEIVE_SAML_LOGOUT
from hexkeep.core.samllogout.messages import ReceiveSamlLogout, SamlLogoutKind
from hexkeep.ports.api import Anonymous, Api

POSTED = "/saml/slo/posted"
"""Where a form is led by GET that names no session, for the cookies."""


class SingleLogout:
    """The endpoint for both bindings and both kinds of messages. What is raised belongs on an error page."""

    def __init__(self, api: Api, pages: Pages) -> None:
        self._api = api
        self._pages = pages

    async def redirected(self, request: Request) -> Response:
        """HTTP-Redirect (Bindings section 3.4). The query is handed on as it is: a signature is over its characters."""
        request.query()  # within bounds, and a form
        return await self._received(request, SamlRequestBinding.REDIRECT, request.raw_query.decode())

    async def posted(self, request: Request) -> Response:
        """HTTP-POST (Bindings section 3.5), which needs no cookie: messages name what they are about."""
        form = await request.form()
        return await self._received(request, SamlRequestBinding.POST, urlencode(form.pairs), form)

    async def hopped(self, request: Request) -> Response:
        """The same after the hop that fetches the cookies."""
        return await self._received(request, SamlRequestBinding.POST, urlencode(request.query().pairs))

    async def _received(
        self, request: Request, binding: SamlRequestBinding, query: str, form: Form | None = None
    ) -> Response:
        asked = message(
            ReceiveSamlLogout,
            binding=binding,
            query=query,
            session_token=request.session_token,
            waiting_tokens=request.waiting_tokens,
            hopped=form is None,
        )
        step = (await self._api.call(RECEIVE_SAML_LOGOUT, asked, Anonymous(), request.meta(SURFACE))).output
        hop = same_site(request, form, POSTED) if form is not None and step.kind is SamlLogoutKind.HOP else None
        return hop or self._pages.received(request, step)
