"""The one handler: an HTTP request becomes a call of one operation, its answer or error becomes the response."""

import asyncio
import logging
import math
import urllib.parse

from litestar.types import HTTPScope, Receive
from pydantic import JsonValue, TypeAdapter

from hexkeep.adapters.asgi import calls
from hexkeep.adapters.asgi.headers import Headers, single
from hexkeep.adapters.asgi.json_text import Fields
from hexkeep.adapters.asgi.problems import judged
from hexkeep.adapters.asgi.proxies import Hop, Proxies
from hexkeep.adapters.asgi.response import NO_STORE
from hexkeep.adapters.rest import body as json_body
from hexkeep.adapters.rest.binding import Binding
from hexkeep.adapters.rest.entry import SILENT
from hexkeep.adapters.rest.events import LAST_EVENT_ID, EventStream, frame, wants_events
from hexkeep.adapters.rest.problem import problem
from hexkeep.adapters.rest.reply import JSON, Reply
from hexkeep.adapters.rest.settings import RestSettings
from hexkeep.core.kernel.errors import DeadlineExceeded, HexkeepError, Internal, Unavailable
from hexkeep.core.kernel.operation import Message
from hexkeep.ports.api import Answer, Api, Credentials, Meta

LOG = logging.getLogger(__name__)
HTTP_2 = "2"
"""The version whose servers keep without bound what a client does not read."""


class Endpoint:
    """Serves one operation. What does not change from call to call is worked out here once."""

    def __init__(self, binding: Binding, api: Api, settings: RestSettings, proxies: Proxies) -> None:
        self._binding = binding
        self._api = api
        self._settings = settings
        self._proxies = proxies
        self._dump = TypeAdapter(binding.operation.output).dump_json
        self._has_body, self._answers_body = binding.has_body, binding.answers_body
        self._items = binding.operation.items
        self._paged, self._versioned = binding.paged, binding.versioned

    async def answer(self, scope: HTTPScope, receive: Receive, headers: Headers, request_id: str) -> Reply:
        """The response to one request; never raises but for cancellation."""
        try:
            return await self._answer(scope, receive, headers, request_id)
        except HexkeepError as error:
            return problem(judged(error, headers), request_id, presented="authorization" in headers)
        except Exception:
            LOG.exception("request %s: %s failed", request_id, self._binding.operation.name)
            return problem(Internal(), request_id)

    async def _answer(self, scope: HTTPScope, receive: Receive, headers: Headers, request_id: str) -> Reply:
        origin = self._origin(scope, headers)
        method = "HEAD" if scope["state"][SILENT] else scope["method"]
        credentials = calls.credentials(headers, method, f"{origin.scheme}://{origin.host}{scope['path']}")
        meta = self._meta(origin, headers, request_id)
        fields = await self._fields(scope, receive, headers)
        if self._binding.operation.stream and wants_events(headers):
            return await self._streamed(scope, headers, fields, credentials, meta)
        answer = await self._api.call_json(self._binding.operation, fields, credentials, meta)
        return self._response(scope, answer)

    async def _streamed(
        self, scope: HTTPScope, headers: Headers, fields: dict[str, JsonValue], credentials: Credentials, meta: Meta
    ) -> EventStream:
        """The stream once its first batch is there: until then an error is an answer as anywhere."""
        if cursor := single(headers, LAST_EVENT_ID):
            fields["cursor"] = cursor
        answers = self._api.stream_json(self._binding.operation, fields, credentials, meta)
        first = await anext(answers, None)
        if first is None:
            raise Unavailable("The node is about to stop")
        silent: bool = scope["state"][SILENT]
        limit = self._settings.stream_limit if scope.get("http_version") == HTTP_2 else math.inf
        told = (self._settings.heartbeat, meta.correlation_id)
        return EventStream(answers, first, self._framed, *told, silent=silent, limit=limit)

    def _framed(self, batch: Message) -> bytes:
        data = self._dump(batch) if getattr(batch, self._items) else b""
        return frame(getattr(batch, "next_cursor"), data)  # noqa: B009 - the registry has seen this field

    def _origin(self, scope: HTTPScope, headers: Headers) -> Hop:
        client = scope.get("client")
        return self._proxies.client(headers, client[0] if client else "", scope["scheme"])

    def _meta(self, origin: Hop, headers: Headers, request_id: str) -> Meta:
        return calls.meta(
            headers,
            host=origin.host,
            address=origin.address,
            surface="rest",
            timeout=self._settings.deadline,
            longest=self._settings.longest_stream,
            correlation_id=request_id,
        )

    async def _fields(self, scope: HTTPScope, receive: Receive, headers: Headers) -> dict[str, JsonValue]:
        members: Fields = {}
        if self._has_body:
            raw = await self._body(receive, headers)
            if raw:
                json_body.check_media_type(headers)
                members = json_body.parse(raw, self._settings.depth_limit)
        query = scope["query_string"].decode("latin-1")
        fields = self._binding.fields(scope["path_params"], query, members)
        self._binding.with_precondition(fields, single(headers, calls.IF_MATCH))
        return fields

    async def _body(self, receive: Receive, headers: Headers) -> bytes:
        """The body, within the deadline: nobody holds a call open by sending slowly."""
        try:
            async with asyncio.timeout(self._settings.deadline):
                return await json_body.read(receive, headers, self._settings.body_limit)
        except TimeoutError:
            raise DeadlineExceeded("The body did not come in time") from None

    def _response(self, scope: HTTPScope, answer: Answer[Message]) -> Reply:
        headers = [NO_STORE, *calls.told(answer)]
        if self._versioned:
            version = getattr(answer.output, "version")  # noqa: B009 - the binding found this field
            headers.append(("etag", f'"{version}"'))
        if self._paged and (cursor := getattr(answer.output, "next_cursor", "")):
            headers.append(("link", next_link(scope, cursor)))
        if not self._answers_body:
            return Reply(self._binding.http.status, b"", "", headers)
        return Reply(self._binding.http.status, self._dump(answer.output), JSON, headers)


def next_link(scope: HTTPScope, cursor: str) -> str:
    """The link to the next page (RFC 8288): this request with another cursor, relative to its own host."""
    given = urllib.parse.parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    kept = [(name, value) for name, value in given if name != "cursor"]
    path = urllib.parse.quote(scope.get("root_path", "")) + scope["path"]
    return f'<{path}?{urllib.parse.urlencode([*kept, ("cursor", cursor)])}>; rel="next"'
