"""Servers of this folder's tests: one per module and storage."""

from collections.abc import Iterator

import pytest

from hexkeep.adapters.postgres import PostgresSettings
from hexkeep.bootstrap.master_key import new_master_key
from tests.browser.chromium import browser, page, shared_browser
from tests.e2e.rest import Rest, World
from tests.e2e.server import ANSWERING, HexkeepServer, assert_well_behaved, installed

__all__ = ["browser", "page", "shared_browser"]

POSTGRES = {
    "HEXKEEP_STORAGE__ADAPTER": "postgres",
    "HEXKEEP_STORAGE__MIGRATE": "false",
    "HEXKEEP_STORAGE__POSTGRES__CONNECT_TIMEOUT": str(ANSWERING),
}
MASTER_KEY = "HEXKEEP_SECRETS__MASTER_KEY"
URL, OWNER_URL = "HEXKEEP_STORAGE__POSTGRES__URL", "HEXKEEP_STORAGE__POSTGRES__OWNER_URL"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HexkeepServer]:
    """A server on each storage, with what a test of its behaviour in the end holds for every test of the module.

    On PostgreSQL it runs as the application's role; the schema is the owner's, who ran `hexkeep setup` before.
    """
    settings, owner = dict[str, str](), dict[str, str]()
    if request.param == "postgres":
        database: PostgresSettings = request.getfixturevalue("postgres_settings")
        assert database.owner_url is not None
        settings = {**POSTGRES, URL: database.url.get_secret_value(), MASTER_KEY: new_master_key()}
        owner = {OWNER_URL: database.owner_url.get_secret_value()}
    with installed(tmp_path_factory.mktemp(request.param), settings) as server:
        server.secrets |= {*owner.values(), *(value for name, value in settings.items() if name in {URL, MASTER_KEY})}
        if owner:
            server.set_up(owner)
        server.start()
        yield server
        server.stop()
    assert_well_behaved(server)


@pytest.fixture(scope="module")
def world(server: HexkeepServer) -> Iterator[World]:
    """What the administrator has made there."""
    with Rest(server) as rest:
        yield World(server, rest)
