"""Whatever comes in, the answer is one of ours: a property over malformed requests, below any client's manners."""

import asyncio
import json
from collections.abc import Coroutine
from contextlib import ExitStack
from dataclasses import dataclass
from typing import cast
from urllib.parse import unquote, urlencode

from hypothesis import given, settings
from hypothesis import strategies as st
from litestar.types import ASGIApp, HTTPReceiveMessage, HTTPScope, Message

from hexkeep.adapters.rest.app import create_rest_app
from hexkeep.engine.iam import Iam
from tests.unit.adapters.rest.conftest import HOST, running


@dataclass(frozen=True, slots=True)
class Raw:
    """A request as bytes."""

    method: str
    path: bytes
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


@dataclass(slots=True)
class Answer:
    """A response as it was sent."""

    status: int = 0
    headers: dict[bytes, bytes] | None = None
    body: bytes = b""


async def send(app: ASGIApp, raw: Raw) -> Answer:
    """Hand a request to ``app`` as a server would."""
    answer = Answer()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": raw.method,
        "scheme": "http",
        "path": unquote(raw.path.decode("latin-1")),
        "raw_path": raw.path,
        "query_string": raw.query,
        "headers": [(b"host", HOST.encode()), *raw.headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> HTTPReceiveMessage:
        return {"type": "http.request", "body": raw.body, "more_body": False}

    async def take(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], dict(message["headers"])
        elif message["type"] == "http.response.body":
            answer.body += message["body"]

    await app(cast("HTTPScope", scope), receive, take)
    return answer


NAMES = ["number", "ratio", "flag", "colour", "since", "age", "words", "numbers", "place", "labels", "limit", "cursor"]
HEADERS = [
    "authorization",
    "hexkeep-position",
    "idempotency-key",
    "x-request-id",
    "if-match",
    "traceparent",
    "content-type",
    "content-length",
    "host",
    "x-forwarded-for",
]

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
names = st.sampled_from(NAMES) | st.text()
texts = st.text(st.characters(exclude_categories=["Cs"]))
bodies = st.binary() | st.dictionaries(names, values).map(lambda value: json.dumps(value).encode())
pairs = st.lists(st.tuples(st.sampled_from(NAMES) | texts, texts | values.map(json.dumps)), max_size=6)
queries = st.binary() | pairs.map(lambda given: urlencode(given).encode())
targets = st.sampled_from([b"/management/v1/echo/word", b"/management/v1/notes", b"/management/v1/notes/x", b"/docs"])
paths = targets | st.binary(max_size=20).map(lambda tail: b"/management/v1/echo/" + tail)
encoded = st.binary(max_size=9).map(lambda tail: b"/management/v1/echo/" + "".join(f"%{b:02x}" for b in tail).encode())
header = st.tuples(st.sampled_from(HEADERS).map(str.encode), st.binary(max_size=40))
requests = st.builds(
    Raw,
    method=st.sampled_from(["GET", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "PUT", "TRACE"]),
    path=paths | encoded,
    query=queries,
    headers=st.lists(header, max_size=3).map(lambda given: ((b"content-type", b"application/json"), *given))
    | st.just(((b"content-type", b"application/json"),)),
    body=bodies,
)


def test_no_request_is_answered_with_a_fault_of_ours() -> None:
    """Whatever is sent, the status is below 500, and every refusal is a problem with a code."""
    with asyncio.Runner() as runner, ExitStack() as stack:
        engine = running()
        iam = runner.run(cast("Coroutine[None, None, Iam]", engine.__aenter__()))
        stack.callback(lambda: runner.run(cast("Coroutine[None, None, bool]", engine.__aexit__(None, None, None))))
        app = create_rest_app(iam)

        @given(raw=requests)
        @settings(max_examples=400, deadline=None)
        def check(raw: Raw) -> None:
            answer = runner.run(send(app, raw))
            assert 200 <= answer.status < 500, answer
            if answer.status >= 400 and raw.method != "HEAD":
                assert (answer.headers or {})[b"content-type"] == b"application/problem+json"
                assert json.loads(answer.body)["code"]

        check()
