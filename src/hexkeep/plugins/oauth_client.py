"""What a client of OAuth 2.0 does at an authorization server (RFC 6749), for every plugin that is one.

The code flow with PKCE (RFC 7636), requests that are pushed (RFC 9126), the issuer in the response (RFC 9207), and
calls with a bearer token (RFC 6750).
"""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote, urlencode

from pydantic import JsonValue

from hexkeep.core.kernel.urls import is_local, with_query
from hexkeep.ports.idp import (
    Begun,
    IdpCancelled,
    IdpMalformed,
    IdpNotRecent,
    IdpOffer,
    IdpRefused,
    IdpUnreachable,
    SignInAsked,
    SignInReturned,
    Surroundings,
)
from hexkeep.ports.outbound import OutboundFailed, WebRequest, WebResponse

MAX_BODY = 131_072
TIMEOUT = 5.0
BASIC, POST, NONE = "client_secret_basic", "client_secret_post", "none"
"""How a client authenticates (RFC 7591 section 2)."""
INVALID_GRANT = "token_invalid_grant"
"""The reason where it is the code or the token that a server does not take (RFC 6749 section 5.2)."""

Claims = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Client:
    """What we are registered as at a server. ``secret`` is empty for a public client, which needs ``pkce``."""

    id: str
    secret: str = field(repr=False)
    scopes: tuple[str, ...]
    pkce: bool = True


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """Where codes are redeemed, tokens revoked or requests pushed, and how the client authenticates there."""

    url: str
    method: str = BASIC


def offered(*offers: IdpOffer[Any]) -> tuple[IdpOffer[Any], ...]:
    """These, where the library is installed by which their providers speak; without it kinds stay records."""
    return offers if find_spec("authlib") is not None else ()


def begun(client: Client, endpoint: str, asked: SignInAsked, around: Surroundings, **more: str) -> Begun:
    """RFC 6749 section 4.1.1: the authorization request, with ``more`` parameters as far as they are not empty.

    The ``verifier`` of RFC 7636 is kept.
    """
    request, kept = _request(client, asked, around, more)
    return Begun(with_query(endpoint, request), kept)


async def pushed(
    client: Client, endpoint: str, to: TokenEndpoint, asked: SignInAsked, around: Surroundings, **more: str
) -> Begun:
    """RFC 9126: the same request, which the server has from us. The browser carries what the server calls it alone.

    There is no other way when that fails, as there is none that keeps what is asked for from whoever sits at the
    browser. Raises ``IdpRefused`` where the server does not take the request, ``IdpUnreachable`` where it does not
    answer, and ``IdpMalformed`` for an answer that is none.
    """
    from hexkeep.plugins.authlib_session import pushed as answered

    request, kept = _request(client, asked, around, more)
    answer = json_object(await answered(client, to, request, around), "pushed", HTTPStatus.CREATED)
    request_uri = answer.get("request_uri")
    if not isinstance(request_uri, str) or not request_uri or not request_uri.isascii():  # RFC 3986 section 2
        raise IdpMalformed("request_uri")
    return Begun(with_query(endpoint, urlencode({"client_id": client.id, "request_uri": request_uri})), kept)


def _request(
    client: Client, asked: SignInAsked, around: Surroundings, more: Mapping[str, str]
) -> tuple[str, Mapping[str, str]]:
    """An authorization request as a query, and what is kept of it."""
    from hexkeep.plugins.authlib_session import authorization_request

    verifier = secrets.token_urlsafe(32)
    given = {name: value for name, value in more.items() if value}
    request = authorization_request(client, asked, verifier, given, around)
    return request, {"verifier": verifier} if client.pkce else {}


def insist_on_no_age(asked: SignInAsked) -> None:
    """Raise ``IdpNotRecent`` where an application cares when somebody has signed in: OAuth 2.0 has no word for it."""
    if asked.max_age is not None:
        raise IdpNotRecent("oauth")


def code_of(parameters: Mapping[str, str]) -> str:
    """RFC 6749 section 4.1.2: the code of an authorization response; raises what its error means."""
    insist_on_success(parameters)
    code = parameters.get("code", "")
    if not code:
        raise IdpMalformed("code")
    return code


def insist_on_success(parameters: Mapping[str, str]) -> None:
    """RFC 6749 section 4.1.2.1: raise what the error of a response means, if it has one."""
    match parameters.get("error"):
        case None:
            pass
        case "access_denied":
            raise IdpCancelled("access_denied")
        case "server_error" | "temporarily_unavailable":
            raise IdpUnreachable("authorization")
        case _:
            raise IdpRefused("authorization")


async def redeemed(
    client: Client, endpoint: TokenEndpoint, returned: SignInReturned, code: str, around: Surroundings
) -> Claims:
    """RFC 6749 sections 4.1.3 and 5.1: the tokens for a code, as the client that we are there."""
    from hexkeep.plugins.authlib_session import tokens

    return await tokens(client, endpoint, returned, code, around)


async def refreshed(client: Client, endpoint: TokenEndpoint, refresh_token: str, around: Surroundings) -> Claims:
    """RFC 6749 section 6: other tokens for a refresh token.

    Raises ``IdpRefused`` only where the server says no to the token (section 5.2: ``invalid_grant``), and not where it
    has something against the client: that is no word about anybody's account.
    """
    from hexkeep.plugins.authlib_session import refreshed_tokens

    try:
        return await refreshed_tokens(client, endpoint, refresh_token, around)
    except IdpRefused as error:
        if error.reason == INVALID_GRANT:
            raise
        raise IdpUnreachable(error.reason) from None


async def revoked(client: Client, endpoint: TokenEndpoint, refresh_token: str, around: Surroundings) -> None:
    """RFC 7009 section 2.1: have a server take a refresh token back. One that it does not know is taken back already.

    Raises ``IdpRefused`` where it does not do that, and ``IdpUnreachable`` where it may be asked again.
    """
    from hexkeep.plugins.authlib_session import revoke

    await revoke(client, endpoint, refresh_token, around)


async def told(url: str, tokens: Claims, around: Surroundings, **headers: str) -> WebResponse:
    """RFC 6750 section 2.1: what a resource tells to the bearer of the access token; any status below 500."""
    access_token = tokens.get("access_token")
    if not isinstance(access_token, str) or not access_token.isascii() or not access_token.isprintable():
        raise IdpMalformed("access_token")
    if str(tokens.get("token_type", "bearer")).lower() != "bearer":
        raise IdpMalformed("token_type")
    given = {"authorization": f"Bearer {access_token}", "accept": "application/json", **headers}
    return await sent(WebRequest(url, "GET", given), around)


async def sent(request: WebRequest, around: Surroundings) -> WebResponse:
    """The answer to a request, within bounds; raises ``IdpUnreachable`` where there is none, or the server fails."""
    bounded = WebRequest(
        request.url, request.method, request.headers, request.body, TIMEOUT, MAX_BODY, plain=is_local(request.url)
    )
    try:
        response = await around.outbound.send(bounded)
    except OutboundFailed as error:
        raise IdpUnreachable(error.code) from None
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise IdpUnreachable(f"status_{response.status}")
    return response


def json_object(response: WebResponse, what: str, status: HTTPStatus = HTTPStatus.OK) -> Claims:
    """The JSON object that a resource has told; raises ``IdpRefused`` where it does not, or ``IdpMalformed``."""
    found = json_value(response, what, status)
    if not isinstance(found, dict):
        raise IdpMalformed(what)
    return found


def json_value(response: WebResponse, what: str, status: HTTPStatus = HTTPStatus.OK) -> JsonValue:
    """The same of any JSON."""
    if response.status != status:
        raise IdpRefused(f"{what}_{response.status}")
    try:
        found: JsonValue = json.loads(response.body)
    except (ValueError, RecursionError):
        raise IdpMalformed(what) from None
    return found


def basic(client_id: str, secret: str) -> str:
    """RFC 6749 section 2.3.1: the ``Authorization`` of a client; both parts are form-encoded first."""
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"
