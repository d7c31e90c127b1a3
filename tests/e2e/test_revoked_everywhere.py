"""Two processes on one PostgreSQL: what ends a token at one node has ended it at the other by the next request."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes

import httpx
import pytest

from hexkeep.engine.keyring import text_of
from tests.e2e import attacker
from tests.e2e.rest import MANAGEMENT, Credentials, Rest, World
from tests.e2e.server import HexkeepServer, assert_well_behaved, installed
from tests.e2e.storages import POSTGRES_OWNER_URL, postgres_variables
from tests.postgres_server import PostgresServer, fresh_database

pytestmark = pytest.mark.postgres

KINDS = ("jwt", "opaque")
EVERYWHERE, NOWHERE = [True, True], [False, False]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two nodes, and the world as it is at the first."""

    world: World
    second: HexkeepServer
    api: Credentials

    def active(self, token: str, client: Credentials | None = None) -> list[bool]:
        """Whether a token is active, at the second node and then at the first; told to an API, or to its client."""
        asking = client or self.api
        proof = (asking.client_id, asking.client_secret)
        paths = (f"{server.origin}/oauth/introspect" for server in (self.second, self.world.server))
        answers = (httpx.post(path, data={"token": token}, auth=proof, trust_env=False) for path in paths)
        return [answer.json()["active"] for answer in answers]

    def tokens(self, kind: str) -> tuple[Credentials, dict[str, str]]:
        """A new client with tokens of a kind, which both nodes have seen."""
        client = self.world.application(attacker.BACK, client_metadata={"access_token_type": kind})
        answer = attacker.token(self.world, client, **attacker.grant(self.world, client).fields())
        tokens: dict[str, str] = answer.json()
        self.world.server.secrets |= {tokens[name] for name in ("access_token", "refresh_token", "id_token")}
        assert self.active(tokens["access_token"]) == EVERYWHERE
        assert self.active(tokens["refresh_token"], client) == EVERYWHERE
        return client, tokens

    def revoke(self, client: Credentials, token: str) -> None:
        """Give a token back, at the first node."""
        given = {"token": token}
        answer = self.world.rest.send(
            "POST", "/oauth/revoke", data=given, auth=(client.client_id, client.client_secret)
        )
        assert answer.status_code == httpx.codes.OK


@pytest.fixture(scope="module")
def pair(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two running servers of one installation."""
    with ExitStack() as stack:
        database = stack.enter_context(fresh_database(postgres_server))
        key = text_of(token_bytes(32))
        settings = {**postgres_variables(database), "HEXKEEP_SECRETS__MASTER_KEY": key}
        folders: tuple[Path, ...] = tuple(tmp_path_factory.mktemp(name) for name in ("first", "second"))
        first, second = (stack.enter_context(installed(folder, settings)) for folder in folders)
        first.set_up({POSTGRES_OWNER_URL: database.owner_url})
        first.start()
        second.start()
        first.wait_for_origin_of(second)
        for server in (first, second):
            server.secrets |= {database.application_url, key}
        with Rest(first) as rest:
            world = World(first, rest)
            made = rest.post(f"{MANAGEMENT}/applications/api", project_id=world.project_id, name="Orders")
            yield Pair(world, second, Credentials(made["client_id"], made["client_secret"]))
        for server in (first, second):
            server.stop()
            assert_well_behaved(server)


@pytest.mark.parametrize("kind", KINDS)
def test_a_revoked_access_token_is_inactive_everywhere(pair: Pair, kind: str) -> None:
    """And nothing else with it."""
    client, tokens = pair.tokens(kind)
    pair.revoke(client, tokens["access_token"])
    assert pair.active(tokens["access_token"]) == NOWHERE
    assert pair.active(tokens["refresh_token"], client) == EVERYWHERE


@pytest.mark.parametrize("kind", KINDS)
def test_it_ends_everywhere_with_its_refresh_token(pair: Pair, kind: str) -> None:
    """The family, at once."""
    client, tokens = pair.tokens(kind)
    pair.revoke(client, tokens["refresh_token"])
    assert pair.active(tokens["access_token"]) == NOWHERE
    assert pair.active(tokens["refresh_token"], client) == NOWHERE


def test_it_ends_everywhere_with_what_it_rests_on(pair: Pair) -> None:
    """User and application: switched off at one node it is gone at the other, and back when they are.

    The last test here: with the user the session ends in which the others sign in.
    """
    issued = [pair.tokens(kind) for kind in KINDS]
    for client, tokens in issued:
        for place in (f"applications/{client.client_id}", f"users/{pair.world.ada.user_id}"):
            pair.world.rest.post(f"{MANAGEMENT}/{place}/deactivate")
            assert pair.active(tokens["access_token"]) == NOWHERE
            pair.world.rest.post(f"{MANAGEMENT}/{place}/reactivate")
            assert pair.active(tokens["access_token"]) == EVERYWHERE
