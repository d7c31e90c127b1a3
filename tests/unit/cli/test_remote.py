import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pydantic import JsonValue

from hexkeep.cli.positions import Positions
from hexkeep.cli.remote import RemoteRefusal, Server
from hexkeep.core.kernel.errors import Unavailable
from hexkeep.core.kernel.operation import Http, Method

GET = Http(Method.GET, "/v1/things/{thing_id}")
POST = Http(Method.POST, "/v1/things", 201)
DELETE = Http(Method.DELETE, "/v1/things/{thing_id}")


class Stub(ThreadingHTTPServer):
    """A server of another process: notes what it is asked and answers what it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str], object]] = []

    @property
    def there(self) -> Server:
        """Where it is."""
        return Server(f"http://localhost:{self.server_port}")


class Handler(BaseHTTPRequestHandler):
    """One request of the stub."""

    server: Stub

    def answer(self) -> None:
        """Note and answer."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((f"{self.command} {self.path}", headers, body))
        status, extra, content = self.server.answers.pop(0) if self.server.answers else (200, {}, {})
        self.send_response(status)
        for name, value in extra.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content if isinstance(content, bytes) else json.dumps(content).encode())

    do_GET = do_POST = do_DELETE = answer  # noqa: N815 - the names that the base class looks for

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    """A running stub, and a state folder of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with Stub() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_fields_go_where_the_binding_says(stub: Stub) -> None:
    """Into the path, else the query for GET and DELETE, else the body; the token into its header."""
    fields: dict[str, JsonValue] = {
        "thing_id": "a/b c",
        "tags": ["x", "y"],
        "deep": {"a": 1},
        "flag": True,
        "none": None,
    }
    stub.there.call(GET, fields, "t0")
    stub.there.call(POST, {"name": "ü"}, "t0")
    stub.there.call(DELETE, {"thing_id": "1"}, "t0")
    read, create, delete = stub.asked
    assert read[0] == "GET /v1/things/a%2Fb%20c?tags=x&tags=y&deep=%7B%22a%22%3A+1%7D&flag=true"
    assert (read[1]["authorization"], read[2]) == ("Bearer t0", b"")
    assert (create[0], create[1]["content-type"], json.loads(create[2])) == (
        "POST /v1/things",
        "application/json",
        {"name": "ü"},
    )
    assert (delete[0], delete[2]) == ("DELETE /v1/things/1", b"")


def test_what_was_written_is_read(stub: Stub) -> None:
    """The position of a write goes with the next call, also from another process, to the same server alone."""
    stub.answers = [(201, {"Hexkeep-Position": "p1"}, {}), (201, {"Hexkeep-Position": "p2"}, {})]
    for _ in range(3):
        Server(stub.there.origin).call(POST, {}, "t0")
    assert [headers.get("hexkeep-position") for _, headers, _ in stub.asked] == [None, "p1", "p1, p2"]
    assert Positions("http://elsewhere").read() == ""


def test_superseded_positions_are_forgotten(stub: Stub) -> None:
    """After a restore the server knows none of them: the call is made once more without."""
    Positions(stub.there.origin).note("old")
    stub.answers = [(412, {}, {"code": "position_superseded"}), (200, {}, {"ok": True})]
    assert stub.there.call(GET, {"thing_id": "1"}, "t0") == {"ok": True}
    assert [headers.get("hexkeep-position") for _, headers, _ in stub.asked] == ["old", None]
    assert Positions(stub.there.origin).read() == ""


def test_positions_are_few_and_may_be_lost(stub: Stub) -> None:
    """Only the latest are kept; a broken file counts as empty."""
    positions = Positions(stub.there.origin)
    for number in range(9):
        positions.note(f"p{number}")
    assert positions.read() == "p5, p6, p7, p8"
    [file] = list(Path().rglob("positions.json"))
    file.write_text("{")
    assert positions.read() == ""


def test_refusals_are_told_as_the_server_tells_them(stub: Stub) -> None:
    """Problem details (RFC 9457) with violations; and whatever else a proxy may answer."""
    violations = [{"field": "name", "message": "too long"}]
    stub.answers = [
        (400, {}, {"code": "invalid_input", "detail": "The input is not valid", "violations": violations}),
        (502, {}, b"<html>"),
    ]
    with pytest.raises(RemoteRefusal) as caught:
        stub.there.call(POST, {}, "t0")
    assert (caught.value.refusal.code, caught.value.refusal.problems) == ("invalid_input", ("name: too long",))
    with pytest.raises(RemoteRefusal, match="The server answered 502"):
        stub.there.call(POST, {}, "t0")


def test_absent_server_is_unavailable(stub: Stub) -> None:
    """Nobody there is an error of its own; the probe only says no."""
    nowhere = Server("http://localhost:1")
    assert stub.there.answers()
    assert not nowhere.answers()
    with pytest.raises(Unavailable):
        nowhere.call(GET, {"thing_id": "1"}, "t0")


def test_a_stream_is_read_batch_by_batch(stub: Stub) -> None:
    """Comments and what has no id tell nothing; an ``error`` event is a refusal as any other."""
    told = b'retry: 2000\n\n:\n\nid: 1\n\nid: 2\ndata: {"things":[{"a":1}]}\n\n'
    problem = b'event: error\ndata: {"code":"unauthenticated","detail":"Sign in"}\n\n'
    stub.answers = [(200, {}, told + problem), (401, {}, {"code": "unauthenticated"})]
    batches = stub.there.events(GET, {"thing_id": "1", "cursor": "0"}, "t0")
    assert next(batches) == ("1", {})
    assert next(batches) == ("2", {"things": [{"a": 1}]})
    with pytest.raises(RemoteRefusal, match="Sign in"):
        next(batches)
    with pytest.raises(RemoteRefusal):
        next(stub.there.events(GET, {"thing_id": "1"}, ""))
    asked, headers, _ = stub.asked[0]
    assert (asked, headers["accept"]) == ("GET /v1/things/1?cursor=0", "text/event-stream")
    with pytest.raises(Unavailable):
        next(Server("http://localhost:1").events(GET, {"thing_id": "1"}, ""))
