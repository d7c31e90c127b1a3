"""Connect over the real engine: proto, JSON and GET. Over sockets, with clients of others: `tests/e2e/test_rpc.py`."""

import base64
import gzip
import json
import logging
import urllib.parse
from typing import Any

import httpx
import pytest

from hexkeep.adapters.rpc.catalog import Catalog
from hexkeep.adapters.rpc.settings import Bounds
from hexkeep.engine.iam import Iam
from tests.unit.adapters.proofs import OFFERED
from tests.unit.adapters.rpc.conftest import AUTH, MANAGEMENT, Connect, details

JSON = {"content-type": "application/json"}
PROTO = {"content-type": "application/proto"}


async def call(client: httpx.AsyncClient, name: str, body: object, **headers: str) -> httpx.Response:
    """A Connect call in JSON."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return await client.post(f"{MANAGEMENT}/{name}", content=json.dumps(body), headers={**JSON, **named})


def parameters(**query: str) -> str:
    """The query of a GET."""
    return urllib.parse.urlencode({"connect": "v1", **query})


async def test_json_in_and_out(client: httpx.AsyncClient) -> None:
    """Names are those of the `.proto` files, zeros are shown, nothing is kept by caches, a write tells its position."""
    written = await call(client, "WriteNote", {"text": "Milk"})
    assert written.status_code == 200
    assert (written.headers["content-type"], written.headers["cache-control"]) == ("application/json", "no-store")
    assert written.headers["hexkeep-position"]
    assert written.headers["x-request-id"]
    note_id = written.json()["note_id"]
    assert (await call(client, "GetNote", {"noteId": note_id})).json() == {
        "note_id": note_id,
        "text": "Milk",
        "version": "1",
    }


async def test_protobuf_in_and_out(client: httpx.AsyncClient, iam: Iam) -> None:
    """The binary form, with the classes of the catalog."""
    echo: Any = Catalog.of(iam).services[MANAGEMENT[1:]]["Echo"]
    sent = echo.input_class(word="w", number=-5, words=["a", "b"], flag=False, place={"children": [{"name": "in"}]})
    answer = await client.post(f"{MANAGEMENT}/Echo", content=sent.SerializeToString(), headers=PROTO)
    assert answer.headers["content-type"] == "application/proto"
    got = echo.output_class.FromString(answer.content)
    assert (got.word, got.number, list(got.words), got.HasField("flag")) == ("w", -5, ["a", "b"], True)
    assert got.place.children[0].name == "in"


async def test_reads_may_be_got(client: httpx.AsyncClient) -> None:
    """As JSON or protobuf in the query; what writes is refused with the methods there are."""
    word, text = (parameters(encoding="json", message=json.dumps({name: "w"})) for name in ("word", "text"))
    answer = await client.get(f"{MANAGEMENT}/Echo?{word}")
    assert (answer.status_code, answer.json()["word"]) == (200, "w")
    encoded = base64.urlsafe_b64encode(b"\x0a\x01w").decode()
    binary = parameters(encoding="proto", message=encoded, base64="1")
    answer = await client.get(f"{MANAGEMENT}/Echo?{binary}")
    assert (answer.status_code, answer.content[:3]) == (200, b"\x0a\x01w")
    answer = await client.get(f"{MANAGEMENT}/WriteNote?{text}")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_errors_have_code_message_and_details(client: httpx.AsyncClient) -> None:
    """The stable code is in the details; the HTTP status is the one that Connect gives the gRPC status."""
    answer = await call(client, "GetNote", {"note_id": "nobody"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    info: Any = details(answer)["ErrorInfo"]
    assert (info.reason, info.domain) == ("not_found", "hexkeep")


async def test_violations_name_every_field(client: httpx.AsyncClient) -> None:
    """As REST names them."""
    answer = await call(client, "Echo", {"word": "w" * 41, "place": {"name": "n" * 21}})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_argument")
    request: Any = details(answer)["BadRequest"]
    assert [one.field for one in request.field_violations] == ["word", "place.name"]


@pytest.mark.parametrize(
    "body",
    ['{"wrod":"w"}', "[]", "{", '{"word":7}', '{"word":"a","word":"b"}', '{"colour":"COLOUR_PINK"}', '"\\ud800"'],
)
async def test_what_is_no_message_is_refused_in_our_own_words(client: httpx.AsyncClient, body: str) -> None:
    """A misspelt field is no field; the library's text about it stays here."""
    answer = await client.post(f"{MANAGEMENT}/Echo", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["message"]) == (400, "The message is not ProtoJSON of EchoRequest")
    info: Any = details(answer)["ErrorInfo"]
    assert info.reason == "invalid_input"


async def test_bytes_that_are_no_protobuf_are_refused(client: httpx.AsyncClient) -> None:
    """In our own words, with the same code."""
    answer = await client.post(f"{MANAGEMENT}/Echo", content=b"\xff\xff", headers=PROTO)
    assert answer.json()["message"] == "The message is not in the protobuf wire format"


async def test_deep_json_is_refused(connect: Connect) -> None:
    """Deeper than the bound, or than the interpreter's stack."""
    async with connect(Bounds(depth_limit=8)) as client:
        for depth in (8, 100_000):
            nested = '{"children":[' * depth + "]}" * depth
            answer = await client.post(f"{MANAGEMENT}/Echo", content=f'{{"word":"w","place":{nested}}}', headers=JSON)
            assert answer.json()["code"] in ("invalid_argument", "resource_exhausted")


async def test_large_messages_are_refused(connect: Connect) -> None:
    """Before they are read, and when gzip hides how large they are."""
    async with connect(Bounds(message_limit=1024)) as client:
        large = json.dumps({"word": "w" * 5000}).encode()
        for content, encoding in ((large, "identity"), (gzip.compress(large), "gzip")):
            headers = {**JSON, "content-encoding": encoding}
            answer = await client.post(f"{MANAGEMENT}/Echo", content=content, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (429, "resource_exhausted")
            info: Any = details(answer)["ErrorInfo"]
            assert info.reason == "too_large"


async def test_gzip_both_ways(client: httpx.AsyncClient) -> None:
    """As asked for; what claims to be gzip and is not is refused."""
    content = gzip.compress(b'{"word":"w"}')
    headers = {**JSON, "content-encoding": "gzip", "accept-encoding": "gzip"}
    answer = await client.post(f"{MANAGEMENT}/Echo", content=content, headers=headers)
    assert (answer.headers["content-encoding"], answer.json()["word"]) == ("gzip", "w")
    answer = await client.post(f"{MANAGEMENT}/Echo", content=b"no gzip", headers=headers)
    assert answer.json()["message"] == "The message is not compressed with gzip"
    headers["content-encoding"] = "br"
    answer = await client.post(f"{MANAGEMENT}/Echo", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (501, "unimplemented")


async def test_a_defect_is_internal_and_says_nothing(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The cause is in the log under the request's id; the answer is whole, so the connection lives on."""
    answer = await call(client, "BreakDown", {}, x_request_id="call-7")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret of the failure" not in answer.text
    assert "secret of the failure" in caplog.text
    assert (await call(client, "Echo", {"word": "w"})).status_code == 200


async def test_an_output_without_a_place_on_the_wire_is_internal(
    client: httpx.AsyncClient, iam: Iam, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A defect of ours as well, whatever the converter says of it."""

    def fail(self: object, output: object) -> None:
        raise ValueError("the secret value")

    monkeypatch.setattr("hexkeep.adapters.rpc.converters._Converter.write", fail)
    with caplog.at_level(logging.ERROR):
        answer = await call(client, "Echo", {"word": "w"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "the secret value" not in answer.text
    assert "the secret value" in caplog.text


async def test_who_calls_is_told_by_the_headers(client: httpx.AsyncClient) -> None:
    """Credentials, address, agent and request id are those of the HTTP request, as on REST."""
    headers = {**JSON, "user-agent": "probe", "x-request-id": "call-8"}
    answer = await client.post(f"{AUTH}/MyCall", content="{}", headers=headers)
    assert answer.json()["note_id"] == "127.0.0.1 probe call-8 http://notes.example"
    answer = await client.post(f"{AUTH}/MyAccount", content="{}", headers={**JSON, "authorization": "Basic x"})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="hexkeep", error="invalid_token"'
    answer = await client.post(f"{AUTH}/MyAccount", content="{}", headers=JSON)
    assert OFFERED.fullmatch(answer.headers["www-authenticate"])  # as RFC 9110 section 15.5.2 wants it


async def test_if_match_is_the_expected_version(client: httpx.AsyncClient) -> None:
    """A version that is not the resource's any more is a conflict, which Connect answers with 409."""
    note_id = (await call(client, "WriteNote", {"text": "Milk"})).json()["note_id"]
    change = {"note_id": note_id, "text": "More milk"}
    assert (await call(client, "ChangeNote", change, if_match='"1"')).status_code == 200
    answer = await call(client, "ChangeNote", change, if_match='"1"')
    info: Any = details(answer)["ErrorInfo"]
    assert (answer.status_code, info.reason) == (409, "version_conflict")
    assert (await call(client, "ChangeNote", change, if_match="W/x")).json()["code"] == "invalid_argument"
    answer = await call(client, "WriteNote", {"text": "Milk"}, if_match='"1"')
    assert (answer.status_code, answer.json()["message"]) == (400, "WriteNote takes no If-Match")


async def test_what_passes_says_when_to_come_again(client: httpx.AsyncClient) -> None:
    """In the header that HTTP has for it, too."""
    answer = await call(client, "WearOut", {})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


@pytest.mark.parametrize("header", ["connect-timeout-ms", "grpc-timeout"])
async def test_the_callers_deadline_counts(client: httpx.AsyncClient, header: str) -> None:
    """A deadline that has passed is told as such, whichever protocol names it."""
    web = header == "grpc-timeout"
    kind = "application/grpc-web+proto" if web else "application/json"
    body = b"\0\0\0\0\0" if web else b"{}"
    headers = {"content-type": kind, header: "1n" if web else "0"}
    answer = await client.post(f"{MANAGEMENT}/ListNotes", content=body, headers=headers)
    if web:
        assert b"grpc-status: 4" in answer.content
    else:
        assert (answer.status_code, answer.json()["code"]) == (504, "deadline_exceeded")
        info: Any = details(answer)["ErrorInfo"]
        assert info.reason == "deadline_exceeded"


async def test_what_is_not_served_is_refused(client: httpx.AsyncClient) -> None:
    """Another method, another media type, and gRPC where the server has no trailers."""
    assert (await client.post(f"{MANAGEMENT}/Nothing", content="{}", headers=JSON)).status_code == 404
    assert (await client.put(f"{MANAGEMENT}/Echo", content="{}", headers=JSON)).status_code == 405
    kinds = ("application/xml", "application/grpc", "application/grpc+proto")
    for kind in kinds:
        answer = await client.post(f"{MANAGEMENT}/Echo", content="", headers={"content-type": kind})
        assert (answer.status_code, answer.content) == (415, b"")
