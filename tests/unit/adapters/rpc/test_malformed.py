"""Whatever is sent, the answer is whole, says nothing of ours, and nobody is alarmed."""

import asyncio
import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hexkeep.adapters.asgi.types import ASGIApp, Message
from hexkeep.adapters.rpc.settings import Bounds
from tests.unit.adapters.rest.conftest import HOST, running
from tests.unit.adapters.rpc.conftest import AUTH, MANAGEMENT, app_of

KINDS = st.sampled_from(
    [
        *("application/json", "application/proto", "application/connect+json", "application/connect+proto"),
        *("application/grpc-web", "application/grpc-web+proto", "application/grpc-web+json", "application/grpc"),
        *("application/grpc-web-text", "application/grpc-web-text+proto", "application/grpc-web-textual", "text/plain"),
    ]
)
NAMES = st.sampled_from(
    [
        *("authorization", "hexkeep-position", "idempotency-key", "if-match", "x-request-id", "connect-timeout-ms"),
        *("grpc-timeout", "content-encoding", "accept-encoding", "connect-content-encoding", "grpc-encoding"),
        *("connect-protocol-version", "user-agent", "content-length", "traceparent", "x-odd"),
    ]
)
VALUES = st.sampled_from([b"", b"gzip", b"1", b"5S", b"Bearer x", b"*", b'"1"', b"\xff\xfe", b"\xc3\xa9"]) | st.binary(
    max_size=12
).filter(lambda value: not {0, 10, 13} & set(value))
METHODS = st.sampled_from(["POST", "POST", "POST", "GET", "PUT", "OPTIONS", "HEAD"])
PATHS = st.sampled_from(
    [f"{MANAGEMENT}/{name}" for name in ("Echo", "GetNote", "ChangeNote", "WriteNote", "FollowNote", "Nothing", "")]
    + [f"{AUTH}/MyAccount", MANAGEMENT]
)
BODIES = st.sampled_from(
    [
        b"",
        b"{}",
        b"[]",
        b'{"word":"w"}',
        b"\0\0\0\0\0",
        b"\0\0\0\0\2{}",
        b"\1\0\0\0\2{}",
        b"AAAAAAA=",
        b"\0\xff\xff\xff\xff",
    ]
) | st.binary(max_size=30)
QUERIES = st.sampled_from([b"", b"encoding=json&message={}", b"encoding=proto&message=_&base64=1", b"\xff=%ff"])
BOUNDS = Bounds(deadline=2.0, longest_stream=0.02)
MAY_FAIL = {501, 504}
"""No such compression, and a deadline of the caller's that has passed."""

REQUESTS = st.fixed_dictionaries(
    {
        "method": METHODS,
        "path": PATHS,
        "query_string": QUERIES,
        "kind": KINDS,
        "headers": st.lists(st.tuples(NAMES, VALUES), max_size=4),
        "body": BODIES,
    }
)


ECHO: dict[str, Any] = {
    "method": "POST",
    "path": f"{MANAGEMENT}/Echo",
    "query_string": b"",
    "kind": "application/json",
    "headers": [],
    "body": b"{}",
}


async def answered(app: ASGIApp, request: dict[str, Any]) -> list[Message]:
    """What the application sends; a client that has sent its body stays."""
    sent: list[Message] = []
    waiting: list[Message] = [{"type": "http.request", "body": request["body"], "more_body": False}]

    async def receive() -> Message:
        if waiting:
            return waiting.pop()
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]  # it never leaves

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(name.encode(), value) for name, value in request["headers"]]
    scope = {
        "type": "http",
        "scheme": "http",
        "http_version": "1.1",
        "root_path": "",
        "client": ("127.0.0.1", 1),
        **{name: request[name] for name in ("method", "path", "query_string")},
        "headers": [(b"host", HOST.encode()), (b"content-type", request["kind"].encode()), *headers],
    }
    await app(scope, receive, send)
    return sent


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@example(requests=[{**ECHO, "headers": [("x-odd", b"\xff")]}])
@example(requests=[{**ECHO, "method": "GET", "query_string": b"\xff"}])
@example(requests=[{**ECHO, "kind": "application/grpc-web", "body": b"\1\0\0\0\0"}])
@given(st.lists(REQUESTS, min_size=1, max_size=8))
def test_any_request_is_answered(caplog: pytest.LogCaptureFixture, requests: list[dict[str, Any]]) -> None:
    """Never an exception, a fault of ours, a line at level error, or the words of a library."""

    async def ask() -> None:
        async with running() as iam:
            app = app_of(iam, BOUNDS)
            for request in requests:
                start, *parts = await answered(app, request)
                body = b"".join(part.get("body", b"") for part in parts)
                assert start["status"] < 500 or start["status"] in MAY_FAIL, (request, body)
                assert b"codec" not in body
                assert b"Traceback" not in body

    caplog.clear()
    asyncio.run(ask())
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
