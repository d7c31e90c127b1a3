"""Where an operation's input comes from, and what is refused on the way."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from hexkeep.adapters.rest.settings import RestSettings
from tests.unit.adapters.rest.conftest import Client

ECHO = "/management/v1/echo/word"
NOTES = "/management/v1/notes"
JSON = {"content-type": "application/json"}


async def test_path_and_query_fields_are_read_as_declared(client: httpx.AsyncClient) -> None:
    """Booleans, numbers, enums, times, durations, lists by repetition, and JSON text for messages and maps."""
    query: list[tuple[str, str | int | float | bool | None]] = [
        ("number", "-12"),
        ("ratio", "0.5"),
        ("flag", "true"),
        ("colour", "red"),
        ("since", "2024-02-29T12:00:00Z"),
        ("age", "PT90S"),
        ("words", "a,b"),
        ("words", "ü"),
        ("numbers", "1"),
        ("place", '{"name": "here"}'),
        ("labels", '{"k": "v"}'),
    ]
    answer = await client.get(ECHO, params=query)
    assert answer.status_code == 200
    assert answer.json() == {
        "word": "word",
        "number": -12,
        "ratio": 0.5,
        "flag": True,
        "colour": "red",
        "since": "2024-02-29T12:00:00Z",
        "age": "PT1M30S",
        "words": ["a,b", "ü"],
        "numbers": [1],
        "place": {"name": "here", "children": []},
        "labels": {"k": "v"},
    }


@pytest.mark.parametrize("word", ["a%2Fb", "%61%2fb", "%C3%BC", "a:b", "a%20b", "%25"])
async def test_path_fields_are_whole_segments(client: httpx.AsyncClient, word: str) -> None:
    """Percent encoding is undone after routing, so an encoded slash is a character of its field."""
    answer = await client.get(httpx.URL(f"http://notes.example/management/v1/echo/{word}"))
    expected = {"a%2Fb": "a/b", "%61%2fb": "a/b", "%C3%BC": "ü", "a%20b": "a b", "%25": "%"}.get(word, word)
    assert answer.json()["word"] == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("unknown=1", "unknown"),
        ("word=again", "word"),
        ("number=1&number=2", "number"),
        ("number=one", "number"),
        ("number=1.0", "number"),
        ("number=", "number"),
        (f"number={2**63}", "number"),
        ("ratio=nan", "ratio"),
        ("flag=yes", "flag"),
        ("flag=1", "flag"),
        ("colour=blue", "colour"),
        ("since=yesterday", "since"),
        ("numbers=1&numbers=x", "numbers"),
        ("place={", "place"),
        ('place={"name":"a","name":"b"}', "place"),
        ('place={"name":"a","x":1}', "place.x"),
        ("labels=[]", "labels"),
    ],
)
async def test_query_at_fault_is_named(client: httpx.AsyncClient, query: str, field: str) -> None:
    """An unknown, repeated or unreadable parameter is invalid input that names it."""
    answer = await client.get(f"{ECHO}?{query}")
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_input"
    assert [one["field"] for one in answer.json()["violations"]] == [field]


@pytest.mark.parametrize("query", ["word=%FF", "number=%FF", "&".join(f"words={n}" for n in range(300))])
async def test_query_that_is_no_text_is_refused(client: httpx.AsyncClient, query: str) -> None:
    """Bytes that are no UTF-8 and endless lists of parameters are invalid input."""
    assert (await client.get(f"{ECHO}?{query}")).status_code == 400


async def test_body_and_path_make_one_input(client: httpx.AsyncClient) -> None:
    """The body holds what the path does not."""
    answer = await client.post(ECHO, json={"number": 3, "place": {"name": "p", "children": [{"name": "q"}]}})
    assert answer.status_code == 200
    assert answer.json()["word"] == "word"
    assert answer.json()["place"] == {"name": "p", "children": [{"name": "q", "children": []}]}


async def test_empty_body_is_an_empty_object(client: httpx.AsyncClient) -> None:
    """An operation whose other fields have defaults needs neither body nor content type."""
    answer = await client.post(ECHO)
    assert answer.status_code == 200
    assert answer.json()["number"] == 0


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff{}",
        b"\xef\xbb\xbf{}",
        b'{"number": 1, "number": 2}',
        b'{"place": {"name": "a", "name": "b"}}',
        b'{"number": NaN}',
        b'{"ratio": Infinity}',
        b'{"number": ' + b"9" * 5000 + b"}",
        b'{"words": ["\\ud800"]}',
        b'{"number": "x"}',
        b'{"unknown": 1}',
        b'{"word": "from the body"}',
        b'{"place": ' + b'{"children":[' * 20 + b"]}" * 20 + b"}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
async def test_body_that_does_not_fit_is_invalid_input(client: httpx.AsyncClient, body: bytes) -> None:
    """Broken, doubled, too deep, unknown: a 400 with the code of invalid input."""
    answer = await client.post(ECHO, content=body, headers=JSON)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "invalid_input"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", ""]
)
async def test_body_of_another_media_type_is_refused(client: httpx.AsyncClient, kind: str) -> None:
    """Only JSON in UTF-8 is read; a form of a foreign page never is."""
    answer = await client.post(NOTES, content=b'{"text": "x"}', headers={"content-type": kind})
    assert answer.status_code == 415
    assert answer.json()["code"] == "unsupported_media_type"


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
async def test_media_type_is_compared_as_it_means(client: httpx.AsyncClient, kind: str) -> None:
    """Case and the one charset JSON has make no difference."""
    answer = await client.post(NOTES, content=b'{"text": "x"}', headers={"content-type": kind})
    assert answer.status_code == 201


async def test_large_body_is_refused_before_it_is_read(connect: Client) -> None:
    """An announced length above the limit is answered with 413 at once."""
    async with connect(RestSettings(body_limit=1024)) as client:
        answer = await client.post(NOTES, content=b"x" * 1025, headers=JSON)
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


async def test_large_body_without_length_is_cut_off(connect: Client) -> None:
    """A stream is read up to the limit and no further."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 512

    async with connect(RestSettings(body_limit=1024)) as client:
        answer = await client.post(NOTES, content=endless(), headers=JSON)
    assert answer.status_code == 413
    assert sent < 10


async def test_body_that_does_not_come_is_given_up(connect: Client) -> None:
    """Who sends slower than the deadline holds nothing open."""

    async def stalled() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async with connect(RestSettings(deadline=0.05)) as client:
        answer = await client.post(NOTES, content=stalled(), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (504, "deadline_exceeded")


async def test_body_of_a_reading_method_is_not_read(client: httpx.AsyncClient) -> None:
    """A GET has no content that could mean anything."""
    answer = await client.request("GET", ECHO, content=json.dumps({"number": 9}), headers=JSON)
    assert answer.json()["number"] == 0
