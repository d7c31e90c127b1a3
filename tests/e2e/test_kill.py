"""Killing the server under load loses nothing that was acknowledged, and leaves nothing half done."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.creations import USERS, Creations, listed, names
from tests.e2e.inspection import inspect
from tests.e2e.rest import Rest
from tests.e2e.server import assert_well_behaved
from tests.e2e.storages import Installation, installation_on

SETTINGS = {"HEXKEEP_LOGGING__LEVEL": "info", "HEXKEEP_SPOOLER__LEASE": "1s"}
LONGEST_PAUSE = 0.02
"""Seconds that a kill may come after its count of creations: so it meets a request in any of its states."""
SAMPLE = 5


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """A server that is not started, on each database."""
    yield from installation_on(request.param, request, tmp_path, SETTINGS)


@pytest.mark.parametrize(
    ("seed", "kills"), [(1, 2), pytest.param(2, 25, marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
)
async def test_what_was_acknowledged_survives_kills(installation: Installation, seed: int, kills: int) -> None:
    """Every acknowledged user is there, by id and in the list; log, views and unique keys agree with each other."""
    chance, server = random.Random(seed), installation.server  # noqa: S311 - a schedule that can be repeated
    installation.start()
    creations = _signed_in(installation)
    for _ in range(kills):
        await _killed_under_load(installation, creations, chance)
        server.start()
        async with creations.client(server) as http:
            await _assert_all_there(creations, http)
            await _assert_keys_are_remembered(creations, http, chance)
            await _assert_open_ones_end(creations, http)
    server.stop()
    await inspect(server, installation.storage)
    assert_well_behaved(server)


def _signed_in(installation: Installation) -> Creations:
    administrator = installation.server.administrator
    with Rest(installation.server) as rest:
        token = rest.sign_in(administrator.user_name, administrator.password)
        return Creations(rest.get("/auth/v1/me")["organization_id"], token)


async def _killed_under_load(installation: Installation, creations: Creations, chance: random.Random) -> None:
    """Load it, and kill it at a moment of the schedule."""
    due = len(creations.acknowledged) + chance.randint(20, 150)
    load = asyncio.create_task(creations.load(installation.server, asyncio.Event()))
    await asyncio.wait({load, asyncio.create_task(creations.until(due))}, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.sleep(chance.uniform(0, LONGEST_PAUSE))
    installation.server.kill()
    await load


async def _assert_all_there(creations: Creations, http: httpx.AsyncClient) -> None:
    users = await listed(http, *creations.latest)
    assert creations.acknowledged.keys() <= users.keys()
    assert len(set(names(users))) == len(users)
    for user_id, attempt in creations.acknowledged.items():
        assert users[user_id]["user_name"] == attempt.fields["user_name"]
    for user_id in list(creations.acknowledged)[-2 * SAMPLE :]:
        assert (await http.get(f"{USERS}/{user_id}")).json() == users[user_id]


async def _assert_keys_are_remembered(creations: Creations, http: httpx.AsyncClient, chance: random.Random) -> None:
    """The same key gets the same answer from the next process."""
    keyed = [(user_id, attempt) for user_id, attempt in creations.acknowledged.items() if attempt.key]
    for user_id, attempt in chance.sample(keyed, min(SAMPLE, len(keyed))):
        response = await http.post(f"{USERS}/human", json=attempt.fields, headers=attempt.headers)
        assert (response.status_code, response.json().get("user_id")) == (httpx.codes.CREATED, user_id)


async def _assert_open_ones_end(creations: Creations, http: httpx.AsyncClient) -> None:
    """A request without an answer is sent again: it is done now, or nobody can say, but it is never done twice."""
    waiting, creations.open = creations.open, []
    for attempt in waiting:
        response = await creations.send(http, attempt)
        if response.status_code != httpx.codes.CREATED:
            expected = "idempotency_in_progress" if attempt.key else "already_exists"
            assert response.json()["code"] == expected
