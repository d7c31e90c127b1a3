"""Errors on the wire: problem details (RFC 9457), and nothing that helps an attacker."""

import logging

import httpx
import pytest

MEDIA_TYPE = "application/problem+json"


async def test_error_is_a_problem(client: httpx.AsyncClient) -> None:
    """Type, title, status, detail, instance and the stable code."""
    answer = await client.get("/management/v1/notes/absent", headers={"x-request-id": "r1"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "type": "urn:hexkeep:error:not_found",
        "title": "There is no such resource",
        "status": 404,
        "detail": "There is no such resource",
        "instance": "urn:hexkeep:request:r1",
        "code": "not_found",
    }


async def test_unknown_path_is_a_problem(client: httpx.AsyncClient) -> None:
    """A path that no operation has is not found like any resource."""
    answer = await client.get("/management/v9/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, MEDIA_TYPE)
    assert answer.json()["code"] == "not_found"


async def test_wrong_method_is_a_problem(client: httpx.AsyncClient) -> None:
    """A 405 names the methods there are, HEAD included (RFC 9110 section 15.5.6)."""
    answer = await client.put("/management/v1/notes", json={})
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}


async def test_of_very_many_violations_the_first_are_told(client: httpx.AsyncClient) -> None:
    """An answer is not many times larger than its request."""
    answer = await client.post("/management/v1/notes", json={f"x{number}": 1 for number in range(5000)})
    assert (answer.status_code, len(answer.json()["violations"])) == (400, 100)


async def test_used_up_rate_says_when_to_come_back(client: httpx.AsyncClient) -> None:
    """Retry-After holds the seconds the error names."""
    answer = await client.post("/management/v1/wear")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


async def test_defect_shows_nothing(client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    """A failure of our own is a 500 with the request id, logged once, without the exception's text."""
    with caplog.at_level(logging.ERROR):
        answer = await client.post("/management/v1/break", headers={"x-request-id": "r1"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert answer.json()["instance"] == "urn:hexkeep:request:r1"
    errors = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(errors) == 1
    assert "r1" in errors[0]


async def test_violations_name_every_field(client: httpx.AsyncClient) -> None:
    """All that is wrong with a body is told at once."""
    answer = await client.post("/management/v1/notes", json={"text": 1, "place": {}, "labels": {"a": 1}})
    assert {one["field"] for one in answer.json()["violations"]} == {"text", "place.name", "labels.a"}
