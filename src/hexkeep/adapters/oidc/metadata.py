"""Discovery (OIDC Discovery 1.0 section 4, RFC 8414 section 3) and the signing keys (RFC 7517)."""

import hashlib
from urllib.parse import urlsplit

from hexkeep.adapters.asgi.proxies import ClientCertificates
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Header, Response, redirect
from hexkeep.adapters.oidc.answers import SURFACE, document
from hexkeep.core.application.state import AuthMethod
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.oidc.discovery import CERTIFICATE_METHODS
from hexkeep.core.token.api import GET_DISCOVERY, GET_JWKS
from hexkeep.core.token.messages import DiscoveryDocument
from hexkeep.ports.api import Anonymous, Api

CACHED: Header = ("cache-control", "public, max-age=300")
"""Far shorter than keys are published ahead (``core.key.events.AHEAD``)."""
TEMPORARY_REDIRECT = 307
NOT_MODIFIED = 304


class Metadata:
    """What relying parties read before anything else."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def discovery(self, request: Request) -> Response:
        """The metadata, under the issuer's own host alone: from another one it would not match its issuer."""
        meta = request.meta(SURFACE)
        origin = (await self._api.instance(request.host)).origin
        if urlsplit(origin).hostname != urlsplit(request.origin).hostname:
            return redirect(origin + request.path, status=TEMPORARY_REDIRECT)
        answer = await self._api.call(GET_DISCOVERY, Empty(), Anonymous(), meta)
        return document(_within(answer.output, request.certificates), CACHED)

    async def jwks(self, request: Request) -> Response:
        """The public keys, with a tag by which a known set need not be sent again (RFC 9110 section 8.8.3)."""
        answer = await self._api.call(GET_JWKS, Empty(), Anonymous(), request.meta(SURFACE))
        response = document(answer.output, CACHED)
        tag = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
        if tag in request.header("if-none-match"):
            return Response(NOT_MODIFIED, (CACHED, ("etag", tag)))
        return response.adding(("etag", tag))


def _within(described: DiscoveryDocument, certificates: str) -> DiscoveryDocument:
    """The metadata without what needs certificates of which no proxy tells, or tells too little."""
    refused = {
        ClientCertificates.NONE: CERTIFICATE_METHODS,
        ClientCertificates.ANY: {AuthMethod.TLS_CLIENT_AUTH.value},
        ClientCertificates.VERIFIED: frozenset[str](),
    }[ClientCertificates(certificates)]
    told = {name: value for name, value in described if name.endswith("_auth_methods_supported") and value}
    methods = {name: tuple(one for one in known if one not in refused) for name, known in told.items()}
    bound = ClientCertificates(certificates) is not ClientCertificates.NONE
    return described.model_copy(update={**methods, "tls_client_certificate_bound_access_tokens": bound})
