"""Two nodes of the whole program on the CockroachDB adapter, which runs on PostgreSQL here.

As in tests/contract/test_portable_statements.py a few pieces of its SQL are exchanged.
Hints travel within a process alone, so each node has to find the other's appends by looking.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

import hexkeep
from hexkeep.adapters.cockroach import CockroachSettings, CockroachStorage
from hexkeep.bootstrap.embed import Embedded
from hexkeep.bootstrap.master_key import new_master_key
from hexkeep.bootstrap.settings import Settings
from hexkeep.ports.api import Anonymous
from hexkeep.ports.hooks import AdapterEntry, hookimpl
from tests.cockroach_pieces import ON_POSTGRES
from tests.e2e.canary import PASSWORD, RENAMED, canary_in
from tests.postgres_server import PostgresServer, fresh_database

pytestmark = pytest.mark.postgres


class Portable:
    """A plugin that brings the adapter with its stand-ins."""

    @hookimpl
    def hexkeep_adapters(self) -> Iterable[AdapterEntry]:
        """One entry, beside the built-in ones."""

        def storage(settings: CockroachSettings) -> CockroachStorage:
            return CockroachStorage(settings, ON_POSTGRES)

        yield AdapterEntry("storage", "portable", storage, CockroachSettings)


@pytest.fixture
def settings(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Settings]:
    """An installation of its own, whose nodes forget keys within a moment."""
    with fresh_database(postgres_server) as database:
        urls = {"url": database.application_url, "owner_url": database.owner_url}
        yield Settings.model_validate(
            {
                "data": {"folder": tmp_path / "data"},
                "engine": {"cached_keys": timedelta(seconds=0.2)},
                "storage": {"adapter": "portable", "portable": urls},
                "secrets": {"master_key": SecretStr(new_master_key())},
            }
        )


@pytest.fixture
async def nodes(settings: Settings) -> AsyncIterator[tuple[Embedded, Embedded]]:
    """Two nodes, of which the first sets the instance up."""
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(hexkeep.open(settings, plugins=[Portable()]))
        yield one, await stack.enter_async_context(hexkeep.open(settings, plugins=[Portable()]))


async def test_what_one_node_writes_the_other_reads(nodes: tuple[Embedded, Embedded]) -> None:
    """A person who lives through one node is listed and signs in through the other; erased there, she is gone here."""
    one, two = nodes
    canary = await canary_in(one)
    listed = (await (await two.client()).call_json("ListUsers", {}))["users"]
    assert canary.user_id in str(listed)
    nobody = await two.client(Anonymous())
    session = await nobody.call_json("CreateSession", {"login_name": RENAMED, "password": PASSWORD})
    assert session["session_token"]
    await replace(canary, iam=two, manager=await two.client()).erase()
    assert canary.user_id not in str(await replace(canary, manager=await one.client()).users())
