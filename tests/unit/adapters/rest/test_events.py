"""Streams as Server-Sent Events. Over real sockets: `tests/e2e/test_event_feed.py`."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from hexkeep.adapters.rest.app import create_rest_app
from hexkeep.adapters.rest.events import wants_events
from hexkeep.adapters.rest.settings import RestSettings
from hexkeep.engine.iam import Iam
from tests.unit.adapters.rest.conftest import HOST, Client

NOTES = "/management/v1/notes"
EVENTS = {"accept": "text/event-stream"}
SHORT = RestSettings(longest_stream=0.2, heartbeat=0.02)
SECONDS = 5.0
TINY = {"stream_limit": 1}


async def written(client: httpx.AsyncClient, changes: int = 0) -> str:
    """The path of a new note's changes."""
    note_id = (await client.post(NOTES, json={"text": "Milk"})).json()["note_id"]
    for _ in range(changes):
        await client.patch(f"{NOTES}/{note_id}", json={"text": "More milk"})
    return f"{NOTES}/{note_id}"


def events(text: str) -> list[dict[str, str]]:
    """The blocks of an event stream by field, comments left out."""
    blocks = [[line for line in block.split("\n") if not line.startswith(":")] for block in text.split("\n\n")]
    return [dict(line.split(": ", 1) for line in block) for block in blocks if block and block[0]]


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("text/event-stream", True),
        ("Text/Event-Stream; q=0.5, text/html", True),
        ("text/event-stream, application/json", True),
        ("text/event-stream;q=0.5, application/json", False),
        ("text/event-stream;q=0", False),
        ("text/event-stream;q=nonsense", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_who_asks_for_events_gets_them(accept: str, *, wanted: bool) -> None:
    """They have to be named: whoever takes anything gets a page."""
    assert wants_events({"accept": (accept,)}) is wanted


async def test_batches_are_events_with_their_cursor(connect: Client) -> None:
    """Data is the page, the id where it goes on, silence is filled with comments, and it ends after a while."""
    async with connect(SHORT) as client:
        path = await written(client, changes=2)
        answer = await client.get(f"{path}/changes", headers=EVENTS)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert "\n:\n" in answer.text
    retry, first, second = events(answer.text)
    assert retry == {"retry": "2000"}
    assert (first["id"], second["id"]) == ("2", "3")
    assert [one["version"] for one in json.loads(first["data"])["changes"]] == [1, 2]
    assert json.loads(second["data"])["next_cursor"] == "3"


@pytest.mark.parametrize("where", ["header", "query", "both"])
async def test_it_goes_on_behind_the_last_event(connect: Client, where: str) -> None:
    """``Last-Event-ID`` is the newer word: a client that comes again sends the address it began with."""
    async with connect(SHORT) as client:
        path = await written(client, changes=2)
        headers = {**EVENTS, **({} if where == "query" else {"last-event-id": "2"})}
        query = {"header": "", "query": "?cursor=2", "both": "?cursor=1"}[where]
        answer = await client.get(f"{path}/changes{query}", headers=headers)
    assert [one["id"] for one in events(answer.text)[1:]] == ["3"]


async def test_nothing_yet_is_an_id_without_data(connect: Client) -> None:
    """The client knows where to come again before anything has happened."""
    async with connect(SHORT) as client:
        path = await written(client)
        answer = await client.get(f"{path}/changes?cursor=1", headers=EVENTS)
    assert events(answer.text)[1:] == [{"id": "1"}]


@pytest.mark.parametrize(("version", "ids"), [("2", ["2"]), ("1.1", ["2", "3"])])
async def test_over_http_2_it_ends_after_so_many_bytes(iam: Iam, version: str, ids: list[str]) -> None:
    """There servers keep what a client does not read; the client comes again with the last id."""
    rest: Any = create_rest_app(iam, RestSettings(longest_stream=0.2).model_copy(update=TINY))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await rest({**scope, "http_version": version}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=f"http://{HOST}") as client:
        path = await written(client, changes=2)
        answer = await client.get(f"{path}/changes", headers=EVENTS)
    assert [one["id"] for one in events(answer.text)[1:]] == ids


async def test_otherwise_it_is_a_page(client: httpx.AsyncClient) -> None:
    """The same operation is an ordinary list."""
    path = await written(client, changes=2)
    answer = await client.get(f"{path}/changes")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["next_cursor"] == "2"
    assert "cursor=2" in answer.headers["link"]


async def test_an_error_before_the_first_batch_is_an_answer(client: httpx.AsyncClient) -> None:
    """With its status, so that a client gives up."""
    answer = await client.get(f"{NOTES}/n/changes", headers={**EVENTS, "last-event-id": "x"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_head_tells_the_kind_and_ends(client: httpx.AsyncClient) -> None:
    """Nothing is streamed to nobody."""
    path = await written(client)
    async with asyncio.timeout(SECONDS):
        answer = await client.head(f"{path}/changes", headers=EVENTS)
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "text/event-stream", b"")


async def test_the_document_tells_of_streams(client: httpx.AsyncClient) -> None:
    """The page and the stream are two forms of one answer."""
    node = (await client.get("/openapi.json")).json()["paths"][f"{NOTES}/{{note_id}}/changes"]["get"]
    assert node["x-hexkeep-stream"] is True
    assert set(node["responses"]["200"]["content"]) == {"application/json", "text/event-stream"}
    assert {"$ref": "#/components/parameters/LastEventId"} in node["parameters"]


@dataclass
class Connection:
    """A client on the other side of the ASGI interface, which takes what comes at its own pace."""

    path: str
    taken: "asyncio.Queue[bytes]" = field(default_factory=lambda: asyncio.Queue(1))
    leaves: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> dict[str, Any]:
        """It sends nothing, and is gone in the end."""
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        """Wait until the last part was taken."""
        await self.taken.put(message.get("body", b""))

    async def open(self, iam: Iam) -> None:
        """Ask for the stream and get it until one side ends it."""
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": self.path, "raw_path": self.path.encode(), "root_path": "", "query_string": b"",
            "headers": [(b"host", HOST.encode()), (b"accept", b"text/event-stream")],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        }  # fmt: skip
        app: Any = create_rest_app(iam, RestSettings())
        await app(scope, self.receive, self.send)

    async def next(self) -> bytes:
        """The next part."""
        async with asyncio.timeout(SECONDS):
            return await self.taken.get()


async def test_a_client_that_leaves_ends_its_stream(client: httpx.AsyncClient, iam: Iam) -> None:
    """Whatever the stream waits for."""
    connection = Connection(f"{await written(client)}/changes")
    serving = asyncio.create_task(connection.open(iam))
    assert await connection.next() == b""
    assert b"id: 1" in await connection.next()
    assert iam.machinery.streams.open == 1
    connection.leaves.set()
    assert await connection.next() == b""
    async with asyncio.timeout(SECONDS):
        await serving
    assert iam.machinery.streams.open == 0


async def test_an_error_on_the_way_is_the_last_event(client: httpx.AsyncClient, iam: Iam) -> None:
    """With the problem document and the stable code."""
    path = await written(client)
    connection = Connection(f"{path}/changes")
    serving = asyncio.create_task(connection.open(iam))
    assert await connection.next() == b""
    assert b"id: 1" in await connection.next()
    await client.delete(path)
    (error,) = events((await connection.next()).decode())
    assert (error["event"], json.loads(error["data"])["code"]) == ("error", "not_found")
    assert await connection.next() == b""
    async with asyncio.timeout(SECONDS):
        await serving
    assert iam.machinery.streams.open == 0
