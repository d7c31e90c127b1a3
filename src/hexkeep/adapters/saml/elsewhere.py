"""Single logout with identity providers: where a browser brings their messages (Profiles section 4.4)."""

from urllib.parse import urlencode

from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.saml.metadata import SURFACE
from hexkeep.adapters.saml.pages import Pages
from hexkeep.core.saml.bindings import SamlRequestBinding
from hexkeep.core.samllogout.api import RECEIVE_IDP_LOGOUT
from hexkeep.core.samllogout.elsewhere import ReceiveIdpLogout
from hexkeep.ports.api import Anonymous, Api


class ProviderLogout:
    """The endpoint of each provider, for both bindings. No cookie is needed: messages name what they are about."""

    def __init__(self, api: Api, pages: Pages) -> None:
        self._api = api
        self._pages = pages

    async def redirected(self, request: Request) -> Response:
        """HTTP-Redirect (Bindings section 3.4). The query is handed on as it is: a signature is over its characters."""
        request.query()  # within bounds, and a form
        return await self._received(request, SamlRequestBinding.REDIRECT, request.raw_query.decode())

    async def posted(self, request: Request) -> Response:
        """HTTP-POST (Bindings section 3.5)."""
        return await self._received(request, SamlRequestBinding.POST, urlencode((await request.form()).pairs))

    async def _received(self, request: Request, binding: SamlRequestBinding, query: str) -> Response:
        provider_id = request.path.rpartition("/")[2]
        asked = message(ReceiveIdpLogout, identity_provider_id=provider_id, binding=binding, query=query)
        step = (await self._api.call(RECEIVE_IDP_LOGOUT, asked, Anonymous(), request.meta(SURFACE))).output
        return self._pages.received(request, step)
