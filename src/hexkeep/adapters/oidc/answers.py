"""What machines get: JSON documents, and errors as their RFC has them, with nothing of the cause."""

import json

from pydantic import BaseModel

from hexkeep.adapters.asgi.calls import DPOP_NONCE
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import NO_STORE, Header, Response, retry_after
from hexkeep.core.kernel.errors import HexkeepError, ResourceExhausted, Unavailable
from hexkeep.core.oidc.errors import OAuthError, UseDpopNonce

JSON: Header = ("content-type", "application/json")
PRAGMA: Header = ("pragma", "no-cache")
WWW_AUTHENTICATE = "www-authenticate"
SURFACE = "oidc"
SERVER_FAULT = 500


def document(message: BaseModel, *headers: Header) -> Response:
    """A message as JSON, without what it leaves out."""
    return Response(200, (JSON, *headers), message.model_dump_json(exclude_none=True).encode())


def failed(_: Request, error: HexkeepError) -> Response:
    """RFC 6749 section 5.2: the error as JSON; its ``error_description`` tells protocol errors alone apart."""
    description = error.message if isinstance(error, OAuthError) else error.title
    body = json.dumps({"error": wire_code(error), "error_description": description}).encode()
    challenge = error.challenge if isinstance(error, OAuthError) else ""
    challenges: tuple[Header, ...] = ((WWW_AUTHENTICATE, challenge),) if challenge else ()
    nonces = next_nonce(error.nonce) if isinstance(error, UseDpopNonce) else ()
    return Response(error.status, (JSON, NO_STORE, PRAGMA, *challenges, *nonces, *retry_after(error)), body)


def next_nonce(nonce: str) -> tuple[Header, ...]:
    """RFC 9449 section 8.2: the header that tells the nonce to use from now on, if there is one to tell."""
    return ((DPOP_NONCE, nonce),) if nonce else ()


def wire_code(error: HexkeepError) -> str:
    """The OAuth error code for any error of the tree."""
    if isinstance(error, OAuthError):
        return error.error
    if isinstance(error, Unavailable | ResourceExhausted):
        return "temporarily_unavailable"
    return "server_error" if error.status >= SERVER_FAULT else "invalid_request"
