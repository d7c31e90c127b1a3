"""Two processes on one PostgreSQL are one system: what one has written the other knows, and either may go."""

import asyncio
import base64
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_bytes

import httpx
import psycopg
import pytest

from hexkeep.engine.keyring import text_of
from tests.e2e.creations import POSITION, USERS, Attempt, Creations, listed
from tests.e2e.inspection import inspect
from tests.e2e.rest import Rest
from tests.e2e.server import HexkeepServer, assert_well_behaved, installed
from tests.e2e.storages import POSTGRES_OWNER_URL, RawStorage, postgres_variables, raw_postgres
from tests.postgres_server import PostgresDatabase, PostgresServer, fresh_database
from tests.waiting import until

pytestmark = pytest.mark.postgres

LEASE = 2.0
TIMES = 100
LEADERS = (
    "SELECT name, owner FROM hexkeep.leases WHERE name LIKE 'spooler/%' AND expires_at > clock_timestamp() ORDER BY 1"
)
PATIENCE = 60.0
"""Seconds for what has no deadline of its own, on a machine that is busy."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Two servers of one installation; the first was there first, and so leads."""

    first: HexkeepServer
    second: HexkeepServer
    database: PostgresDatabase = field(repr=False)
    creations: Creations = field(repr=False)

    @property
    def storage(self) -> RawStorage:
        """The database past the adapter."""
        return raw_postgres(self.database)

    async def leaders(self) -> dict[str, str]:
        """Which node leads each spooler now."""
        async with await psycopg.AsyncConnection.connect(self.database.owner_url) as connection:
            return dict(await (await connection.execute(LEADERS.encode())).fetchall())

    async def led_by_others(self, before: dict[str, str]) -> bool:
        """Whether every spooler has another leader than it had."""
        now = await self.leaders()
        return now.keys() == before.keys() and all(now[name] != owner for name, owner in before.items())


@pytest.fixture
def cluster(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Cluster]:
    """Two running servers, set up by the owner of the schema, and a token that both know."""
    with ExitStack() as stack:
        database = stack.enter_context(fresh_database(postgres_server))
        settings = {
            **postgres_variables(database),
            "HEXKEEP_LOGGING__LEVEL": "info",
            "HEXKEEP_SPOOLER__LEASE": f"{LEASE:.0f}s",
            "HEXKEEP_SECRETS__MASTER_KEY": text_of(token_bytes(32)),
        }
        first, second = (stack.enter_context(installed(tmp_path / name, settings)) for name in ("first", "second"))
        first.set_up({POSTGRES_OWNER_URL: database.owner_url})
        first.start()
        with Rest(first) as rest:
            token = rest.sign_in(first.administrator.user_name, first.administrator.password)
            organization_id = rest.get("/auth/v1/me")["organization_id"]
        second.start()
        first.wait_for_origin_of(second)
        for server in (first, second):
            server.secrets |= {token, database.application_url, settings["HEXKEEP_SECRETS__MASTER_KEY"]}
        yield Cluster(first, second, database, Creations(organization_id, token))


async def create(cluster: Cluster, http: httpx.AsyncClient) -> tuple[str, Attempt, str]:
    """A new user's id, what was asked for, and the position it was written at."""
    attempt = cluster.creations.attempt(keyed=False)
    response = await cluster.creations.send(http, attempt)
    assert response.status_code == httpx.codes.CREATED, response.text
    return response.json()["user_id"], attempt, response.headers[POSITION]


async def test_what_one_node_writes_the_other_reads_at_once(cluster: Cluster) -> None:
    """By id always and without a second try; in a list that is given the position of the write."""
    async with cluster.creations.client(cluster.first) as one, cluster.creations.client(cluster.second) as other:
        for number in range(TIMES):
            here, there = (one, other) if number % 2 else (other, one)
            user_id, attempt, position = await create(cluster, here)
            read = await there.get(f"{USERS}/{user_id}")
            assert (read.status_code, read.json()["user_name"]) == (httpx.codes.OK, attempt.fields["user_name"])
            assert user_id in await listed(there, position)
    await _end(cluster)


async def test_a_stream_of_one_node_tells_what_the_other_writes(cluster: Cluster) -> None:
    """And goes on at the other with the cursor of the first."""
    feed, headers = "/admin/v1/events/feed", {"accept": "text/event-stream"}
    async with cluster.creations.client(cluster.first) as one, cluster.creations.client(cluster.second) as other:
        cursor = (await one.get(feed)).json()["next_cursor"]
        for here, there in ((one, other), (other, one)):
            async with here.stream("GET", feed, headers={**headers, "last-event-id": cursor}) as stream:
                user_id = ""
                async for line in stream.aiter_lines():
                    if line.startswith("id: "):
                        cursor = line.removeprefix("id: ")
                        user_id = user_id or (await create(cluster, there))[0]
                    if line.startswith("data: "):
                        told = [event["aggregate_id"] for event in json.loads(line.removeprefix("data: "))["events"]]
                        assert told == [user_id] * len(told)
                        break
    await _end(cluster)


async def test_another_node_leads_when_the_leader_is_killed(cluster: Cluster) -> None:
    """Within two lease periods every spooler is led by the node that is left, and its lists go on."""
    before = await cluster.leaders()
    assert len(set(before.values())) == 1
    async with cluster.creations.client(cluster.second) as http:
        cluster.first.kill()
        began = time.monotonic()
        user_id, _, position = await create(cluster, http)
        assert user_id in await listed(http, position)
        assert time.monotonic() - began < 2 * LEASE
        await until(lambda: cluster.led_by_others(before), 2 * LEASE - (time.monotonic() - began))
    await until(lambda: _followed(cluster.second), PATIENCE)
    await _end(cluster)


async def _followed(server: HexkeepServer) -> bool:
    """Whether every consumer is at the end of its log, with nothing parked."""
    status = json.loads(await asyncio.to_thread(server.command, "projections", "status", "--json"))
    assert {one["parked"] for one in status} == {0}
    return {one["lag"] for one in status} == {0}


async def test_a_leader_that_was_paused_does_no_harm(cluster: Cluster) -> None:
    """It wakes up in the middle of what it did, when another leads already: nothing is lost, doubled or undone."""
    before, enough = await cluster.leaders(), asyncio.Event()
    loads = asyncio.gather(*(cluster.creations.load(one, enough) for one in (cluster.first, cluster.second)))
    await cluster.creations.until(50)
    cluster.first.pause()
    await until(lambda: cluster.led_by_others(before), PATIENCE)
    await cluster.creations.until(len(cluster.creations.acknowledged) + 50)
    cluster.first.resume()
    await cluster.creations.until(len(cluster.creations.acknowledged) + 100)
    enough.set()
    await loads
    async with cluster.creations.client(cluster.first) as http:
        _, _, position = await create(cluster, http)
        assert cluster.creations.acknowledged.keys() <= (await listed(http, position)).keys()
    cluster.first.stop()
    await _end(replace(cluster, first=cluster.second))


async def test_keys_change_on_both_nodes_and_what_they_signed_holds(cluster: Cluster) -> None:
    """Whichever node signs uses the new key at once; tokens of the former one hold on both, which publish both keys."""
    async with cluster.creations.client(cluster.first) as one, cluster.creations.client(cluster.second) as other:
        organization = {"organization_id": cluster.creations.organization_id, "user_name": "robot"}
        made = (await one.post(f"{USERS}/machine", json=organization)).json()["user_id"]
        secret = (await one.post(f"{USERS}/{made}/client-secret")).json()["client_secret"]
        for server in (cluster.first, cluster.second):
            server.secrets.add(secret)
        former = [await _token(node, made, secret) for node in (one, other)]
        assert (await one.post("/admin/v1/signing-keys/rotate", json={})).status_code == httpx.codes.OK
        later = [await _token(node, made, secret) for node in (other, one)]
        names = {_key_of(token) for token in former}, {_key_of(token) for token in later}
        assert [len(one_side) for one_side in names] == [1, 1]
        assert names[0] != names[1]
        for node in (one, other):
            published = {key["kid"] for key in (await node.get("/oauth/jwks")).json()["keys"]}
            assert names[0] | names[1] <= published
            for token in (*former, *later):
                me = await node.get("/auth/v1/me", headers={"authorization": f"Bearer {token}"})
                assert me.json().get("user_id") == made, me.text
    await _end(cluster)


async def _token(node: httpx.AsyncClient, user_id: str, secret: str) -> str:
    """An access token for the API."""
    fields = {"grant_type": "client_credentials", "scope": "urn:hexkeep:api"}
    answer = await node.post("/oauth/token", data=fields, auth=httpx.BasicAuth(user_id, secret))
    assert answer.status_code == httpx.codes.OK, answer.text
    return str(answer.json()["access_token"])


def _key_of(token: str) -> str:
    """The name of the key that signed a token."""
    head = token.partition(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"])


async def _end(cluster: Cluster) -> None:
    """Stop what still runs, and look at what they leave."""
    for server in {cluster.first, cluster.second}:
        if server.runs:
            server.stop()
    await inspect(cluster.second, cluster.storage)
    assert_well_behaved(cluster.second)
    assert cluster.first.leaks() == []
