"""Discovery (OIDC Discovery 1.0 section 4, RFC 8414 section 3) and the signing keys (RFC 7517)."""

import hashlib
from functools import partial
from urllib.parse import urlsplit

from hexkeep.adapters.asgi.proxies import ClientCertificates
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Header, Response, redirect
from hexkeep.adapters.oidc.answers import SURFACE, document
from hexkeep.core.application.state import AuthMethod
from hexkeep.core.kernel.memo import once_per_value
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.oidc.discovery import CERTIFICATE_METHODS
from hexkeep.core.token.api import GET_DISCOVERY, GET_JWKS
from hexkeep.core.token.messages import DiscoveryDocument, JsonWebKeySet
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
        return _DISCOVERY[ClientCertificates(request.certificates)](answer.output)

    async def jwks(self, request: Request) -> Response:
        """The public keys, with a tag by which a known set need not be sent again (RFC 9110 section 8.8.3)."""
        answer = await self._api.call(GET_JWKS, Empty(), Anonymous(), request.meta(SURFACE))
        response, tag = _tagged(answer.output)
        if tag in request.header("if-none-match"):
            return Response(NOT_MODIFIED, (CACHED, ("etag", tag)))
        return response


@once_per_value
def _tagged(keys: JsonWebKeySet) -> tuple[Response, str]:
    response = document(keys, CACHED)
    tag = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
    return response.adding(("etag", tag)), tag


def _within(certificates: ClientCertificates, described: DiscoveryDocument) -> Response:
    """The metadata without what needs certificates of which no proxy tells, or tells too little."""
    refused = {
        ClientCertificates.NONE: CERTIFICATE_METHODS,
        ClientCertificates.ANY: {AuthMethod.TLS_CLIENT_AUTH.value},
        ClientCertificates.VERIFIED: frozenset[str](),
    }[certificates]
    offered = {name: value for name, value in described if name.endswith("_auth_methods_supported") and value}
    methods = {name: tuple(one for one in known if one not in refused) for name, known in offered.items()}
    bound = certificates is not ClientCertificates.NONE
    told = described.model_copy(update={**methods, "tls_client_certificate_bound_access_tokens": bound})
    return document(told, CACHED)


_DISCOVERY = {one: once_per_value(partial(_within, one)) for one in ClientCertificates}
"""The metadata as JSON, encoded once for each that there is."""
