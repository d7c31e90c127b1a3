"""What comes back: outputs, their headers, and the methods beside them."""

import httpx
import pytest

from hexkeep.ports.api import PositionToken

NOTES = "/management/v1/notes"


async def write(client: httpx.AsyncClient, text: str = "Milk") -> httpx.Response:
    """Write a note."""
    answer = await client.post(NOTES, json={"text": text})
    assert answer.status_code == 201
    return answer


async def test_write_answers_with_its_position(client: httpx.AsyncClient) -> None:
    """The token of a write makes a list wait until it shows what was written."""
    written = await write(client)
    token = written.headers["hexkeep-position"]
    assert PositionToken.parse(token).instance == "notes"
    listed = await client.get(NOTES, headers={"hexkeep-position": f"{token}, {token}"})
    assert [note["note_id"] for note in listed.json()["notes"]] == [written.json()["note_id"]]
    assert "hexkeep-position" not in listed.headers


async def test_broken_position_is_invalid_input(client: httpx.AsyncClient) -> None:
    """A token that is none is refused rather than ignored."""
    answer = await client.get(NOTES, headers={"hexkeep-position": "nonsense"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


async def test_version_is_a_strong_entity_tag(client: httpx.AsyncClient) -> None:
    """An output with a version carries it as ETag."""
    note = (await write(client)).json()["note_id"]
    assert (await client.get(f"{NOTES}/{note}")).headers["etag"] == '"1"'


async def test_if_match_is_the_expected_version(client: httpx.AsyncClient) -> None:
    """A change under the tag of an older version is refused, under the present one it is made."""
    path = f"{NOTES}/{(await write(client)).json()['note_id']}"
    first = await client.patch(path, json={"text": "Bread"}, headers={"if-match": '"1"'})
    late = await client.patch(path, json={"text": "Salt"}, headers={"if-match": '"1"'})
    assert late.json()["status"] == late.status_code == 412  # RFC 9457 section 3.1.2
    assert first.status_code == 200
    assert (late.status_code, late.json()["code"]) == (412, "version_conflict")
    assert late.json()["details"] == {"expected": "1", "actual": "2"}


@pytest.mark.parametrize("tag", ['W/"1"', "1", '"1", "2"', '"one"'])
async def test_if_match_takes_one_strong_tag(client: httpx.AsyncClient, tag: str) -> None:
    """Anything but a tag of ours is refused: a precondition is never dropped silently."""
    path = f"{NOTES}/{(await write(client)).json()['note_id']}"
    assert (await client.patch(path, json={"text": "x"}, headers={"if-match": tag})).status_code == 400


async def test_what_looks_at_no_version_takes_no_if_match(client: httpx.AsyncClient) -> None:
    """Nobody is left to believe that nothing was overwritten (RFC 9110 section 13.2.1); `*` and reads ask nothing."""
    answer = await client.post("/management/v1/notes", json={"text": "Milk"}, headers={"if-match": '"1"'})
    assert (answer.status_code, answer.json()["detail"]) == (400, "WriteNote takes no If-Match")
    answer = await client.post("/management/v1/notes", json={"text": "Milk"}, headers={"if-match": "*"})
    assert answer.status_code == 201
    path = f"/management/v1/notes/{answer.json()['note_id']}"
    assert (await client.get(path, headers={"if-match": '"9"'})).status_code == 200


async def test_next_page_is_linked(client: httpx.AsyncClient) -> None:
    """Following the links shows every note once, in order, and then ends."""
    last = [await write(client, text) for text in "abcde"][-1]
    seen, link = [], f"{NOTES}?limit=2"
    while link:
        page = await client.get(link, headers={"hexkeep-position": last.headers["hexkeep-position"]})
        seen += [note["text"] for note in page.json()["notes"]]
        link = page.links.get("next", {}).get("url", "")
        assert bool(link) == bool(page.json()["next_cursor"])
    assert seen == list("abcde")


async def test_no_content_has_none(client: httpx.AsyncClient) -> None:
    """A 204 has neither body nor content type."""
    note = (await write(client)).json()["note_id"]
    answer = await client.delete(f"{NOTES}/{note}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    assert (await client.get(f"{NOTES}/{note}")).status_code == 404


async def test_head_is_get_without_content(client: httpx.AsyncClient) -> None:
    """HEAD has the headers of GET, its length included, and no content (RFC 9110 section 9.3.2)."""
    answer = await client.head(NOTES)
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) == len((await client.get(NOTES)).content)


async def test_answers_are_not_kept_nor_sniffed(client: httpx.AsyncClient) -> None:
    """No cache keeps an answer, no browser guesses its type or frames it."""
    headers = (await client.get(NOTES)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_options_names_the_methods(client: httpx.AsyncClient) -> None:
    """OPTIONS tells what a path can do."""
    answer = await client.options(f"{NOTES}/x")
    assert {"GET", "PATCH", "DELETE"} <= set(answer.headers["allow"].split(", "))
