"""What every request passes before it is routed and every response before it leaves."""

import urllib.parse

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from hexkeep.adapters.asgi.certificates import believed
from hexkeep.adapters.asgi.headers import REQUEST_ID, collect, request_id

CALL_ID = "hexkeep.request_id"
"""Where the call's id stands in the state of the ASGI scope."""
HEADERS = "hexkeep.headers"
"""Where its headers stand, by name."""
SILENT = "hexkeep.silent"
"""Whether nobody gets the content: HEAD is answered as GET is (RFC 9110 section 9.3.2)."""

_SAFE = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))
_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_SEGMENT_SAFE = "!$&'()*+,:;=@~"


class Entry:
    """An ASGI application around ``app``: names the call, keeps the path encoded, answers HEAD, adds safe headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection; what is not HTTP (lifespan) passes unchanged."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        headers = believed(collect(scope["headers"]), scope.get("state"))
        call = request_id(headers)
        silent = scope["method"] == "HEAD"
        state = {**(scope.get("state") or {}), CALL_ID: call, HEADERS: headers, SILENT: silent}
        inner: HTTPScope = {**scope, "path": encoded_path(scope), "state": state}
        if silent:
            inner["method"] = "GET"
        await self._app(inner, receive, _sender(send, call, silent=silent))


def _sender(send: Send, call: str, *, silent: bool) -> Send:
    named = (REQUEST_ID.encode(), call.encode())

    async def add_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message["headers"])
            policed = any(name == _POLICY[0] for name, _ in headers)
            message["headers"] = [*headers, named, *_SAFE] if policed else [*headers, named, *_SAFE, _POLICY]
        elif silent and message["type"] == "http.response.body":
            message["body"] = b""
        await send(message)

    return add_headers


def encoded_path(scope: HTTPScope) -> str:
    """The path in normal form (RFC 3986 section 6.2.2) but still percent-encoded, so that ``%2F`` parts no segments."""
    raw = scope.get("raw_path") or urllib.parse.quote(scope["path"]).encode()
    if b"%" not in raw:
        return raw.decode("latin-1")
    segments = (urllib.parse.unquote_to_bytes(segment) for segment in raw.split(b"/"))
    return "/".join(urllib.parse.quote(segment, safe=_SEGMENT_SAFE) for segment in segments)
