"""The floor of a token endpoint: bare ASGI that parses the form, checks a secret by SHA-256 and signs a JWT (ES256)."""

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import ECKey

Message = MutableMapping[str, Any]
KEY = ECKey.generate_key("P-256", auto_kid=True)
HEADER = {"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid}
SECRET = hashlib.sha256(b"floor").digest()


async def app(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Answer a client credentials request."""
    if scope["type"] != "http":
        return
    form = parse_qs((await receive())["body"].decode())
    if not hmac.compare_digest(hashlib.sha256(form["client_secret"][0].encode()).digest(), SECRET):
        raise PermissionError
    body = json.dumps({"access_token": issue(form["client_id"][0]), "token_type": "Bearer", "expires_in": 900}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def issue(client_id: str) -> str:
    """A signed access token."""
    now = int(time.time())
    claims = {"iss": "http://floor", "sub": client_id, "iat": now, "exp": now + 900, "jti": uuid.uuid4().hex}
    return jwt.encode(HEADER, claims, KEY, algorithms=["ES256"])
