"""Connect (proto, JSON and GET), gRPC-web and, where the server has trailers, gRPC: one ASGI application.

Paths are ``/<service>/<method>``. It expects ``hexkeep.adapters.asgi.front`` before it, which puts right whom a request
comes from.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.request import RequestContext
from connectrpc.server import ConnectASGIApplication, Endpoint
from google.protobuf.message import Message as Wire

from hexkeep.adapters.asgi import calls
from hexkeep.adapters.asgi.certificates import believed
from hexkeep.adapters.asgi.headers import REQUEST_ID, Headers, collect, single
from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.asgi.traffic import OUTCOME, RPC
from hexkeep.adapters.asgi.types import ASGIApp, Message, Receive, Scope, Send
from hexkeep.adapters.rpc.catalog import AnyBound, Catalog
from hexkeep.adapters.rpc.codecs import BinaryCodec, Gzip, JsonCodec
from hexkeep.adapters.rpc.failures import ENDED, Safeguard, failure
from hexkeep.adapters.rpc.json_forms import JsonForms
from hexkeep.adapters.rpc.settings import Bounds
from hexkeep.adapters.rpc.web_text import TextShim, is_text
from hexkeep.core.kernel.errors import DeadlineExceeded, HexkeepError
from hexkeep.ports.api import Api, Credentials, Meta

GRPC = b"application/grpc"
GRPC_WEB = b"application/grpc-web"
TRAILERS = "http.response.trailers"
HTTP_VERSION, METHOD, URL = "hexkeep-http-version", "hexkeep-http-method", "hexkeep-http-url"
"""Headers that this application adds for itself, in the place of any that a client may send."""
BAD_REQUEST = 400
UNSUPPORTED_MEDIA_TYPE = 415

Context = RequestContext[Wire, Wire]


def create_rpc_app(api: Api, catalog: Catalog, bounds: Bounds | None = None) -> Mapping[str, ASGIApp]:
    """The applications by the first segment of the path: every service's full name leads to the same one."""
    app = RpcApp(api, catalog, bounds or Bounds())
    return dict.fromkeys(catalog.services, app)


class RpcApp:
    """What a request passes before connectrpc sees it."""

    def __init__(self, api: Api, catalog: Catalog, bounds: Bounds) -> None:
        self._bounds = bounds
        self._app: ASGIApp = _Connect(api, catalog, bounds)
        self._text: ASGIApp = TextShim(self._app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
        if _is_native(kind) and TRAILERS not in (scope.get("extensions") or {}):
            await _unsupported().send(send)
            return
        if not scope["query_string"].isascii():
            await Response(BAD_REQUEST).send(send)
            return
        inner = {**scope, "headers": _headers(scope)}
        app = self._text if is_text(kind) else self._app
        ended = list[str]()
        ENDED.set(ended)
        try:
            await app(inner, _in_time(receive, self._bounds.deadline), send)
        finally:
            if ended and (state := scope.get("state")) is not None:
                state[OUTCOME] = (RPC, ended[-1])


def _headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The headers in UTF-8, as which connectrpc reads them, with what it does not tell of the request among them."""
    headers = believed(collect(scope["headers"]), scope.get("state"))
    url = f"{scope['scheme']}://{next(iter(headers.get('host', ())), '')}{quote(scope['path'])}"
    own = {HTTP_VERSION: scope.get("http_version", "1.1"), METHOD: scope["method"], URL: url}
    given = [(name, value) for name, values in headers.items() if name not in own for value in values]
    return [(name.encode(), value.encode()) for name, value in [*given, *own.items()]]


def _is_native(kind: bytes) -> bool:
    return kind.startswith(GRPC) and not kind.startswith(GRPC_WEB)


def _unsupported() -> Response:
    accepted = "application/proto, application/json, application/grpc-web+proto, application/grpc-web-text"
    return Response(UNSUPPORTED_MEDIA_TYPE, (("accept-post", accepted),))


def _in_time(receive: Receive, seconds: float) -> Receive:
    """The request's messages, of which the body has to be there in time: nobody holds a call open by sending slowly."""
    until = asyncio.get_running_loop().time() + seconds
    complete = False

    async def bounded() -> Message:
        nonlocal complete
        if complete:
            return await receive()
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            raise failure(DeadlineExceeded("The message did not come in time")) from None
        complete = not message.get("more_body", False)
        return message

    return bounded


class _Connect(ConnectASGIApplication[Catalog]):
    """The protocols, as connectrpc speaks them, over the methods of a catalog."""

    path = "/"

    def __init__(self, api: Api, catalog: Catalog, bounds: Bounds) -> None:
        self._api = api
        self._bounds = bounds
        super().__init__(
            service=catalog,
            endpoints=self._served,
            interceptors=[Safeguard()],
            read_max_bytes=bounds.message_limit,
            compressions=[Gzip()],
            codecs=[BinaryCodec(), JsonCodec(JsonForms(catalog.file_descriptors()), bounds.depth_limit)],
        )

    def _served(self, catalog: Catalog) -> Mapping[str, Any]:
        return {bound.path: self._endpoint(bound) for bound in catalog.methods()}

    def _endpoint(self, bound: AnyBound) -> Any:
        service, _, name = bound.full_name.rpartition(".")
        reads = not bound.operation.writes and not bound.streams
        method = MethodInfo(
            name=name,
            service_name=service,
            input=bound.input_class,
            output=bound.output_class,
            idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS if reads else IdempotencyLevel.UNKNOWN,
            stream_type=StreamType.SERVER_STREAM if bound.streams else StreamType.UNARY,
        )
        if bound.streams:
            return Endpoint.server_stream(method, self._streaming(bound))
        return Endpoint.unary(method, self._unary(bound))

    def _unary(self, bound: AnyBound) -> Callable[[Wire, Context], Awaitable[Wire]]:
        operation, guarded = bound.operation, bound.guarded

        async def answer(request: Wire, ctx: Context) -> Wire:
            try:
                headers, credentials, meta = self._call(ctx)
                version = calls.precondition(single(headers, calls.IF_MATCH), operation, guarded=guarded)
                answered = await self._api.call(operation, bound.to_input(request, version), credentials, meta)
            except HexkeepError as error:
                raise failure(error) from None
            for name, value in calls.told(answered):
                ctx.response_headers[name] = value
            return bound.to_message(answered.output)

        return answer

    def _streaming(self, bound: AnyBound) -> Callable[[Wire, Context], AsyncIterator[Wire]]:
        async def answers(request: Wire, ctx: Context) -> AsyncIterator[Wire]:
            try:
                headers, credentials, meta = self._call(ctx)
                left = self._bounds.stream_limit if single(headers, HTTP_VERSION) == "2" else None
                batches = self._api.stream(bound.operation, bound.to_input(request), credentials, meta)
                async with aclosing(batches):
                    async for batch in batches:
                        message = bound.to_message(batch.output)
                        yield message
                        left = None if left is None else left - message.ByteSize()
                        if left is not None and left <= 0:
                            return
            except HexkeepError as error:
                raise failure(error) from None

        return answers

    def _call(self, ctx: Context) -> tuple[Headers, Credentials, Meta]:
        """Who calls, and the facts of the call; raises errors of the tree."""
        given: dict[str, tuple[str, ...]] = {}
        for name, value in ctx.request_headers.allitems():
            given[name] = (*given.get(name, ()), value)
        credentials = calls.credentials(given, single(given, METHOD), single(given, URL))
        left, deadline = ctx.timeout_ms, self._bounds.deadline
        if left is not None and left <= 0:
            raise DeadlineExceeded
        meta = calls.meta(
            given,
            host=single(given, "host"),
            address=(ctx.client_address or "").rpartition(":")[0],
            surface=_surface(given),
            timeout=deadline if left is None else min(left / 1000, deadline),
            longest=self._bounds.longest_stream,
            correlation_id=single(given, REQUEST_ID),
        )
        return given, credentials, meta


def _surface(headers: Headers) -> str:
    """The protocol, as the log of events names it."""
    kind = single(headers, "content-type").encode()
    if kind.startswith(GRPC_WEB):
        return "grpc-web"
    return "grpc" if kind.startswith(GRPC) else "connect"
