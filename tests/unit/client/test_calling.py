"""What the client makes of answers that a server gives seldom: what it repeats, and what not."""

import json
from collections.abc import Callable
from typing import TypeAlias

import httpx2
import pytest

from hexkeep.client import Client, Patience
from hexkeep.client.credentials import Credentials
from hexkeep.core.kernel.errors import (
    Archived,
    Conflict,
    HexkeepError,
    Internal,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
    VersionConflict,
)
from hexkeep.core.kernel.event import Log
from hexkeep.core.metadata.messages import MetadataEntry
from hexkeep.core.user.queries import UserSort
from hexkeep.ports.api import PositionToken

URL = "https://id.example.com"
Token: TypeAlias = "str | Callable[[], str] | Credentials"
Answer: TypeAlias = httpx2.Response | httpx2.TransportError
MADE = {"project_id": "p1"}


class Server:
    """Answers as it is told, in order, and keeps what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[httpx2.Request] = []

    def client(self, token: Token = "secret", *, positions: str = "", retries: int = 3) -> Client:
        """A client that has no other network."""
        http = httpx2.Client(transport=httpx2.MockTransport(self._answer))
        return Client(URL + "/", token, http=http, positions=positions, patience=Patience(retries=retries, longest=2.0))

    def header(self, name: str) -> list[str]:
        """What each request had under a name."""
        return [request.headers.get(name, "") for request in self.asked]

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, httpx2.TransportError):
            raise answer
        return answer


VERSIONS = {"expected": "1", "actual": "2"}


def problem(status: int, code: str, **members: object) -> httpx2.Response:
    """Problem details; whoever reads them may come again at once."""
    return httpx2.Response(status, json={"code": code, **members}, headers={"retry-after": "0"})


def ok(**output: object) -> httpx2.Response:
    """An output."""
    return httpx2.Response(200, json=output)


def create(client: Client) -> str:
    """An operation that takes an idempotency key."""
    return client.project.create_project(organization_id="o1", name="Atlas").project_id


def update(client: Client) -> None:
    """One that writes and takes none."""
    client.project.update_project(project_id="p1", name="Globe")


def read(client: Client) -> bool:
    """One that only reads."""
    return client.user.check_user_name(organization_id="o1", user_name="ada").available


@pytest.mark.parametrize(
    "failure",
    [
        problem(503, "storage_unavailable"),
        problem(504, "deadline_exceeded"),
        problem(502, ""),
        httpx2.ReadError("reset"),
        httpx2.ConnectError("refused"),
    ],
    ids=["storage", "deadline", "proxy", "reset", "refused"],
)
def test_a_creation_is_repeated_under_its_key(failure: Answer) -> None:
    """What may have been done is asked for again with the key it was first asked with."""
    server = Server(failure, problem(409, "idempotency_in_progress"), ok(**MADE))
    assert create(server.client()) == "p1"
    first, second, third = server.header("idempotency-key")
    assert first
    assert first == second == third


def test_two_creations_have_two_keys() -> None:
    """The key is the call's, unless the caller has one."""
    server = Server(ok(**MADE), ok(**MADE), ok(**MADE))
    client = server.client()
    create(client)
    create(client)
    client.project.create_project(organization_id="o1", name="Atlas", idempotency_key="mine")
    first, second, third = server.header("idempotency-key")
    assert (first != second, third) == (True, "mine")


@pytest.mark.parametrize("failure", [problem(503, "storage_unavailable"), httpx2.ReadTimeout("late")])
def test_what_may_have_been_applied_is_not_repeated(failure: Answer) -> None:
    """A change without a key is left to the caller."""
    server = Server(failure)
    with pytest.raises(Unavailable):
        update(server.client())
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "failure", [problem(429, "resource_exhausted"), problem(503, "overloaded"), httpx2.ConnectError("refused")]
)
def test_what_was_not_applied_is_repeated(failure: Answer) -> None:
    """Whatever it is."""
    server = Server(failure, ok())
    update(server.client())
    assert len(server.asked) == 2


def test_patience_ends() -> None:
    """After as many repetitions as were asked for the error is raised; a wait that is too long is not begun."""
    server = Server(*[problem(503, "unavailable", detail="No.") for _ in range(3)])
    with pytest.raises(Unavailable, match="No"):
        read(server.client(retries=2))
    assert len(server.asked) == 3
    server = Server(httpx2.Response(429, json={"code": "resource_exhausted"}, headers={"retry-after": "3600"}))
    with pytest.raises(ResourceExhausted) as refused:
        read(server.client())
    assert (refused.value.retry_after, len(server.asked)) == (3600, 1)


def test_a_token_that_has_ended_is_asked_for_anew_once() -> None:
    """A function may know another by then; a token that is all there is does not change."""
    server = Server(problem(401, "unauthenticated"), ok(available=True))
    tokens = iter(["old", "new"])
    assert read(server.client(lambda: next(tokens)))
    assert server.header("authorization") == ["Bearer old", "Bearer new"]
    for token, times in (("fixed", 1), (lambda: "same", 2)):
        server = Server(*[problem(401, "unauthenticated") for _ in range(times)])
        with pytest.raises(Unauthenticated):
            read(server.client(token))
        assert not server.answers


def test_positions_from_before_a_restore_are_forgotten() -> None:
    """And the call is made without them."""
    known = str(PositionToken("i1", Log.DURABLE, 1, 7))
    server = Server(problem(412, "position_superseded"), ok(available=True))
    client = server.client(positions=known)
    assert read(client)
    assert server.header("hexkeep-position") == [known, ""]
    assert client.positions == ""


def test_the_latest_position_of_each_log_is_sent() -> None:
    """An older one that comes later changes nothing."""
    durable, older, other = (
        str(PositionToken("i1", log, 1, position))
        for log, position in ((Log.DURABLE, 7), (Log.DURABLE, 6), (Log.ACTIVITY, 1))
    )
    answers = [httpx2.Response(200, json={}, headers={"hexkeep-position": one}) for one in (durable, other, older)]
    server = Server(*answers, ok(available=True))
    client = server.client()
    for _ in answers:
        update(client)
    read(client)
    assert set(server.header("hexkeep-position")[-1].split(",")) == {durable, other}


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (problem(409, "badge_worn"), Conflict, "badge_worn"),
        (problem(410, "archived"), Archived, "archived"),
        (
            problem(409, "version_conflict", details=VERSIONS),
            VersionConflict,
            "version_conflict",
        ),
        (httpx2.Response(500, text="<html>"), Internal, "internal"),
        (httpx2.Response(200, text="<html>"), Internal, "internal"),
    ],
)
def test_errors_keep_their_codes(answer: httpx2.Response, kind: type[HexkeepError], code: str) -> None:
    """Those of a plugin or another version too: the class is the nearest by status."""
    with pytest.raises(kind) as refused:
        update(Server(answer).client())
    assert (type(refused.value), refused.value.code) == (kind, code)


def test_only_what_differs_is_sent() -> None:
    """In path, query and body, each in its form; what a later version answers with is passed over."""
    page = {"users": [], "next_cursor": "", "later": 1}
    server = Server(httpx2.Response(200, json=page), ok(), ok(available=True))
    client = server.client()
    assert client.user.list_users(descending=True, sort=UserSort.USER_NAME, search="a b").page().users == ()
    assert str(server.asked[0].url) == f"{URL}/management/v1/users?descending=true&search=a+b&sort=user_name"
    client.user.update_human_user(user_id="u~1", nickname="", expected_version=3)
    assert server.asked[1].url.path.endswith("/u~1")
    assert json.loads(server.asked[1].content) == {"nickname": "", "expected_version": 3}


def test_messages_and_bytes_are_sent_as_json() -> None:
    """Lists do for tuples."""
    server = Server(ok())
    entry = MetadataEntry(key="cost-centre", value=b"4711")
    server.client().metadata.bulk_set_user_metadata(user_id="u1", entries=[entry])
    assert json.loads(server.asked[0].content) == {"entries": [{"key": "cost-centre", "value": "NDcxMQ=="}]}


def sse(*blocks: str) -> httpx2.Response:
    """A connection of a stream."""
    return httpx2.Response(200, text="".join(f"{block}\n\n" for block in blocks))


def test_a_stream_is_taken_up_again_behind_what_came() -> None:
    """After an end, a loss and a refusal that passes; an error that does not is raised."""
    batch = "id: c1\ndata: " + json.dumps({"events": [], "next_cursor": "c1"})
    server = Server(
        sse(": hello", batch),
        httpx2.ReadError("reset"),
        problem(503, "overloaded"),
        sse("id: c2", batch.replace("c1", "c3")),
        sse('event: error\ndata: {"code": "permission_denied", "status": 403, "detail": "No more"}'),
    )
    found = []
    with server.client().history.watch_events() as stream, pytest.raises(HexkeepError, match="No more"):
        found += [page.next_cursor for page in stream.batches()]
    assert server.header("last-event-id") == ["", "c1", "c1", "c1", "c3"]
    assert stream.cursor == "c3"


def test_lines_of_a_stream_end_at_line_feeds_alone() -> None:
    """What ends a line for Python, and not for the standard, may stand in what somebody is called."""
    names = "Ada\u2028Lovelace\x85"
    page = json.dumps({"events": [], "next_cursor": names}, ensure_ascii=False)
    server = Server(sse(f"id: c1\r\ndata: {page}\r"))
    with server.client().history.watch_events() as stream:
        assert next(stream.batches()).next_cursor == names
