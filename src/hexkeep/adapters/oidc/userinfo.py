"""The userinfo endpoint (OIDC Core section 5.3), a resource protected by bearer tokens (RFC 6750)."""

import json
import re

from hexkeep.adapters.asgi import forms
from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.problems import EITHER, proof_challenge
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import NO_STORE, Response
from hexkeep.adapters.oidc import answers
from hexkeep.adapters.oidc.answers import JSON, SURFACE, WWW_AUTHENTICATE
from hexkeep.adapters.oidc.back_channel import shown_certificate
from hexkeep.core.kernel.errors import HexkeepError, Unauthenticated
from hexkeep.core.oidc.errors import InvalidRequest, InvalidToken, ProofRefused
from hexkeep.core.token.api import GET_USER_INFO
from hexkeep.core.token.messages import GetUserInfo
from hexkeep.ports.api import Anonymous, Api

CREDENTIALS = re.compile(r"(bearer|dpop) +([A-Za-z0-9._~+/-]+=*) *", re.IGNORECASE)
"""RFC 6750 section 2.1, RFC 9449 section 7.1; schemes are compared without case (RFC 9110 section 11.1)."""
BEARER, DPOP = "bearer", "dpop"
ACCESS_TOKEN = "access_token"
CLIENT_FAULT = range(400, 500)


class UserInfoEndpoint:
    """Tells about the user whose access token is presented, in the header or in the body, never in the query."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def answer(self, request: Request) -> Response:
        """OIDC Core section 5.3.2, or an ``OAuthError``."""
        asked = message(GetUserInfo, **await presentation(request))
        answer = await self._api.call(GET_USER_INFO, asked, Anonymous(), request.meta(SURFACE))
        told = answer.output
        return Response(
            200,
            (("content-type", told.media_type), NO_STORE, *answers.next_nonce(told.dpop_nonce)),
            told.document.encode(),
        )


async def presentation(request: Request) -> dict[str, object]:
    """The fields of ``hexkeep.core.token.messages.Presentation``; raises as ``presented_token`` does."""
    scheme, token = await presented_token(request)
    return {
        "access_token": token,
        "bound": scheme == DPOP,
        "proof": request.header("dpop"),
        "method": request.method,
        "url": request.url,
        "certificate": shown_certificate(request)["certificate"],
    }


async def presented_token(request: Request) -> tuple[str, str]:
    """Scheme and token of RFC 6750 sections 2.1 and 2.2 and of RFC 9449 section 7.1.

    Raises ``Unauthenticated`` when there is none, and ``InvalidRequest`` when it comes both ways or twice.
    """
    in_header, in_body = _from_header(request), await _from_body(request)
    if in_header and in_body:
        raise InvalidRequest("More than one method is used to send the access token")
    if not in_header and not in_body:
        raise Unauthenticated
    return in_header or (BEARER, in_body)


def _from_header(request: Request) -> tuple[str, str] | None:
    value = request.header("authorization")
    if not value:
        return None
    found = CREDENTIALS.fullmatch(value)
    if found is None:
        raise InvalidToken
    return found[1].lower(), found[2]


async def _from_body(request: Request) -> str:
    if request.method != "POST" or not forms.is_form(request.headers):
        return ""
    form = await request.form()
    if ACCESS_TOKEN in form.repeated:
        raise InvalidRequest("The access token is included more than once")
    return form.get(ACCESS_TOKEN)


def failed(request: Request, error: HexkeepError) -> Response:
    """RFC 6750 section 3: a challenge with each refusal, and no error in it for who presented nothing at all.

    RFC 9449 section 7.1: what is wrong with a proof is said in the scheme's own challenge.
    """
    if isinstance(error, InvalidToken) and request.header("authorization").lower().startswith(DPOP):
        error = ProofRefused(error.message)
    if isinstance(error, ProofRefused):
        body = json.dumps({"error": error.error, "error_description": error.message}).encode()
        return Response(error.status, (JSON, NO_STORE, *proof_challenge(error)), body)
    if isinstance(error, Unauthenticated):
        return Response(error.status, ((WWW_AUTHENTICATE, EITHER), NO_STORE))
    response = answers.failed(request, error)
    if error.status in CLIENT_FAULT and WWW_AUTHENTICATE not in dict(response.headers):
        return response.adding((WWW_AUTHENTICATE, f'Bearer error="{answers.wire_code(error)}"'))
    return response
