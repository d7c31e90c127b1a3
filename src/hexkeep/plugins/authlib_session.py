"""Requests to authorization servers by authlib's asynchronous client, which speaks through the outbound port.

authlib writes the requests of RFC 6749 and RFC 7636 and reads the answers; where they go, how long they take and how
much is read is the port's business. Loaded at the first use alone, for who has no provider needs neither library.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from hexkeep.plugins.oauth_client import BASIC, INVALID_GRANT, Claims, Client, TokenEndpoint, basic, sent
from hexkeep.ports.idp import IdpMalformed, IdpRefused, SignInAsked, SignInReturned, Surroundings
from hexkeep.ports.outbound import WebRequest, WebResponse

SENT = frozenset({"accept", "authorization", "content-type"})
"""The headers of a request; all else is the port's."""
FORM = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}
Headers = dict[str, str]
Prepare = Callable[[str, str, Headers, str], tuple[str, Headers, str]]


class OverOutbound(httpx2.AsyncBaseTransport):
    """A transport of httpx by the outbound port. Whatever is not well ends here, before anybody reads it."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it; raises ``IdpUnreachable`` or ``IdpRefused``."""
        headers = {name: value for name, value in request.headers.items() if name in SENT}
        response = await sent(
            WebRequest(str(request.url), request.method, headers, await request.aread()), self._around
        )
        if response.status != HTTPStatus.OK:
            raise IdpRefused(INVALID_GRANT if _is_invalid_grant(response.body) else f"token_{response.status}")
        return httpx2.Response(response.status, content=response.body, request=request)


def authorization_request(
    client: Client, asked: SignInAsked, verifier: str, more: Mapping[str, str], around: Surroundings
) -> str:
    """RFC 6749 section 4.1.1, RFC 7636 section 4.3: what is asked for, as a query or a form."""
    url, _ = _session(client, BASIC, around).create_authorization_url(
        "",
        state=asked.state,
        code_verifier=verifier if client.pkce else None,
        redirect_uri=asked.callback,
        scope=" ".join(client.scopes),
        **more,
    )
    return urlsplit(str(url)).query


async def pushed(client: Client, endpoint: TokenEndpoint, request: str, around: Surroundings) -> WebResponse:
    """RFC 9126 section 2.1: an authorization request goes from here, authenticated as at the token endpoint.

    authlib says in the form itself who the client is, but for what stands in a header.
    """
    own = endpoint.method == BASIC
    form = urlencode([one for one in parse_qsl(request) if own or one[0] != "client_id"])
    prepare: Prepare = _session(client, endpoint.method, around).client_auth(endpoint.method).prepare
    url, headers, body = prepare("POST", endpoint.url, dict(FORM), form)
    return await sent(WebRequest(url, "POST", headers, body.encode()), around)


async def tokens(
    client: Client, endpoint: TokenEndpoint, returned: SignInReturned, code: str, around: Surroundings
) -> Claims:
    """RFC 6749 section 4.1.3: the code for tokens. What an error says is a stranger's, and goes no further."""
    verifier = {"code_verifier": returned.kept.get("verifier", "")} if client.pkce else {}
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": returned.callback, **verifier}
    return await _granted(client, endpoint, grant, around)


async def refreshed_tokens(client: Client, endpoint: TokenEndpoint, refresh_token: str, around: Surroundings) -> Claims:
    """RFC 6749 section 6: a refresh token for tokens; likewise."""
    return await _granted(client, endpoint, {"grant_type": "refresh_token", "refresh_token": refresh_token}, around)


async def _granted(client: Client, endpoint: TokenEndpoint, grant: Mapping[str, str], around: Surroundings) -> Claims:
    async with _session(client, endpoint.method, around) as session:
        try:
            found: dict[str, Any] = await session.fetch_token(endpoint.url, **grant)
        except OAuthError as error:
            raise IdpRefused(INVALID_GRANT if error.error == "invalid_grant" else "token") from None
        except (ValueError, TypeError, OverflowError, RecursionError, httpx2.InvalidURL):
            raise IdpMalformed("token_response") from None
    return found


async def revoke(client: Client, endpoint: TokenEndpoint, refresh_token: str, around: Surroundings) -> None:
    """RFC 7009 section 2.1, for a refresh token; the answer has nothing to be read (section 2.2)."""
    async with _session(client, endpoint.method, around) as session:
        revoked: Callable[..., Awaitable[object]] = session.revoke_token
        await revoked(endpoint.url, token=refresh_token, token_type_hint="refresh_token")


def _is_invalid_grant(body: bytes) -> bool:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("error") == "invalid_grant"


def _session(client: Client, method: str, around: Surroundings) -> AsyncOAuth2Client:
    session = AsyncOAuth2Client(
        client.id,
        client.secret,
        token_endpoint_auth_method=method,
        code_challenge_method="S256",
        transport=OverOutbound(around),
        trust_env=False,
    )
    session.register_client_auth_method((BASIC, _basic))
    return session


def _basic(
    client: AsyncOAuth2Client, _method: str, uri: str, headers: Headers, body: bytes
) -> tuple[str, Headers, bytes]:
    """As RFC 6749 section 2.3.1 has it: authlib leaves out that both are form-encoded, and knows Latin-1 alone."""
    headers["authorization"] = basic(client.client_id, client.client_secret)
    return uri, headers, body
