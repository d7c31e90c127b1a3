"""The metadata of an instance (Metadata section 4.1: it is found at the entity id)."""

from urllib.parse import urlsplit

from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Header, Response, redirect
from hexkeep.core.idpintent.api import GET_SAML_PARTY_METADATA
from hexkeep.core.idpintent.party import GetSamlPartyMetadata
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.samlmetadata.api import GET_SAML_METADATA
from hexkeep.ports.api import Anonymous, Api

SURFACE = "saml"
XML: tuple[Header, ...] = (
    ("content-type", "application/samlmetadata+xml"),
    ("cache-control", "public, max-age=300"),
    ("x-content-type-options", "nosniff"),
)
TEMPORARY_REDIRECT = 307


class MetadataEndpoint:
    """What service providers read before anything else."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def show(self, request: Request) -> Response:
        """The metadata, under the issuer's own host alone: from another one it would not match its entity id."""
        origin = (await self._api.instance(request.host)).origin
        if urlsplit(origin).hostname != urlsplit(request.origin).hostname:
            return redirect(origin + request.path, status=TEMPORARY_REDIRECT)
        answer = await self._api.call(GET_SAML_METADATA, Empty(), Anonymous(), request.meta(SURFACE))
        return Response(200, XML, answer.output.xml.encode())

    async def show_party(self, request: Request) -> Response:
        """That of the instance as a service provider to an identity provider, likewise."""
        origin = (await self._api.instance(request.host)).origin
        if urlsplit(origin).hostname != urlsplit(request.origin).hostname:
            return redirect(origin + request.path, status=TEMPORARY_REDIRECT)
        asked = message(GetSamlPartyMetadata, identity_provider_id=request.path.rpartition("/")[2])
        answer = await self._api.call(GET_SAML_PARTY_METADATA, asked, Anonymous(), request.meta(SURFACE))
        return Response(200, XML, answer.output.xml.encode())
