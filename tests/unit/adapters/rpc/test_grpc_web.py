"""gRPC-web over the real engine, binary and as text, and streams."""

import base64
import binascii
import json
import logging
import struct
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexkeep.adapters.asgi.dispatcher import Dispatcher
from hexkeep.adapters.asgi.front import Front
from hexkeep.adapters.asgi.traffic import Traffic
from hexkeep.adapters.asgi.types import Message
from hexkeep.adapters.rpc.app import RpcApp, create_rpc_app
from hexkeep.adapters.rpc.catalog import Catalog
from hexkeep.adapters.rpc.settings import Bounds
from hexkeep.adapters.rpc.web_text import decode
from hexkeep.engine.iam import Iam
from tests.unit.adapters.rest.conftest import HOST, client_of
from tests.unit.adapters.rpc.conftest import MANAGEMENT, Connect, lost
from tests.unit.adapters.rpc.test_connect import call

BINARY = {"content-type": "application/grpc-web+proto"}
TEXT = {"content-type": "application/grpc-web-text"}
STREAM = {"content-type": "application/connect+json"}
TRAILERS = 0x80
END = 0x02


def framed(message: bytes) -> bytes:
    """A message with the prefix it has in streams."""
    return struct.pack(">BI", 0, len(message)) + message


def frames(body: bytes) -> list[tuple[int, bytes]]:
    """The flags and contents of all frames."""
    found, start = [], 0
    while start < len(body):
        flags, length = struct.unpack(">BI", body[start : start + 5])
        found.append((flags, body[start + 5 : start + 5 + length]))
        start += 5 + length
    return found


async def test_a_message_and_its_trailers(client: httpx.AsyncClient, iam: Iam) -> None:
    """The answer's status stands in the body."""
    echo: Any = Catalog.of(iam).services[MANAGEMENT[1:]]["Echo"]
    sent = framed(echo.input_class(word="w").SerializeToString())
    answer = await client.post(f"{MANAGEMENT}/Echo", content=sent, headers=BINARY)
    (flags, message), (end, trailers) = frames(answer.content)
    assert (flags, echo.output_class.FromString(message).word) == (0, "w")
    assert (end, trailers.strip()) == (TRAILERS, b"grpc-status: 0")


async def test_errors_are_trailers_with_details(client: httpx.AsyncClient) -> None:
    """The HTTP status is 200; the details are those of every surface."""
    answer = await client.post(f"{MANAGEMENT}/GetNote", content=framed(b"\x0a\x01x"), headers=BINARY)
    ((_, trailers),) = frames(answer.content)
    assert answer.status_code == 200
    assert b"grpc-status: 5\r\n" in trailers
    assert b"grpc-status-details-bin: " in trailers


async def test_what_they_ended_with_is_logged_and_counted(iam: Iam, caplog: pytest.LogCaptureFixture) -> None:
    """Not the 200 that all of them have: of gRPC-web, of Connect and of its streams; what is no call is HTTP."""
    caplog.set_level(logging.INFO, "hexkeep.access")
    traffic = Traffic()
    served = create_rpc_app(iam, Catalog.of(iam), Bounds(longest_stream=0.1))
    app: Any = Front(Dispatcher(served, lost), traffic=traffic)
    async with client_of(app) as client:
        await client.post(f"{MANAGEMENT}/GetNote", content=framed(b"\x0a\x01x"), headers=BINARY)
        await client.post(f"{MANAGEMENT}/GetNote", json={"note_id": "x"})
        await client.post(f"{MANAGEMENT}/FollowNote", content=framed(b'{"cursor": "x"}'), headers=STREAM)
        await client.post(f"{MANAGEMENT}/Echo", json={"word": "w"})
        await client.post(f"{MANAGEMENT}/Nothing", json={})
    logged: list[Any] = [one for one in caplog.records if one.name == "hexkeep.access"]
    statuses = [(one.http_status, getattr(one, "rpc_status", "")) for one in logged]
    assert statuses == [
        (200, "NOT_FOUND"),
        (404, "NOT_FOUND"),
        (200, "INVALID_ARGUMENT"),
        (200, "OK"),
        (404, ""),
    ]
    assert " 200 NOT_FOUND " in caplog.text
    counted = {figure.labels: figure.value for figure in traffic.figures() if figure.name == "requests"}
    assert counted[("protocol", "rpc"), ("status", "NOT_FOUND")] == 2
    assert counted[("protocol", "http"), ("status", "404")] == 1


async def test_text_is_base64_of_the_same(client: httpx.AsyncClient) -> None:
    """Both ways, in one or in several padded segments."""
    sent = framed(b"\x0a\x01w")
    for text in (base64.b64encode(sent), base64.b64encode(sent[:4]) + base64.b64encode(sent[4:])):
        answer = await client.post(f"{MANAGEMENT}/Echo", content=text, headers=TEXT)
        assert answer.headers["content-type"].startswith("application/grpc-web-text")
        (_, message), (end, _) = frames(decode(answer.content))
        assert (message[:3], end) == (b"\x0a\x01w", TRAILERS)
    answer = await client.post(f"{MANAGEMENT}/Echo", content="!!!!", headers=TEXT)
    assert b"grpc-status: 3" in decode(answer.content)


@given(st.lists(st.binary(max_size=20), max_size=5))
def test_segments_are_decoded_as_they_come(parts: list[bytes]) -> None:
    """Whatever the lengths of the segments, each with its padding."""
    assert decode(b"".join(map(base64.b64encode, parts))) == b"".join(parts)


def test_half_a_group_is_no_base64() -> None:
    """An end in the middle is refused."""
    with pytest.raises(binascii.Error):
        decode(b"AAAAA")


async def test_a_stream_goes_on_until_its_time_is_up(connect: Connect) -> None:
    """Batch after batch, then an end without an error; the client goes on from the last cursor."""
    async with connect(Bounds(longest_stream=0.2)) as client:
        note_id = (await call(client, "WriteNote", {"text": "Milk"})).json()["note_id"]
        for text in ("a", "b"):
            await call(client, "ChangeNote", {"note_id": note_id, "text": text})
        sent = framed(json.dumps({"note_id": note_id}).encode())
        answer = await client.post(f"{MANAGEMENT}/FollowNote", content=sent, headers=STREAM)
    *batches, (flags, end) = frames(answer.content)
    read = [json.loads(batch) for _, batch in batches]
    assert [len(one["changes"]) for one in read] == [2, 1]
    assert read[-1]["next_cursor"] == "3"
    assert (flags, json.loads(end)) == (END, {})


async def test_an_error_ends_a_stream_with_its_details(connect: Connect) -> None:
    """It stands behind what was sent before."""
    async with connect(Bounds(longest_stream=5)) as client:
        note_id = (await call(client, "WriteNote", {"text": "Milk"})).json()["note_id"]
        await call(client, "ChangeNote", {"note_id": note_id, "text": "a"})
        await call(client, "RemoveNote", {"note_id": note_id})
        sent = framed(json.dumps({"note_id": note_id}).encode())
        answer = await client.post(f"{MANAGEMENT}/FollowNote", content=sent, headers=STREAM)
    (_, batch), (flags, end) = frames(answer.content)
    assert len(json.loads(batch)["changes"]) == 2
    assert (flags, json.loads(end)["error"]["code"]) == (END, "not_found")


async def test_over_http2_a_stream_ends_at_its_limit(connect: Connect, iam: Iam) -> None:
    """There what a client does not read would be kept without bound. A header of the client's own changes nothing."""
    async with connect() as client:
        note_id = (await call(client, "WriteNote", {"text": "Milk"})).json()["note_id"]
        for text in "abcde":
            await call(client, "ChangeNote", {"note_id": note_id, "text": text})
    app = RpcApp(iam, Catalog.of(iam), Bounds(longest_stream=0.3, stream_limit=1))
    sent = framed(json.dumps({"note_id": note_id}).encode())
    forged = [(b"hexkeep-http-version", b"2")]
    assert len(frames(await asked(app, sent, "2"))) == 2
    assert len(frames(await asked(app, sent, "1.1", forged))) == 4


async def asked(app: RpcApp, body: bytes, version: str, extra: list[tuple[bytes, bytes]] | None = None) -> bytes:
    """The body of the answer to one call of the stream over a version of HTTP."""
    answered = bytearray()
    request: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if request:
            return request.pop()
        import asyncio

        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]  # nobody leaves

    async def send(message: Message) -> None:
        answered.extend(message.get("body", b""))

    headers = [(b"content-type", b"application/connect+json"), (b"host", HOST.encode()), *(extra or [])]
    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": f"{MANAGEMENT}/FollowNote",
        "root_path": "",
        "query_string": b"",
        "http_version": version,
        "headers": headers,
    }
    await app(scope, receive, send)
    return bytes(answered)
